# shellcheck shell=bash disable=SC2154
"$hvtrace" export --help

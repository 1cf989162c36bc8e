# shellcheck shell=bash disable=SC2154
"$hvtrace" index --help

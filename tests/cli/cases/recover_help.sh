# shellcheck shell=bash disable=SC2154
"$hvtrace" recover --help

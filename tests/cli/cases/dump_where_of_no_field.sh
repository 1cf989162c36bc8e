# shellcheck shell=bash disable=SC2154
"$hvtrace" dump --where "colour=red" "$hello"

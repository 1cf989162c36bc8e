# shellcheck shell=bash disable=SC2154
"$hvtrace" export -o out "$hello"

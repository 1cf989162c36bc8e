# shellcheck shell=bash disable=SC2154
"$hvtrace" export --to pdf -o out "$hello"

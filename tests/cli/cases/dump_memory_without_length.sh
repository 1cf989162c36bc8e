# shellcheck shell=bash disable=SC2154
"$hvtrace" dump --at 10 --memory 0x40000000 "$hello"

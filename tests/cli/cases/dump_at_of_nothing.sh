# shellcheck shell=bash disable=SC2154
"$hvtrace" dump --at 10 "$hello"

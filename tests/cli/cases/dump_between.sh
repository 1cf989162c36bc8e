# shellcheck shell=bash disable=SC2154
"$hvtrace" dump --between 19 22 "$hello"
"$hvtrace" dump --between 80ms 80100us "$hello"

# shellcheck shell=bash disable=SC2154
"$hvtrace" stat --json --between 19 25 "$hello"
"$hvtrace" stat --json --between 80ms end "$hello"

# shellcheck shell=bash disable=SC2154
"$hvtrace" stat --between 19 25 "$hello" | head -n 8

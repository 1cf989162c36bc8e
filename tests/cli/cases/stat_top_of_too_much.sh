# shellcheck shell=bash disable=SC2154
"$hvtrace" stat --top 1001 "$hello"

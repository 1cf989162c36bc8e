# shellcheck shell=bash disable=SC2154
"$hvtrace" top --top 1 "$hello"

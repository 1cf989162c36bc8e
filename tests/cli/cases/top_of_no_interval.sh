# shellcheck shell=bash disable=SC2154
"$hvtrace" top --interval 0 "$hello"

# shellcheck shell=bash disable=SC2154
"$hvtrace" cut --to 5 "$hello"

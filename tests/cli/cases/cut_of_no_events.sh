# shellcheck shell=bash disable=SC2154
"$hvtrace" cut --from 5 --to 5 -o out.hvt "$hello"

# shellcheck shell=bash disable=SC2154
"$hvtrace" cut --from five -o out.hvt "$hello"

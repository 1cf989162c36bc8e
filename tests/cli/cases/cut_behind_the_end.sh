# shellcheck shell=bash disable=SC2154
"$hvtrace" cut --from 104 -o out.hvt "$hello"
ls

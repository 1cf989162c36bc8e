# shellcheck shell=bash disable=SC2154
# The events keep their numbers.
"$hvtrace" cut --from 20 --to 24 -o out.hvt "$hello"
"$hvtrace" verify out.hvt
"$hvtrace" dump --json out.hvt

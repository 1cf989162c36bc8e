# shellcheck shell=bash disable=SC2154
"$hvtrace" cut -o part.hvt --to 90 "$hello"
"$hvtrace" diff --brief part.hvt "$hello"

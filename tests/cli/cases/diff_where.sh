# shellcheck shell=bash disable=SC2154
"$hvtrace" cut -o part.hvt --to 90 "$hello"
"$hvtrace" diff --where "kind!=reg && event<80" part.hvt "$hello"

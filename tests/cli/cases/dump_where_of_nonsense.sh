# shellcheck shell=bash disable=SC2154
"$hvtrace" dump --where "kind=mmio & & 1" "$hello"

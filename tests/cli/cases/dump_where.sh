# shellcheck shell=bash disable=SC2154
"$hvtrace" dump --where "kind=mmio && event<30 || kind=memory" "$hello"

# shellcheck shell=bash disable=SC2154
"$hvtrace" cut -o part.hvt --to 90 "$hello"
"$hvtrace" diff --color always -U 1 part.hvt "$hello" | grep -a hv_vcpu_run | head -n 4

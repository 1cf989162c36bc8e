# shellcheck shell=bash disable=SC2154
"$hvtrace" cut -o out.hvt missing.hvt

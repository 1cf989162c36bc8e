# shellcheck shell=bash disable=SC2154
cp "$golden/damaged.hvt" .
"$hvtrace" cut -o out.hvt damaged.hvt
"$hvtrace" cut --to 50 -o out.hvt damaged.hvt && "$hvtrace" verify out.hvt

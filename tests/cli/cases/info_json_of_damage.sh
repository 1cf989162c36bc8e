# shellcheck shell=bash disable=SC2154
cp "$golden/damaged.hvt" .
"$hvtrace" info --json damaged.hvt

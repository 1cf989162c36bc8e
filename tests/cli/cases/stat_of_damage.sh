# shellcheck shell=bash disable=SC2154
cp "$golden/damaged.hvt" bad.hvt
"$hvtrace" stat --by class bad.hvt

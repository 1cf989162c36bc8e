# shellcheck shell=bash disable=SC2154
cp "$golden/cut_short.hvt" .
"$hvtrace" recover cut_short.hvt
"$hvtrace" verify cut_short.hvt

# shellcheck shell=bash disable=SC2154
cp "$golden/missing.hvt" .
"$hvtrace" verify missing.hvt

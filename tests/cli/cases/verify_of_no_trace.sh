# shellcheck shell=bash disable=SC2154
cp "$golden/text.hvt" .
"$hvtrace" verify text.hvt

# shellcheck shell=bash disable=SC2154
cp "$golden/full.hvt" .
"$hvtrace" dump --at 627 --memory 0x7fffff00,16 full.hvt

# shellcheck shell=bash disable=SC2154
cp "$golden/full.hvt" .
"$hvtrace" dump --at 100000 --memory 0x80000000,16 full.hvt

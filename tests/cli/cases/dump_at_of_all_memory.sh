# shellcheck shell=bash disable=SC2154
cp "$golden/full.hvt" .
"$hvtrace" dump --at 627 --memory 0x80001010,48 full.hvt
"$hvtrace" dump --at 628 --memory 0x80001028,8 --json full.hvt

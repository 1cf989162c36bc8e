# shellcheck shell=bash disable=SC2154
cp "$hello" bad
printf '\377' | dd of=bad bs=1 seek=30 conv=notrunc status=none
"$hvtrace" dump bad

# shellcheck shell=bash disable=SC2154
# Bytes 16 to 19 are the version.
cp "$hello" other
printf '\377' | dd of=other bs=1 seek=16 conv=notrunc status=none
"$hvtrace" dump other

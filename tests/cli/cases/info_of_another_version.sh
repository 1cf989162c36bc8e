# shellcheck shell=bash disable=SC2154
# Bytes 8 to 11 are the version.
cp "$hello" other
printf '\377' | dd of=other bs=1 seek=8 conv=notrunc status=none
"$hvtrace" info other

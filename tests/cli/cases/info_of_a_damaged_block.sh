# shellcheck shell=bash disable=SC2154
# Behind the middle: in the events, not in the header.
cp "$hello" bad
printf '\377\377' | dd of=bad bs=1 seek=$(($(stat -c %s bad) - 700)) conv=notrunc status=none
"$hvtrace" info bad

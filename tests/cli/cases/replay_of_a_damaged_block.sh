# shellcheck shell=bash disable=SC2154
# Behind the middle: in the events, not in the header.
cp "$hello" bad
printf '\377\377' | dd of=bad bs=1 seek=$(($(stat -c %s bad) - 700)) conv=notrunc status=none
HVT_STALL_MS=500 "$hvtrace" replay bad -- --flat "$guests/hello.bin" 2>err
status=$?
# What hvrun says to its failing calls may come before or after.
grep -v "^hvrun:" err >&2
exit "$status"

# shellcheck shell=bash disable=SC2154
HVT_STALL_MS=500 "$hvtrace" replay "$hello" -- --flat "$guests/hello.bin" --smp 2 2>err
status=$?
# What hvrun says to its failing calls may come before or after.
grep -v "^hvrun:" err >&2
exit "$status"

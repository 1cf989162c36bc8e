# shellcheck shell=bash disable=SC2154
head -c -700 "$hello" >cut.hvt
HVT_STALL_MS=500 "$hvtrace" replay cut.hvt -- --flat "$guests/hello.bin" 2>err
status=$?
# What hvrun says to its failing calls may come before or after.
grep -v "^hvrun:" err >&2
exit "$status"

# shellcheck shell=bash disable=SC2154
"$hvtrace" replay "$hello" -- --flat "$guests/hello.bin" --memory 64 2>err
status=$?
# What hvrun says to its failing calls may come before or after.
grep -v "^hvrun:" err >&2
exit "$status"

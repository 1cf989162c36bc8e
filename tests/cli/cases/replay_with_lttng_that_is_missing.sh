# shellcheck shell=bash disable=SC2154
PATH=/nowhere "$hvtrace" replay --lttng "$hello" -- --flat "$guests/hello.bin"

# shellcheck shell=bash disable=SC2154
"$hvtrace" replay . -- --flat "$guests/hello.bin"

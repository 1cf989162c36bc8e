# shellcheck shell=bash disable=SC2154
"$hvtrace" replay missing.hvt -- --flat "$guests/hello.bin"

# shellcheck shell=bash disable=SC2154
: >empty
"$hvtrace" replay empty -- --flat "$guests/hello.bin"

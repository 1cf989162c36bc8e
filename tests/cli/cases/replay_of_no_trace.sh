# shellcheck shell=bash disable=SC2154
echo 'this is a text, and not a short one' >text
"$hvtrace" replay text -- --flat "$guests/hello.bin"

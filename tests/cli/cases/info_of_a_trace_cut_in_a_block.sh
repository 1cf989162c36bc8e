# shellcheck shell=bash disable=SC2154
head -c -700 "$hello" >cut.hvt
"$hvtrace" info cut.hvt

# shellcheck shell=bash disable=SC2154
"$hvtrace" stat --by pc,pc,pc,pc,pc "$hello"

# shellcheck shell=bash disable=SC2154
"$hvtrace" diff --where "event==" "$hello" "$hello"

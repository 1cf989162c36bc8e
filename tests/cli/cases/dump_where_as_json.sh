# shellcheck shell=bash disable=SC2154
"$hvtrace" dump --json --where "call~create && kind!=leave" "$hello"

# shellcheck shell=bash disable=SC2154
"$hvtrace" dump --color always --between 19 23 "$hello"

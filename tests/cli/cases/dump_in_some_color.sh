# shellcheck shell=bash disable=SC2154
"$hvtrace" dump --color green "$hello"

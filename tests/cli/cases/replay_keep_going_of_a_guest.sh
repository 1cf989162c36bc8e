# shellcheck shell=bash disable=SC2154
"$hvtrace" replay --keep-going "$hello"

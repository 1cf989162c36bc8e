# shellcheck shell=bash disable=SC2154
"$hvtrace" replay --inputs none "$hello"

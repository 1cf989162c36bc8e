# shellcheck shell=bash disable=SC2154
"$hvtrace" stat --symbols /dev/null --symbol-shift far "$hello"

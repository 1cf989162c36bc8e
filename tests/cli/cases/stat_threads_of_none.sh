# shellcheck shell=bash disable=SC2154
"$hvtrace" stat --threads 0 "$hello"

# shellcheck shell=bash disable=SC2154
"$hvtrace" stat --between 1 2h "$hello"

# shellcheck shell=bash disable=SC2154
"$hvtrace" info "$golden/future.hvt"

# shellcheck shell=bash disable=SC2154
: >empty
"$hvtrace" dump empty

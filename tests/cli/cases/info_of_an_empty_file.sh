# shellcheck shell=bash disable=SC2154
: >empty
"$hvtrace" info empty

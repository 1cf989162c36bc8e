# shellcheck shell=bash disable=SC2154
"$hvtrace" help stat
"$hvtrace" help nothing

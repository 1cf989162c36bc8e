# shellcheck shell=bash disable=SC2154
"$hvtrace" report -o no/where.html "$hello"

# shellcheck shell=bash
# shellcheck disable=SC2154 # $hvtrace is of those that source this
# SPDX-License-Identifier: MIT
# What a trace holds, counted as tests/preload/count_calls.c does: lines of
# "COUNT NAME", in the order of the names.

# Calls by function: a call with two events has its name and "(...)" in one.
# What is said of guest memory is none, and other inputs are not of the API.
count_dump() {
	"$hvtrace" dump "$1" |
		awk '$4 !~ /\(\.\.\.\)|^(memory|input)_/ { sub(/\(.*/, "", $4); n[$4]++ } END { for (f in n) print n[f], f }' |
		sort -k 2
}

count_info() {
	"$hvtrace" info "$1" | awk '/^  +[0-9]+ (hv|mach)_/ { print $1, $2 }' | sort -k 2
}

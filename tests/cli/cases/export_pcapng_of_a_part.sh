# shellcheck shell=bash disable=SC2154
"$hvtrace" export --to pcapng -o frames.pcapng --between 0 10 "$hello"

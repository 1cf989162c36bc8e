# shellcheck shell=bash disable=SC2154
"$hvtrace" dump --regs "$hello"

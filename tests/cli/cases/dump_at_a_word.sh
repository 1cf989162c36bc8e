# shellcheck shell=bash disable=SC2154
"$hvtrace" dump --at ten --regs "$hello"

# shellcheck shell=bash disable=SC2154
cp "$golden"/open.hvt* .
"$hvtrace" info --json open.hvt

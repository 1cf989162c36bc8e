# shellcheck shell=bash disable=SC2154
"$hvtrace" report -o page.html --against missing.hvt "$hello"
ls

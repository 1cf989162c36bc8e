# shellcheck shell=bash disable=SC2154
"$hvtrace" report -o page.html "$hello"
head -n 3 page.html

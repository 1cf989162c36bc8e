# shellcheck shell=bash disable=SC2154
printf "# one\nconsole nowhere\n" >devices
"$hvtrace" stat --devices devices "$hello"

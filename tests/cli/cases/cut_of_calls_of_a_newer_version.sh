# shellcheck shell=bash disable=SC2154
cp "$golden/future.hvt" .
"$hvtrace" cut -o out.hvt future.hvt
ls

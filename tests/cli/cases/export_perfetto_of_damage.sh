# shellcheck shell=bash disable=SC2154
cp "$golden/damaged.hvt" bad.hvt
"$hvtrace" export --to perfetto -o out bad.hvt
echo $?

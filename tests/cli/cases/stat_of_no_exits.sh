# shellcheck shell=bash disable=SC2154
cp "$golden/cut_between.hvt" cut.hvt
"$hvtrace" stat --json cut.hvt

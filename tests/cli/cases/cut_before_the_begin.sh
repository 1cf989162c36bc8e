# shellcheck shell=bash disable=SC2154
cp "$golden/middle.hvt" .
"$hvtrace" cut --from 7 -o out.hvt middle.hvt

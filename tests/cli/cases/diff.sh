# shellcheck shell=bash disable=SC2154
cp "$golden/segments.hvt" a.hvt
cp "$golden/missing.hvt" b.hvt
"$hvtrace" diff -U 2 a.hvt b.hvt

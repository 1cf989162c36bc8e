# shellcheck shell=bash disable=SC2154
cp "$golden/boot_40000.hvt" a.hvt
"$hvtrace" cut -o b.hvt --to 20000 a.hvt
"$hvtrace" diff -U 1 --ignore value --where kind=exit a.hvt b.hvt

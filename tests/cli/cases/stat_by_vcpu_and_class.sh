# shellcheck shell=bash disable=SC2154
cp "$golden/boot_40000.hvt" boot.hvt
"$hvtrace" stat --by vcpu,class --top 3 boot.hvt

# shellcheck shell=bash disable=SC2154
echo "console 0x9000000 0x1000 pl011" >devices
"$hvtrace" stat --by device --devices devices "$hello" | head -n 12

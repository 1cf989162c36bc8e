# shellcheck shell=bash disable=SC2154
printf "40000000 T _start\n40000018 t put\n" >System.map
"$hvtrace" stat --symbols System.map --top 2 "$hello"

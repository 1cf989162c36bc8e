# shellcheck shell=bash disable=SC2154
printf "40000000 T _start\n40000018 t put\n" >System.map
"$hvtrace" dump --symbols System.map --between 22 24 "$hello"
"$hvtrace" dump --symbols System.map --symbol-shift 4 --between 22 24 "$hello"

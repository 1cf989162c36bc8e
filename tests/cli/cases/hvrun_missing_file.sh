# shellcheck shell=bash disable=SC2154
"$hvrun" --flat missing.bin

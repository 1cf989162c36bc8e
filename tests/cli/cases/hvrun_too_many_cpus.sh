# shellcheck shell=bash disable=SC2154
"$hvrun" --flat a --smp 1000

# shellcheck shell=bash disable=SC2154
"$hvrun" --flat a --append b

# shellcheck shell=bash disable=SC2154
"$hvrun" --kernel a --flat b

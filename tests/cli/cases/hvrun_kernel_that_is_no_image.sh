# shellcheck shell=bash disable=SC2154
head -c 70000 /dev/zero >text
"$hvrun" --kernel text

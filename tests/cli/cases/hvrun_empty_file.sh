# shellcheck shell=bash disable=SC2154
: >empty
"$hvrun" --flat empty

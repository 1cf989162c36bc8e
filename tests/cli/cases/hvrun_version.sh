# shellcheck shell=bash disable=SC2154
"$hvrun" --version | sed "s/[0-9.]*$/VERSION/"

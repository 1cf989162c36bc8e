# shellcheck shell=bash disable=SC2154
"$hvtrace" --version | sed "s/[0-9.]*$/VERSION/"

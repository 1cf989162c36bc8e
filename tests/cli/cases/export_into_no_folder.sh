# shellcheck shell=bash disable=SC2154
"$hvtrace" export --to ctf -o no/where "$hello"

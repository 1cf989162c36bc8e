# shellcheck shell=bash disable=SC2154
"$hvtrace" export --to ctf -o out --between 10 20 "$hello"
ls out
sed -n "/^event/,\$p" out/metadata | grep name

# shellcheck shell=bash disable=SC2154
mkdir out
echo mine >out/stream
"$hvtrace" export --to ctf -o out "$hello"
echo $?
cat out/stream
ls out

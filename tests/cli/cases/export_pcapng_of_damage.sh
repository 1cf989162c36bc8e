# shellcheck shell=bash disable=SC2154
cp "$golden/memory.hvt" bad.hvt
printf X | dd of=bad.hvt bs=1 seek=6000 conv=notrunc status=none
"$hvtrace" export --to pcapng -o out bad.hvt
echo $?
head -c 4 out | od -A n -t x1

#!/bin/sh
# SPDX-License-Identifier: MIT
# /init of the guest of tests/kvm/disk: reads all of its disk and writes all of it
# anew, with what it has read and random numbers, in pieces from both its ends;
# says the sums of the sums of what it has read and written on its console.
# request_kb=KB on the command line: so large its requests may be, and a piece is
# four of those (64).

mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs dev /dev
for name in virtio virtio_ring virtio_mmio virtio_blk virtio-rng; do
	insmod "/modules/$name.ko"
done
until [ -e /dev/vda ]; do sleep 0.1; done

sum() { md5sum | cut -d ' ' -f 1; }
forget() { echo 3 >/proc/sys/vm/drop_caches; }
copy() { dd bs="${kb}k" conv=notrunc,fsync "$@" 2>/dev/null; }

queue=/sys/block/vda/queue
kb=$(sed -n 's/.*request_kb=\([0-9]*\).*/\1/p' /proc/cmdline)
if [ "$kb" ]; then
	echo "$kb" >$queue/read_ahead_kb
	echo "$kb" >$queue/max_sectors_kb
fi
kb=${kb:-64}
pieces=$(($(cat /sys/block/vda/size) / 2 / kb / 4))
n=0
while [ $n -lt $pieces ]; do
	copy if=/dev/vda of=/piece skip=$((n * 4)) count=4
	sum </piece >>/read
	copy if=/dev/urandom of=/piece seek=3 count=1
	sum </piece >>/written
	copy if=/piece of=/dev/vda seek=$(((pieces - 1 - n) * 4))
	forget
	n=$((n + 1))
done
echo "disk: read $(sum </read)"
echo "disk: random $(head -c 3000 /dev/hwrng | sum)"
echo "disk: written $(sum </written)"
poweroff -f

#!/bin/sh
# SPDX-License-Identifier: MIT
# /init of the guest of tests/kvm/disk: reads all of its disk and writes
# all of it anew, with what it has read and more; says the sums on its console.

mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs dev /dev
for name in virtio virtio_ring virtio_mmio virtio_blk virtio-rng; do
	insmod "/modules/$name.ko"
done
until [ -e /dev/vda ]; do sleep 0.1; done

sum() { md5sum | cut -d ' ' -f 1; }
forget() { echo 3 >/proc/sys/vm/drop_caches; }

echo "disk: before $(sum </dev/vda)"
forget
blocks=$(($(cat /sys/block/vda/size) / 2048)) # of 1 MiB
n=0
while [ $n -lt $blocks ]; do
	{
		dd if=/dev/vda bs=64k skip=$((n * 16)) count=15 2>/dev/null
		dd if=/dev/urandom bs=64k count=1 2>/dev/null
	} | dd of=/dev/vda bs=64k seek=$(((blocks - 1 - n) * 16)) iflag=fullblock \
		conv=notrunc,fsync 2>/dev/null
	n=$((n + 1))
done
echo "disk: random $(head -c 3000 /dev/hwrng | sum)"
forget
echo "disk: after $(sum </dev/vda)"
poweroff -f

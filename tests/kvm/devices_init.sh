#!/bin/sh
# SPDX-License-Identifier: MIT
# /init of the guest that tries hvrun's virtio devices: says on the serial port
# what it found, "devices: NAME VALUE", for devices.sh to compare.

mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs dev /dev
for name in virtio virtio_ring virtio_mmio virtio_blk virtio_console \
	failover net_failover virtio_net virtio-rng; do
	insmod "/modules/$name.ko"
done

say() { echo "devices: $*"; }
sum() { md5sum | cut -d ' ' -f 1; }
forget() { echo 3 >/proc/sys/vm/drop_caches; }

# A device is there some time after its module.
await() {
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		[ ! -e "$1" ] || return 0
		sleep 0.5
	done
	say "missing $1"
	return 1
}

try_disk() {
	await /dev/vdc
	say serial "$(cat /sys/block/vda/serial)"
	say before "$(sum </dev/vda)"
	# Into the page cache and out of it again, in large requests and small.
	dd if=/dev/urandom of=/tmp/random bs=64k count=40 2>/dev/null
	dd if=/tmp/random of=/dev/vda bs=64k seek=3 conv=notrunc,fsync 2>/dev/null
	dd if=/tmp/random of=/dev/vda bs=512 count=100 seek=9001 oflag=direct \
		conv=notrunc 2>/dev/null
	forget
	say after "$(sum </dev/vda)"
	say read_only "$(cat /sys/block/vdb/ro)"
	say read "$(sum </dev/vdb)"
	mke2fs /dev/vdc >/dev/null
	mkdir /mnt
	mount -t ext4 /dev/vdc /mnt && cp /tmp/random /mnt/file && umount /mnt
	forget
	mount -t ext4 -o ro /dev/vdc /mnt && cmp /tmp/random /mnt/file &&
		say file_system same
	umount /mnt
}

try_disk
say cpus "$(grep -c ^processor /proc/cpuinfo)"
say end
poweroff -f

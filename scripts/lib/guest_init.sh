#!/bin/sh
# SPDX-License-Identifier: MIT
# /init of the guest that is recorded: says what it found, then powers off.
# On the kernel's command line "hvt.shell" gives a shell first, and "hvt.disk" has
# all of /dev/vda read and the first megabyte written anew.

mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs dev /dev

if grep -q virtio,mmio /proc/device-tree/*/compatible 2>/dev/null; then
	for name in virtio virtio_ring virtio_mmio virtio_blk virtio_console \
		failover net_failover virtio_net virtio-rng; do
		[ ! -e "/modules/$name.ko" ] || insmod "/modules/$name.ko"
	done
fi

echo "hvtrace-guest: init reached"
echo "hvtrace-guest: kernel $(uname -r)"
echo "hvtrace-guest: cpus online $(grep -c ^processor /proc/cpuinfo)"
echo "hvtrace-guest: memory $(awk '/^MemTotal/ { print $2 }' /proc/meminfo) kB"
echo "hvtrace-guest: command line $(cat /proc/cmdline)"
for name in /sys/bus/virtio/devices/*; do
	[ ! -e "$name" ] || echo "hvtrace-guest: ${name##*/} $(cat "$name/device")"
done

sum() { md5sum | cut -d ' ' -f 1; }

try_disk() {
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		[ ! -e /dev/vda ] || break
		sleep 0.5
	done
	echo "hvtrace-guest: disk read $(sum </dev/vda)"
	dd if=/dev/urandom of=/dev/vda bs=64k count=16 conv=notrunc,fsync 2>/dev/null
	echo 3 >/proc/sys/vm/drop_caches
	echo "hvtrace-guest: disk written $(sum </dev/vda)"
}

case " $(cat /proc/cmdline) " in
*" hvt.disk "*)
	try_disk
	;;
esac
case " $(cat /proc/cmdline) " in
*" hvt.shell "*)
	setsid cttyhack sh
	;;
esac
echo "hvtrace-guest: powering off"
poweroff -f

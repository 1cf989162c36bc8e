#!/bin/sh
# SPDX-License-Identifier: MIT
# /init of the guest that is recorded: says what it found, then powers off.
# "hvt.shell" on the kernel's command line gives a shell instead.

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

case " $(cat /proc/cmdline) " in
*" hvt.shell "*)
	setsid cttyhack sh
	;;
esac
echo "hvtrace-guest: powering off"
poweroff -f

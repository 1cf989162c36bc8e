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
	dd if=/dev/urandom of=/tmp/random bs=64k count=16 2>/dev/null
	dd if=/tmp/random of=/dev/vda bs=64k seek=3 conv=notrunc,fsync 2>/dev/null
	dd if=/tmp/random of=/dev/vda bs=512 count=40 seek=5001 oflag=direct \
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

# What udhcpc asks of a script: to do what the lease says.
lease_script() {
	cat <<-'END'
		#!/bin/sh
		[ "$1" = bound ] || exit 0
		ip addr add "$ip/$mask" dev "$interface"
		ip route add default via "$router"
		echo "$ip $router" >/tmp/lease
	END
}

try_net() {
	say mac "$(cat /sys/class/net/eth0/address)"
	lease_script >/tmp/lease.sh
	chmod +x /tmp/lease.sh
	ip link set eth0 up
	udhcpc -i eth0 -n -q -t 20 -T 2 -s /tmp/lease.sh >/dev/null 2>&1
	say lease "$(cat /tmp/lease)"
	# Frames of every length up to the largest.
	ping -c 1 -W 5 10.0.2.2 >/dev/null && ping -c 3 -i 0.2 -W 5 -s 1472 10.0.2.2 |
		sed -n 's/.* \([0-9]*\) packets received.*/devices: pings \1/p'
	tftp -g -r served -l /tmp/served 10.0.2.2
	say tftp "$(sum </tmp/served)"
	# From here on there are no more of them.
	ip link set eth0 down
	say frames "$(cat /sys/class/net/eth0/statistics/rx_packets)" \
		"$(cat /sys/class/net/eth0/statistics/tx_packets)"
}

try_rng() {
	say rng "$(cat /sys/class/misc/hw_random/rng_current)"
	head -c 3000 /dev/hwrng >/tmp/rng_1
	head -c 3000 /dev/hwrng >/tmp/rng_2
	say rng_bytes "$(cat /tmp/rng_1 /tmp/rng_2 | wc -c)"
	cmp -s /tmp/rng_1 /tmp/rng_2 || say rng_differs yes
}

# The other side waits for a line, sends 10000 bytes, and gets as many.
try_console() {
	await /dev/hvc0
	exec 3<>/dev/hvc0
	stty raw -echo <&3
	echo "console ready" >&3
	say console "$(head -c 10000 <&3 | sum)"
	head -c 10000 /tmp/random >/tmp/answer
	say answer "$(sum </tmp/answer)"
	cat /tmp/answer >&3
	exec 3>&-
}

try_disk
try_net
try_rng
try_console
say cpus "$(grep -c ^processor /proc/cpuinfo)"
say end
poweroff -f

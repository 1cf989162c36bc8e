# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# What a guest of disk_init.sh needs, for those who source this. $top is the tree's.

# shellcheck disable=SC2154 # of who sources this: top
# disk_files FOLDER MB: disk.before, of so many megabytes, and initrd.cpio.
disk_files() {
	mkdir -p "$1/root"
	install -m 755 "$top/tests/kvm/disk_init.sh" "$1/root/init"
	{
		cat "$top/build/guest/initrd.cpio"
		(cd "$1/root" && echo init |
			cpio --create --quiet --format=newc --owner=0:0)
	} >"$1/initrd.cpio"
	head -c $(($2 << 20)) /dev/urandom >"$1/disk.before"
}

# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# What Linux guests of the tests are made of, for those who source this. On the host,
# which has cpio.

# guest_initrd INIT FILE: the guest's initrd, with INIT for its /init.
guest_initrd() {
	local root
	root=$(mktemp -d)
	install -m 755 "$1" "$root/init"
	{
		# shellcheck disable=SC2154 # of who sources this: top
		cat "$top/build/guest/initrd.cpio"
		(cd "$root" && echo init |
			cpio --create --quiet --format=newc --owner=0:0)
	} >"$2"
	rm -r "$root"
}

# disk_files FOLDER MB: disk.before, of so many megabytes, and the initrd.cpio of a
# guest that reads and writes it.
disk_files() {
	mkdir -p "$1"
	guest_initrd "$top/tests/kvm/disk_init.sh" "$1/initrd.cpio"
	head -c $(($2 << 20)) /dev/urandom >"$1/disk.before"
}

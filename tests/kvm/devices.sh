# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2154 # hvrun and hvtrace are of those that source this
# A Debian guest tries hvrun's virtio devices: for in_lab, which sets build, top,
# hvrun, hvtrace and the folder to work in.

# On the host, which has cpio: the guest's initrd with another /init.
make_devices_initrd() {
	local out=$1 top=$2
	mkdir -p "$out/devices/root"
	install -m 755 "$top/tests/kvm/devices_init.sh" "$out/devices/root/init"
	{
		cat "$top/build/guest/initrd.cpio"
		(cd "$out/devices/root" && echo init |
			cpio --create --quiet --format=newc --owner=0:0)
	} >"$out/devices/initrd.cpio"
	rm -r "$out/devices/root"
}

# fact FILE NAME: what the guest said.
fact() { tr -d '\r' <"$1" | sed -n "s/^devices: $2 //p"; }

sum() { md5sum "$1" | cut -d ' ' -f 1; }

# try_devices CPUS COMMAND…: COMMAND is hvrun, or the recorder of it.
try_devices() {
	local cpus=$1 name=devices_with_$1_cpus said=devices-$1.console status=0
	local before readable
	shift
	head -c 8388608 /dev/urandom >devices/a
	head -c 1000448 /dev/urandom >devices/b
	truncate -s 4M devices/c
	before=$(sum devices/a) readable=$(sum devices/b)
	timeout 300 "$@" --kernel "$top/build/guest/Image" \
		--initrd devices/initrd.cpio --append 'console=ttyAMA0 panic=-1 quiet' \
		--memory 256 --smp "$cpus" --disk devices/a --disk devices/b,ro \
		--disk devices/c >"$said" 2>"devices-$cpus.log" </dev/null || status=$?
	check "$name/end" is "$status" 0
	check "$name/cpus" is "$(fact "$said" cpus)" "$cpus"
	check "$name/no_complaints" is "$(grep hvrun: "devices-$cpus.log")" ''
	check "$name/disk_serial" is "$(fact "$said" serial)" hvrun-disk-0
	check "$name/disk_is_read" is "$(fact "$said" before)" "$before"
	check "$name/disk_is_written" is "$(fact "$said" after)" "$(sum devices/a)"
	check "$name/disk_has_changed" test "$before" != "$(sum devices/a)"
	check "$name/disk_is_read_only" is "$(fact "$said" read_only)" 1
	check "$name/read_only_disk_is_read" is "$(fact "$said" read)" "$readable"
	check "$name/read_only_disk_is_the_same" is "$(sum devices/b)" "$readable"
	check "$name/file_system" is "$(fact "$said" file_system)" same
	[[ $status -eq 0 ]] || tail -n 20 "$said" "devices-$cpus.log" | sed 's/^/# /'
}

# Recorded with several vCPUs; a replay also needs the guest's memory.
devices() {
	try_devices 1 "$hvrun"
	try_devices 4 "$hvtrace" record -o devices/4.hvt -- "$hvrun"
}

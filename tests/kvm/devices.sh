# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2154 # hvrun and hvtrace are of those that source this
# A Debian guest tries hvrun's virtio devices: for in_lab, which sets build, top,
# hvrun, hvtrace, scratch and the folder to work in.

# fact FILE NAME: what the guest said.
fact() { tr -d '\r' <"$1" | sed -n "s/^devices: $2 //p"; }

sum() { md5sum "$1" | cut -d ' ' -f 1; }

# devices_files: afresh, with the sums of what the guest is to read.
devices_files() {
	mkdir -p devices/tftp
	head -c 3145728 /dev/urandom >devices/a
	head -c 256000 /dev/urandom >devices/b
	truncate -s 4M devices/c
	head -c 40001 /dev/urandom >devices/tftp/served
	head -c 10000 /dev/urandom >devices/typed
	: >devices/answer
	before=$(sum devices/a) readable=$(sum devices/b)
}

# At the far end of the guest's hvc0, whose name hvrun tells.
talk_to_console() {
	local log=$1 pty='' line=''
	while [[ ! $pty ]]; do
		sleep 0.2
		pty=$(sed -n 's/^hvrun: virtio console is //p' "$log")
	done
	exec 3<>"$pty"
	while [[ $line != *'console ready'* ]]; do
		read -r line <&3
	done
	cat devices/typed >&3
	head -c 10000 <&3 >devices/answer
}

# try_devices CPUS COMMAND…: COMMAND is hvrun, or the recorder of it.
try_devices() {
	local cpus=$1 said=devices-$1.console log=$scratch/devices-$1.log talker status=0
	local before readable
	shift
	devices_files
	: >"$log"
	talk_to_console "$log" &
	talker=$!
	timeout 400 "$@" --kernel "$top/build/guest/Image" \
		--initrd devices/initrd.cpio --append 'console=ttyAMA0 panic=-1 quiet' \
		--memory 256 --smp "$cpus" --disk devices/a --disk devices/b,ro \
		--disk devices/c --net user,tftp=devices/tftp --virtio-console pty \
		--rng >"$said" 2>"$log" </dev/null || status=$?
	kill "$talker" 2>/dev/null
	wait "$talker" 2>/dev/null
	cp "$log" .
	check_devices "devices_with_${cpus}_cpus"
	[[ $status -eq 0 ]] || last_words "$status" "$said" "$log"
}

# Uses the variables of try_devices.
check_devices() {
	local name=$1
	check "$name/end" is "$status" 0
	check "$name/cpus" is "$(fact "$said" cpus)" "$cpus"
	check "$name/no_complaints" \
		is "$(grep hvrun: "$log" | grep -v 'virtio console is /dev/')" ''
	check "$name/disk_serial" is "$(fact "$said" serial)" hvrun-disk-0
	check "$name/disk_is_read" is "$(fact "$said" before)" "$before"
	check "$name/disk_is_written" is "$(fact "$said" after)" "$(sum devices/a)"
	check "$name/disk_has_changed" test "$before" != "$(sum devices/a)"
	check "$name/disk_is_read_only" is "$(fact "$said" read_only)" 1
	check "$name/read_only_disk_is_read" is "$(fact "$said" read)" "$readable"
	check "$name/read_only_disk_is_the_same" is "$(sum devices/b)" "$readable"
	check "$name/file_system" is "$(fact "$said" file_system)" same
	check "$name/net_address" is "$(fact "$said" lease)" '10.0.2.15 10.0.2.2'
	check "$name/net_mac" is "$(fact "$said" mac)" 52:54:00:68:76:74
	check "$name/net_pings" is "$(fact "$said" pings)" 3
	check "$name/net_tftp" is "$(fact "$said" tftp)" "$(sum devices/tftp/served)"
	check "$name/rng_is_used" is "$(fact "$said" rng)" virtio_rng.0
	check "$name/rng_gives_bytes" is "$(fact "$said" rng_bytes)" 6000
	check "$name/rng_gives_others" is "$(fact "$said" rng_differs)" yes
	check "$name/console_input" is "$(fact "$said" console)" "$(sum devices/typed)"
	check "$name/console_output" is "$(fact "$said" answer)" "$(sum devices/answer)"
}

# With one vCPU there is all of the memory, and frames in it (on_host).
devices() {
	[[ ${HVT_BRIEF:-} ]] ||
		try_devices 1 "$hvtrace" record -o devices/1.hvt -- "$hvrun"
	try_devices 4 "$hvtrace" record -o devices/4.hvt --memory none -- "$hvrun"
}

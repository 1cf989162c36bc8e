# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# How scripts/lab runs its command. Uses the variables its options set.
# shellcheck disable=SC2154

lab_run_native() {
	local mode=$1 given=()
	shift
	[[ ! $icount ]] || given+=(--icount)
	[[ ! $nested ]] || given+=(--nested)
	[[ ${#given[@]} -eq 0 ]] || note "this is an arm64 host with KVM: ignoring ${given[*]}"
	[[ $mode == run ]] || set -- "${SHELL:-/bin/sh}"
	# env would take a command with a "=" in its name for a variable.
	[[ $1 != *=* ]] || set -- bash -c 'exec -- "$@"' bash "$@"
	[[ ! $timeout =~ ^0+(\.0+)?$ ]] || exec env "${envs[@]}" "$@"
	lab_run_timed "$@"
}

# timeout returns 137 if it had to kill; here 124 says that the time was up.
lab_run_timed() {
	local began=$SECONDS pid status name signalled=1
	for name in INT TERM HUP QUIT; do
		# shellcheck disable=SC2064 # the name is this one
		trap "signalled=1; kill -s $name \"\$pid\" 2>/dev/null || :" "$name"
	done
	env "${envs[@]}" timeout -k 10 "$timeout" "$@" <&0 &
	pid=$!
	# A signal ends "wait", but not what it waits for.
	while [[ $signalled ]]; do
		signalled='' status=0
		wait "$pid" || status=$?
	done
	if [[ $status -eq 137 && $((SECONDS - began)) -ge $((10#${timeout%.*} + 10)) ]]; then
		status=124
	fi
	exit "$status"
}

lab_run_emulated() {
	local mode=$1 qemu=() records=()
	shift
	command -v python3 >/dev/null || die "python3 is missing: run scripts/setup"
	need_kernel "$kernel"
	lab_qemu
	lab_shares
	records+=("lib $HVT_SYSROOT")
	lab_environment
	records+=("cwd $(lab_cwd)")
	if [[ $mode == shell ]]; then
		[[ ! -t 0 ]] || records+=(pty)
		set -- /bin/sh
	fi
	for word; do
		records+=("arg $word")
	done
	exec python3 "$HVT_LIB/lab_supervise.py" "$timeout" "${#records[@]}" "${records[@]}" "${qemu[@]}"
}

# Sets qemu to the machine, without shares and ports.
lab_qemu() {
	local append root
	if [[ $nested ]]; then
		need_qemu10
		root=$HVT_BUILD/lab/qemu10
		qemu=("$root"/lib*/ld-linux-*.so.* --library-path
			"$(find "$root"/usr/lib -maxdepth 1 -name '*-linux-gnu' | head -n 1)"
			"$root/usr/bin/qemu-system-aarch64" -L "$root/usr/share/qemu")
	else
		command -v qemu-system-aarch64 >/dev/null ||
			die "qemu-system-aarch64 is missing: run scripts/setup"
		qemu=(qemu-system-aarch64)
	fi
	append="quiet loglevel=3 panic=-1 nokaslr mitigations=off lsm= audit=0 nowatchdog"
	append+=" init_on_alloc=0 cryptomgr.notests=1 random.trust_cpu=on console=ttyAMA0"
	[[ ! $nested ]] || append+=" kvm-arm.mode=nested"
	qemu+=(-nodefaults -no-user-config -display none -no-reboot
		-M "virt,virtualization=on,gic-version=3,dtb-randomness=off"
		-cpu "$cpu" -smp "$smp" -m "$memory"
		-kernel "$HVT_BUILD/lab/$kernel/Image"
		-initrd "$HVT_BUILD/lab/$kernel/initrd.cpio"
		-append "$append")
	if [[ $icount ]]; then
		qemu+=(-icount "shift=0,sleep=off" -seed 1 -rtc "base=2026-01-01,clock=vm")
	else
		qemu+=(-accel "tcg,thread=multi")
	fi
}

# Adds the shares to qemu and records; an outer folder before an inner one.
lab_shares() {
	local dir number=0 all=("$HVT_ROOT")
	[[ ! -d $(pwd -P) ]] || lab_is_system_dir "$(pwd -P)" || all+=("$(pwd -P)")
	for dir in "${shares[@]}"; do
		[[ -d $dir ]] || die "--share $dir: no such folder"
		dir=$(cd "$dir" && pwd -P)
		! lab_is_system_dir "$dir" || die "--share $dir would hide a folder of the lab's own"
		all+=("$dir")
	done
	while read -r dir; do
		[[ -z ${shared:-} || $dir/ != "$shared"/* ]] || continue
		local shared=$dir
		qemu+=(-fsdev "local,id=fs$number,path=${dir//,/,,},security_model=none,multidevs=remap"
			-device "virtio-9p-pci,addr=$((number + 2)),fsdev=fs$number,mount_tag=share$number")
		records+=("mount $dir")
		number=$((number + 1))
	done < <(printf '%s\n' "${all[@]}" | sort -u)
}

lab_is_system_dir() {
	case $1/ in
	// | /usr/ | /usr/lib/* | /usr/bin/* | /usr/sbin/* | /usr/share/* | /lib/* | /bin/* | /sbin/* | \
		/etc/* | /proc/* | /sys/* | /dev/* | /run/) return 0 ;;
	esac
	return 1
}

# A folder the lab does not share must exist there by itself.
lab_cwd() {
	local dir
	dir=$(pwd -P)
	if lab_is_system_dir "$dir"; then
		note "$dir is not shared with the lab; running in / instead"
		dir=/
	fi
	echo "$dir"
}

lab_environment() {
	local name pair
	for name in TERM $(compgen -e HVT_); do
		[[ ! -v $name || $name == HVT_CACHE ]] || records+=("env $name=${!name}")
	done
	records+=("env HVT_IN_LAB=$kernel")
	for pair in "${envs[@]}"; do
		records+=("env $pair")
	done
}

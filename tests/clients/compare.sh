#!/usr/bin/env bash
# shellcheck source-path=SCRIPTDIR
# SPDX-License-Identifier: MIT
# What "scripts/clients/qemu --compare" makes of its measurements, and of wrong
# command lines. Measuring takes minutes and is not done here.
set -uo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
top=$(cd "$here/../.." && pwd -P)
# shellcheck source=../kvm/lines.sh
. "$here/../kvm/lines.sh"
table=$top/bench/boot/table.py
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

# A tree of its own has nothing measured, and keeps this one's figures whole.
mkdir "$out/tree"
cp -r "$top/scripts" "$out/tree/"

# status_of COMMAND…: what it says goes to $out/said.
status_of() {
	local status=0
	"$@" >"$out/said" 2>&1 </dev/null || status=$?
	echo "$status"
}

# costs HVF: of two boots, in µs of all CPUs; the others' are 1,000,000 and starts
# take 200,000. Idle time is none of it.
costs() {
	local run who boot
	mkdir -p "$out/boot"
	for run in 1 2; do
		for who in hvf hvf-decode kvm kvm-gic; do
			boot=1000000
			[[ $who != hvf ]] || boot=$1
			echo "$run $who boot $((boot + 230000)) 30000 500000 $((boot - 300000))"
			echo "$run $who start 250000 50000 150000 50000"
		done
	done >"$out/boot/costs"
	printf '%s exits 7\n' hvf hvf-decode kvm kvm kvm-gic >"$out/boot/exits"
}

compare=("$out/tree/scripts/clients/qemu" --compare)
check wrong_option_is_2 is "$(status_of "${compare[@]}" --fast)" 2
check wrong_option_is_named says "$out/said" --fast
check no_runs_is_2 is "$(status_of "${compare[@]}" --runs)" 2
check runs_of_none_is_2 is "$(status_of "${compare[@]}" --runs 0)" 2
check nothing_measured_is_1 is "$(status_of "${compare[@]}" --again)" 1
check nothing_measured_is_said says "$out/said" 'nothing has been measured yet'

costs 1090000
check below_the_target_is_0 is "$(status_of python3 "$table" --json "$out/json" "$out/boot")" 0
check ratio_is_of_boots_without_starts says "$out/said" '| 1,090.0 | 1.090 (≤ 1.1) |'
check exits_of_all_its_vms_count says "$out/said" 'kvm, kernel-irqchip=off; GICv2 in QEMU | 14 |'
check json_has_the_verdict says "$out/json" '"verdict": "met"'
costs 1120000
check above_the_target_is_1 is "$(status_of python3 "$table" "$out/boot")" 1
check above_the_target_is_marked says "$out/said" '1.120 (> 1.1)'
exit "$failed"

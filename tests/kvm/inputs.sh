# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2154 # hvrun, hvtrace, … are of those that source this
# Recordings whose VMMs go by other inputs than the API: they are replayed with
# nothing on standard input.

# record_inputs NAME STDIN VMM ARG…: into inputs/, with its output and command line.
record_inputs() {
	local name=$1 stdin=$2 status=0
	shift 2
	printf '%s\n' "$@" >"inputs/$name.args"
	timeout 120 "$hvtrace" record --memory touched -o "inputs/$name.hvt" -- "$@" \
		>"inputs/$name.console" 2>"inputs/$name.log" <"$stdin" || status=$?
	ended "record_inputs/$name" "$status" 0 "inputs/$name.log"
}

inputs_in_lab() {
	mkdir -p inputs
	printf 'first\nsecond line\n\0\377end' >inputs/bytes
	record_inputs vmm inputs/bytes "$build/tests/inputs/inputs_vmm"
	record_inputs wait inputs/bytes "$build/tests/inputs/inputs_vmm" wait
	record_inputs echo "$top/tests/guest/echo.stdin" \
		"$hvrun" --flat "$build/tests/guest/echo.bin" --stdin
}

# replay_inputs NAME TURN
replay_inputs() {
	local name=$1 turn=$2 args status=0
	mapfile -t args < <(sed "s@^$build/\\(tools\\|tests/inputs\\)@$dev/\\1@" "inputs/$name.args")
	timeout 60 "$hvtrace" replay "inputs/$name.hvt" -- "${args[@]}" \
		>"inputs/$name.replayed" 2>"inputs/$name.log" </dev/null || status=$?
	ended "replay_inputs/$name/$turn" "$status" 0 "inputs/$name.log"
	check "replay_inputs/$name/$turn/console" same "inputs/$name.console" "inputs/$name.replayed"
}

inputs_on_host() {
	local trace name turn
	for trace in inputs/*.hvt; do
		name=$(basename "$trace" .hvt)
		"$hvtrace" info "$trace" >"inputs/$name.info"
		check "replay_inputs/$name/has_inputs" grep -q '^inputs  *all$' "inputs/$name.info"
		for turn in 1 2 3; do
			replay_inputs "$name" "$turn"
		done
	done
}

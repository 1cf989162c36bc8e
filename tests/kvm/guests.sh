# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2154 # hvrun, hvtrace, … are of those that source this
# Recordings with guest memory: their guests run again here, without a VMM
# (in_lab), and their VMMs on the host, without a guest (on_host). Then the
# traces are altered, and what was altered has to be found where it is.

guests=6 changes=12 framed_guests=2 # tests/kvm/guests has more
[[ -z ${HVT_BRIEF:-} ]] || guests=3 changes=4 framed_guests=1

# record_guest MODE NAME VMM ARG…: into guests/, with its output and command line.
record_guest() {
	local mode=$1 name=$2 status=0
	shift 2
	printf '%s\n' "$@" >"guests/$name.args"
	timeout 120 "$hvtrace" record --memory "$mode" -o "guests/$name.hvt" -- "$@" \
		>"guests/$name.console" 2>"guests/$name.log" </dev/null || status=$?
	"$hvtrace" replay "guests/$name.hvt" >"guests/$name.guest" 2>&1 || {
		echo "$name: $? (its VMM ended with $status)"
		head -n 8 "guests/$name.guest"
		return 1
	}
}

# Guests whose events all happen at exits of theirs, and that read no clock.
all_guests() {
	local name args i bad=0
	for name in hello mmio_forms pair psci_probe reset smc_off unmapped; do
		args=()
		[[ ! -f $top/tests/guest/$name.args ]] || read -ra args <"$top/tests/guest/$name.args"
		record_guest touched "$name" "$hvrun" --flat "$build/tests/guest/$name.bin" \
			${args[@]+"${args[@]}"} || bad=1
	done
	for ((i = 1; i <= guests; i++)); do
		record_guest "$([[ $((i % 2)) -eq 0 ]] && echo full || echo touched)" \
			"random-$i" "$build/tests/kvm/random_vmm" "$i" || bad=1
	done
	return "$bad"
}

# level_of GUEST ARG…
level_of() {
	local name=$1
	shift
	timeout 120 "$hvtrace" record --keyframe-interval 4 -o "guests/$name.memory" -- \
		"$hvrun" --flat "$build/tests/guest/$name.bin" "$@" >/dev/null 2>"$name.record"
	timeout 120 "$hvtrace" replay "guests/$name.memory" >"$name.level" 2>&1
}

# Of a timer, and of another thread of the VMM: which it tells apart. Neither gets
# keyframes when it is recorded.
levels() {
	level_of timer </dev/null
	level_of echo --stdin <"$top/tests/guest/echo.stdin"
	says timer.level 'the guest has code that takes a counter or timer' &&
		says echo.level 'while a vCPU ran' &&
		says timer.record 'no keyframes: its guest need not be the same again' &&
		says echo.record 'no keyframes: its guest need not be the same again'
}

# found_where SIDE SEED: is the change found at its event? Prints where not; 2: it
# is not found at all, or none was made.
found_where() {
	local side=$1 seed=$2 trace=guests/random-$((1 + $2 % guests)) event what found
	read -r event what < <(timeout 60 "$build/tests/kvm/alter_trace" "$side" "$seed" "$trace.hvt" altered.hvt)
	found=$("find_$side" "$trace") || true
	[[ $event && $found == "$event" ]] && return
	echo "$side $seed: $what of event $event was found at ${found:-no event}"
	[[ $event && $found ]] && return 1
	return 2
}

# shellcheck disable=SC2317 # by found_where
find_guest() {
	timeout 120 "$hvtrace" replay --json altered.hvt >found.json
	sed -n 's/.*"event":\([0-9]*\).*/\1/p' found.json
}

# shellcheck disable=SC2317 # by found_where
find_vmm() {
	local args
	mapfile -t args <"$1.args"
	timeout 120 "$hvtrace" replay altered.hvt -- "$build/tests/kvm/random_vmm" "${args[1]}" 2>&1 >/dev/null |
		sed -n 's/.*divergence at event \([0-9]*\).*/\1/p'
}

# changes_are_found SIDE: all of them, at least 95 of 100 at their event; of a guest's
# replay 80 of 100 with the cause first. Of a few, one may be elsewhere.
changes_are_found() {
	local side=$1 seed status missed=0 unfound=0 caused=0
	for ((seed = 1; seed <= changes; seed++)); do
		rm -f found.json
		status=0
		found_where "$side" "$seed" || status=$?
		if [[ $status -eq 0 ]]; then
			# It is the event itself that is another one.
			grep -qs '"causes":\["this-event"' found.json && caused=$((caused + 1))
			continue
		fi
		[[ $status -eq 1 ]] || unfound=$((unfound + 1))
		missed=$((missed + 1))
	done
	rm -f altered.hvt
	echo "$((changes - missed)) of $changes found at their event, $unfound not at all"
	[[ $side == vmm ]] || echo "$caused of $changes with the cause first"
	((unfound == 0 && (missed <= 1 || missed * 20 <= changes))) &&
		[[ $side == vmm || $caused -ge $((changes * 4 / 5)) ]]
}

# Registers, memory and code behind an exit; the JSON form has the same.
state_is_shown() {
	local at
	at=$("$hvtrace" dump guests/hello.hvt |
		awk '/hv_vcpu_run\(\.\.\.\)/ && ++exits == 5 { print $1 + 1 }')
	"$hvtrace" dump --at "$at" --regs --memory 0x40000000,32 guests/hello.hvt >state.txt &&
		says state.txt 'pc 000000004000001c' && says state.txt '-> 0x4000001c' &&
		says state.txt '000040000000   19 00 00 14' &&
		"$hvtrace" dump --at "$at" --regs --memory 0x40000000,4 --json guests/hello.hvt >state.json &&
		says state.json '"pc":"0x4000001c"' && says state.json '"memory":"19000014"'
}

# framed NAME INTERVAL: a copy of the trace with keyframes, framed.hvt, from each of
# which the guest comes to the next one, and from the last to the end.
framed() {
	cp "guests/$1.hvt" framed.hvt
	"$hvtrace" index -q --keyframe-interval "$2" framed.hvt >framed.log 2>&1 &&
		"$hvtrace" index --check framed.hvt >framed.check 2>&1 &&
		"$hvtrace" verify -q framed.hvt >/dev/null && return
	echo "$1: keyframes every $2 exits"
	head -n 8 framed.log framed.check
	return 1
}

# A recording has them when it ends, and the VMM its own output and status.
recorded_with_keyframes() {
	timeout 120 "$hvtrace" record --memory full --keyframe-interval 70 -o framed.hvt -- \
		"$build/tests/kvm/random_vmm" 2 >framed.console 2>framed.log </dev/null &&
		grep -q 'framed.hvt has [1-9][0-9]* keyframes' framed.log &&
		same guests/random-2.console framed.console &&
		"$hvtrace" index --check framed.hvt >framed.check 2>&1 &&
		grep -q ': [1-9][0-9]* keyframes, each leads to the next one' framed.check && return
	head -n 8 framed.log framed.check
	return 1
}

# same_from_keyframe EVENT: registers and memory, from a keyframe and the beginning.
same_from_keyframe() {
	local look=(--at "$1" --regs --memory "0x40040000,0x8000" framed.hvt)
	"$hvtrace" dump --no-keyframes "${look[@]}" >from_beginning 2>&1 || return
	"$hvtrace" dump "${look[@]}" >from_keyframe 2>&1
	same from_beginning from_keyframe
}

# Of random guests, at random events (HVT_SEED, as the names of the guests are).
keyframes_are_right() {
	local i events bad=0 count=0
	RANDOM=${HVT_SEED:-7}
	for ((i = 1; i <= framed_guests; i++)); do
		framed "random-$i" $((60 + RANDOM % 90)) || {
			bad=1
			continue
		}
		events=$(sed -n 's/.* of \([0-9]*\) events.*/\1/p' framed.log)
		count=$((count + $(sed -n 's/.*: \([0-9]*\) keyframes\{0,1\} .*/\1/p' framed.log)))
		same_from_keyframe $((60 + RANDOM * 32768 % (events - 60))) || bad=1
	done
	echo "$count keyframes of $framed_guests guests"
	((count >= framed_guests)) && return "$bad"
}

# Where the guest is another one: what is before that is there, and good.
keyframes_end_at_a_divergence() {
	local status=0 seed
	for ((seed = 1; seed <= 40; seed++)); do
		rm -f framed.hvt
		timeout 60 "$build/tests/kvm/alter_trace" guest "$seed" guests/random-1.hvt framed.hvt >/dev/null
		[[ -f framed.hvt ]] || continue
		status=0
		"$hvtrace" index -q --keyframe-interval 5 framed.hvt >framed.log 2>&1 || status=$?
		grep -q ' [1-9][0-9]* keyframes' framed.log && break
	done
	is "$status" 1 && says framed.log 'no keyframes behind that' &&
		"$hvtrace" verify -q framed.hvt >/dev/null || return
	status=0
	"$hvtrace" replay --from 999999999 framed.hvt >framed.log 2>&1 || status=$?
	is "$status" 1
}

# killed_at MS: the trace is what it was, and can be given keyframes after that.
killed_at() {
	local pid
	cp guests/random-2.hvt framed.hvt
	"$hvtrace" index -q --keyframe-interval 1 framed.hvt >/dev/null 2>&1 &
	pid=$!
	sleep "0.$1"
	kill -9 "$pid" 2>/dev/null
	wait "$pid" 2>/dev/null
	"$hvtrace" verify -q framed.hvt >/dev/null &&
		"$hvtrace" index -q framed.hvt >/dev/null && [[ ! -e framed.hvt.indexing ]]
}

keyframes_survive_kills() {
	killed_at 02 && killed_at 10 && killed_at 30
}

guests_in_lab() {
	mkdir -p guests
	check guests_are_the_same_again all_guests
	check level_of_a_guest_is_told levels
	check state_of_a_guest_is_shown state_is_shown
	check keyframes_are_what_running_comes_to keyframes_are_right
	check keyframes_are_made_when_a_vmm_ends recorded_with_keyframes
	check keyframes_end_at_a_divergence keyframes_end_at_a_divergence
	check keyframes_survive_a_kill keyframes_survive_kills
	rm -f framed.hvt
	check changes_of_a_guest_are_found changes_are_found guest
}

# vmm_again TRACE: the VMM of this machine, to which the trace is the guest.
vmm_again() {
	local trace=$1 args
	sed -e "s@^$build/@$dev/@" "$trace.args" >"$trace.replayed.args"
	mapfile -t args <"$trace.replayed.args"
	timeout 60 "$hvtrace" replay "$trace.hvt" -- "${args[@]}" \
		>"$trace.replayed" 2>"$trace.replayed.log" </dev/null &&
		same "$trace.console" "$trace.replayed" && return
	echo "$trace:"
	head -n 5 "$trace.replayed.log"
	return 1
}

all_vmms() {
	local trace bad=0
	for trace in guests/*.hvt; do
		vmm_again "${trace%.hvt}" || bad=1
	done
	return "$bad"
}

guests_on_host() {
	check vmms_are_the_same_again all_vmms
	local build=$dev
	check changes_of_a_vmm_are_found changes_are_found vmm
}

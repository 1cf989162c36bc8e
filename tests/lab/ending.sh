#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Interrupts and time limits end the command, then the lab; nothing stays.
# shellcheck source-path=SCRIPTDIR source=support.sh
. "$(dirname "$0")/support.sh"

mark=$(mktemp -d)
trap 'rm -rf "$scratch" "$mark"' EXIT

# started COMMAND…: runs it in the lab in the background until it says "up".
# Job control gives it a process group and default signals, as a terminal does.
started() {
	rm -f log
	set -m
	"$lab" run --share "$mark" -- "$@" >log 2>&1 &
	pid=$!
	set +m
	for _ in $(seq 300); do
		grep -q up log && return
		sleep 0.1
	done
}

# Sets status_; not in a subshell, whose child it would not be.
await() {
	wait "$pid"
	status_=$?
}

# The share tells this test's machines from others'.
machines() { pgrep -f "qemu-system-aarch64.*$mark" || :; }

check time_limit_is_124 is "$(status "$lab" run --timeout 5 -- sleep 1000)" 124
SECONDS=0
check time_limit_on_a_stubborn_command is \
	"$(status "$lab" run --timeout 5 -- sh -c 'trap "" TERM; while :; do sleep 1; done')" 124
check stubborn_command_is_killed test "$SECONDS" -lt 25

# shellcheck disable=SC2016 # for the shell in the lab
started sh -c 'trap "echo caught; exit 9" INT; echo up; while :; do sleep 0.1; done'
kill -INT -- "-$pid"
await
check interrupt_reaches_the_command is "$status_" 9
check interrupt_lets_it_finish grep -q caught log

started sh -c 'echo up; exec sleep 1000'
kill -TERM "$pid"
await
check termination_is_128_plus_15 is "$status_" 143

started sh -c 'trap "" INT; echo up; while :; do sleep 1; done'
kill -INT "$pid"
sleep 1
kill -INT "$pid"
await
check second_interrupt_kills_the_lab is "$status_" 130

started sh -c 'sleep 1000 & echo up; sleep 1'
await
check does_not_wait_for_background_processes is "$status_" 0

started sh -c 'echo kept >kept; echo up; exec sleep 1000'
check machine_runs test -n "$(machines)"
kill -KILL "$pid"
await
sleep 1
check no_orphan_after_sigkill is "$(machines)" ''
check written_file_survives is "$(cat kept)" kept

"$lab" run -- echo one >first &
"$lab" run -- echo two >second &
wait
check two_labs_at_once is "$(cat first second)" $'one\ntwo'
finish

#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The exit status of "lab run" is the command's; the lab's own failures differ.
# shellcheck source-path=SCRIPTDIR source=support.sh
. "$(dirname "$0")/support.sh"

check passes_success_on is "$(status "$lab" run -- true)" 0
check passes_a_status_on is "$(status "$lab" run -- sh -c 'exit 7')" 7
check adds_128_to_a_signal is "$(status "$lab" run -- sh -c 'kill -9 $$')" 137
check missing_command_is_127 is "$(status "$lab" run -- no-such-command)" 127
check missing_command_is_named says 'cannot run no-such-command: No such file'

touch plain
check not_executable_is_126 is "$(status "$lab" run -- ./plain)" 126
cp /bin/true foreign
check foreign_program_is_126 is "$(status "$lab" run -- ./foreign)" 126
check foreign_program_is_explained says 'is it an arm64 program'

check unknown_option_is_125 is "$(status "$lab" run --frobnicate -- true)" 125
check unknown_option_is_named says 'unknown option --frobnicate'
check unknown_kernel_is_125 is "$(status "$lab" run --kernel 2.4 -- true)" 125
check missing_share_is_125 is "$(status "$lab" run --share /no/such -- true)" 125
check missing_command_line_is_125 is "$(status "$lab" run)" 125
check qemu_failure_is_125 is "$(status "$lab" run --memory 9999999999 -- true)" 125
check qemu_failure_is_shown says 'QEMU says'
check panic_is_125 is "$(status "$lab" run -- sh -c 'echo c >/proc/sysrq-trigger; sleep 9')" 125
check panic_shows_the_console says 'Kernel panic'
finish

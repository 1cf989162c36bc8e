#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What "lab run" does on an arm64 host with KVM; that needs neither.
# shellcheck source-path=SCRIPTDIR source=support.sh
. "$(dirname "$0")/support.sh"

cat >native <<'END'
#!/usr/bin/env bash
# usage: native TOP TIMEOUT CMD ARG...
set -euo pipefail
. "$1/scripts/lib/common.sh"
. "$1/scripts/lib/lab_qemu.sh"
icount='' nested='' timeout=$2 envs=(GREETING=hello)
shift 2
lab_run_native run "$@"
END
chmod +x native

native() { status ./native "$top" "$@"; }

check passes_a_status_on is "$(native 0 sh -c 'exit 7')" 7
check passes_a_status_on_in_time is "$(native 9 sh -c 'exit 7')" 7
check adds_128_to_a_signal is "$(native 9 sh -c 'kill -9 $$')" 137
check missing_command_is_127 is "$(native 0 no-such-command)" 127
check sets_variables is "$(native 9 sh -c 'test "$GREETING" = hello')" 0
check stdin_is_read is "$(echo word | native 9 grep -q word)" 0

printf '#!/bin/sh\nexit "$1"\n' >a=b
chmod +x a=b
check command_may_have_an_equals_sign is "$(native 0 ./a=b 5)" 5
check command_may_have_an_equals_sign_in_time is "$(native 9 ./a=b 5)" 5

check timeout_is_124 is "$(native 0.5 sleep 30)" 124
check timeout_that_must_kill_is_124 is "$(native 1 sh -c 'trap "" TERM; sleep 30; sleep 30')" 124

./native "$top" 30 sh -c 'trap "exit 9" TERM; touch started; while :; do sleep 0.1; done' &
pid=$!
while [[ ! -f started ]]; do sleep 0.1; done
kill -TERM "$pid"
wait "$pid"
check signal_goes_on_to_the_command is $? 9
finish

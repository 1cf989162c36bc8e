#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# stdin, stdout and stderr are the command's own: apart, at once, byte by byte.
# shellcheck source-path=SCRIPTDIR source=support.sh
. "$(dirname "$0")/support.sh"

"$lab" run -- sh -c 'echo out; echo err >&2; printf "a\r\n\0b\004"' >out 2>err
check stdout_is_exact is "$(od -An -v -tx1 out | tr -d " \n")" 6f75740a610d0a006204
check stderr_is_apart is "$(cat err)" err

# The command waits for an answer that is given only once its output was seen.
mkfifo answer
# shellcheck disable=SC2016 # for the shell in the lab
"$lab" run --timeout 60 -- sh -c 'echo question; read -r x; echo "got $x"' <answer >dialogue &
exec 3>answer
for _ in $(seq 300); do
	grep -q question dialogue 2>/dev/null && break
	sleep 0.1
done
echo yes >&3
exec 3>&-
wait $!
check output_is_streamed is "$(cat dialogue)" $'question\ngot yes'

head -c 67108864 /dev/urandom >big
sum=$(md5sum <big)
check big_stdin_from_a_file is "$("$lab" run -- md5sum <big)" "$sum"
# shellcheck disable=SC2002 # a pipe is what is tested
check big_stdin_from_a_pipe is "$(cat big | "$lab" run -- md5sum)" "$sum"
check big_stdout is "$("$lab" run -- cat big | md5sum)" "$sum"
check big_both_ways is "$("$lab" run -- cat <big | md5sum)" "$sum"
for round in 1 2 3 4 5; do
	check "no_stdin_is_end_of_file_$round" is "$(status "$lab" run --timeout 30 -- cat </dev/null)" 0
done
check unread_stdin_does_no_harm is "$(yes | "$lab" run -- echo unread)" unread

"$lab" run -- yes | head -n 1 >/dev/null
check a_closed_pipe_ends_the_command is "${PIPESTATUS[0]}" 141
finish

#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# An emulated machine that goes away, or hangs, before the command's last bytes
# are here. A script stands in for QEMU and speaks lab_init.c's part.
# shellcheck source-path=SCRIPTDIR source=support.sh
. "$(dirname "$0")/support.sh"

cat >machine <<'END'
#!/usr/bin/env bash
# usage: machine BYTES SECONDS ARG...: announces 10 bytes of output and sends BYTES
for arg in "${@:3}"; do
	[[ $arg =~ ^socket,id=(ctl|out),fd=([0-9]+)$ ]] || continue
	declare "${BASH_REMATCH[1]}=${BASH_REMATCH[2]}"
done
# shellcheck disable=SC2154
head -c "$1" /dev/zero | tr '\0' . >&"$out"
# shellcheck disable=SC2154
printf 'exit 3 10 0\0' >&"$ctl"
sleep "$2"
END
chmod +x machine

machine() { status timeout 20 python3 "$top/scripts/lib/lab_supervise.py" 0 0 ./machine "$@"; }

check all_output_is_the_command_s_status is "$(machine 10 0)" 3
check output_is_whole is "$(<stdout)" ..........
check gone_machine_is_125 is "$(machine 4 0)" 125
check gone_machine_is_explained says "the last 6 bytes of the command's stdout did not come"
check hanging_machine_is_125 is "$(machine 4 30)" 125
check hanging_machine_is_explained says "the last 6 bytes of the command's stdout did not come"
finish

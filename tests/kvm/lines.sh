# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# One line per claim, as all test scripts here print them: "ok NAME",
# "not ok NAME" with "# why" lines behind it, or "skip NAME # why".

# shellcheck disable=SC2034 # for those that source this
failed=0

# check NAME COMMAND…: the claim NAME holds if COMMAND succeeds.
check() {
	local name=$1
	shift
	if "$@" >&2; then
		echo "ok $name"
	else
		echo "not ok $name"
		# shellcheck disable=SC2034
		failed=1
	fi 2> >(sed 's/^/# /')
}

# is ACTUAL EXPECTED
is() {
	[[ $1 == "$2" ]] && return
	printf 'got      %q\nexpected %q\n' "$1" "$2"
	return 1
}

# same FILE FILE
same() {
	[[ -f $1 && -f $2 ]] && cmp -s "$1" "$2" && return
	diff -u "$1" "$2" 2>&1 | head -n 20
	return 1
}

# says FILE TEXT
says() {
	grep -qF -- "$2" "$1" && return
	printf 'no "%s" in:\n' "$2"
	tail -n 10 "$1"
	return 1
}

# last_words STATUS FILE…: behind a claim that failed, what a program wrote and, if
# a signal ended it, what the kernel has to say.
last_words() {
	local status=$1
	shift
	{
		echo "status $status"
		tail -n 40 "$@"
		[[ $status -le 128 || ! ${HVT_IN_LAB:-} ]] || dmesg | tail -n 40
	} 2>&1 | sed 's/^/# /'
}

# ended NAME STATUS WANTED FILE…: the claim NAME holds if a program, whose words are
# in the files, ended as it was to.
ended() {
	check "$1" is "$2" "$3"
	[[ $2 -eq $3 ]] || last_words "$2" "${@:4}"
}

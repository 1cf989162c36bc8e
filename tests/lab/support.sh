# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# For the tests of this folder: a scratch folder that the lab can see, and a
# line per claim. Source it first; end with "finish".

set -uo pipefail
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
# shellcheck disable=SC2034 # for the tests
lab=$top/scripts/lab
mkdir -p "$top/build"
scratch=$(mktemp -d "$top/build/lab-test.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
cd "$scratch" || exit 1
failed=0

# check NAME COMMAND…: the claim NAME holds if COMMAND succeeds.
check() {
	local name=$1
	shift
	if "$@"; then
		echo "ok $name"
	else
		echo "not ok $name"
		failed=1
	fi
}

# is ACTUAL EXPECTED
is() {
	[[ $1 == "$2" ]] && return
	printf '# got      %q\n# expected %q\n' "$1" "$2"
	return 1
}

# status COMMAND…: prints how it ended, with its output out of the way.
status() {
	"$@" >"$scratch/stdout" 2>"$scratch/stderr"
	echo $?
}

says() { grep -q -- "$1" "$scratch/stderr"; }

compile() {
	local out=$1
	shift
	aarch64-linux-gnu-gcc --sysroot="$top/build/sysroot-arm64" -O2 -Wall -o "$out" "$@"
}

finish() { exit "$failed"; }

#!/usr/bin/env bash
# shellcheck source-path=SCRIPTDIR
# SPDX-License-Identifier: MIT
# usage: tests/setup/systems.sh [--look-up]
#
# Which packages scripts/setup wants on which system, and what it says on one that
# it does not know. With --look-up: whether Debian 12 and 13 have those of these
# names (fetches their lists).
set -uo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
# shellcheck source=../kvm/lines.sh
. "$here/../kvm/lines.sh"
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

# on ID VERSION CODE: CODE with what setup knows there; its output is $out/said.
on() {
	printf 'ID=%s\nVERSION_ID="%s"\nPRETTY_NAME="%s %s"\n' "$1" "$2" "$1" "$2" >"$out/os"
	HVT_OS_RELEASE=$out/os bash -c '
		set -euo pipefail
		. "$0/scripts/lib/common.sh"
		. "$HVT_LIB/native.sh"
		. "$HVT_LIB/debian.sh"
		eval "$1"' "$here/../.." "$3" >"$out/said" 2>&1
}

# shellcheck disable=SC2016 # for the other shell
wants='printf "%s\n" "${NATIVE_PACKAGES[@]}"'

# of SYSTEM VERSION CLANG: the packages of that system are those of its compiler.
of() {
	on "$1" "$2" "$wants"
	check "$1-$2_has_its_own_clang" is "$(grep rt- "$out/said")" "libclang-rt-$3-dev"
	check "$1-$2_has_the_others" says "$out/said" libzstd-dev
}

# shellcheck disable=SC2317 # by check
# has ID VERSION SUITE: all of them are in that suite.
has() {
	# shellcheck disable=SC2016 # the same
	on "$1" "$2" 'private_apt "$(dpkg --print-architecture)" '"$3"'
		for package in "${NATIVE_PACKAGES[@]}"; do
			apt-cache show --no-all-versions "$package" >/dev/null 2>&1 || echo "no $package"
		done'
	is "$(grep -v 'lab\|setup:' "$out/said")" ''
}

if [[ ${1:-} == --look-up ]]; then
	check debian-12_has_all has debian 12 bookworm
	check debian-13_has_all has debian 13 trixie
	exit "$failed"
fi
of debian 12 14
of debian 13 19
of ubuntu 24.04 18
check ubuntu_gets_the_keys_of_debian says "$out/said" debian-archive-keyring

mkdir "$out/bin"
for tool in git cmake ninja cc c++ clang clang-tidy pkg-config python3 zstd cpio \
	qemu-system-aarch64 aarch64-linux-gnu-gcc; do
	ln -s /bin/true "$out/bin/$tool"
done
check unknown_system_with_all_tools_is_used on other 1 "PATH=$out/bin:\$PATH; need_native"
check and_it_is_said says "$out/said" 'packages of other 1 are not known'
check unknown_system_without_tools_is_refused is \
	"$(on other 1 "PATH=$out/none; need_native" || echo refused)" refused
check what_is_missing_is_named says "$out/said" 'no git cmake ninja'
check what_is_needed_is_named says "$out/said" libcriterion-dev
exit "$failed"

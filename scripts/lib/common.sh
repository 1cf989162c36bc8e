# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2034 # used by those that source this
# What every script here needs: the places, messages, and "build this once".

HVT_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
HVT_BUILD=$HVT_ROOT/build
HVT_CACHE=${HVT_CACHE:-${XDG_CACHE_HOME:-${HOME:-$HVT_BUILD}/.cache}/hvtrace}
HVT_LIB=$HVT_ROOT/scripts/lib
HVT_SYSROOT=$HVT_BUILD/sysroot-arm64
HVT_DIE_STATUS=1

note() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }
die() { note "$*"; exit "$HVT_DIE_STATUS"; }

# Does this machine have what the lab otherwise emulates?
lab_is_native() {
	[[ $(uname -m) == aarch64 && -r /dev/kvm && -w /dev/kvm ]]
}

# locked FILE COMMAND…: one at a time; the others wait.
locked() {
	local file=$1
	shift
	mkdir -p "$(dirname "$file")"
	(
		flock 9
		"$@"
	) 9>"$file"
}

# artefact DIR RECIPE COMMAND…: has COMMAND fill the folder DIR, unless it was
# filled by the same RECIPE (any text: packages, versions). COMMAND is given a
# fresh folder as its last argument, which becomes DIR only once it is complete.
artefact() {
	[[ -f $1/.recipe && $(<"$1/.recipe") == "$2" ]] && return
	locked "$HVT_BUILD/.lock-${1##*/}" build_artefact "$@"
}

build_artefact() {
	local dir=$1 recipe=$2 new=$1.new
	shift 2
	[[ -f $dir/.recipe && $(<"$dir/.recipe") == "$recipe" ]] && return
	note "preparing ${dir#"$HVT_ROOT"/}"
	rm -rf "$new"
	mkdir -p "$new"
	# Not "|| die": that would switch "set -e" off inside the command.
	"$@" "$new"
	printf '%s\n' "$recipe" >"$new/.recipe"
	rm -rf "$dir"
	mv "$new" "$dir"
}

# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# Debian packages installed on this machine itself.

NATIVE_PACKAGES=(
	git file xz-utils zstd cpio python3 pkg-config
	cmake ninja-build gcc g++ clang clang-tidy clang-format libclang-rt-14-dev
	libzstd-dev libxxhash-dev libcriterion-dev liblttng-ust-dev libfdt-dev
	libslirp-dev libbpf-dev libcapstone-dev shellcheck codespell
	python3-zstandard python3-xxhash lttng-tools babeltrace2
	protobuf-compiler mandoc dpkg-dev
)
[[ $(uname -m) == aarch64 ]] || NATIVE_PACKAGES+=(
	gcc-aarch64-linux-gnu g++-aarch64-linux-gnu qemu-user-static
)
lab_is_native || NATIVE_PACKAGES+=(qemu-system-arm)

# need_native [PACKAGE…]: these are installed; NATIVE_PACKAGES if none is named.
need_native() {
	local missing sudo=()
	[[ $# -gt 0 ]] || set -- "${NATIVE_PACKAGES[@]}"
	mapfile -t missing < <(missing_packages "$@")
	[[ ${#missing[@]} -gt 0 ]] || return 0
	if [[ $EUID -ne 0 ]]; then
		if command -v sudo >/dev/null && { [[ -t 0 ]] || sudo -n true 2>/dev/null; }; then
			sudo=(sudo)
		fi
		[[ ${#sudo[@]} -gt 0 ]] ||
			die "these packages are missing and only root can install them: ${missing[*]}"
	fi
	note "installing ${missing[*]}"
	"${sudo[@]}" apt-get -qq -o DPkg::Lock::Timeout=600 update
	"${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq --yes \
		-o DPkg::Lock::Timeout=600 install --no-install-recommends "${missing[@]}" >&2
}

# missing_packages PACKAGE…
missing_packages() {
	local name status
	command -v dpkg-query >/dev/null ||
		die "this is not a Debian system: see NATIVE_PACKAGES in scripts/lib/native.sh for what is needed"
	while read -r status name; do
		[[ $status == ii ]] && printf '%s\n' "$name"
	done < <(dpkg-query -W -f '${db:Status-Abbrev} ${Package}\n' "$@" 2>/dev/null) |
		sort -u | comm -13 - <(printf '%s\n' "$@" | sort)
}

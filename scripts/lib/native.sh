# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# Packages installed on this machine itself; README.md tells which differ where.

# os_release NAME: of the system, as ID and VERSION_ID; none if nothing says it.
os_release() {
	(
		# shellcheck disable=SC2034 # by their names
		ID='' VERSION_ID='' PRETTY_NAME=''
		# shellcheck source=/dev/null
		[[ ! -r ${HVT_OS_RELEASE:=/etc/os-release} ]] || . "$HVT_OS_RELEASE"
		echo "${!1}"
	)
}

NATIVE_PACKAGES=(
	git file xz-utils zstd cpio python3 pkg-config
	cmake ninja-build gcc g++ clang clang-tidy clang-format
	libzstd-dev libxxhash-dev libcriterion-dev liblttng-ust-dev libfdt-dev
	libslirp-dev libbpf-dev libcapstone-dev shellcheck codespell
	python3-zstandard python3-xxhash lttng-tools babeltrace2
	protobuf-compiler tshark mandoc zsh dpkg-dev lintian meson
)
[[ $(uname -m) == aarch64 ]] || NATIVE_PACKAGES+=(
	gcc-aarch64-linux-gnu g++-aarch64-linux-gnu qemu-user-static
)
lab_is_native || NATIVE_PACKAGES+=(qemu-system-arm)
case $(os_release ID)-$(os_release VERSION_ID) in
debian-12) NATIVE_PACKAGES+=(libclang-rt-14-dev chromium-headless-shell) ;;
debian-13) NATIVE_PACKAGES+=(libclang-rt-19-dev chromium-headless-shell) ;;
ubuntu-24.04) NATIVE_PACKAGES+=(libclang-rt-18-dev debian-archive-keyring) ;;
*) unknown_system=1 ;;
esac

# What of the programs that are called by name is not there.
missing_tools() {
	local tool tools=(git cmake ninja cc c++ clang clang-tidy pkg-config python3 zstd
		cpio qemu-system-aarch64 aarch64-linux-gnu-gcc)
	for tool in "${tools[@]}"; do
		command -v "$tool" >/dev/null || echo "$tool"
	done
}

# Of a system whose packages have names unknown here.
need_tools() {
	local missing
	mapfile -t missing < <(missing_tools)
	[[ ${#missing[@]} -eq 0 ]] || die "no ${missing[*]} here, and how to install on" \
		"$(os_release PRETTY_NAME) is not known: on Debian 12 these packages are needed:" \
		"$*, and libclang-rt-dev of clang's version"
	note "the packages of $(os_release PRETTY_NAME) are not known: using what is there"
}

# need_native [PACKAGE…]: these are installed; NATIVE_PACKAGES if none is named.
need_native() {
	local missing sudo=()
	[[ $# -gt 0 ]] || set -- "${NATIVE_PACKAGES[@]}"
	if [[ ${unknown_system:-} ]]; then
		need_tools "$@"
		return
	fi
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
	while read -r status name; do
		[[ $status == ii ]] && printf '%s\n' "$name"
	done < <(dpkg-query -W -f '${db:Status-Abbrev} ${Package}\n' "$@" 2>/dev/null) |
		sort -u | comm -13 - <(printf '%s\n' "$@" | sort)
}

# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# Debian packages of any architecture, downloaded and unpacked without root:
# apt with folders of its own, the mirror and the keyring of this machine.

HVT_KEYRING=/usr/share/keyrings/debian-archive-keyring.gpg

# The mirror this machine uses for Debian itself (not for security updates).
debian_mirror() {
	local mirror
	if [[ -n ${HVT_DEBIAN_MIRROR:-} ]]; then
		echo "$HVT_DEBIAN_MIRROR"
		return
	fi
	# Either format of sources, and before the first "apt-get update" too.
	mirror=$(apt-get update --print-uris 2>/dev/null |
		sed -nE "s@^'([^']+)/dists/(stable|bookworm|trixie|testing|sid|unstable)/InRelease'.*@\1@p" |
		head -n 1)
	[[ -n $mirror ]] ||
		die "no Debian mirror in this machine's apt sources; name one in HVT_DEBIAN_MIRROR"
	echo "$mirror"
}

# private_apt ARCH SUITE [deb-src]: writes a configuration and sets APT_CONFIG
# to it. The lists are kept in the cache, per architecture and suite; those of
# source packages apart.
private_apt() {
	local arch=$1 suite=$2 type=${3:-deb} mirror option=
	local dir=$HVT_CACHE/apt/$arch-$suite${type#deb}
	[[ -r $HVT_KEYRING ]] ||
		die "$HVT_KEYRING is missing: install the package debian-archive-keyring"
	mkdir -p "$dir"/{state,lists/partial} "$HVT_CACHE"/debs/partial
	: >"$dir/status"
	{
		# Proxies and the like; not the machine's hooks.
		apt-config dump | grep -E '^Acquire::(http|https|Retries|ForceIP|Proxy)' || :
		cat <<-END
			APT::Architecture "$arch";
			APT::Architectures { "$arch"; };
			APT::Default-Release "$suite";
			APT::Get::AllowUnauthenticated "false";
			APT::Install-Recommends "false";
			APT::Sandbox::User "root";
			Acquire::Languages "none";
			Acquire::Retries "3";
			Dir::State "$dir/state";
			Dir::State::lists "$dir/lists";
			Dir::State::status "$dir/status";
			Dir::Cache "$dir";
			Dir::Cache::archives "$HVT_CACHE/debs";
			Dir::Etc::main "/dev/null";
			Dir::Etc::parts "/dev/null";
			Dir::Etc::sourcelist "$dir/sources";
			Dir::Etc::sourceparts "/dev/null";
			Dir::Etc::preferences "/dev/null";
			Dir::Etc::preferencesparts "/dev/null";
		END
	} >"$dir/conf"
	export APT_CONFIG=$dir/conf
	# Younger than a day: as good as new, and a fresh clone needs no network.
	[[ -n $(find "$dir/updated" -mtime -1 2>/dev/null) ]] && return
	mirror=$(APT_CONFIG='' debian_mirror)
	# A mirror may stand still for a while. For sid, which is used for
	# nothing but kernels in an emulator, an old list is better than none;
	# its signature is checked all the same.
	[[ $suite != sid ]] || option=' check-valid-until=no'
	{
		echo "$type [signed-by=$HVT_KEYRING$option] $mirror $suite main"
		[[ $suite == sid ]] ||
			echo "$type [signed-by=$HVT_KEYRING] $mirror ${suite%-backports} main"
	} | sort -u >"$dir/sources"
	if apt-get -qq update >&2; then
		touch "$dir/updated"
	elif [[ -f $dir/updated ]]; then
		note "cannot refresh the package lists of $suite; using those of $(date -r "$dir/updated" +%F)"
	else
		die "cannot fetch the package lists of $suite ($arch) from $mirror"
	fi
}

# deb_fetch MODE PACKAGE…: downloads and prints the files' paths, one per line.
# MODE install: with everything the packages depend on; download: just these.
deb_fetch() {
	local mode=$1 files name
	shift
	# An archive folder that is not there makes apt name every file.
	files=$(apt-get -qq -o Dir::Cache::archives=/nonexistent --print-uris "$mode" "$@" |
		awk '{ print $2 }')
	[[ -n $files ]] || die "apt finds no such packages: $*"
	if [[ $mode == install ]]; then
		apt-get -qq --yes --download-only install "$@" >&2
	else
		(cd "$HVT_CACHE/debs" && apt-get -qq download "$@" >&2)
	fi
	while read -r name; do
		echo "$HVT_CACHE/debs/$name"
	done <<<"$files"
}

# deb_unpack DIR FILE…
deb_unpack() {
	local dir=$1 file
	shift
	for file; do
		dpkg-deb --fsys-tarfile "$file" |
			tar -x -C "$dir" --keep-directory-symlink --no-same-owner
	done
}

# unpack_packages ARCH SUITE MODE PACKAGE… DIR
unpack_packages() {
	local arch=$1 suite=$2 mode=$3 dir=${*: -1} files
	local packages=("${@:4:$#-4}")
	locked "$HVT_CACHE/lock" private_apt "$arch" "$suite"
	export APT_CONFIG=$HVT_CACHE/apt/$arch-$suite/conf
	files=$(locked "$HVT_CACHE/lock" deb_fetch "$mode" "${packages[@]}")
	mapfile -t files <<<"$files"
	deb_unpack "$dir" "${files[@]}"
}

# unpack_source SUITE PACKAGE DIR: the source, with Debian's patches, as DIR,
# which does not exist yet.
unpack_source() {
	local suite=$1 package=$2 dir=$3 arch dsc
	arch=$(dpkg --print-architecture)
	locked "$HVT_CACHE/lock" private_apt "$arch" "$suite" deb-src
	export APT_CONFIG=$HVT_CACHE/apt/$arch-$suite-src/conf
	dsc=$(apt-get -qq --print-uris source "$package" 2>/dev/null |
		awk '$2 ~ /\.dsc$/ { print $2 }')
	[[ -n $dsc ]] || die "$suite has no source package $package"
	(
		cd "$HVT_CACHE/debs" || exit
		locked "$HVT_CACHE/lock" apt-get -qq --download-only source "$package" >&2
		# apt has checked what it downloaded.
		dpkg-source --no-check -x "$dsc" "$dir" >/dev/null
	)
}

# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# Everything derived from Debian packages, one need_* function each: it builds
# its folder under build/ if that is not there, and says nothing otherwise.

# What arm64 programs are compiled against, and what they find in the lab.
SYSROOT_PACKAGES=(
	libc6-dev linux-libc-dev libgcc-12-dev libstdc++-12-dev
	libzstd-dev libxxhash-dev libcriterion-dev liblttng-ust-dev libfdt-dev
	libslirp-dev libbpf-dev libcapstone-dev lttng-tools
	bash busybox-static strace gdbserver
)

need_sysroot() {
	artefact "$HVT_SYSROOT" "${SYSROOT_PACKAGES[*]}" make_sysroot
}

make_sysroot() {
	local dir=$1 link
	merge_usr "$dir"
	unpack_packages arm64 bookworm install "${SYSROOT_PACKAGES[@]}" "$dir"
	rm -rf "$dir"/usr/share/{doc,man,locale,info,lintian} "$dir"/usr/lib/*/gconv
	# Links to /lib/… would lead out of the sysroot.
	find "$dir" -type l -lname '/*' -print0 |
		while IFS= read -r -d '' link; do
			ln -sfnr "$dir$(readlink "$link")" "$link"
		done
}

# One /usr, as installed systems have it; for an empty folder.
merge_usr() {
	mkdir -p "$1"/usr/{bin,lib,lib64,sbin}
	ln -s usr/bin usr/lib usr/lib64 usr/sbin "$1"
}

need_lab_init() {
	local source=$HVT_LIB/lab_init.c
	need_sysroot
	artefact "$HVT_BUILD/lab/init" "$(cksum <"$source")" make_lab_init "$source"
}

make_lab_init() {
	local cc
	cc=$(command -v aarch64-linux-gnu-gcc || command -v gcc) ||
		die "no arm64 compiler: install gcc-aarch64-linux-gnu"
	"$cc" --sysroot="$HVT_SYSROOT" -static -O2 -Wall -Wno-unused-result \
		-o "$2/init" "$1"
}

# need_kernel SERIES: 6.12, 7.2 or 7.2-16k; gives build/lab/SERIES/Image, and
# the lab's initrd for it.
need_kernel() {
	local suite=sid flavour=arm64
	need_lab_init
	[[ $1 != 6.* ]] || suite=bookworm-backports
	[[ $1 != *-16k ]] || flavour=arm64-16k
	artefact "$HVT_BUILD/lab/$1" "$suite $flavour $(<"$HVT_BUILD/lab/init/.recipe")" \
		make_kernel "${1%-16k}" "$flavour" "$suite"
}

make_kernel() {
	local series=$1 flavour=$2 suite=$3 dir=$4 release
	release=$(kernel_release arm64 "$suite" "$series" "$flavour")
	unpack_kernel arm64 "$suite" "$release" "$dir/package"
	mv "$dir/package/Image" "$dir/Image"
	initrd_tree "$dir/root"
	cp "$HVT_BUILD/lab/init/init" "$dir/root/init"
	copy_modules "$dir/package" "$dir/root/modules" netfs 9pnet 9pnet_virtio 9p
	pack_initrd "$dir/root" "$dir/initrd.cpio"
	echo "$release" >"$dir/release"
	rm -rf "$dir/package" "$dir/root"
}

# The newest kernel of a series, by name. sid moves on: if the series is gone
# from there, the newest that is there takes its place.
kernel_release() {
	local arch=$1 suite=$2 series=$3 flavour=$4 all release
	locked "$HVT_CACHE/lock" private_apt "$arch" "$suite"
	all=$(APT_CONFIG=$HVT_CACHE/apt/$arch-$suite/conf apt-cache pkgnames linux-image- |
		sed -nE "s/^linux-image-([0-9][0-9.]*(\+deb[0-9.]+|-[0-9]+)?-$flavour)\$/\1/p" |
		sort -V)
	release=$(grep "^${series//./\\.}[.+-]" <<<"$all" | tail -n 1) || :
	if [[ -z $release && $suite == sid ]]; then
		release=$(tail -n 1 <<<"$all")
		note "Debian sid has no Linux $series any more; taking ${release:-none}"
	fi
	[[ -n $release ]] || die "$suite has no Linux $series for $flavour"
	echo "$release"
}

# unpack_kernel ARCH SUITE RELEASE DIR: the packages' files, and DIR/Image.
unpack_kernel() {
	local arch=$1 suite=$2 release=$3 dir=$4 image
	local packages=("linux-image-$release")
	mkdir -p "$dir"
	# Newer kernels come in three packages; the first holds nothing then.
	if APT_CONFIG=$HVT_CACHE/apt/$arch-$suite/conf apt-cache show "linux-binary-$release" >/dev/null 2>&1; then
		packages=("linux-binary-$release" "linux-modules-$release")
	fi
	unpack_packages "$arch" "$suite" download "${packages[@]}" "$dir"
	image=$(find "$dir" -type f -name 'vmlinuz*' | head -n 1)
	[[ -n $image ]] || die "no kernel image in ${packages[*]}"
	[[ $(dd if="$image" bs=1 skip=56 count=4 status=none) == ARMd ]] ||
		die "${image##*/} of ${packages[*]} is not a plain arm64 Image"
	mv "$image" "$dir/Image"
}

# copy_modules PACKAGE_DIR TO NAME…: unpacked; what is built in is left out.
copy_modules() {
	local from=$1 to=$2 name file
	shift 2
	mkdir -p "$to"
	for name; do
		file=$(find "$from" -name "$name.ko*" | head -n 1)
		case $file in
		*.ko) cp "$file" "$to/" ;;
		*.xz) xz -dc "$file" >"$to/$name.ko" ;;
		*.zst) zstd -qdc "$file" >"$to/$name.ko" ;;
		esac
	done
}

# An empty system but for a static busybox and the names of its programs.
initrd_tree() {
	local root=$1 name
	mkdir -p "$root"/{bin,dev,proc,sys,tmp,run,etc,root}
	ln -s bin "$root/sbin"
	cp "$HVT_SYSROOT/bin/busybox" "$root/bin/busybox"
	while read -r name; do
		[[ $name == busybox ]] || ln -s busybox "$root/bin/$name"
	done < <(busybox_applets)
	echo 'root:x:0:0:root:/root:/bin/sh' >"$root/etc/passwd"
	echo 'root:x:0:' >"$root/etc/group"
	echo '127.0.0.1 localhost' >"$root/etc/hosts"
}

# The list is in the binary, as names that each end with a NUL, in order; it
# cannot be asked for here, as the binary is arm64's.
busybox_applets() {
	python3 - "$HVT_SYSROOT/bin/busybox" <<-'END'
		import re, sys
		data = open(sys.argv[1], "rb").read()
		names = re.search(rb"\0(\[\0\[\[\0(?:[a-z0-9_.-]+\0)+)", data).group(1)
		print("\n".join(names.decode().split("\0")[:-1]))
	END
}

pack_initrd() {
	(cd "$1" && find . -print0 | sort -z |
		cpio --null --create --quiet --format=newc --owner=0:0) >"$2"
}

# The kernel and the small system that run inside the virtual machines.
need_guest() {
	need_sysroot
	artefact "$HVT_BUILD/guest" "2 $(cksum <"$HVT_LIB/guest_init.sh")" make_guest
}

make_guest() {
	local dir=$1 release
	release=$(kernel_release arm64 bookworm 6.1 cloud-arm64)
	unpack_kernel arm64 bookworm "$release" "$dir/package"
	mv "$dir/package/Image" "$dir/Image"
	initrd_tree "$dir/root"
	install -m 755 "$HVT_LIB/guest_init.sh" "$dir/root/init"
	copy_modules "$dir/package" "$dir/root/modules" virtio virtio_ring \
		virtio_mmio virtio_blk virtio_console failover net_failover virtio_net virtio-rng
	pack_initrd "$dir/root" "$dir/initrd.cpio"
	echo "$release" >"$dir/release"
	rm -rf "$dir/package" "$dir/root"
}

# A newer QEMU than Debian 12's own, for nested virtualization. It is run in
# place by its own dynamic linker, so it need not suit this machine's libraries.
need_qemu10() {
	artefact "$HVT_BUILD/lab/qemu10" "2" make_qemu10
}

make_qemu10() {
	merge_usr "$1"
	unpack_packages "$(dpkg --print-architecture)" bookworm-backports install \
		qemu-system-arm "$1"
	rm -rf "$1"/usr/share/{doc,man,locale}
}

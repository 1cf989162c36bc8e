#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Compiles things against the public headers with every compiler and language
# standard that is promised, for arm64 and x86-64, warnings being errors. One
# line per combination: "ok", "not ok", or "skip" where a compiler is missing.
# Exit status: 0 all ok, 1 something failed, 77 nothing could be tried.
#
# usage: compile_matrix.sh WHAT [SOURCE_DIR]
#
#   alone      each public and each companion header, as the only #include
#   order      the headers before, between and behind those of the C library
#   facts      api_*.c: constants, sizes, offsets, prototypes
#   reference  ../shared/reference/hv_api_check.c, if it is there
#   vmm        vmm_like.c and vmm_like.cc: what VMM sources do with the headers
#   bench      the exit benchmarks by hv_*, of nothing that a Mac has not
#   vector     on arm64, the vector register argument travels in V0
#
# HVT_C_COMPILERS and HVT_CXX_COMPILERS replace the compilers: one command per
# line, options allowed. HVT_TEST_NO_SKIP=1 makes a missing compiler a failure.

set -u

what=${1:?usage: compile_matrix.sh WHAT [SOURCE_DIR]}
here=$(cd "$(dirname "$0")" && pwd)
top=${2:-$(cd "$here/../.." && pwd)}
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT

cpu=$(uname -m)
other=aarch64
[ "$cpu" = aarch64 ] && other=x86_64

c_compilers=${HVT_C_COMPILERS:-"gcc
clang
$other-linux-gnu-gcc
clang --target=$other-linux-gnu"}
cxx_compilers=${HVT_CXX_COMPILERS:-"g++
clang++
$other-linux-gnu-g++
clang++ --target=$other-linux-gnu"}

c_standards="c99 gnu99 c11 gnu11 c17 gnu17"
cxx_standards="c++11 gnu++11 c++17 gnu++17"
strict="-Wall -Wextra -Wpedantic -Werror"
include="-I$top/include -I$top/include/compat"

tried=0
failed=0

report() # STATUS NAME
{
	if [ "$1" -eq 0 ]; then
		echo "ok - $2"
	else
		echo "not ok - $2"
		sed 's/^/#   /' "$work/log" | head -40
		failed=$((failed + 1))
	fi
	tried=$((tried + 1))
}

missing() # COMPILER
{
	if [ "${HVT_TEST_NO_SKIP:-0}" = 1 ]; then
		: >"$work/log"
		report 1 "$1: not installed"
	else
		echo "skip - $1: not installed"
	fi
}

# Whether the compiler exists and finds the C library of its target.
usable() # COMPILER, LANGUAGE
{
	printf '#include <stdio.h>\n#include <pthread.h>\n' |
		$1 -x "$2" -fsyntax-only - >/dev/null 2>&1
}

compile() # NAME, COMPILER and options, files
{
	name=$1
	shift
	"$@" >"$work/log" 2>&1
	report $? "$name"
}

# Runs a function once per usable compiler of a language.
each_compiler() # LANGUAGE, FUNCTION
{
	compilers=$c_compilers
	[ "$1" = c++ ] && compilers=$cxx_compilers
	old_ifs=$IFS
	IFS='
'
	for compiler in $compilers; do
		IFS=$old_ifs
		if usable "$compiler" "$1"; then
			"$2" "$compiler"
		else
			missing "$compiler"
		fi
		IFS='
'
	done
	IFS=$old_ifs
}

# Compiles files in all standards of a language.
each_standard() # COMPILER, LANGUAGE, WHAT, files
{
	compiler=$1
	language=$2
	label=$3
	shift 3
	standards=$c_standards
	[ "$language" = c++ ] && standards=$cxx_standards
	for standard in $standards; do
		compile "$compiler -std=$standard: $label" \
			$compiler -x "$language" -std="$standard" $strict \
			$include -fsyntax-only "$@"
	done
}

headers()
{
	(cd "$top/include" && find Hypervisor -name '*.h' | sort)
	(cd "$top/include/compat" && find . -name '*.h' | sed 's|^\./||' | sort)
}

# alone: twice, so that the guards are tried too.
write_alone()
{
	for header in $(headers); do
		unit=$work/$(echo "$header" | tr / _).unit
		{
			echo "#include <$header>"
			echo "#include <$header>"
			echo "typedef int hvt_not_an_empty_unit;"
		} >"$unit"
	done
}

# The strictest that is promised; facts and vmm go through all between.
alone_c()
{
	c_standards="c99"
	each_standard "$1" c "each header alone" "$work"/*.unit
}

alone_cxx()
{
	cxx_standards="c++11"
	each_standard "$1" c++ "each header alone" "$work"/*.unit
}

# order: ours behind any subset of four headers of the C library and before
# the rest; and all of ours before, and behind, many more of them.
libc="errno.h fcntl.h inttypes.h math.h sched.h stdlib.h string.h sys/ioctl.h
	sys/mman.h sys/stat.h sys/types.h time.h unistd.h linux/kvm.h"

include_all()
{
	for header in "$@"; do
		echo "#include <$header>"
	done
}

write_order()
{
	subset=0
	while [ $subset -lt 16 ]; do
		before=
		behind=
		bit=1
		for header in stdio.h sys/cdefs.h pthread.h signal.h; do
			if [ $((subset & bit)) -ne 0 ]; then
				before="$before $header"
			else
				behind="$behind $header"
			fi
			bit=$((bit * 2))
		done
		include_all $before Hypervisor/Hypervisor.h mach/mach.h \
			$behind >"$work/subset$subset.unit"
		subset=$((subset + 1))
	done
	# shellcheck disable=SC2046 # a list of names without spaces
	include_all $libc $(headers) >"$work/behind.unit"
	# shellcheck disable=SC2046
	include_all $(headers) $libc >"$work/before.unit"
}

order_c()
{
	c_standards="c99"
	each_standard "$1" c "any order of headers" "$work"/*.unit
	c_standards=gnu17
	each_standard "$1" c "any order of headers, GNU names" -D_GNU_SOURCE \
		"$work"/*.unit
}

order_cxx()
{
	cxx_standards="gnu++17" # with GNU names, as always in C++
	each_standard "$1" c++ "any order of headers" "$work"/*.unit
}

facts_c()
{
	each_standard "$1" c "facts" "$here"/api_*.c
}

facts_cxx()
{
	each_standard "$1" c++ "facts" "$here"/api_*.c
}

vmm_c()
{
	each_standard "$1" c "a VMM in C" "$here/vmm_like.c"
}

vmm_cxx()
{
	each_standard "$1" c++ "a VMM in C++" "$here/vmm_like.cc"
}

# bench: what it includes there is on a Mac, and in C alone it has no more to be
# told apart from one.
mac_headers="Hypervisor/Hypervisor.h errno.h getopt.h limits.h math.h pthread.h
	signal.h stdbool.h stddef.h stdint.h stdio.h stdlib.h string.h sys/mman.h
	time.h unistd.h"

bench_sources()
{
	ls "$top"/bench/exit/hv_*.c
	for name in bench exit/bench_exit_hv exit/guest_code exit/mates \
		exit/path; do
		echo "$top/bench/$name.c"
	done
}

bench_includes()
{
	# shellcheck disable=SC2046 # names without spaces
	sed -n 's/^#include <\(.*\)>$/\1/p' $(bench_sources) "$top/bench/bench.h" \
		"$top"/bench/exit/hv_*.h "$top"/bench/exit/guest_code.h \
		"$top"/bench/exit/ma*.h "$top"/bench/exit/me*.h \
		"$top"/bench/exit/path.h |
		sort -u | while read -r header; do
		case " $(echo $mac_headers) " in
		*" $header "*) ;;
		*) echo "<$header>" ;;
		esac
	done >"$work/log"
	[ ! -s "$work/log" ]
	report $? "benchmarks: headers that a Mac has, too"
}

bench_c()
{
	case $($1 -dM -E -x c /dev/null) in
	*__aarch64__*) ;;
	*)
		echo "skip - $1: not for arm64"
		return
		;;
	esac
	for file in $(bench_sources); do
		compile "$1: ${file##*/}" $1 -std=gnu11 -D_DEFAULT_SOURCE \
			-Wall -Wextra -Werror $include -I"$top/bench" \
			-I"$top/bench/exit" -fsyntax-only "$file"
	done
}

# reference: it uses _Static_assert, so C11 and later.
reference_c()
{
	for standard in c11 gnu11 c17; do
		compile "$1 -std=$standard: reference check" \
			$1 -std=$standard $strict $include -fsyntax-only \
			"$reference"
	done
}

# vector: AAPCS64 puts a 16-byte vector argument into V0 and leaves the general
# registers to the others, so the pointer behind it is in X2, and the value of a
# call is loaded into Q0.
vector_c()
{
	case $($1 -dM -E -x c /dev/null) in
	*__aarch64__*) ;;
	*)
		echo "skip - $1: not for arm64"
		return
		;;
	esac
	compile "$1: vector_abi.c" $1 -std=c11 -O1 $strict $include -S \
		-o "$work/vector.s" "$here/vector_abi.c"
	{
		grep -Eq 'str[[:space:]]+q0, \[x2\]' "$work/vector.s" &&
			grep -Eq 'ldr[[:space:]]+q0, \[x0' "$work/vector.s"
	}
	status=$?
	cp "$work/vector.s" "$work/log"
	report $status "$1: the vector argument travels in V0"
}

case $what in
alone)
	write_alone
	each_compiler c alone_c
	each_compiler c++ alone_cxx
	;;
order)
	write_order
	each_compiler c order_c
	each_compiler c++ order_cxx
	;;
facts | vmm)
	each_compiler c "${what}_c"
	each_compiler c++ "${what}_cxx"
	;;
reference)
	reference=$top/../shared/reference/hv_api_check.c
	if [ ! -f "$reference" ]; then
		echo "SKIP: there is no ../shared/reference/hv_api_check.c"
		exit 77
	fi
	each_compiler c reference_c
	;;
bench)
	bench_includes
	each_compiler c bench_c
	;;
vector)
	each_compiler c vector_c
	;;
*)
	echo "compile_matrix.sh: what is '$what'?" >&2
	exit 2
	;;
esac

echo "# $((tried - failed)) of $tried ok"
[ $failed -eq 0 ] || exit 1
[ $tried -gt 0 ] || exit 77

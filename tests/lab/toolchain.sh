#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# cmake/toolchain-arm64.cmake finds the libraries, and what it builds runs.
# shellcheck source-path=SCRIPTDIR source=support.sh
. "$(dirname "$0")/support.sh"

cat >CMakeLists.txt <<'END'
cmake_minimum_required(VERSION 3.25)
project(check C CXX ASM)
find_package(PkgConfig REQUIRED)
pkg_check_modules(LIBS REQUIRED IMPORTED_TARGET libzstd libxxhash criterion lttng-ust)
find_library(FDT fdt REQUIRED)
add_executable(suite suite.c)
target_link_libraries(suite PkgConfig::LIBS ${FDT})
add_executable(cxx cxx.cc)
target_link_libraries(cxx PkgConfig::LIBS ${FDT})
END
cat >suite.c <<'END'
#include <criterion/criterion.h>
#include <libfdt.h>
#include <lttng/tracepoint.h>
#include <xxhash.h>
#include <zstd.h>

Test(libraries, work)
{
	char buf[256];

	cr_assert(ZSTD_compress(buf, sizeof(buf), "x", 1, 1) > 0);
	cr_assert(XXH3_64bits("x", 1));
	cr_assert(!fdt_create(buf, sizeof(buf)));
}
END
cat >cxx.cc <<'END'
#include <iostream>
#include <stdexcept>

int main()
{
	try {
		throw std::runtime_error("caught");
	} catch (const std::exception &e) {
		std::cout << e.what() << std::endl;
	}
}
END
check configures is "$(status cmake -G Ninja -B b --toolchain "$top/cmake/toolchain-arm64.cmake" .)" 0
check builds is "$(status cmake --build b)" 0
check suite_runs is "$(status "$lab" run -- b/suite)" 0
check cxx_runs is "$("$lab" run -- b/cxx)" caught
finish

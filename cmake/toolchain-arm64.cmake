# SPDX-License-Identifier: MIT
# Cross build for arm64 Linux: Debian's cross GCC and the sysroot that
# scripts/setup unpacks. Another sysroot: -DHVT_SYSROOT=DIR, or HVT_SYSROOT in
# the environment.

set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)

if(NOT HVT_SYSROOT)
	if(DEFINED ENV{HVT_SYSROOT})
		set(HVT_SYSROOT "$ENV{HVT_SYSROOT}")
	else()
		set(HVT_SYSROOT "${CMAKE_CURRENT_LIST_DIR}/../build/sysroot-arm64")
	endif()
endif()
get_filename_component(HVT_SYSROOT "${HVT_SYSROOT}" ABSOLUTE)
if(NOT EXISTS "${HVT_SYSROOT}/usr/include/stdio.h")
	message(FATAL_ERROR "no arm64 sysroot at ${HVT_SYSROOT}: run scripts/setup")
endif()
set(HVT_SYSROOT "${HVT_SYSROOT}" CACHE PATH "arm64 headers and libraries")
# try_compile() reads this file anew and must find the same sysroot.
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES HVT_SYSROOT)

set(CMAKE_SYSROOT "${HVT_SYSROOT}")
set(CMAKE_LIBRARY_ARCHITECTURE aarch64-linux-gnu)
set(CMAKE_C_COMPILER aarch64-linux-gnu-gcc)
set(CMAKE_CXX_COMPILER aarch64-linux-gnu-g++)
set(CMAKE_ASM_COMPILER aarch64-linux-gnu-gcc)

set(CMAKE_FIND_ROOT_PATH "${HVT_SYSROOT}")
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)

set(ENV{PKG_CONFIG_SYSROOT_DIR} "${HVT_SYSROOT}")
set(ENV{PKG_CONFIG_LIBDIR}
	"${HVT_SYSROOT}/usr/lib/aarch64-linux-gnu/pkgconfig:${HVT_SYSROOT}/usr/share/pkgconfig")
set(ENV{PKG_CONFIG_PATH} "")

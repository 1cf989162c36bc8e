# SPDX-License-Identifier: MIT
# Debian packages, by cpack -G DEB in the build folder: a package for each
# component of what is installed. dpkg-shlibdeps finds what they need, so they
# are for the machine, and the release, that they are built on.

find_program(DPKG_SHLIBDEPS dpkg-shlibdeps)
mark_as_advanced(DPKG_SHLIBDEPS)
if(CMAKE_CROSSCOMPILING OR NOT DPKG_SHLIBDEPS OR HVT_SANITIZE)
	return()
endif()

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME hvtrace)
set(CPACK_PACKAGE_VENDOR hvtrace)
# As dch(1) has it, of who builds the packages.
set(name "$ENV{DEBFULLNAME}")
set(address "$ENV{DEBEMAIL}")
if(name STREQUAL "")
	set(name "packager of hvtrace")
endif()
if(address STREQUAL "")
	cmake_host_system_information(RESULT host QUERY FQDN)
	set(address root@${host})
endif()
set(CPACK_PACKAGE_CONTACT "${name} <${address}>")
set(CPACK_RESOURCE_FILE_LICENSE ${PROJECT_SOURCE_DIR}/LICENSE)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_COMPONENTS_ALL runtime development tools)
if(TARGET hvtrace_lttng)
	list(APPEND CPACK_COMPONENTS_ALL lttng)
endif()

set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
# Older than Debian's own would be.
set(CPACK_DEBIAN_PACKAGE_RELEASE 0local1)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS ${PROJECT_BINARY_DIR}/src)
set(CPACK_PRE_BUILD_SCRIPTS ${CMAKE_CURRENT_LIST_DIR}/debian_files.cmake)

# hvt_package(COMPONENT NAME SECTION DESCRIPTION DEPENDS): the first line of
# the description is its summary.
macro(hvt_package component name section description depends)
	string(TOUPPER ${component} upper)
	set(CPACK_DEBIAN_${upper}_PACKAGE_NAME ${name})
	set(CPACK_DEBIAN_${upper}_PACKAGE_SECTION ${section})
	set(CPACK_DEBIAN_${upper}_PACKAGE_DEPENDS "${depends}")
	set(CPACK_DEBIAN_${upper}_DESCRIPTION "${description}")
	install(FILES ${PROJECT_SOURCE_DIR}/LICENSE RENAME copyright
		DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/${name}
		COMPONENT ${component} EXCLUDE_FROM_ALL)
endmacro()

set(runtime libhypervisor${PROJECT_VERSION_MAJOR})
set(this_runtime
	"${runtime} (= ${PROJECT_VERSION}-${CPACK_DEBIAN_PACKAGE_RELEASE})")
hvt_package(runtime ${runtime} libs
	"Apple's arm64 Hypervisor API over KVM, with a recorder
VMMs written for the Hypervisor framework of a Mac run on arm64 Linux with
this library. It records the calls that they make, and answers them from a
recording, with no hypervisor, on any machine." "")
set(CPACK_DEBIAN_RUNTIME_PACKAGE_SUGGESTS libhypervisor-lttng)
# What is linked with it needs this package.
file(WRITE ${PROJECT_BINARY_DIR}/shlibs "libhypervisor ${PROJECT_VERSION_MAJOR} "
	"${runtime} (>= ${PROJECT_VERSION})\n")
set(CPACK_DEBIAN_RUNTIME_PACKAGE_CONTROL_EXTRA
	${PROJECT_BINARY_DIR}/shlibs ${CMAKE_CURRENT_LIST_DIR}/debian/triggers)
set(CPACK_DEBIAN_RUNTIME_PACKAGE_CONTROL_STRICT_PERMISSION ON)
install(FILES ${CMAKE_CURRENT_LIST_DIR}/debian/libhypervisor.overrides
	RENAME ${runtime}
	DESTINATION ${CMAKE_INSTALL_DATADIR}/lintian/overrides
	COMPONENT runtime EXCLUDE_FROM_ALL)
hvt_package(lttng libhypervisor-lttng libs
	"LTTng's tracepoints of libhypervisor
Loaded by the library where HVT_LTTNG=1 is in the environment: each call of
the Hypervisor API is an event hvtrace:* of LTTng-UST then."
	"${this_runtime}")
# What the static library is linked with.
set(static_needs "libzstd-dev, libxxhash-dev")
if(HVT_HAS_BPF)
	string(APPEND static_needs ", libbpf-dev")
endif()
hvt_package(development libhypervisor-dev libdevel
	"Apple's arm64 Hypervisor API over KVM: headers
Headers, static library, pkg-config and CMake packages to build VMMs with,
and the C API to read traces by."
	"${this_runtime}, ${static_needs}")
hvt_package(tools hvtrace devel
	"recorder and replayer of what a VMM asks of its hypervisor
The command hvtrace records any VMM that is linked with libhypervisor, runs
it or its guest again from the trace, and counts, shows, compares and exports
what is in one. With hvrun, a small VMM that boots Linux and flat images."
	"${this_runtime}")
set(CPACK_DEBIAN_TOOLS_PACKAGE_RECOMMENDS libhypervisor-lttng)
if(HVT_DISASSEMBLER_PACKAGE)
	string(APPEND CPACK_DEBIAN_TOOLS_PACKAGE_RECOMMENDS
		", ${HVT_DISASSEMBLER_PACKAGE}")
endif()
include(CPack)

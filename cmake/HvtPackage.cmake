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
set(CPACK_PACKAGE_CONTACT "the authors of hvtrace")
set(CPACK_RESOURCE_FILE_LICENSE ${PROJECT_SOURCE_DIR}/LICENSE)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_COMPONENTS_ALL runtime development tools)
if(TARGET hvtrace_lttng)
	list(APPEND CPACK_COMPONENTS_ALL lttng)
endif()

set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS ${PROJECT_BINARY_DIR}/src)
set(CPACK_DEBIAN_RUNTIME_PACKAGE_GENERATE_SHLIBS ON)

# hvt_package(COMPONENT NAME SECTION SUMMARY DEPENDS)
macro(hvt_package component name section summary depends)
	string(TOUPPER ${component} upper)
	set(CPACK_DEBIAN_${upper}_PACKAGE_NAME ${name})
	set(CPACK_DEBIAN_${upper}_PACKAGE_SECTION ${section})
	set(CPACK_DEBIAN_${upper}_PACKAGE_DEPENDS "${depends}")
	set(CPACK_COMPONENT_${upper}_DESCRIPTION "${summary}")
	install(FILES ${PROJECT_SOURCE_DIR}/LICENSE RENAME copyright
		DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/${name}
		COMPONENT ${component} EXCLUDE_FROM_ALL)
endmacro()

set(runtime libhypervisor${PROJECT_VERSION_MAJOR})
set(this_runtime "${runtime} (= ${PROJECT_VERSION})")
hvt_package(runtime ${runtime} libs
	"Apple's arm64 Hypervisor API over KVM, with a recorder" "")
set(CPACK_DEBIAN_RUNTIME_PACKAGE_SUGGESTS libhypervisor-lttng)
hvt_package(lttng libhypervisor-lttng libs
	"LTTng's tracepoints of libhypervisor" "${this_runtime}")
# What the static library is linked with.
set(static_needs "libzstd-dev, libxxhash-dev")
if(HVT_HAS_BPF)
	string(APPEND static_needs ", libbpf-dev")
endif()
hvt_package(development libhypervisor-dev libdevel
	"Apple's arm64 Hypervisor API over KVM: headers"
	"${this_runtime}, ${static_needs}")
hvt_package(tools hvtrace devel
	"records, replays and looks at what a VMM asks of its hypervisor"
	"${this_runtime}")
set(CPACK_DEBIAN_TOOLS_PACKAGE_RECOMMENDS libhypervisor-lttng)
include(CPack)

# SPDX-License-Identifier: MIT
# What cmake --install puts where. Nothing in it names the prefix, so that the
# tree may be moved, or be part of a sysroot.
#
#	include/hypervisor        <Hypervisor/*.h>, <hvtrace/hvtrace.h>
#	include/hypervisor/compat what Mac sources include beside them
#	lib                       libhypervisor.so, libhypervisor.a
#	lib/hypervisor            what is loaded by name: libhvtrace-inputs.so and,
#	                          where there is LTTng-UST, libhvtrace-lttng.so
#	lib/pkgconfig             hypervisor
#	lib/cmake/Hypervisor      Hypervisor::Hypervisor, Hypervisor::Static
#	bin                       hvtrace, hvrun; on arm64 hvtrace-bpf-helper
#	share                     man pages, completion for bash and zsh
#
# Components, which HvtPackage.cmake makes packages of: runtime, lttng,
# development, tools.

include(CMakePackageConfigHelpers)

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/Hypervisor)
set(pc_dir ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
set(header_dir ${CMAKE_INSTALL_INCLUDEDIR}/hypervisor)

install(DIRECTORY include/Hypervisor include/hvtrace include/compat
	DESTINATION ${header_dir} COMPONENT development
	FILES_MATCHING PATTERN "*.h")

# The static library is a set of its own: it needs what the shared one has
# been linked with, which those who want the shared one need not have.
set_target_properties(hvt_headers PROPERTIES EXPORT_NAME Headers)
set_target_properties(hypervisor PROPERTIES EXPORT_NAME Hypervisor)
set_target_properties(hypervisor_static PROPERTIES EXPORT_NAME Static)
install(TARGETS hypervisor hvt_headers EXPORT HypervisorTargets
	COMPONENT runtime
	LIBRARY NAMELINK_COMPONENT development)
if(TARGET hvtrace_inputs)
	install(TARGETS hvtrace_inputs
		DESTINATION ${CMAKE_INSTALL_LIBDIR}/hypervisor
		COMPONENT runtime)
endif()
if(TARGET hvtrace_lttng)
	install(TARGETS hvtrace_lttng
		DESTINATION ${CMAKE_INSTALL_LIBDIR}/hypervisor
		COMPONENT lttng)
endif()
install(TARGETS hypervisor_static EXPORT HypervisorStaticTargets
	COMPONENT development)
foreach(set HypervisorTargets HypervisorStaticTargets)
	install(EXPORT ${set} NAMESPACE Hypervisor:: DESTINATION ${package_dir}
		COMPONENT development)
endforeach()

file(RELATIVE_PATH lib_from_bin
	${CMAKE_INSTALL_FULL_BINDIR} ${CMAKE_INSTALL_FULL_LIBDIR})
set_target_properties(hvtrace hvrun PROPERTIES
	INSTALL_RPATH "$ORIGIN/${lib_from_bin}")
install(TARGETS hvtrace hvrun COMPONENT tools)
foreach(section 1 3 5)
	set(component tools)
	if(section EQUAL 3)
		set(component development)
	endif()
	install(DIRECTORY docs/man/ DESTINATION ${CMAKE_INSTALL_MANDIR}/man${section}
		COMPONENT ${component}
		FILES_MATCHING PATTERN "*.${section}")
endforeach()
set(completion ${PROJECT_SOURCE_DIR}/tools/hvtrace/completion)
install(FILES ${completion}/hvtrace.bash RENAME hvtrace
	DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions
	COMPONENT tools)
# Debian's zsh looks for those of packages in a folder of their own.
set(zsh_folder site-functions)
if(EXISTS /etc/debian_version AND CMAKE_INSTALL_PREFIX STREQUAL "/usr")
	set(zsh_folder vendor-completions)
endif()
install(FILES ${completion}/_hvtrace
	DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/${zsh_folder}
	COMPONENT tools)
set(HVT_HAS_BPF OFF)
if(TARGET hvt_bpf)
	set(HVT_HAS_BPF ON)
	install(TARGETS hvtrace-bpf-helper COMPONENT tools)
endif()

configure_package_config_file(
	${CMAKE_CURRENT_LIST_DIR}/HypervisorConfig.cmake.in
	${PROJECT_BINARY_DIR}/HypervisorConfig.cmake
	INSTALL_DESTINATION ${package_dir}
	NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file(
	${PROJECT_BINARY_DIR}/HypervisorConfigVersion.cmake
	COMPATIBILITY SameMajorVersion)
install(FILES
	${PROJECT_BINARY_DIR}/HypervisorConfig.cmake
	${PROJECT_BINARY_DIR}/HypervisorConfigVersion.cmake
	DESTINATION ${package_dir} COMPONENT development)

file(RELATIVE_PATH prefix_from_pc
	${CMAKE_INSTALL_PREFIX}/${pc_dir} ${CMAKE_INSTALL_PREFIX})
string(REGEX REPLACE "/$" "" prefix_from_pc ${prefix_from_pc})
set(pc_bpf "")
if(TARGET hvt_bpf)
	set(pc_bpf " libbpf")
endif()
configure_file(${CMAKE_CURRENT_LIST_DIR}/hypervisor.pc.in
	${PROJECT_BINARY_DIR}/hypervisor.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/hypervisor.pc DESTINATION ${pc_dir}
	COMPONENT development)

# SPDX-License-Identifier: MIT
# hvt_check_version_script(MAP): stops the build if the newest version of the
# ABI that MAP declares is not the project's MAJOR.MINOR. Symbols that a
# release adds belong under that release's name.
function(hvt_check_version_script map)
	set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${map})
	file(STRINGS ${map} blocks REGEX "^HVT_[0-9.]+ {$")
	list(TRANSFORM blocks REPLACE "^HVT_([0-9.]+) {$" "\\1")
	list(SORT blocks COMPARE NATURAL)
	list(POP_BACK blocks newest)
	set(version ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})
	if(NOT newest STREQUAL version)
		message(FATAL_ERROR
			"${map}: the newest version is HVT_${newest}, that of the project ${version}")
	endif()
endfunction()

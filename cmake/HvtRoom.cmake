# SPDX-License-Identifier: MIT
# hvt_room(NAME SOURCES file... [CALLS room...] [LIBRARIES target...])
#
# A room is an OBJECT library whose only public include folder is its own. It
# sees another room's headers only if it lists that room under CALLS: so this
# file's callers are the architecture, and the compiler enforces it.
function(hvt_room name)
	cmake_parse_arguments(ROOM "" "" "SOURCES;CALLS;LIBRARIES" ${ARGN})
	add_library(hvt_${name} OBJECT ${ROOM_SOURCES})
	target_include_directories(hvt_${name} INTERFACE
		${CMAKE_CURRENT_SOURCE_DIR}
		$<$<STREQUAL:${name},trace>:${HVT_GENERATED}/trace>)
	target_include_directories(hvt_${name} PRIVATE
		${CMAKE_CURRENT_SOURCE_DIR} ${HVT_GENERATED}/${name})
	set_target_properties(hvt_${name} PROPERTIES
		C_VISIBILITY_PRESET hidden
		POSITION_INDEPENDENT_CODE ON)
	target_link_libraries(hvt_${name} PRIVATE hvt_headers hvt_warnings
		${ROOM_LIBRARIES})
	foreach(room IN LISTS ROOM_CALLS)
		target_link_libraries(hvt_${name} PRIVATE hvt_${room})
	endforeach()
endfunction()

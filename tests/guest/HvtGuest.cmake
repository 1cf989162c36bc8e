# SPDX-License-Identifier: MIT
# hvt_add_guest(NAME): assembles NAME.S in the current folder to NAME.bin in the
# build folder, a flat image for `hvrun --flat`. Uses the arm64 cross tools, or
# clang and llvm-objcopy; the images come out the same.

find_program(HVT_GUEST_CC NAMES aarch64-linux-gnu-gcc clang)
find_program(HVT_GUEST_OBJCOPY NAMES aarch64-linux-gnu-objcopy llvm-objcopy)

function(hvt_add_guest name)
	set(source ${CMAKE_CURRENT_SOURCE_DIR}/${name}.S)
	set(object ${CMAKE_CURRENT_BINARY_DIR}/${name}.guest.o)
	set(image ${CMAKE_CURRENT_BINARY_DIR}/${name}.bin)
	set(target_flag)
	if(HVT_GUEST_CC MATCHES "clang")
		set(target_flag --target=aarch64-none-elf)
	endif()
	add_custom_command(
		OUTPUT ${image}
		COMMAND ${HVT_GUEST_CC} ${target_flag} -c -nostdlib
			-I ${CMAKE_CURRENT_SOURCE_DIR} -o ${object} ${source}
		COMMAND ${HVT_GUEST_OBJCOPY} -O binary -j .text
			${object} ${image}
		DEPENDS ${source} ${CMAKE_CURRENT_SOURCE_DIR}/guest.inc
		COMMENT "Assembling guest ${name}"
		VERBATIM)
	set_property(GLOBAL APPEND PROPERTY HVT_GUEST_IMAGES ${image})
endfunction()

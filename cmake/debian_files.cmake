# SPDX-License-Identifier: MIT
# Run by cpack before it packs: what Debian wants to be in packages otherwise
# than cmake installs it. Pages of the manual are compressed, and each package has
# CHANGELOG.md, and a changelog of Debian's that tells who has built it, and when.

file(GLOB_RECURSE pages ${CPACK_TEMPORARY_DIRECTORY}/*.[1-9])
list(FILTER pages INCLUDE REGEX "/share/man/")
if(pages) # gzip reads its input where no file is named
	execute_process(COMMAND gzip -9nf ${pages} COMMAND_ERROR_IS_FATAL ANY)
endif()

set(version ${CPACK_PACKAGE_VERSION}-${CPACK_DEBIAN_PACKAGE_RELEASE})
string(TIMESTAMP now "%a, %d %b %Y %H:%M:%S +0000" UTC)
file(GLOB copyrights ${CPACK_TEMPORARY_DIRECTORY}/*/usr/share/doc/*/copyright)
foreach(copyright IN LISTS copyrights)
	get_filename_component(folder ${copyright} DIRECTORY)
	configure_file(${CMAKE_CURRENT_LIST_DIR}/../CHANGELOG.md
		${folder}/changelog COPYONLY)
	file(WRITE ${folder}/changelog.Debian
		"hvtrace (${version}) unstable; urgency=medium\n\n"
		"  * Built by cpack; changelog.gz tells what is new.\n\n"
		" -- ${CPACK_PACKAGE_CONTACT}  ${now}\n")
	execute_process(
		COMMAND gzip -9nf ${folder}/changelog ${folder}/changelog.Debian
		COMMAND_ERROR_IS_FATAL ANY)
endforeach()

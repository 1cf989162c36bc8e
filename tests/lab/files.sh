#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Folders of this machine are in the lab, at the same paths and writable.
# shellcheck source-path=SCRIPTDIR source=support.sh
. "$(dirname "$0")/support.sh"

check runs_in_the_current_folder is "$("$lab" run -- pwd)" "$PWD"
other=$(mktemp -d)
mkdir "$other/with space, comma"
trap 'rm -rf "$scratch" "$other"' EXIT
echo seen >"$other/with space, comma/file"
check share_is_visible is \
	"$("$lab" run --share "$other/with space, comma" -- cat "$other/with space, comma/file")" seen
check current_folder_outside_is_visible is \
	"$(cd "$other" && "$lab" run -- sh -c 'echo written >new; pwd')" "$other"
check current_folder_outside_is_writable is "$(cat "$other/new")" written
check tmp_is_the_labs_own is "$("$lab" run -- sh -c 'echo x >/tmp/hvt-x && cat /tmp/hvt-x'; ls /tmp/hvt-x 2>/dev/null)" x
# shellcheck disable=SC2016 # for the shell in the lab
check passes_variables is \
	"$(HVT_SOME=1 "$lab" run --env 'A=b c' -- sh -c 'echo "$A,$HVT_SOME,$HVT_IN_LAB"')" 'b c,1,6.12'
check arguments_are_exact is "$("$lab" run -- printf '%s|' 'a b' '' $'x\ny' '*')" $'a b||x\ny|*|'

cat >mapped.c <<'END'
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Stores through a shared mapping; read() and another mapping must agree. */
int main(void)
{
	const size_t size = 8 << 20;
	char back[6] = "";
	int fd = open("mapped", O_RDWR | O_CREAT | O_TRUNC, 0644);
	int again;
	char *p, *q;

	if (fd < 0 || ftruncate(fd, size))
		return 1;
	p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (p == MAP_FAILED)
		return 2;
	for (size_t i = 0; i < size; i += 4096)
		memcpy(p + i, "store", 5);
	again = open("mapped", O_RDONLY);
	if (pread(again, back, 5, size - 4096) != 5 || strcmp(back, "store"))
		return 3;
	q = mmap(NULL, size, PROT_READ, MAP_SHARED, again, 0);
	if (q == MAP_FAILED || memcmp(p, q, size))
		return 4;
	_exit(0); /* without unmapping or msync */
}
END
compile mapped.bin mapped.c
check shared_mappings_work is "$(status "$lab" run -- ./mapped.bin)" 0
check shared_mappings_reach_the_file is "$(grep -ao store mapped | wc -l)" 2048

"$lab" run -- dd if=/dev/urandom of=big bs=1M count=300 2>/dev/null
check large_files_are_complete is "$(stat -c %s big)" 314572800
check large_files_are_intact is "$("$lab" run -- md5sum <big)" "$(md5sum <big)"
finish

/* SPDX-License-Identifier: MIT */
#include "read_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define FIRST_ROOM 65536u

static int read_all(FILE *in, uint64_t max, char **bytes, size_t *size)
{
	size_t room = FIRST_ROOM, used = 0, n;
	char *p = malloc(room + 1);

	while (p && (n = fread(p + used, 1, room - used, in)) > 0) {
		char *more = p;

		used += n;
		if (used > max) {
			free(p);
			return -EFBIG;
		}
		if (used == room)
			more = realloc(p, (room *= 2) + 1);
		if (!more)
			free(p);
		p = more;
	}
	if (!p)
		return -ENOMEM;
	if (ferror(in)) {
		free(p);
		return errno ? -errno : -EIO;
	}
	p[used] = 0;
	*bytes = p;
	*size = used;
	return 0;
}

int read_file(const char *path, uint64_t max, char **bytes, size_t *size)
{
	FILE *in = fopen(path, "re");
	int err;

	if (!in)
		return -errno;
	errno = 0;
	err = read_all(in, max, bytes, size);
	fclose(in);
	return err;
}

/* SPDX-License-Identifier: MIT */
#include "files.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static void need(int ok, const char *what)
{
	if (ok)
		return;
	perror(what);
	abort();
}

struct temp_file temp_file_create(void)
{
	struct temp_file f = { "hvt-test-XXXXXX" };
	int fd = mkstemp(f.path);

	need(fd >= 0, "mkstemp");
	close(fd);
	return f;
}

void temp_file_remove(const struct temp_file *f)
{
	char wal[48];

	unlink(f->path);
	snprintf(wal, sizeof(wal), "%s.wal", f->path);
	unlink(wal);
}

size_t file_size(const char *path)
{
	struct stat st;

	need(!stat(path, &st), path);
	return (size_t)st.st_size;
}

uint8_t *file_read(const char *path, size_t *size)
{
	FILE *f = fopen(path, "rb");
	uint8_t *p;
	long end = -1;

	need(f && !fseek(f, 0, SEEK_END) && (end = ftell(f)) >= 0, path);
	rewind(f);
	p = malloc((size_t)end + 1);
	need(p && fread(p, 1, (size_t)end, f) == (size_t)end, path);
	fclose(f);
	*size = (size_t)end;
	return p;
}

void file_write(const char *path, const void *bytes, size_t size)
{
	FILE *f;

	/* Emptying a file that is there costs some file systems a write. */
	unlink(path);
	f = fopen(path, "wb");
	need(f && (!size || fwrite(bytes, 1, size, f) == size), path);
	need(!fclose(f), path);
}

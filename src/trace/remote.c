/* SPDX-License-Identifier: MIT */
/*
 * By the name of the file system, as the kernel lists it with the mounts
 * (proc(5), /proc/PID/mountinfo). Not by statfs(2): 9p answers that with the
 * type the server's disk has.
 */
#include "remote.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_remote_type(const char *type)
{
	static const char *const types[] = { "9p", "nfs", "nfs4", "cifs",
		"smb3", "ceph", "afs", "virtiofs", "fuse" };

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (!strcmp(type, types[i]))
			return true;
	return !strncmp(type, "fuse.", 5);
}

bool hvt_mount_is_remote(char *mountinfo, int mount)
{
	char *rest, *line;

	for (line = strtok_r(mountinfo, "\n", &rest); line;
			line = strtok_r(NULL, "\n", &rest)) {
		/* Optional fields, as many as there are, end with a dash. */
		char *type = strstr(line, " - ");

		if (atoi(line) != mount || !type)
			continue;
		type += 3;
		type[strcspn(type, " ")] = 0;
		return is_remote_type(type);
	}
	return false;
}

/* A file of /proc, whole; to be freed. */
static char *read_all(const char *path)
{
	char *text = NULL;
	size_t capacity = 0;
	FILE *f = fopen(path, "re");

	if (!f)
		return NULL;
	/* Up to a NUL, of which there is none. */
	if (getdelim(&text, &capacity, 0, f) < 0) {
		free(text);
		text = NULL;
	}
	fclose(f);
	return text;
}

bool hvt_is_remote(int fd)
{
	char path[64], *info, *mounts, *id;
	bool remote = false;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	info = read_all(path);
	mounts = read_all("/proc/self/mountinfo");
	id = info ? strstr(info, "mnt_id:") : NULL;
	if (id && mounts)
		remote = hvt_mount_is_remote(mounts, atoi(id + 7));
	free(mounts);
	free(info);
	return remote;
}

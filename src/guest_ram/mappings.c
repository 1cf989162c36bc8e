/* SPDX-License-Identifier: MIT */
#include "mappings.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

static int prot_of(const char *perms)
{
	return (perms[0] == 'r' ? PROT_READ : 0) |
			(perms[1] == 'w' ? PROT_WRITE : 0) |
			(perms[2] == 'x' ? PROT_EXEC : 0);
}

/* Names of memory without a file; a stack grows by itself, and stays. */
static enum hvt_mapping_kind kind_of(const struct hvt_mapping *m,
		const char *perms, const char *name)
{
	if (m->inode)
		return perms[3] == 's' ? HVT_MAPPING_SHARED
				       : HVT_MAPPING_OTHER;
	return perms[3] == 'p' && (!*name || !strcmp(name, "[heap]") ||
					!strncmp(name, "[anon:", 6))
			? HVT_MAPPING_PRIVATE
			: HVT_MAPPING_OTHER;
}

/* One line; false: there is no mapping in it. */
static bool parse(const char *line, struct hvt_mapping *m)
{
	uint64_t start, end;
	char perms[8];
	int name = 0;

	if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %4s %" SCNx64 " %x:%x "
				"%" SCNu64 " %n", &start, &end, perms,
			    &m->offset, &m->major, &m->minor, &m->inode,
			    &name) != 7 || strlen(perms) != 4)
		return false;
	m->whole = m->start = (uint8_t *)(uintptr_t)start;
	m->whole_end = m->end = (uint8_t *)(uintptr_t)end;
	m->prot = prot_of(perms);
	m->kind = kind_of(m, perms, name ? line + name : "");
	return true;
}

static int add(struct hvt_mapping_list *list, const struct hvt_mapping *m)
{
	struct hvt_mapping *more = realloc(
			list->at, (list->count + 1) * sizeof(*more));

	if (!more)
		return -ENOMEM;
	list->at = more;
	list->at[list->count++] = *m;
	return 0;
}

/* What of m is in [*from, end) is added, and *from moved on. */
static int take(struct hvt_mapping_list *list, struct hvt_mapping *m,
		uint8_t **from, uint8_t *end)
{
	if (m->end <= *from || m->start >= end)
		return 0;
	if (m->start > *from)
		return -EFAULT;
	m->offset += (uint64_t)(*from - m->start);
	m->start = *from;
	if (m->end > end)
		m->end = end;
	*from = m->end;
	return add(list, m);
}

int hvt_mappings_find(struct hvt_mapping_list *list, uint8_t *addr, size_t size)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	uint8_t *from = addr, *end = addr + size;
	struct hvt_mapping m;
	char *line = NULL;
	size_t capacity = 0;
	ssize_t n;
	int err = 0;

	*list = (struct hvt_mapping_list){ 0 };
	if (!maps)
		return -errno;
	while (!err && from < end && (n = getline(&line, &capacity, maps)) > 0) {
		line[n - 1] = 0;
		if (parse(line, &m))
			err = take(list, &m, &from, end);
	}
	free(line);
	fclose(maps);
	if (!err && from < end)
		err = -EFAULT;
	if (err)
		hvt_mappings_fini(list);
	return err;
}

void hvt_mappings_fini(struct hvt_mapping_list *list)
{
	free(list->at);
	*list = (struct hvt_mapping_list){ 0 };
}

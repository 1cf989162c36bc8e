/* SPDX-License-Identifier: MIT */
/*
 * Giving pages of the VMM a second mapping. Neither is anything the VMM could
 * notice: the same address, contents and protection, and other threads may go
 * on reading and writing there all the time.
 */
#ifndef HVT_RAM_REHOME_H
#define HVT_RAM_REHOME_H

#include "mappings.h"

struct hvt_two_views {
	uint8_t *view; /* the second mapping, to read and write */
	int fd;	       /* the file behind both, to ask what of it is there */
	uint64_t offset;
};

/* Private memory moves to a file of its own; -EBUSY: someone else's is there. */
int hvt_rehome(const struct hvt_mapping *m, struct hvt_two_views *two);

/* Shared memory of tmpfs stays; -EOPNOTSUPP: it is of another file system. */
int hvt_second_view(const struct hvt_mapping *m, struct hvt_two_views *two);

#endif

/* SPDX-License-Identifier: MIT */
/* What the process has mapped where, from /proc/self/maps. */
#ifndef HVT_RAM_MAPPINGS_H
#define HVT_RAM_MAPPINGS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum hvt_mapping_kind {
	HVT_MAPPING_PRIVATE, /* anonymous, of nobody else */
	HVT_MAPPING_SHARED,  /* of a file */
	HVT_MAPPING_OTHER,
};

struct hvt_mapping {
	uint8_t *start, *end; /* in the range that was asked for */
	uint8_t *whole, *whole_end; /* all of it */
	int prot;
	enum hvt_mapping_kind kind;
	uint64_t offset; /* in the file, of start */
	uint64_t inode;
	unsigned major, minor; /* of the device of the file */
};

struct hvt_mapping_list {
	struct hvt_mapping *at;
	size_t count;
};

/*
 * Those in [addr, addr + size), by address. -EFAULT: there is a hole in it;
 * -ENOMEM; -errno of reading.
 */
int hvt_mappings_find(struct hvt_mapping_list *list, uint8_t *addr, size_t size);
void hvt_mappings_fini(struct hvt_mapping_list *list);

#endif

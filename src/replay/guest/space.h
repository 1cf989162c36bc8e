/* SPDX-License-Identifier: MIT */
/*
 * The memory of a VMM that is not there: what it gave to its guest is at other
 * addresses here, but as far apart as it was. So what was one piece for
 * hv_vm_map is one, and what was mapped twice is the same memory twice.
 */
#ifndef HVT_GUEST_SPACE_H
#define HVT_GUEST_SPACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The recorded address space is reserved by windows of so many bytes. */
#define HVT_WINDOW_BITS 40u

struct hvt_space {
	struct hvt_space_window {
		uint64_t number; /* of the recorded address, above its bits */
		uint8_t *base;
	} *windows;
	size_t window_count;
	struct hvt_space_piece {
		uint64_t addr, size; /* as recorded: memory is here */
	} *pieces; /* each is one here, too; where two touch they are not */
	size_t piece_count;
	size_t page_size;
};

/* page_size: of the recording; the host's must not be larger. -EINVAL. */
int hvt_space_init(struct hvt_space *s, size_t page_size);
void hvt_space_fini(struct hvt_space *s);

/*
 * Has zeroed memory where there is none yet. -EBADMSG: no range of pages of an
 * address space; -ENOMEM: nor is there room for it.
 */
int hvt_space_add(struct hvt_space *s, uint64_t addr, uint64_t size);

/* Where size bytes at addr are now; NULL: not all of them are memory. */
uint8_t *hvt_space_find(const struct hvt_space *s, uint64_t addr, uint64_t size);

#endif

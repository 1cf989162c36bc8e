/* SPDX-License-Identifier: MIT */
/*
 * Homes: stretches of the VMM's memory that have two mappings, by address. All
 * under the lock of the room.
 */
#ifndef HVT_RAM_HOMES_H
#define HVT_RAM_HOMES_H

#include <sys/types.h>

#include "guest_ram.h"

struct hvt_home {
	uint8_t *host; /* the VMM's mapping */
	uint8_t *view; /* ours, and the guest's */
	uint8_t *told; /* what has been told of it; NULL: that is not kept */
	size_t size;
	int fd; /* the file of both, shared with parts of what was one home */
	dev_t device; /* of that file, where told is kept */
	ino_t inode;
	uint64_t offset;
	int prot; /* of the VMM's */
	enum hvt_ram_kind kind;
	unsigned mapped; /* times that the guest has it: all of it */
	bool followed; /* or all is the VMM's still, until a vCPU runs */
	bool rehomed; /* whatever has become of it since */
	/*
	 * The guest has it no more. Memory that was rehomed stays where it is,
	 * for moving it back and forth is dear, and remains a home: so it is
	 * known to be private, is zeros when it is given up, and may be the
	 * guest's again.
	 */
	bool idle;
};

static inline uint8_t *hvt_home_end(const struct hvt_home *h)
{
	return h->host + h->size;
}

/* The home that holds addr, or else the next one behind it; NULL: none. */
struct hvt_home *hvt_home_from(const uint8_t *addr);

/* The one that holds addr, or NULL. */
struct hvt_home *hvt_home_at(const uint8_t *addr);

/* The VMM's address of what guests have at view; NULL: it is no view. */
uint8_t *hvt_home_host(const uint8_t *view);

/* False: certainly not. Without the lock. */
bool hvt_homes_may_hold(const void *addr, size_t size);

/* The i-th, or NULL. */
struct hvt_home *hvt_home_nth(size_t i);

/* -ENOMEM. What it holds is the table's from then on. */
int hvt_home_add(const struct hvt_home *home);

/* Where a home lies across at, it becomes two. -ENOMEM. */
int hvt_home_split(uint8_t *at);

/*
 * Takes [start, end) of it out of a home, which then may be there no more: the
 * memory is no business of ours, and the guest loses it. -ENOMEM: it is done
 * all the same, but what lies behind it in that home is forgotten, too.
 */
int hvt_home_cut(struct hvt_home *h, uint8_t *start, uint8_t *end);

/* Forgets it; its view is no more. */
void hvt_home_remove(struct hvt_home *h);

#endif

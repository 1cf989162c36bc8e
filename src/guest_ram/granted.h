/* SPDX-License-Identifier: MIT */
/* The pages that the VMM has been granted in its turn, as they were then. */
#ifndef HVT_RAM_GRANTED_H
#define HVT_RAM_GRANTED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct hvt_granted {
	uint8_t *addr;   /* NULL: it is the VMM's alone by now */
	uint8_t *before; /* NULL: zeros */
};

/* The page at addr, if it is among them. */
struct hvt_granted *hvt_granted_find(const uint8_t *addr);

/* A page that is not; before is the list's from then on. -ENOMEM. */
int hvt_granted_add(uint8_t *addr, uint8_t *before);

size_t hvt_granted_count(void);

/* In order of their addresses; nothing is to be found from here to clear(). */
struct hvt_granted *hvt_granted_sort(void);

void hvt_granted_clear(void);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * What the ram room tells, put together to what the VMM's memory must hold; and
 * vCPUs that are threads, which it can take out of their guest.
 */
#ifndef HVT_TEST_RAM_MODEL_H
#define HVT_TEST_RAM_MODEL_H

#include "guest_ram.h"

struct ram_told {
	unsigned touched, changed, ended, taken;
	unsigned rehomed, shared, untracked, gone;
	/* Changes whose contents before were not what the model had. */
	unsigned surprises;
};

extern struct ram_told ram_told;

/*
 * Memory of the VMM at host; all of it is zeros so far as is told. The model
 * is as large, and is read while no turn is the VMM's.
 */
void ram_model_init(uint8_t *host, size_t size);
uint8_t *ram_model(void);

extern const struct hvt_ram_ops ram_model_ops;

/* Memory of the VMM's, of so many pages; aborts if there is none. */
uint8_t *ram_map_private(size_t pages);

/* Of so many pages, how many have the VMM mapped? See proc(5), of pagemap. */
size_t ram_count_mapped(const uint8_t *addr, size_t pages);

/* A vCPU thread around each stretch of its guest that must not be broken. */
void ram_guest_enter(void);
void ram_guest_leave(void);

#endif

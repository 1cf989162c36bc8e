/* SPDX-License-Identifier: MIT */
#include "memory_slots.h"

#include <errno.h>
#include <stdlib.h>

#include "memory_log.h"
#include "vm.h"

/* Numbers not in use, as a stack; NULL before the VM's first region. */
static uint32_t *numbers;
static uint32_t count, limit;

int hvt_slots_init(void)
{
	if (numbers)
		return 0;
	limit = hvt_engine->slot_limit();
	numbers = malloc((limit + 1) * sizeof(*numbers));
	if (!numbers)
		return -ENOMEM;
	for (count = 0; count < limit; count++)
		numbers[count] = limit - 1 - count;
	return 0;
}

void hvt_slots_reset(void)
{
	free(numbers);
	numbers = NULL;
	count = limit = 0;
}

uint32_t hvt_slots_limit(void)
{
	return limit;
}

uint32_t hvt_slots_free(void)
{
	return count;
}

/* Stage 2 can withhold WRITE; memory that cannot be read is not there. */
bool hvt_slot_is_due(hv_memory_flags_t flags)
{
	return flags & HV_MEMORY_READ;
}

int hvt_slot_attach(struct hvt_region *r)
{
	int err;

	if (!hvt_slot_is_due(r->flags))
		return 0;
	if (!count)
		return -ENOSPC;
	err = hvt_memory_log_set_slot(r, numbers[count - 1]);
	if (!err)
		r->slot = numbers[--count];
	return err;
}

int hvt_slot_detach(struct hvt_region *r)
{
	int err;

	if (r->slot == HVT_NO_SLOT)
		return 0;
	err = hvt_memory_log_clear_slot(r);
	if (err)
		return err;
	numbers[count++] = r->slot;
	r->slot = HVT_NO_SLOT;
	return 0;
}

/* SPDX-License-Identifier: MIT */
/* Taking rings, and giving them up. */
#include "rings.h"

#include <errno.h>

void hvt_rings_init(struct hvt_rings *rings, struct hvt_wal *wal)
{
	rings->wal = wal;
	pthread_mutex_init(&rings->lock, NULL);
}

void hvt_rings_fini(struct hvt_rings *rings)
{
	pthread_mutex_destroy(&rings->lock);
}

/* What was in it is in segments, and nobody adds to it. */
static bool is_free(struct hvt_ring_header *h)
{
	uint32_t state = atomic_load(&h->state);

	return (state == HVT_RING_LEFT || state == HVT_RING_FULL) &&
			atomic_load(&h->head) == atomic_load(&h->tail);
}

bool hvt_rings_take(struct hvt_rings *rings, struct hvt_ring *ring)
{
	for (size_t i = 0; i < rings->count; i++) {
		if (!is_free(rings->all[i].header))
			continue;
		*ring = rings->all[i];
		atomic_store(&ring->header->state, HVT_RING_USED);
		return true;
	}
	return false;
}

bool hvt_rings_is_one_left(const struct hvt_rings *rings)
{
	for (size_t i = 0; i < rings->count; i++)
		if (atomic_load(&rings->all[i].header->state) == HVT_RING_LEFT)
			return true;
	return false;
}

int hvt_rings_add(struct hvt_rings *rings, struct hvt_ring *ring)
{
	int err = hvt_wal_add_ring(rings->wal, ring);

	if (err)
		return err;
	rings->all[rings->count++] = *ring;
	atomic_store(&ring->header->state, HVT_RING_USED);
	return 0;
}

int hvt_rings_change(struct hvt_rings *rings, struct hvt_ring *ring)
{
	struct hvt_ring_header *full = ring->header;
	int err;

	if (!hvt_rings_take(rings, ring)) {
		if (rings->spare == HVT_RINGS_SPARE)
			return -EAGAIN;
		err = hvt_rings_add(rings, ring);
		if (err)
			return err;
		rings->spare++;
	}
	ring->header->thread = full->thread;
	atomic_store(&full->state, HVT_RING_FULL);
	return 0;
}

/* SPDX-License-Identifier: MIT */
/* What was merged goes into segments, and its room is given back. */
#include "drain.h"

#include <errno.h>

static int add(void *context, const struct hvt_event *event)
{
	struct hvt_drain *d = context;
	int err = hvt_writer_add(d->writer, event);

	if (err != -ENOSPC)
		return err;
	err = hvt_drain_cut(d);
	return err ? err : hvt_writer_add(d->writer, event);
}

void hvt_drain_init(struct hvt_drain *d, struct hvt_wal *wal,
		struct hvt_writer *writer)
{
	*d = (struct hvt_drain){ .wal = wal, .writer = writer,
		.merge = { .take = add, .context = d,
			.place = hvt_writer_point(writer)->place } };
}

void hvt_drain_fini(struct hvt_drain *d)
{
	for (uint64_t i = 0; i < d->merge.count; i++)
		hvt_wal_unmap_ring(&d->merge.rings[i].ring);
	hvt_merge_fini(&d->merge);
	hvt_log_point_fini(&d->point);
}

/* Maps the rings that were added since the last time. */
static int take_rings(struct hvt_drain *d)
{
	uint64_t rings = atomic_load(&d->wal->header->rings);
	int err = 0;

	while (d->merge.count < rings && !err) {
		struct hvt_ring ring;
		uint64_t tail, known;

		err = hvt_wal_ring(d->wal, d->merge.count, &ring);
		if (err)
			break;
		tail = atomic_load(&ring.header->tail);
		known = hvt_log_point_of(
				hvt_writer_point(d->writer), d->merge.count);
		err = hvt_merge_add(&d->merge, &ring,
				known > tail ? known : tail);
		if (err)
			hvt_wal_unmap_ring(&ring);
	}
	return err;
}

static int gather_point(struct hvt_drain *d)
{
	int err = 0;

	d->point.place = d->merge.place;
	d->point.count = 0;
	for (uint64_t i = 0; i < d->merge.count && !err; i++)
		if (d->merge.rings[i].at)
			err = hvt_log_point_add(
					&d->point, i, d->merge.rings[i].at);
	return err;
}

int hvt_drain_cut(struct hvt_drain *d)
{
	struct hvt_merge_ring *rings = d->merge.rings;
	uint64_t stall = 0;
	int err = gather_point(d);

	for (uint64_t i = 0; i < d->merge.count; i++)
		stall += atomic_load(&rings[i].ring.header->stall_ns);
	if (!err)
		err = hvt_writer_cut(d->writer, stall, &d->point);
	for (uint64_t i = 0; i < d->merge.count && !err; i++)
		rings[i].written = rings[i].at;
	return err;
}

int hvt_drain_all(struct hvt_drain *d)
{
	int err = take_rings(d);

	return err ? err : hvt_merge_all(&d->merge);
}

int hvt_drain_finish(struct hvt_drain *d)
{
	int err;

	d->merge.skip_missing = true;
	err = hvt_drain_all(d);
	return err ? err : hvt_drain_cut(d);
}

void hvt_drain_note_written(struct hvt_drain *d)
{
	for (uint64_t i = 0; i < d->merge.count; i++)
		d->merge.rings[i].noted = d->merge.rings[i].written;
}

/* Its thread has gone on elsewhere, and not all of it is on the disk. */
static bool is_half_synced(const struct hvt_ring_header *h)
{
	uint64_t head = atomic_load(&h->head);

	return atomic_load(&h->state) == HVT_RING_FULL &&
			atomic_load(&h->synced) < head &&
			atomic_load(&h->tail) < head;
}

/*
 * Has r's thread such a ring besides? The end of that must be believed after a
 * loss of power before anything of this one is, which comes behind it.
 */
static bool is_behind_another(const struct hvt_drain *d,
		const struct hvt_merge_ring *r)
{
	for (uint64_t i = 0; i < d->merge.count; i++) {
		const struct hvt_merge_ring *other = &d->merge.rings[i];

		if (other != r && other->ring.header->thread ==
						r->ring.header->thread &&
				is_half_synced(other->ring.header))
			return true;
	}
	return false;
}

int hvt_drain_note_heads(struct hvt_drain *d)
{
	int err = take_rings(d);
	bool any = false; /* mostly there is none, and there may be many rings */

	for (uint64_t i = 0; i < d->merge.count; i++)
		any |= is_half_synced(d->merge.rings[i].ring.header);
	for (uint64_t i = 0; i < d->merge.count; i++) {
		struct hvt_merge_ring *r = &d->merge.rings[i];

		if (!any || !is_behind_another(d, r))
			r->syncing = atomic_load(&r->ring.header->head);
	}
	return err;
}

void hvt_drain_set_synced(struct hvt_drain *d)
{
	for (uint64_t i = 0; i < d->merge.count; i++)
		atomic_store(&d->merge.rings[i].ring.header->synced,
				d->merge.rings[i].syncing);
}

void hvt_drain_free_written(struct hvt_drain *d)
{
	for (uint64_t i = 0; i < d->merge.count; i++)
		atomic_store_explicit(&d->merge.rings[i].ring.header->tail,
				d->merge.rings[i].noted, memory_order_release);
}

bool hvt_drain_is_pressed(const struct hvt_drain *d)
{
	for (uint64_t i = 0; i < d->merge.count; i++) {
		const struct hvt_merge_ring *r = &d->merge.rings[i];

		if (r->at - r->written > r->ring.size / 2)
			return true;
	}
	return false;
}

int hvt_drain_reclaim(struct hvt_drain *d)
{
	int err = hvt_drain_all(d);

	if (!err)
		err = hvt_drain_cut(d);
	if (!err && !d->wal->remote)
		err = hvt_writer_sync(d->writer);
	if (err)
		return err;
	hvt_drain_note_written(d);
	hvt_drain_free_written(d);
	return 0;
}

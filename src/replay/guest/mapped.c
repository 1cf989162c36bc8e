/* SPDX-License-Identifier: MIT */
#include "mapped.h"

#include <errno.h>

#define UNMAPPED 1u /* no address of a page */

bool hvt_mapped_is_change(uint32_t call)
{
	return call == HVT_CALL_HV_VM_MAP || call == HVT_CALL_HV_VM_UNMAP ||
			call == HVT_CALL_HV_VM_PROTECT;
}

static int add(struct hvt_mapped *m, uint64_t ipa, uint64_t size, uint64_t addr,
		uint64_t flags)
{
	int err = hvt_extents_set(&m->addrs, ipa, size, addr, 0);

	return err ? err : hvt_extents_set(&m->flags, ipa, size, flags, 0);
}

int hvt_mapped_note(struct hvt_mapped *m, const struct hvt_event *call)
{
	const uint64_t *v = call->values;

	switch (call->call) {
	case HVT_CALL_HV_VM_MAP:
		if (!v[2] || v[1] + v[2] < v[1])
			return -EBADMSG;
		return add(m, v[1], v[2], v[0], v[3]);
	case HVT_CALL_HV_VM_UNMAP:
		if (!v[1] || v[0] + v[1] < v[0])
			return -EBADMSG;
		return hvt_extents_set(&m->addrs, v[0], v[1], UNMAPPED, 0);
	case HVT_CALL_HV_VM_PROTECT:
		if (!v[1] || v[0] + v[1] < v[0])
			return -EBADMSG;
		return hvt_extents_set(&m->flags, v[0], v[1], v[2], 0);
	case HVT_CALL_HV_VM_DESTROY:
		hvt_mapped_fini(m);
		return 0;
	default:
		return 0;
	}
}

struct walk {
	const struct hvt_mapped *mapped;
	int (*each)(const struct hvt_mapped_piece *piece, void *context);
	void *context;
	int err;
};

/* What is one by its addresses may have flags of several kinds. */
static void each_part(const struct hvt_extent_of *e, void *context)
{
	struct walk *w = context;

	if (e->value == UNMAPPED)
		return;
	for (uint64_t ipa = e->start, last; ipa <= e->last && !w->err;
			ipa = last + 1) {
		const struct hvt_extent_of *f =
				hvt_extents_find(&w->mapped->flags, ipa);

		last = f->last < e->last ? f->last : e->last;
		w->err = w->each(&(struct hvt_mapped_piece){ ipa, last - ipa + 1,
				e->value + (ipa - e->origin), f->value },
				w->context);
	}
}

int hvt_mapped_each(const struct hvt_mapped *m,
		int (*each)(const struct hvt_mapped_piece *piece, void *context),
		void *context)
{
	struct walk w = { m, each, context, 0 };

	hvt_extents_each(&m->addrs, each_part, &w);
	return w.err;
}

static int put(const struct hvt_mapped_piece *p, void *play)
{
	void *host = hvt_play_host(play, p->addr, p->size);

	return !host || hv_vm_map(host, p->ipa, p->size, p->flags) ? -EBADMSG : 0;
}

int hvt_mapped_put(const struct hvt_mapped *m, struct hvt_play *play)
{
	return hvt_mapped_each(m, put, play);
}

void hvt_mapped_fini(struct hvt_mapped *m)
{
	hvt_extents_clear(&m->addrs);
	hvt_extents_clear(&m->flags);
}

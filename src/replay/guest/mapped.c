/* SPDX-License-Identifier: MIT */
#include "mapped.h"

#include <errno.h>
#include <stdlib.h>

bool hvt_mapped_is_change(uint32_t call)
{
	return call == HVT_CALL_HV_VM_MAP || call == HVT_CALL_HV_VM_UNMAP ||
			call == HVT_CALL_HV_VM_PROTECT;
}

static int add(struct hvt_mapped *m, uint64_t ipa, uint64_t size, uint64_t addr,
		uint64_t flags)
{
	if (m->count == m->capacity) {
		size_t more = m->capacity ? 2 * m->capacity : 16;
		struct hvt_mapped_piece *pieces =
				realloc(m->pieces, more * sizeof(*pieces));

		if (!pieces)
			return -ENOMEM;
		m->pieces = pieces;
		m->capacity = more;
	}
	m->pieces[m->count++] =
			(struct hvt_mapped_piece){ ipa, size, addr, flags };
	return 0;
}

/* The part of p from begin to end, with other flags. */
static int add_part(struct hvt_mapped *m, struct hvt_mapped_piece p,
		uint64_t begin, uint64_t end, uint64_t flags)
{
	return begin >= end ? 0 : add(m, begin, end - begin,
			p.addr + (begin - p.ipa), flags);
}

/* Takes out what is from ipa to end, or gives it other flags. */
static int change(struct hvt_mapped *m, uint64_t ipa, uint64_t end, bool stays,
		uint64_t flags)
{
	size_t count = m->count, kept = 0;
	int err = 0;

	for (size_t i = 0; i < count && !err; i++) {
		struct hvt_mapped_piece p = m->pieces[i];
		uint64_t behind = p.ipa + p.size;
		uint64_t first = p.ipa > ipa ? p.ipa : ipa;
		uint64_t last = behind < end ? behind : end;

		if (first >= last) {
			m->pieces[kept++] = p;
			continue;
		}
		err = add_part(m, p, p.ipa, first, p.flags);
		if (!err && stays)
			err = add_part(m, p, first, last, flags);
		if (!err)
			err = add_part(m, p, last, behind, p.flags);
	}
	for (size_t i = count; i < m->count; i++)
		m->pieces[kept++] = m->pieces[i];
	m->count = kept;
	return err;
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
	case HVT_CALL_HV_VM_PROTECT:
		if (v[0] + v[1] < v[0])
			return -EBADMSG;
		return change(m, v[0], v[0] + v[1],
				call->call == HVT_CALL_HV_VM_PROTECT, v[2]);
	case HVT_CALL_HV_VM_DESTROY:
		m->count = 0;
		return 0;
	default:
		return 0;
	}
}

int hvt_mapped_put(const struct hvt_mapped *m, const struct hvt_play *play)
{
	for (size_t i = 0; i < m->count; i++) {
		const struct hvt_mapped_piece *p = &m->pieces[i];
		void *host = hvt_play_host(play, p->addr, p->size);

		if (!host || hv_vm_map(host, p->ipa, p->size, p->flags))
			return -EBADMSG;
	}
	return 0;
}

void hvt_mapped_fini(struct hvt_mapped *m)
{
	free(m->pieces);
}

/* SPDX-License-Identifier: MIT */
/* Objects, and the os_retain()/os_release() that VMMs manage them with. */
#include "object.h"

#include <errno.h>
#include <os/object.h>
#include <stdlib.h>

#include "door.h"

#define MAGIC 0x6a626f68u

struct hvt_object *hvt_object_create(enum hvt_object_kind kind)
{
	static atomic_uint_fast64_t serials;
	struct hvt_object *o = calloc(1, sizeof(*o));

	if (!o)
		return NULL;
	o->magic = MAGIC;
	o->kind = kind;
	atomic_init(&o->references, 1);
	/* As the result of a call it has 31 bits; who has had two thousand
	 * million objects has none of the first any more. */
	o->serial = atomic_fetch_add(&serials, 1) % INT32_MAX + 1;
	if (kind == HVT_OBJECT_VM_CONFIG)
		o->u.vm.granule = HV_IPA_GRANULE_16KB;
	return o;
}

int hvt_object_get(
		const void *p, enum hvt_object_kind kind, struct hvt_object **o)
{
	const struct hvt_object *object = p;

	if (!object || object->magic != MAGIC || object->kind != kind)
		return -EINVAL;
	*o = (struct hvt_object *)object;
	return 0;
}

uint64_t hvt_object_serial(const void *p)
{
	const struct hvt_object *o = p;

	return o && o->magic == MAGIC ? o->serial : 0;
}

HVT_DOOR void *os_retain(void *p)
{
	struct hvt_object *o = p;

	if (o && o->magic == MAGIC)
		atomic_fetch_add(&o->references, 1);
	return p;
}

HVT_DOOR void os_release(void *p)
{
	struct hvt_object *o = p;

	if (!o || o->magic != MAGIC ||
			atomic_fetch_sub(&o->references, 1) != 1)
		return;
	if (o->kind == HVT_OBJECT_GIC_STATE)
		free(o->u.state.bytes);
	o->magic = 0;
	free(o);
}

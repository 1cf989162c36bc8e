/* SPDX-License-Identifier: MIT */
/*
 * hv_gic_state_*, hv_gic_set_state and hv_gic_reset: the state of distributor
 * and redistributors as a whole. The CPU interfaces are the VMM's to save.
 */
#include <errno.h>
#include <stdlib.h>

#include <os/object.h>
#include <string.h>

#include "api.h"
#include "door.h"
#include "gic_cpu.h"
#include "gic_image.h"

/* The vCPUs that exist. The lock is held. */
static uint64_t present(void)
{
	uint64_t bits = 0;

	for (hv_vcpu_t id = 0; id < HVT_VCPU_MAX; id++)
		if (hvt_vcpu_at(id))
			bits |= 1ull << id;
	return bits;
}

static int capture(struct hvt_gic_image *image)
{
	int err = hvt_gic_enter();

	if (err)
		return err;
	hvt_engine->pause(0);
	err = hvt_gic_image_capture(image, present());
	hvt_engine->resume();
	hvt_gic_leave();
	return err;
}

/* 0 and the bytes of the state, to be freed, or -errno. */
static int take_state(uint8_t **bytes, size_t *size)
{
	struct hvt_gic_image *image = malloc(sizeof(*image));
	int err = image ? capture(image) : -ENOMEM;

	if (!err) {
		*size = hvt_gic_blob_size((unsigned)__builtin_popcountll(
				image->present));
		*bytes = malloc(*size);
		err = *bytes ? 0 : -ENOMEM;
	}
	if (!err)
		hvt_gic_blob_write(image, *bytes);
	free(image);
	return err;
}

struct hvt_object *hvt_gic_state_create(void)
{
	struct hvt_object *o = hvt_object_create(HVT_OBJECT_GIC_STATE);

	if (o && take_state(&o->u.state.bytes, &o->u.state.size)) {
		os_release(o);
		o = NULL;
	}
	return o;
}

size_t hvt_gic_state_size(hv_gic_state_t state)
{
	struct hvt_object *o;

	return hvt_object_get(state, HVT_OBJECT_GIC_STATE, &o)
			? 0
			: o->u.state.size;
}

int hvt_gic_state_get_size(hv_gic_state_t state, size_t *gic_state_size)
{
	struct hvt_object *o;
	int err = hvt_object_get(state, HVT_OBJECT_GIC_STATE, &o);

	if (err || !gic_state_size)
		return -EINVAL;
	*gic_state_size = o->u.state.size;
	return 0;
}

int hvt_gic_state_get_data(hv_gic_state_t state, void *gic_state_data)
{
	struct hvt_object *o;
	int err = hvt_object_get(state, HVT_OBJECT_GIC_STATE, &o);

	if (err || !gic_state_data)
		return -EINVAL;
	memcpy(gic_state_data, o->u.state.bytes, o->u.state.size);
	return 0;
}

static int apply(const struct hvt_gic_image *image)
{
	int err;

	hvt_engine->pause(0);
	err = hvt_gic_image_apply(image);
	hvt_engine->resume();
	return err;
}

int hvt_gic_set_state(const void *gic_state_data, size_t gic_state_size)
{
	struct hvt_gic_image *image;
	int err;

	if (!gic_state_data)
		return -EINVAL;
	image = malloc(sizeof(*image));
	if (!image)
		return -ENOMEM;
	err = hvt_gic_enter();
	if (err)
		goto out;
	err = hvt_gic_blob_read(image, gic_state_data, gic_state_size);
	/* Of a VM that has more vCPUs: not by halves. */
	if (!err && hvt_vm.el2 && image->present >> HVT_VCPU_MAX_EL2)
		err = -EINVAL;
	if (!err)
		err = apply(image);
	/* vCPUs that come later find it so. */
	if (!err)
		hvt_vm.gic_restored = image->present & ~present();
	hvt_gic_leave();
out:
	free(image);
	return err;
}

int hvt_gic_reset(void)
{
	struct hvt_gic_image *image = malloc(sizeof(*image));
	int err;

	if (!image)
		return -ENOMEM;
	err = hvt_gic_enter();
	if (!err) {
		hvt_gic_image_reset(image, present());
		err = apply(image);
		hvt_vm.gic_restored = 0;
		hvt_gic_leave();
	}
	free(image);
	return err;
}

int hvt_gic_reset_vcpu(const struct hvt_vcpu *vcpu)
{
	struct hvt_gic_image *image = malloc(sizeof(*image));
	uint64_t bit = 1ull << vcpu->id;
	int err;

	if (!image)
		return -ENOMEM;
	hvt_gic_image_reset(image, bit);
	hvt_engine->pause(0);
	err = hvt_gic_cpu_reset(vcpu);
	if (!err && !(hvt_vm.gic_restored & bit))
		err = hvt_gic_image_apply_private(image);
	hvt_engine->resume();
	hvt_vm.gic_restored &= ~bit;
	free(image);
	return err;
}

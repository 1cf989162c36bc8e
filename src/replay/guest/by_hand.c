/* SPDX-License-Identifier: MIT */
/* Calls that are more than numbers in and out; and what all of them share. */
#include <errno.h>
#include <os/object.h>
#include <stdlib.h>
#include <string.h>

#include "play.h"

#define BYTES_MAX   (1u << 20) /* of one event: docs/FORMAT.md */
#define OBJECTS_MAX (1u << 20)

void *hvt_play_object(const struct hvt_play *p, uint64_t serial)
{
	return serial < p->object_count ? p->objects[serial] : NULL;
}

void *hvt_play_host(const struct hvt_play *p, uint64_t addr, uint64_t size)
{
	return hvt_space_find(p->space, addr, size);
}

void *hvt_play_out(struct hvt_play *p, struct hvt_event *got, unsigned i,
		size_t size)
{
	if (!size || size > BYTES_MAX)
		return NULL;
	if (size > p->out_size) {
		free(p->out);
		p->out = malloc(size);
		p->out_size = p->out ? size : 0;
	}
	if (!p->out)
		return NULL;
	memset(p->out, 0, size);
	got->values[i] = size;
	got->data = p->out;
	got->data_size = size;
	return p->out;
}

/* The object gets the number that it had. */
static int keep_object(struct hvt_play *p, const struct hvt_event *call,
		struct hvt_event *got, void *object)
{
	uint64_t serial = (uint64_t)call->result;

	got->result = object ? call->result : 0;
	if (!object)
		return 0;
	if (!serial || serial > OBJECTS_MAX || hvt_play_object(p, serial)) {
		os_release(object);
		return -EBADMSG;
	}
	if (serial >= p->object_count) {
		void **more = realloc(p->objects, (serial + 1) * sizeof(*more));

		if (!more) {
			os_release(object);
			return -ENOMEM;
		}
		memset(more + p->object_count, 0,
				(serial + 1 - p->object_count) * sizeof(*more));
		p->objects = more;
		p->object_count = serial + 1;
	}
	p->objects[serial] = object;
	return 0;
}

int hvt_play_vm_config_create(struct hvt_play *p, const struct hvt_event *call,
		struct hvt_event *got)
{
	return keep_object(p, call, got, hv_vm_config_create());
}

int hvt_play_vcpu_config_create(struct hvt_play *p,
		const struct hvt_event *call, struct hvt_event *got)
{
	return keep_object(p, call, got, hv_vcpu_config_create());
}

int hvt_play_gic_config_create(struct hvt_play *p,
		const struct hvt_event *call, struct hvt_event *got)
{
	return keep_object(p, call, got, hv_gic_config_create());
}

int hvt_play_gic_state_create(struct hvt_play *p, const struct hvt_event *call,
		struct hvt_event *got)
{
	hv_gic_state_t state = hv_gic_state_create();
	size_t size = 0;

	if (state)
		(void)hv_gic_state_get_size(state, &size);
	got->values[0] = size;
	return keep_object(p, call, got, state);
}

int hvt_play_gic_state_get_data(struct hvt_play *p,
		const struct hvt_event *call, struct hvt_event *got)
{
	hv_gic_state_t state = hvt_play_object(p, call->values[0]);
	size_t size = 0;
	void *bytes;

	if (!state || hv_gic_state_get_size(state, &size))
		return -EBADMSG;
	bytes = hvt_play_out(p, got, 1, size);
	if (!bytes)
		return -EBADMSG;
	got->result = hv_gic_state_get_data(state, bytes);
	return 0;
}

int hvt_play_vcpu_create(struct hvt_play *p, const struct hvt_event *call,
		struct hvt_event *got)
{
	hv_vcpu_config_t config = hvt_play_object(p, call->values[2]);
	hv_vcpu_exit_t *exit = NULL;
	hv_vcpu_t vcpu = 0;

	if (call->values[2] && !config)
		return -EBADMSG;
	got->result = hv_vcpu_create(&vcpu, &exit, config);
	got->values[0] = vcpu;
	if (got->result == HV_SUCCESS && vcpu < HVT_PLAYED_VCPUS)
		p->exits[vcpu] = exit;
	return 0;
}

int hvt_play_vcpu_set_simd_fp_reg(struct hvt_play *p,
		const struct hvt_event *call, struct hvt_event *got)
{
	hv_simd_fp_uchar16_t value;

	if (call->data_size != sizeof(value))
		return -EBADMSG;
	memcpy(&value, p->in, sizeof(value));
	got->result = hv_vcpu_set_simd_fp_reg(call->values[0],
			(hv_simd_fp_reg_t)call->values[1], value);
	return 0;
}

int hvt_play_vcpu_run(struct hvt_play *p, const struct hvt_event *call,
		struct hvt_event *got)
{
	hv_vcpu_t vcpu = call->values[0];
	const hv_vcpu_exit_t *exit =
			vcpu < HVT_PLAYED_VCPUS ? p->exits[vcpu] : NULL;

	if (!exit)
		return -EBADMSG;
	got->result = hv_vcpu_run(vcpu);
	got->values[1] = exit->reason;
	got->values[2] = exit->exception.syndrome;
	got->values[3] = exit->exception.virtual_address;
	got->values[4] = exit->exception.physical_address;
	return 0;
}

void hvt_play_fini(struct hvt_play *p)
{
	for (uint64_t i = 0; i < p->object_count; i++)
		if (p->objects[i])
			os_release(p->objects[i]);
	free(p->objects);
	free(p->out);
}

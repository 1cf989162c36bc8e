/* SPDX-License-Identifier: MIT */
/* Frames: what a call looks like to the tap. */
#include <errno.h>
#include <string.h>

#include "door.h"
#include "vcpu.h"

/* The largest buffer of the API is the GIC's state, far below this. */
#define BYTES_MAX (1u << 20)

const struct hvt_tap *hvt_tap;

void hvt_backend_set_tap(const struct hvt_tap *tap)
{
	hvt_tap = tap;
	hvt_vcpu_heed_tap();
}

void hvt_frame_in(
		struct hvt_frame *f, unsigned index, const void *p, size_t size)
{
	if (!p || size > BYTES_MAX)
		size = 0;
	f->event.values[index] = size;
	f->event.data = size ? p : NULL;
	f->event.data_size = size;
}

void hvt_backend_refuse(struct hvt_event *event)
{
	const char *type = hvt_call_schema(event->call)->result;

	/* No input is answered with that: who asks sees that nothing is known. */
	if (hvt_call_is_input(event->call))
		event->result = -ECANCELED;
	else
		event->result = strcmp(type, "hv_return_t") ? 0 : HV_ERROR;
}

bool hvt_frame_enter(struct hvt_frame *f)
{
	f->live = f->tap->enter(f->tap, &f->event);
	return f->live;
}

static uint64_t load(const void *p, size_t size)
{
	uint64_t v = 0;

	/* Little-endian hosts only: arm64 and x86-64 Linux. */
	memcpy(&v, p, size);
	return v;
}

void hvt_frame_out(struct hvt_frame *f, unsigned index, void *p, size_t size)
{
	if (!p || f->event.result != HV_SUCCESS)
		return;
	if (f->live)
		f->event.values[index] = load(p, size);
	else
		memcpy(p, &f->event.values[index], size);
}

void hvt_frame_out_bytes(
		struct hvt_frame *f, unsigned index, void *p, size_t size)
{
	if (!p || f->event.result != HV_SUCCESS)
		return;
	if (f->live) {
		f->event.values[index] = size;
		f->event.data = p;
		f->event.data_size = size;
	} else if (f->event.data_size <= size && f->event.data_size) {
		memcpy(p, f->event.data, f->event.data_size);
	}
}

hv_return_t hvt_frame_leave(struct hvt_frame *f)
{
	if (f->live)
		f->tap->leave(f->tap, &f->event);
	return (hv_return_t)f->event.result;
}

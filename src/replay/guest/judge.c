/* SPDX-License-Identifier: MIT */
#include "judge.h"

#include <Hypervisor/Hypervisor.h>
#include <string.h>

#include "call_ids.h"

/* Does the call tell a time, which is never the same? */
static bool is_clock(uint32_t call)
{
	return call == HVT_CALL_HV_VCPU_GET_EXEC_TIME ||
			call == HVT_CALL_HV_VCPU_GET_WAIT_FOR_INTERRUPT_TIME;
}

#define ISTATUS 4u

uint64_t hvt_judge_clock_bits(uint32_t reg)
{
	switch (reg) {
	case HV_SYS_REG_CNTV_CTL_EL0:
	case HV_SYS_REG_CNTP_CTL_EL0:
	case HV_SYS_REG_CNTHP_CTL_EL2:
		return ISTATUS;
	case HV_SYS_REG_CNTP_TVAL_EL0:
	case HV_SYS_REG_CNTHP_TVAL_EL2:
		return UINT64_MAX;
	default:
		return 0;
	}
}

static bool same_result(const struct hvt_call_schema *schema,
		const struct hvt_event *a, const struct hvt_event *b)
{
	return schema->varies || a->result == b->result;
}

static bool differs(struct hvt_guest_divergence *d, enum hvt_guest_difference what,
		int param)
{
	d->what = what;
	d->param = param;
	return false;
}

/* The first byte that differs, and how many do. */
static bool same_bytes(const uint8_t *a, const uint8_t *b, size_t size,
		struct hvt_guest_divergence *d)
{
	d->differing = 0;
	for (size_t i = size; i-- > 0;) {
		if (a[i] == b[i])
			continue;
		d->offset = i;
		d->differing++;
	}
	return !d->differing;
}

/* Parameters of hv_vcpu_run after the reason are there for an exception only. */
static bool is_told(const struct hvt_event *event, unsigned param)
{
	return event->call != HVT_CALL_HV_VCPU_RUN || param < 2 ||
			event->values[1] == HV_EXIT_REASON_EXCEPTION;
}

static bool same_value(const struct hvt_event *a, const struct hvt_event *b,
		unsigned i)
{
	uint64_t differing = a->values[i] ^ b->values[i];

	if (a->call == HVT_CALL_HV_VCPU_GET_SYS_REG)
		differing &= ~hvt_judge_clock_bits((uint32_t)a->values[1]);
	return !differing;
}

static bool same_output(const struct hvt_event *a, const struct hvt_event *b,
		enum hvt_role role, unsigned i, struct hvt_guest_divergence *d)
{
	switch (role) {
	case HVT_ROLE_OUT:
	case HVT_ROLE_EXIT:
		return !is_told(a, i) || same_value(a, b, i);
	case HVT_ROLE_OUTBUF:
		return a->data_size == b->data_size &&
				same_bytes(a->data, b->data, a->data_size, d);
	case HVT_ROLE_IN:
	case HVT_ROLE_HOST:
	case HVT_ROLE_OBJ:
	case HVT_ROLE_OUTHOST:
	case HVT_ROLE_INBUF:
	case HVT_ROLE_VEC:
		return true;
	}
	return true;
}

bool hvt_judge_call(const struct hvt_event *recorded,
		const struct hvt_event *found, struct hvt_guest_divergence *d)
{
	const struct hvt_call_schema *schema = hvt_call_schema(recorded->call);

	if (!same_result(schema, recorded, found))
		return differs(d, HVT_DIFFERS_RESULT, -1);
	if (is_clock(recorded->call))
		return true;
	for (unsigned i = 0; i < schema->param_count; i++)
		if (!same_output(recorded, found, schema->params[i].role, i, d))
			return differs(d, HVT_DIFFERS_OUTPUT, (int)i);
	return true;
}

bool hvt_judge_page(const uint8_t *recorded, const uint8_t *found, size_t size,
		struct hvt_guest_divergence *d)
{
	return same_bytes(recorded, found, size, d) ||
			differs(d, HVT_DIFFERS_MEMORY, -1);
}

/* SPDX-License-Identifier: MIT */
#include "lenient.h"

#include <stdlib.h>
#include <string.h>

#include "call_ids.h"
#include "compare.h"

/* More than a VMM reads between two runs; what is older is forgotten. */
#define KNOWN_MAX 1024u

bool hvt_is_read(const struct hvt_event *event)
{
	const struct hvt_call_schema *schema = hvt_call_schema(event->call);

	if (!schema || event->kind == HVT_EVENT_LEAVE)
		return false;
	return event->call == HVT_CALL_MACH_ABSOLUTE_TIME ||
			event->call == HVT_CALL_INPUT_CLOCK ||
			!strncmp(schema->name, "hv_vcpu_get_",
					strlen("hv_vcpu_get_")) ||
			!strncmp(schema->name, "hv_gic_get_",
					strlen("hv_gic_get_"));
}

/*
 * Only the thread that owns a vCPU changes these, and its guest. Times pass, and
 * interrupts may be raised by any thread.
 */
static bool stays(const struct hvt_event *event)
{
	switch (event->call) {
	case HVT_CALL_HV_VCPU_GET_REG:
	case HVT_CALL_HV_VCPU_GET_SIMD_FP_REG:
	case HVT_CALL_HV_VCPU_GET_SYS_REG:
	case HVT_CALL_HV_VCPU_GET_SME_STATE:
	case HVT_CALL_HV_VCPU_GET_SME_Z_REG:
	case HVT_CALL_HV_VCPU_GET_SME_P_REG:
	case HVT_CALL_HV_VCPU_GET_SME_ZA_REG:
	case HVT_CALL_HV_VCPU_GET_SME_ZT0_REG:
	case HVT_CALL_HV_VCPU_GET_TRAP_DEBUG_EXCEPTIONS:
	case HVT_CALL_HV_VCPU_GET_TRAP_DEBUG_REG_ACCESSES:
	case HVT_CALL_HV_VCPU_GET_VTIMER_MASK:
	case HVT_CALL_HV_VCPU_GET_VTIMER_OFFSET:
		return true;
	default:
		return false;
	}
}

static void drop_oldest(struct hvt_queue *q)
{
	struct hvt_event event;

	hvt_queue_take(q, &event);
	free((void *)(uintptr_t)event.data);
}

void hvt_known_note(struct hvt_queue *known, const struct hvt_event *event)
{
	while (known->count &&
			(!hvt_is_read(event) || known->count >= KNOWN_MAX))
		drop_oldest(known);
	/* What cannot be kept is not known, which is told where it is asked. */
	if (stays(event))
		(void)hvt_queue_push(known, event);
}

static bool is_same_call(const struct hvt_event *event,
		const struct hvt_event *call)
{
	int param;

	return hvt_compare(event, call, &param);
}

const struct hvt_event *hvt_known_find(const struct hvt_queue *known,
		const struct hvt_queue *due, const struct hvt_event *call)
{
	if (!stays(call))
		return NULL;
	for (size_t i = known->count; i > 0; i--)
		if (is_same_call(hvt_queue_at(known, i - 1), call))
			return hvt_queue_at(known, i - 1);
	for (size_t i = 0; i < due->count; i++) {
		const struct hvt_event *event = hvt_queue_at(due, i);

		if (!hvt_is_read(event))
			break;
		if (is_same_call(event, call))
			return event;
	}
	return NULL;
}

bool hvt_is_due_behind_reads(const struct hvt_queue *due,
		const struct hvt_event *call)
{
	for (size_t i = 0; i < due->count; i++) {
		if (is_same_call(hvt_queue_at(due, i), call))
			return true;
		if (!hvt_is_read(hvt_queue_at(due, i)))
			return false;
	}
	return false;
}

/* SPDX-License-Identifier: MIT */
/* From calls to tracepoints. What has none, or is not enabled, costs a switch. */
#define LTTNG_UST_TRACEPOINT_CREATE_PROBES
#define LTTNG_UST_TRACEPOINT_DEFINE
#include "tracepoints.h"

#include "call_ids.h"
#include "lttng.h"

static void entered(const struct hvt_event *e)
{
	if (e->call == HVT_CALL_HV_VCPU_RUN)
		lttng_ust_tracepoint(hvtrace, vcpu_run, e->values[0]);
}

/* Bytes that the VMM has given: those that are there. */
static void vcpus_exit(const struct hvt_event *e)
{
	lttng_ust_tracepoint(hvtrace, vcpus_exit,
			(const uint64_t *)(const void *)e->data,
			e->data_size / sizeof(uint64_t), (int32_t)e->result);
}

#define TRACEPOINT(name)                                                       \
	lttng_ust_tracepoint(hvtrace, name, e->values, (int32_t)e->result);    \
	break

static void returned(const struct hvt_event *e)
{
	switch (e->call) {
	case HVT_CALL_HV_VCPU_RUN:
		TRACEPOINT(vcpu_exit);
	case HVT_CALL_HV_VCPUS_EXIT:
		vcpus_exit(e);
		break;
	case HVT_CALL_HV_VCPU_SET_PENDING_INTERRUPT:
		TRACEPOINT(set_pending_interrupt);
	case HVT_CALL_HV_VCPU_SET_SERROR:
		TRACEPOINT(set_serror);
	case HVT_CALL_HV_VCPU_SET_VTIMER_MASK:
		TRACEPOINT(set_vtimer_mask);
	case HVT_CALL_HV_GIC_SET_SPI:
		TRACEPOINT(gic_set_spi);
	case HVT_CALL_HV_GIC_SEND_MSI:
		TRACEPOINT(gic_send_msi);
	case HVT_CALL_HV_VM_MAP:
		TRACEPOINT(vm_map);
	case HVT_CALL_HV_VM_UNMAP:
		TRACEPOINT(vm_unmap);
	case HVT_CALL_HV_VM_PROTECT:
		TRACEPOINT(vm_protect);
	default:
		break;
	}
}

__attribute__((visibility("default"))) extern const struct hvt_lttng hvt_lttng;
const struct hvt_lttng hvt_lttng = { HVT_LTTNG_VERSION, entered, returned };

/* SPDX-License-Identifier: MIT */
/*
 * The entry points that are more than inputs and outputs: those that make an
 * object, memory or an exit record, which a replayed VMM must really get.
 */
#include "api.h"
#include "door.h"
#include "error.h"
#include "guest_ram.h"
#include "memory_log.h"
#include "memory_recording.h"
#include "quick.h"
#include "vm.h"

/*
 * A replay makes the object too, with the serial number of the recording, so
 * that later calls name it alike.
 */
static void *create_object(enum hvt_call_id id, enum hvt_object_kind kind)
{
	struct hvt_object *o = NULL;

	if (HVT_LIKELY(!hvt_tap))
		return hvt_object_create(kind);

	struct hvt_frame f = HVT_FRAME(id);

	if (hvt_frame_enter(&f)) {
		o = hvt_object_create(kind);
		f.event.result = (int64_t)hvt_object_serial(o);
	} else if (f.event.result > 0) {
		o = hvt_object_create(kind);
		if (o)
			o->serial = (uint64_t)f.event.result;
	}
	(void)hvt_frame_leave(&f);
	return o;
}

HVT_DOOR hv_vm_config_t hv_vm_config_create(void)
{
	return create_object(
			HVT_CALL_HV_VM_CONFIG_CREATE, HVT_OBJECT_VM_CONFIG);
}

HVT_DOOR hv_vcpu_config_t hv_vcpu_config_create(void)
{
	return create_object(
			HVT_CALL_HV_VCPU_CONFIG_CREATE, HVT_OBJECT_VCPU_CONFIG);
}

HVT_DOOR hv_gic_config_t hv_gic_config_create(void)
{
	return create_object(
			HVT_CALL_HV_GIC_CONFIG_CREATE, HVT_OBJECT_GIC_CONFIG);
}

/*
 * The size is logged, too: a replayed object has no bytes of its own, and the
 * VMM must get no more of them from the trace than its buffer has room for.
 */
HVT_DOOR hv_gic_state_t hv_gic_state_create(void)
{
	struct hvt_object *o = NULL;

	if (HVT_LIKELY(!hvt_tap))
		return (hv_gic_state_t)hvt_gic_state_create();

	struct hvt_frame f = HVT_FRAME(HVT_CALL_HV_GIC_STATE_CREATE);

	if (hvt_frame_enter(&f)) {
		o = hvt_gic_state_create();
		f.event.result = (int64_t)hvt_object_serial(o);
		f.event.values[0] = o ? o->u.state.size : 0;
	} else if (f.event.result > 0) {
		o = hvt_object_create(HVT_OBJECT_GIC_STATE);
		if (o) {
			o->serial = (uint64_t)f.event.result;
			o->u.state.size = f.event.values[0];
		}
	}
	(void)hvt_frame_leave(&f);
	return (hv_gic_state_t)o;
}

HVT_DOOR hv_return_t hv_gic_state_get_size(
		hv_gic_state_t state, size_t *gic_state_size)
{
	if (HVT_LIKELY(!hvt_tap))
		return hvt_error_to_hv(
				hvt_gic_state_get_size(state, gic_state_size));

	struct hvt_frame f = HVT_FRAME(HVT_CALL_HV_GIC_STATE_GET_SIZE);

	f.event.values[0] = hvt_object_serial(state);
	if (hvt_frame_enter(&f))
		f.event.result = hvt_error_to_hv(
				hvt_gic_state_get_size(state, gic_state_size));
	/* A buffer of another size than the object has would not fit it. */
	else if (f.event.result == HV_SUCCESS &&
			f.event.values[1] != hvt_gic_state_size(state))
		f.event.result = HV_ERROR;
	hvt_frame_out(&f, 1, gic_state_size, sizeof(*gic_state_size));
	return hvt_frame_leave(&f);
}

HVT_DOOR hv_return_t hv_vm_allocate(
		void **uvap, size_t size, hv_allocate_flags_t flags)
{
	if (HVT_LIKELY(!hvt_tap))
		return hvt_error_to_hv(hvt_vm_allocate(uvap, size, flags));

	struct hvt_frame f = HVT_FRAME(HVT_CALL_HV_VM_ALLOCATE);

	f.event.values[1] = size;
	f.event.values[2] = flags;
	if (hvt_frame_enter(&f)) {
		f.event.result = hvt_error_to_hv(
				hvt_vm_allocate(uvap, size, flags));
		if (f.event.result == HV_SUCCESS)
			f.event.values[0] = (uint64_t)(uintptr_t)*uvap;
	} else if (f.event.result == HV_SUCCESS &&
			hvt_vm_allocate(uvap, size, flags)) {
		f.event.result = HV_NO_RESOURCES;
	}
	return hvt_frame_leave(&f);
}

HVT_DOOR hv_return_t hv_vm_deallocate(void *uva, size_t size)
{
	if (HVT_LIKELY(!hvt_tap))
		return hvt_error_to_hv(hvt_vm_deallocate(uva, size));

	struct hvt_frame f = HVT_FRAME(HVT_CALL_HV_VM_DEALLOCATE);

	f.event.values[0] = (uint64_t)(uintptr_t)uva;
	f.event.values[1] = size;
	if (hvt_frame_enter(&f))
		f.event.result = hvt_error_to_hv(hvt_vm_deallocate(uva, size));
	else if (f.event.result == HV_SUCCESS)
		(void)hvt_vm_deallocate(uva, size);
	return hvt_frame_leave(&f);
}

HVT_DOOR hv_return_t hv_vcpu_create(hv_vcpu_t *vcpu, hv_vcpu_exit_t **exit,
		hv_vcpu_config_t config)
{
	if (HVT_LIKELY(!hvt_tap))
		return hvt_error_to_hv(hvt_vcpu_create(vcpu, exit, config));

	struct hvt_frame f = HVT_FRAME(HVT_CALL_HV_VCPU_CREATE);

	f.event.values[2] = hvt_object_serial(config);
	if (hvt_frame_enter(&f)) {
		f.event.result = hvt_error_to_hv(
				hvt_vcpu_create(vcpu, exit, config));
		if (f.event.result == HV_SUCCESS)
			f.event.values[1] = (uint64_t)(uintptr_t)*exit;
	} else if (f.event.result == HV_SUCCESS) {
		if (!vcpu || !exit || f.event.values[0] >= HVT_VCPU_MAX)
			f.event.result = HV_ERROR;
		else
			*exit = hvt_exit_record(f.event.values[0]);
	}
	hvt_frame_out(&f, 0, vcpu, sizeof(*vcpu));
	return hvt_frame_leave(&f);
}

HVT_DOOR hv_return_t hv_vcpu_set_simd_fp_reg(
		hv_vcpu_t vcpu, hv_simd_fp_reg_t reg, hv_simd_fp_uchar16_t value)
{
	if (HVT_LIKELY(!hvt_tap))
		return hvt_error_to_hv(
				hvt_vcpu_set_simd_fp_reg(vcpu, reg, value));

	struct hvt_frame f = HVT_FRAME(HVT_CALL_HV_VCPU_SET_SIMD_FP_REG);

	f.event.values[0] = vcpu;
	f.event.values[1] = reg;
	hvt_frame_in(&f, 2, &value, sizeof(value));
	if (hvt_frame_enter(&f))
		f.event.result = hvt_error_to_hv(
				hvt_vcpu_set_simd_fp_reg(vcpu, reg, value));
	return hvt_frame_leave(&f);
}

static inline hv_return_t run(hv_vcpu_t vcpu)
{
	struct hvt_run *mine = hvt_own.run;

	return mine && hvt_vcpu_is_mine(mine, vcpu)
			? hvt_run(vcpu, mine) : hvt_error_to_hv(hvt_vcpu_run(vcpu));
}

/*
 * While guest memory is recorded, the VMM's turn ends before a run, and begins
 * no earlier than what the guest wrote in it has been told.
 */
static hv_return_t run_in_turn(hv_vcpu_t vcpu)
{
	hv_return_t ret;

	if (HVT_LIKELY(!hvt_memory_is_recorded))
		return run(vcpu);
	hvt_ram_run_begin();
	ret = run(vcpu);
	if (hvt_memory_is_logged)
		hvt_memory_log_tell();
	hvt_ram_run_end();
	return ret;
}

__attribute__((noinline))
static hv_return_t run_tapped(hv_vcpu_t vcpu)
{
	struct hvt_frame f = HVT_FRAME(HVT_CALL_HV_VCPU_RUN);
	hv_vcpu_exit_t none = { 0 };
	hv_vcpu_exit_t *exit = vcpu < HVT_VCPU_MAX ? hvt_exit_record(vcpu)
						   : &none;
	uint64_t *values = f.event.values;

	values[0] = vcpu;
	if (hvt_frame_enter(&f)) {
		/* The thread may have a log by now. */
		hvt_vcpu_heed_tap();
		f.event.result = run_in_turn(vcpu);
		values[1] = exit->reason;
		values[2] = exit->exception.syndrome;
		values[3] = exit->exception.virtual_address;
		values[4] = exit->exception.physical_address;
	} else if (f.event.result == HV_SUCCESS) {
		exit->reason = (hv_exit_reason_t)values[1];
		exit->exception.syndrome = values[2];
		exit->exception.virtual_address = values[3];
		exit->exception.physical_address = values[4];
	}
	return hvt_frame_leave(&f);
}

static hv_return_t run_and_tell(hv_vcpu_t vcpu)
{
	return hvt_tap ? run_tapped(vcpu) : run(vcpu);
}

static int run_of_nobody(struct hvt_run *r, enum hvt_run_end end)
{
	(void)end;
	return run_and_tell(r->id);
}

struct hvt_run hvt_run_of_nobody = {
	.attention = HVT_ATTEND_ALWAYS,
	.id = UINT64_MAX,
	.go_on = run_of_nobody,
};

/* The second half, where there is no room at hand. */
__attribute__((cold, noinline))
static hv_return_t append_leave(
		hv_vcpu_t vcpu, const hv_vcpu_exit_t *exit, hv_return_t ret)
{
	const uint64_t values[] = { vcpu, exit->reason,
		exit->exception.syndrome, exit->exception.virtual_address,
		exit->exception.physical_address };

	return (hv_return_t)hvt_door_append(
			HVT_CALL_HV_VCPU_RUN, HVT_EVENT_LEAVE, ret, values, 5);
}

/* Where the tap only logs: the call that is made most often. */
HVT_APART
static hv_return_t heard_run(hv_vcpu_t vcpu, const struct hvt_own *own)
{
	struct hvt_run *mine = own->logged;
	struct hvt_log *log = own->log;
	struct hvt_log_half half;
	hv_vcpu_exit_t exit;
	hv_return_t ret;

	if (!hvt_vcpu_is_mine(mine, vcpu) ||
			!HVT_LIKELY(hvt_log_half_begin(log, &half,
				HVT_CALL_HV_VCPU_RUN, HVT_EVENT_ENTER, 0, 1)))
		return run_and_tell(vcpu);
	hvt_log_half_value(&half, vcpu);
	hvt_log_half_end(log, &half);
	ret = hvt_run(vcpu, mine);
	if (!HVT_LIKELY(hvt_log_half_begin(log, &half, HVT_CALL_HV_VCPU_RUN,
			    HVT_EVENT_LEAVE, ret, 4)))
		return append_leave(vcpu, mine->exit, ret);
	exit = *mine->exit;
	hvt_log_half_value(&half, exit.reason);
	hvt_log_half_value(&half, exit.exception.syndrome);
	hvt_log_half_value(&half, exit.exception.virtual_address);
	hvt_log_half_value(&half, exit.exception.physical_address);
	hvt_log_half_end(log, &half);
	return ret;
}

HVT_DOOR hv_return_t hv_vcpu_run(hv_vcpu_t vcpu)
{
	const struct hvt_own *own = &hvt_own;

	return hvt_vcpu_is_mine(own->unheard, vcpu) ? hvt_run(vcpu, own->unheard)
			: heard_run(vcpu, own);
}

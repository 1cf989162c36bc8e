/* SPDX-License-Identifier: MIT */
/*
 * hv_vcpu_create, run, destroy. A vCPU belongs to the thread that created it;
 * that thread keeps a pointer to it, so the run path takes no lock.
 */
#include "vcpu.h"

#include <errno.h>

#include "api.h"
#include "cancel.h"
#include "door.h"
#include "error.h"
#include "vm.h"

static struct hvt_vcpu vcpus[HVT_VCPU_MAX]; /* under the lock of the VM */
static struct hvt_log log_of_nobody;

_Thread_local struct hvt_own hvt_own = {
	.unheard = &hvt_run_of_nobody,
	.logged = &hvt_run_of_nobody,
	.log = &log_of_nobody,
};

struct hvt_exit_line hvt_exit_lines[HVT_VCPU_MAX];

void hvt_vcpu_heed_tap(void)
{
	struct hvt_run *run = hvt_own.run;

	hvt_own.log = hvt_log_mine ? hvt_log_mine : &log_of_nobody;
	hvt_own.unheard = run && !hvt_tap ? run : &hvt_run_of_nobody;
	hvt_own.logged = run && hvt_tap && hvt_tap->only_logs_wide && hvt_log_mine
			? run : &hvt_run_of_nobody;
}

int hvt_vcpu_mine(hv_vcpu_t id, struct hvt_vcpu **vcpu)
{
	int err;

	if (hvt_own.run && hvt_vcpu_is_mine(hvt_own.run, id)) {
		*vcpu = &vcpus[id];
		return 0;
	}
	pthread_mutex_lock(&hvt_vm.lock);
	err = hvt_vm_check();
	pthread_mutex_unlock(&hvt_vm.lock);
	return err ? err : -EINVAL;
}

struct hvt_vcpu *hvt_vcpu_at(hv_vcpu_t id)
{
	return id < HVT_VCPU_MAX && vcpus[id].engine ? &vcpus[id] : NULL;
}

static int run(struct hvt_vcpu *vcpu)
{
	struct hvt_run *fast = vcpu->fast;
	unsigned pending = vcpu->pending;
	int err;

	/* From a signal handler, in the middle of a run. */
	if (fast->busy)
		return -EBUSY;
	/* Apple takes the lines down when a run ends: set them again. */
	vcpu->pending = 0;
	fast->busy = true;
	err = hvt_engine->vcpu_run(vcpu->engine, pending, fast->exit);
	fast->busy = false;
	return err;
}

/* Where the short way of the thread's vCPU ends: what the VMM gets. */
static int go_on(struct hvt_run *r, enum hvt_run_end end)
{
	struct hvt_vcpu *vcpu = &vcpus[r->id];
	int err;

	if (end == HVT_RUN_NOT_BEGUN)
		return hvt_error_to_hv(run(vcpu));
	err = hvt_engine->vcpu_run_on(vcpu->engine, end, r->exit);
	r->busy = false;
	return hvt_error_to_hv(err);
}

static int create_in_engine(struct hvt_vcpu *vcpu)
{
	int err = hvt_engine->vcpu_create(&vcpu->engine, vcpu->id);

	if (err)
		return err;
	if (hvt_engine->vcpu_fast)
		vcpu->fast = hvt_engine->vcpu_fast(vcpu->engine);
	vcpu->fast->id = vcpu->id;
	vcpu->fast->go_on = go_on;
	vcpu->fast->exit = hvt_exit_record(vcpu->id);
	if (!hvt_vm.has_gic)
		return 0;
	err = hvt_gic_reset_vcpu(vcpu);
	if (err) {
		hvt_engine->vcpu_destroy(vcpu->engine);
		vcpu->engine = NULL;
	}
	return err;
}

static int create(hv_vcpu_t *id)
{
	uint32_t i = 0, max = hvt_vm.el2 ? HVT_VCPU_MAX_EL2 : HVT_VCPU_MAX;
	int err = hvt_vm_check();

	if (err)
		return err;
	if (hvt_own.run)
		return -EBUSY;
	while (i < max && vcpus[i].engine)
		i++;
	if (i == max)
		return -ENOSPC;
	vcpus[i] = (struct hvt_vcpu){ .id = i, .fast = &vcpus[i].slow,
		.slow = { .attention = HVT_ATTEND_ALWAYS } };
	err = create_in_engine(&vcpus[i]);
	if (err)
		return err;
	*hvt_exit_record(i) = (hv_vcpu_exit_t){ 0 };
	hvt_own.run = vcpus[i].fast;
	hvt_vcpu_heed_tap();
	hvt_cancel_allow(i, vcpus[i].engine);
	hvt_vm.vcpus++;
	*id = i;
	return 0;
}

int hvt_vcpu_create(hv_vcpu_t *vcpu, hv_vcpu_exit_t **exit,
		hv_vcpu_config_t config)
{
	struct hvt_object *o;
	int err;

	if (!vcpu || !exit ||
			(config && hvt_object_get(config,
					HVT_OBJECT_VCPU_CONFIG, &o)))
		return -EINVAL;
	pthread_mutex_lock(&hvt_vm.lock);
	err = create(vcpu);
	pthread_mutex_unlock(&hvt_vm.lock);
	if (!err)
		*exit = hvt_exit_record(*vcpu);
	return err;
}

int hvt_vcpu_destroy(hv_vcpu_t id)
{
	struct hvt_vcpu *vcpu;
	int err = hvt_vcpu_mine(id, &vcpu);

	if (err)
		return err;
	if (vcpu->fast->busy)
		return -EBUSY;
	pthread_mutex_lock(&hvt_vm.lock);
	hvt_cancel_forbid(id);
	hvt_engine->vcpu_destroy(vcpu->engine);
	vcpu->engine = NULL;
	hvt_vm.vcpus--;
	hvt_own.run = NULL;
	hvt_vcpu_heed_tap();
	pthread_mutex_unlock(&hvt_vm.lock);
	return 0;
}

int hvt_vcpu_run(hv_vcpu_t id)
{
	struct hvt_vcpu *vcpu;
	int err = hvt_vcpu_mine(id, &vcpu);

	return err ? err : run(vcpu);
}

static int check_line(hv_vcpu_t id, hv_interrupt_type_t type,
		struct hvt_vcpu **vcpu)
{
	int err = hvt_vcpu_mine(id, vcpu);

	if (err)
		return err;
	if (type != HV_INTERRUPT_TYPE_IRQ && type != HV_INTERRUPT_TYPE_FIQ)
		return -EINVAL;
	/* Fixed once a vCPU exists, so it needs no lock. */
	return hvt_vm.has_gic ? -EOPNOTSUPP : 0;
}

int hvt_vcpu_get_pending_interrupt(
		hv_vcpu_t id, hv_interrupt_type_t type, bool *pending)
{
	struct hvt_vcpu *vcpu;
	int err = check_line(id, type, &vcpu);

	if (err || !pending)
		return err ? err : -EINVAL;
	*pending = vcpu->pending & 1u << type;
	return 0;
}

int hvt_vcpu_set_pending_interrupt(
		hv_vcpu_t id, hv_interrupt_type_t type, bool pending)
{
	struct hvt_vcpu *vcpu;
	int err = check_line(id, type, &vcpu);

	if (err)
		return err;
	if (pending)
		vcpu->pending |= 1u << type;
	else
		vcpu->pending &= ~(1u << type);
	if (vcpu->pending)
		vcpu->fast->attention |= HVT_ATTEND_LINES;
	return 0;
}

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
#include "vm.h"

static struct hvt_vcpu vcpus[HVT_VCPU_MAX]; /* under the lock of the VM */
static _Thread_local struct hvt_vcpu *mine;

/* One cache line each: records are written by different threads. */
static struct {
	_Alignas(64) hv_vcpu_exit_t exit;
} records[HVT_VCPU_MAX];

hv_vcpu_exit_t *hvt_exit_record(hv_vcpu_t id)
{
	return &records[id].exit;
}

int hvt_vcpu_mine(hv_vcpu_t id, struct hvt_vcpu **vcpu)
{
	int err;

	if (mine && mine->id == id) {
		*vcpu = mine;
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

static int create_in_engine(struct hvt_vcpu *vcpu)
{
	int err = hvt_engine->vcpu_create(&vcpu->engine, vcpu->id);

	if (err || !hvt_vm.has_gic)
		return err;
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
	if (mine)
		return -EBUSY;
	while (i < max && vcpus[i].engine)
		i++;
	if (i == max)
		return -ENOSPC;
	vcpus[i] = (struct hvt_vcpu){ .id = i };
	err = create_in_engine(&vcpus[i]);
	if (err)
		return err;
	records[i].exit = (hv_vcpu_exit_t){ 0 };
	mine = &vcpus[i];
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
	if (vcpu->running)
		return -EBUSY;
	pthread_mutex_lock(&hvt_vm.lock);
	hvt_cancel_forbid(id);
	hvt_engine->vcpu_destroy(vcpu->engine);
	vcpu->engine = NULL;
	hvt_vm.vcpus--;
	mine = NULL;
	pthread_mutex_unlock(&hvt_vm.lock);
	return 0;
}

int hvt_vcpu_run(hv_vcpu_t id)
{
	struct hvt_vcpu *vcpu;
	unsigned pending;
	int err = hvt_vcpu_mine(id, &vcpu);

	if (err)
		return err;
	/* From a signal handler, in the middle of a run. */
	if (vcpu->running)
		return -EBUSY;
	/* Apple takes the lines down when a run ends: set them again. */
	pending = vcpu->pending;
	vcpu->pending = 0;
	vcpu->running = true;
	err = hvt_engine->vcpu_run(vcpu->engine, pending, hvt_exit_record(id));
	vcpu->running = false;
	return err;
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
	return 0;
}

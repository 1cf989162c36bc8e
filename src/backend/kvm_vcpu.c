/* SPDX-License-Identifier: MIT */
/*
 * KVM's vCPUs behind the API's. KVM frees neither an id nor a descriptor
 * before its VM goes: a destroyed vCPU stays here, and is reset when its id is
 * created again. With a GIC all of them are there from the start (kvm_gic.c).
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "kvm.h"

static bool has_cap(int vm, unsigned long cap)
{
	return hvt_kvm_sys->ioctl_number(vm, KVM_CHECK_EXTENSION, cap) > 0;
}

int hvt_kvm_vcpu_init(int vm, int fd, bool el2)
{
	struct kvm_vcpu_init init = { 0 };
	int err = hvt_kvm_sys->ioctl(vm, KVM_ARM_PREFERRED_TARGET, &init);

	if (err)
		return err;
	init.features[0] |= 1u << KVM_ARM_VCPU_PSCI_0_2;
	/* Both or none; a host without them gives its guests none. */
	if (has_cap(vm, KVM_CAP_ARM_PTRAUTH_ADDRESS) &&
			has_cap(vm, KVM_CAP_ARM_PTRAUTH_GENERIC))
		init.features[0] |= 1u << KVM_ARM_VCPU_PTRAUTH_ADDRESS |
				1u << KVM_ARM_VCPU_PTRAUTH_GENERIC;
	/* EL2 as on a Mac, without FEAT_VHE, where the host has such. */
	if (el2)
		init.features[0] |= 1u << KVM_ARM_VCPU_HAS_EL2;
	if (el2 && has_cap(vm, KVM_CAP_ARM_EL2_E2H0))
		init.features[0] |= 1u << KVM_ARM_VCPU_HAS_EL2_E2H0;
	return hvt_kvm_sys->ioctl(fd, KVM_ARM_VCPU_INIT, &init);
}

static int open_vcpu(struct hvt_engine_vcpu **vcpu, uint32_t id)
{
	struct hvt_engine_vcpu *v = calloc(1, sizeof(*v));
	void *run;
	int err;

	if (!v)
		return -ENOMEM;
	v->id = id;
	/* KVM routes all to vCPU 0 at first, as IROUTERs of 0. */
	v->target = id ? HVT_NO_TARGET : 0;
	err = v->fast.fd = hvt_kvm_sys->ioctl_number(
			hvt_kvm.vm, KVM_CREATE_VCPU, id);
	if (err < 0)
		goto err_free;
	err = hvt_kvm_sys->map(v->fast.fd, hvt_kvm.run_size, &run);
	if (err)
		goto err_close;
	v->fast.page = run;
	/* With EL2 the kernel keeps the registers elsewhere. */
	v->fast.record = hvt_kvm.el2 ? NULL : hvt_kvm_record_of(v->fast.page, id);
	if (!v->fast.record)
		v->fast.record = &v->none;
	v->fast.values = v->fast.record->regs;
	v->fast.watch = &hvt_run_watch;
	v->fast.settable = HV_REG_FPCR;
	*vcpu = v;
	return 0;

err_close:
	hvt_kvm_sys->close(v->fast.fd);
err_free:
	free(v);
	return err;
}

void hvt_kvm_vcpu_close(struct hvt_engine_vcpu *v)
{
	hvt_kvm_sys->unmap(v->fast.page, hvt_kvm.run_size);
	hvt_kvm_sys->close(v->fast.fd);
	free(v);
}

static void reset(struct hvt_engine_vcpu *v)
{
	atomic_store(&v->fast.cancel, false);
	hvt_kvm_forget_regs(v);
	v->fast.dirty = 0;
	v->lines = 0;
	v->fast.vtimer_masked = false;
	v->debug = (struct hvt_kvm_debug){ 0 };
	v->fast.attention = HVT_ATTEND_GIC;
	v->id_written = 0;
	memset(v->pauth_keys, 0, sizeof(v->pauth_keys));
	v->completes = false;
	v->fast.extent.size = 0;
	hvt_kvm_fold_allow(v);
	hvt_kvm_time_reset(v);
	v->fast.page->immediate_exit = 0;
	v->fast.page->exit_reason = 0;
	/* KVM's memory of the timer outlives its reset of a vCPU. */
	v->fast.page->s.regs.device_irq_level = 0;
}

/* The one with that id, which those who pause look for from now on. */
static int find_or_open(struct hvt_engine_vcpu **vcpu, uint32_t id)
{
	sigset_t mask;
	int err;

	*vcpu = hvt_kvm.vcpus[id];
	if (*vcpu)
		return 0;
	err = open_vcpu(vcpu, id);
	if (err)
		return err;
	hvt_kvm_lock(&mask);
	hvt_kvm.vcpus[id] = *vcpu;
	hvt_kvm_unlock(&mask);
	return 0;
}

int hvt_kvm_vcpu_open_all(void)
{
	for (uint32_t id = 0; id < hvt_kvm_vcpu_max(); id++) {
		struct hvt_engine_vcpu *v;
		int err = find_or_open(&v, id);

		if (err)
			return err;
	}
	return 0;
}

int hvt_kvm_vcpu_park_all(void)
{
	for (uint32_t id = 0; id < hvt_kvm_vcpu_max(); id++) {
		struct hvt_engine_vcpu *v = hvt_kvm.vcpus[id];
		int err = hvt_kvm_vcpu_init(hvt_kvm.vm, v->fast.fd, hvt_kvm.el2);

		if (!err)
			err = hvt_kvm_gic_park(v);
		if (err)
			return err;
	}
	return 0;
}

/*
 * KVM's reset gives a vCPU the affinity that belongs to its number, which may
 * be that of another: no guest may send to it meanwhile.
 */
static int reset_in_kvm(struct hvt_engine_vcpu *v)
{
	int err;

	hvt_kvm_pause();
	err = hvt_kvm_vcpu_init(hvt_kvm.vm, v->fast.fd, hvt_kvm.el2);
	if (!err)
		err = hvt_kvm_gic_unpark(v);
	hvt_kvm_resume();
	return err;
}

int hvt_kvm_vcpu_create(struct hvt_engine_vcpu **vcpu, uint32_t id)
{
	struct hvt_engine_vcpu *v;
	int err = find_or_open(&v, id);

	if (!err)
		err = reset_in_kvm(v);
	if (err)
		return err;
	reset(v);
	if (!id)
		hvt_kvm_id_init(v->fast.fd);
	err = hvt_kvm_reset_regs(v);
	if (err) {
		if (hvt_kvm.gic >= 0)
			(void)hvt_kvm_gic_park(v);
		return err;
	}
	hvt_kvm_kick_adopt(v);
	atomic_store(&v->exists, true);
	*vcpu = v;
	return 0;
}

void hvt_kvm_vcpu_destroy(struct hvt_engine_vcpu *v)
{
	atomic_store(&v->exists, false);
	if (hvt_kvm.gic >= 0)
		(void)hvt_kvm_gic_park(v);
	/* These outlive KVM's reset of a vCPU: switched off by hand. */
	(void)hvt_kvm_set_serror(v, false);
	(void)hvt_kvm_set_trap_debug(v, false);
}

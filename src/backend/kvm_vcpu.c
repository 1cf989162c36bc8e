/* SPDX-License-Identifier: MIT */
/*
 * KVM's vCPUs behind the API's. KVM frees neither an id nor a descriptor
 * before its VM goes, and adds none once the VGIC is initialised: a destroyed
 * vCPU stays here, and is reset when its id is created again.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "kvm.h"

int hvt_kvm_vcpu_init(int vm, int fd)
{
	struct kvm_vcpu_init init = { 0 };
	int err = hvt_kvm_sys->ioctl(vm, KVM_ARM_PREFERRED_TARGET, &init);

	if (err)
		return err;
	init.features[0] |= 1u << KVM_ARM_VCPU_PSCI_0_2;
	/* Both or none; a host without them gives its guests none. */
	if (hvt_kvm_sys->ioctl_number(vm, KVM_CHECK_EXTENSION,
			    KVM_CAP_ARM_PTRAUTH_ADDRESS) > 0 &&
			hvt_kvm_sys->ioctl_number(vm, KVM_CHECK_EXTENSION,
					KVM_CAP_ARM_PTRAUTH_GENERIC) > 0)
		init.features[0] |= 1u << KVM_ARM_VCPU_PTRAUTH_ADDRESS |
				1u << KVM_ARM_VCPU_PTRAUTH_GENERIC;
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
	err = v->fd = hvt_kvm_sys->ioctl_number(
			hvt_kvm.vm, KVM_CREATE_VCPU, id);
	if (err < 0) {
		/* The VGIC is at work: KVM adds no vCPU any more. */
		err = err == -EBUSY ? -ENOSPC : err;
		goto err_free;
	}
	err = hvt_kvm_sys->map(v->fd, hvt_kvm.run_size, &run);
	if (err)
		goto err_close;
	v->run = run;
	*vcpu = v;
	return 0;

err_close:
	hvt_kvm_sys->close(v->fd);
err_free:
	free(v);
	return err;
}

void hvt_kvm_vcpu_close(struct hvt_engine_vcpu *v)
{
	hvt_kvm_sys->unmap(v->run, hvt_kvm.run_size);
	hvt_kvm_sys->close(v->fd);
	free(v);
}

static void reset(struct hvt_engine_vcpu *v)
{
	atomic_store(&v->cancel, false);
	v->valid = v->dirty = 0;
	v->lines = 0;
	v->vtimer_masked = false;
	v->debug = (struct hvt_kvm_debug){ 0 };
	v->serror = false;
	v->id_written = 0;
	memset(v->pauth_keys, 0, sizeof(v->pauth_keys));
	hvt_kvm_time_reset(v);
	v->run->immediate_exit = 0;
	v->run->exit_reason = 0;
	/* KVM's memory of the timer outlives its reset of a vCPU. */
	v->run->s.regs.device_irq_level = 0;
}

int hvt_kvm_vcpu_create(struct hvt_engine_vcpu **vcpu, uint32_t id)
{
	struct hvt_engine_vcpu *v = hvt_kvm.vcpus[id];
	int err;

	if (!v) {
		err = open_vcpu(&v, id);
		if (err)
			return err;
		hvt_kvm.vcpus[id] = v;
	}
	err = hvt_kvm_vcpu_init(hvt_kvm.vm, v->fd);
	if (err)
		return err;
	reset(v);
	if (!id)
		hvt_kvm_id_init(v->fd);
	err = hvt_kvm_reset_regs(v);
	if (err)
		return err;
	hvt_kvm_kick_adopt(v);
	*vcpu = v;
	return 0;
}

void hvt_kvm_vcpu_destroy(struct hvt_engine_vcpu *v)
{
	/* These outlive KVM's reset of a vCPU: switched off by hand. */
	(void)hvt_kvm_set_serror(v, false);
	(void)hvt_kvm_set_trap_debug(v, false);
}

/* SPDX-License-Identifier: MIT */
/*
 * The registers of the VGIC as KVM's device attributes (devices/
 * arm-vgic-v3.rst). KVM gives them out only while no vCPU is busy: all are
 * kept outside the guest, and one whose register is being read by its thread
 * is soon done.
 */
#include <errno.h>
#include <sched.h>

#include "kvm.h"

#define GICR_TYPER      0x8u
#define GICR_ISACTIVER0 0x10300u
#define GICR_ICACTIVER0 0x10380u

static int access_attr(unsigned long request, uint32_t group, uint64_t attr,
		void *p)
{
	struct kvm_device_attr a = { .group = group, .attr = attr,
		.addr = (uint64_t)(uintptr_t)p };
	int err;

	hvt_kvm_pause();
	while ((err = hvt_kvm_sys->ioctl(hvt_kvm.gic, request, &a)) == -EBUSY)
		sched_yield();
	hvt_kvm_resume();
	return err;
}

/* The upper half of an attribute: Aff3 to Aff0, a byte each. */
static uint64_t attr_of(uint32_t vcpu, uint64_t low)
{
	uint64_t affinity = hvt_kvm.vcpus[vcpu]->affinity;

	return (affinity >> 32 & 0xff) << 56 | (affinity & 0xffffff) << 32 |
			low;
}

static int access_file(unsigned long request, enum hvt_gic_file file,
		uint32_t vcpu, uint32_t reg, uint64_t *value)
{
	uint32_t word = (uint32_t)*value;
	int err = -EINVAL;

	switch (file) {
	case HVT_GIC_CPU:
		return access_attr(request, KVM_DEV_ARM_VGIC_GRP_CPU_SYSREGS,
				attr_of(vcpu, reg), value);
	case HVT_GIC_DISTRIBUTOR:
		err = access_attr(request, KVM_DEV_ARM_VGIC_GRP_DIST_REGS, reg,
				&word);
		break;
	case HVT_GIC_REDISTRIBUTOR:
		err = access_attr(request, KVM_DEV_ARM_VGIC_GRP_REDIST_REGS,
				attr_of(vcpu, reg), &word);
		break;
	case HVT_GIC_LINES:
		err = access_attr(request, KVM_DEV_ARM_VGIC_GRP_LEVEL_INFO,
				attr_of(vcpu, VGIC_LEVEL_INFO_LINE_LEVEL |
						reg),
				&word);
		break;
	}
	*value = word;
	return err;
}

int hvt_kvm_gic_get(enum hvt_gic_file file, uint32_t vcpu, uint32_t reg,
		uint64_t *value)
{
	int err;

	*value = 0;
	err = access_file(KVM_GET_DEVICE_ATTR, file, vcpu, reg, value);
	if (!err && file == HVT_GIC_REDISTRIBUTOR && reg == GICR_TYPER)
		*value = hvt_kvm_gic_with_last(*value, vcpu);
	return err;
}

/*
 * Once a vCPU has run KVM has bound its timers to the host's, and leaves the
 * active state of their PPIs alone here. A guest's own access changes it.
 */
static bool needs_agent(enum hvt_gic_file file, uint32_t reg)
{
	return file == HVT_GIC_REDISTRIBUTOR &&
			(reg == GICR_ISACTIVER0 || reg == GICR_ICACTIVER0) &&
			atomic_load(&hvt_kvm.has_run);
}

int hvt_kvm_gic_set(enum hvt_gic_file file, uint32_t vcpu, uint32_t reg,
		uint64_t value)
{
	if (file == HVT_GIC_DISTRIBUTOR)
		atomic_store(&hvt_kvm.gic_written, true);
	if (needs_agent(file, reg))
		return hvt_kvm_agent_access(hvt_kvm_gic_frames(vcpu) + reg, 4,
				true, &value);
	return access_file(KVM_SET_DEVICE_ATTR, file, vcpu, reg, &value);
}

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

#define GICD_CTLR       0x0u
#define GICD_CTLR_GRP1  2u
#define GICD_ISENABLER  0x100u
#define GICD_ISACTIVER  0x300u
#define GICD_IROUTER    0x6000u
#define GICR_SGI        0x10000u
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

	if (vcpu >= hvt_kvm_vcpu_max())
		return -ENOSPC;
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

/* Writing ones sets, so this changes nothing; but see queue_again(). */
static int set_again(enum hvt_gic_file file, uint32_t vcpu, uint32_t reg)
{
	uint64_t value = 0;
	int err = access_file(KVM_GET_DEVICE_ATTR, file, vcpu, reg, &value);

	return err || !value ? err
			     : access_file(KVM_SET_DEVICE_ATTR, file, vcpu,
					       reg, &value);
}

/*
 * KVM puts an interrupt on the list of its target when one of these is set. It
 * takes it off when it may not be told, or there is no such target; and does
 * not come back to it when that changes.
 */
static int queue_again(enum hvt_gic_file file, uint32_t vcpu, uint32_t intid)
{
	uint32_t base = file == HVT_GIC_REDISTRIBUTOR ? GICR_SGI : 0;
	uint32_t word = base + intid / 32 * 4;
	int err = set_again(file, vcpu, GICD_ISENABLER + word);

	return err ? err : set_again(file, vcpu, GICD_ISACTIVER + word);
}

static int queue_all_again(void)
{
	const struct hvt_gic_params *p = &hvt_kvm.gic_params;
	int err = 0;

	for (uint32_t n = 0; n < p->spi_count && !err; n += 32)
		err = queue_again(HVT_GIC_DISTRIBUTOR, 0, p->spi_base + n);
	/* Also of those to come, whose state may have been restored. */
	for (uint32_t id = 0; id < hvt_kvm_vcpu_max() && !err; id++)
		err = queue_again(HVT_GIC_REDISTRIBUTOR, id, 0);
	return err;
}

/* What a write to the distributor leaves to be done. */
static int after_write(uint32_t reg, uint64_t value)
{
	const struct hvt_gic_params *p = &hvt_kvm.gic_params;
	uint32_t intid = (reg - GICD_IROUTER) / 8;

	atomic_store(&hvt_kvm.gic_written, true);
	if (reg == GICD_CTLR && value & GICD_CTLR_GRP1)
		return queue_all_again();
	if (reg % 8 || intid - p->spi_base >= p->spi_count)
		return 0;
	hvt_kvm_gic_routed(value & IROUTER_MASK);
	return queue_again(HVT_GIC_DISTRIBUTOR, 0, intid);
}

int hvt_kvm_gic_set(enum hvt_gic_file file, uint32_t vcpu, uint32_t reg,
		uint64_t value)
{
	uint64_t word = value;
	int err;

	if (needs_agent(file, reg))
		return hvt_kvm_agent_access(hvt_kvm_gic_frames(vcpu) + reg, 4,
				true, &value);
	err = access_file(KVM_SET_DEVICE_ATTR, file, vcpu, reg, &word);
	return err || file != HVT_GIC_DISTRIBUTOR ? err
						  : after_write(reg, value);
}

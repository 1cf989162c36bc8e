/* SPDX-License-Identifier: MIT */
/*
 * The in-kernel VGICv3 (KVM API, devices/arm-vgic-v3.rst).
 *
 * KVM adds no vCPU once it is initialised, the API at any time. So all vCPUs
 * that a VM can have are created with the GIC; those that the API does not
 * have yet are parked (kvm_gic_place.c).
 *
 * KVM fixes where the redistributors lie before the first run, one after the
 * other for all vCPUs. On a Mac one appears when its vCPU has been given its
 * affinity, and the addresses behind the last are the VMM's. So KVM has all of
 * them in a part of the IPA space that guests do not know, and accesses to
 * those the guest knows are done there for it (kvm_gic_mmio.c).
 */
#include <errno.h>

#include "gic.h"
#include "kvm.h"

#define GICD_ICFGR 0xc00u

/* KVM_VGIC_V3_ADDR_TYPE_REDIST_REGION: how many, from where, which region. */
static uint64_t region(uint64_t count, uint64_t base, uint64_t index)
{
	return count << 52 | base | index;
}

static int set_addresses(int gic, const struct hvt_gic_params *params)
{
	uint64_t frames = region(HVT_VCPU_MAX + 1,
			hvt_kvm.hidden + HVT_HIDDEN_FRAMES, 0);
	int err;

	err = hvt_kvm_device_attr(gic, KVM_DEV_ARM_VGIC_GRP_ADDR,
			KVM_VGIC_V3_ADDR_TYPE_DIST, &params->distributor_base);
	if (!err)
		err = hvt_kvm_device_attr(gic, KVM_DEV_ARM_VGIC_GRP_ADDR,
				KVM_VGIC_V3_ADDR_TYPE_REDIST_REGION, &frames);
	return err;
}

/* KVM's SPIs are edges at first; a GIC's, and those of hv_gic_reset, levels. */
static int make_levels(int gic, const struct hvt_gic_params *params)
{
	const uint32_t levels = 0;
	int err = 0;

	for (uint32_t n = 0; n < params->spi_count && !err; n += 16)
		err = hvt_kvm_device_attr(gic, KVM_DEV_ARM_VGIC_GRP_DIST_REGS,
				GICD_ICFGR + (params->spi_base + n) / 4,
				&levels);
	return err;
}

static int configure(int gic, const struct hvt_gic_params *params)
{
	/* KVM counts from interrupt 0, in whole groups of 32. */
	uint32_t count = (params->spi_base + params->spi_count + 31) / 32 * 32;
	int err = set_addresses(gic, params);

	if (!err)
		err = hvt_kvm_device_attr(gic, KVM_DEV_ARM_VGIC_GRP_NR_IRQS, 0,
				&count);
	if (!err)
		err = hvt_kvm_vcpu_park_all();
	if (!err)
		err = hvt_kvm_agent_create();
	if (!err)
		err = hvt_kvm_device_attr(gic, KVM_DEV_ARM_VGIC_GRP_CTRL,
				KVM_DEV_ARM_VGIC_CTRL_INIT, NULL);
	if (!err)
		err = make_levels(gic, params);
	/* Beyond the VM's address space. */
	return err == -E2BIG ? -EINVAL : err;
}

/*
 * KVM makes a VGIC before it looks for a descriptor, and where it finds none
 * the VM has one that nobody can reach: so it is found out before, by another
 * call that needs one and leaves nothing behind.
 */
static int check_descriptors(void)
{
	int fd = hvt_kvm_sys->ioctl_number(hvt_kvm.vm, KVM_GET_STATS_FD, 0);

	if (fd == -EMFILE || fd == -ENFILE || fd == -ENOMEM)
		return fd;
	if (fd >= 0)
		hvt_kvm_sys->close(fd);
	return 0;
}

static int create_device(int *gic)
{
	struct kvm_create_device device = { .type = KVM_DEV_TYPE_ARM_VGIC_V3 };
	int err = check_descriptors();

	if (!err)
		err = hvt_kvm_sys->ioctl(
				hvt_kvm.vm, KVM_CREATE_DEVICE, &device);
	*gic = (int)device.fd;
	return err == -ENODEV ? -EOPNOTSUPP : err;
}

int hvt_kvm_gic_create(const struct hvt_gic_params *params)
{
	int gic, err;

	/* KVM's VGIC cannot be undone: what can be refused is refused first. */
	if (params->distributor_base + HVT_GICD_SIZE > hvt_kvm.hidden)
		return -EINVAL;
	err = hvt_kvm_agent_check();
	if (!err)
		err = hvt_kvm_vcpu_open_all();
	if (!err)
		err = hvt_kvm_agent_open();
	if (!err)
		err = create_device(&gic);
	if (err)
		return err;
	hvt_kvm.gic_params = *params;
	err = configure(gic, params);
	if (err) {
		hvt_kvm_sys->close(gic);
		return err;
	}
	hvt_kvm.gic = gic;
	return 0;
}

int hvt_kvm_gic_run(void)
{
	/* KVM would say -EAGAIN for ever to a vCPU with EL2 and no GIC. */
	if (hvt_kvm.gic < 0)
		return hvt_kvm.el2 ? -EOPNOTSUPP : 0;
	atomic_store(&hvt_kvm.has_run, true);
	return 0;
}

int hvt_kvm_gic_set_spi(uint32_t intid, bool level)
{
	struct kvm_irq_level line = {
		.irq = KVM_ARM_IRQ_TYPE_SPI << KVM_ARM_IRQ_TYPE_SHIFT | intid,
		.level = level,
	};

	return hvt_kvm_sys->ioctl(hvt_kvm.vm, KVM_IRQ_LINE, &line);
}

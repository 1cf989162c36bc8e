/* SPDX-License-Identifier: MIT */
/*
 * The in-kernel VGICv3. It is initialised by the first run of any vCPU: from
 * then on KVM adds no vCPUs.
 */
#include <errno.h>

#include "kvm.h"

#define INTIDS (8u * sizeof(hvt_kvm.early_lines))

static int configure(int gic, const struct hvt_gic_params *params)
{
	/* KVM counts from interrupt 0, in whole groups of 32. */
	uint32_t count = (params->spi_base + params->spi_count + 31) / 32 * 32;
	int err;

	err = hvt_kvm_device_attr(gic, KVM_DEV_ARM_VGIC_GRP_ADDR,
			KVM_VGIC_V3_ADDR_TYPE_DIST, &params->distributor_base);
	if (!err)
		err = hvt_kvm_device_attr(gic, KVM_DEV_ARM_VGIC_GRP_ADDR,
				KVM_VGIC_V3_ADDR_TYPE_REDIST,
				&params->redistributor_base);
	if (!err)
		err = hvt_kvm_device_attr(gic, KVM_DEV_ARM_VGIC_GRP_NR_IRQS, 0,
				&count);
	/* Beyond the VM's address space. */
	return err == -E2BIG ? -EINVAL : err;
}

int hvt_kvm_gic_create(const struct hvt_gic_params *params)
{
	struct kvm_create_device device = { .type = KVM_DEV_TYPE_ARM_VGIC_V3 };
	int err;

	err = hvt_kvm_sys->ioctl(hvt_kvm.vm, KVM_CREATE_DEVICE, &device);
	if (err)
		return err == -ENODEV ? -EOPNOTSUPP : err;
	err = configure((int)device.fd, params);
	if (err) {
		hvt_kvm_sys->close((int)device.fd);
		return err;
	}
	hvt_kvm.gic = (int)device.fd;
	return 0;
}

static int set_line(uint32_t intid, bool level)
{
	struct kvm_irq_level line = {
		.irq = KVM_ARM_IRQ_TYPE_SPI << KVM_ARM_IRQ_TYPE_SHIFT | intid,
		.level = level,
	};

	return hvt_kvm_sys->ioctl(hvt_kvm.vm, KVM_IRQ_LINE, &line);
}

/* Under the lock. */
static int make_ready(void)
{
	int err = hvt_kvm_device_attr(hvt_kvm.gic, KVM_DEV_ARM_VGIC_GRP_CTRL,
			KVM_DEV_ARM_VGIC_CTRL_INIT, NULL);

	for (uint32_t i = 0; i < INTIDS && !err; i++)
		if (hvt_kvm.early_lines[i / 8] & 1u << i % 8)
			err = set_line(i, true);
	return err;
}

int hvt_kvm_gic_ready(void)
{
	int err = 0;

	if (hvt_kvm.gic < 0 || atomic_load(&hvt_kvm.gic_ready))
		return 0;
	pthread_mutex_lock(&hvt_kvm.lock);
	if (!atomic_load(&hvt_kvm.gic_ready))
		err = make_ready();
	if (!err)
		atomic_store(&hvt_kvm.gic_ready, true);
	pthread_mutex_unlock(&hvt_kvm.lock);
	return err;
}

/*
 * Before the first run lines are only remembered: to have them, KVM's VGIC
 * would have to be initialised, and could then get no more vCPUs.
 */
static bool set_early(uint32_t intid, bool level)
{
	uint8_t *byte = &hvt_kvm.early_lines[intid / 8];
	uint8_t bit = (uint8_t)(1u << intid % 8);
	bool early;

	pthread_mutex_lock(&hvt_kvm.lock);
	early = !atomic_load(&hvt_kvm.gic_ready);
	if (early)
		*byte = level ? *byte | bit : *byte & (uint8_t)~bit;
	pthread_mutex_unlock(&hvt_kvm.lock);
	return early;
}

int hvt_kvm_gic_set_spi(uint32_t intid, bool level)
{
	if (!atomic_load(&hvt_kvm.gic_ready) && set_early(intid, level))
		return 0;
	return set_line(intid, level);
}

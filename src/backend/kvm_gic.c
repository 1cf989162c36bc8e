/* SPDX-License-Identifier: MIT */
/*
 * The in-kernel VGICv3. It is initialised by the first run of any vCPU: from
 * then on KVM adds no vCPUs.
 */
#include <errno.h>

#include "kvm.h"

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

int hvt_kvm_gic_ready(void)
{
	int err = 0;

	if (hvt_kvm.gic < 0 || atomic_load(&hvt_kvm.gic_ready))
		return 0;
	pthread_mutex_lock(&hvt_kvm.lock);
	if (!atomic_load(&hvt_kvm.gic_ready))
		err = hvt_kvm_device_attr(hvt_kvm.gic,
				KVM_DEV_ARM_VGIC_GRP_CTRL,
				KVM_DEV_ARM_VGIC_CTRL_INIT, NULL);
	if (!err)
		atomic_store(&hvt_kvm.gic_ready, true);
	pthread_mutex_unlock(&hvt_kvm.lock);
	return err;
}

int hvt_kvm_gic_set_spi(uint32_t intid, bool level)
{
	struct kvm_irq_level line = {
		.irq = KVM_ARM_IRQ_TYPE_SPI << KVM_ARM_IRQ_TYPE_SHIFT | intid,
		.level = level,
	};
	int err = hvt_kvm_gic_ready();

	return err ? err
		   : hvt_kvm_sys->ioctl(hvt_kvm.vm, KVM_IRQ_LINE, &line);
}

/* SPDX-License-Identifier: MIT */
/* hv_gic_*: parameters, creation and interrupt lines. */
#include "gic.h"

#include <errno.h>

#include "api.h"
#include "object.h"
#include "vm.h"

static int size_out(size_t *p, size_t value)
{
	if (!p)
		return -EINVAL;
	*p = value;
	return 0;
}

int hvt_gic_get_distributor_size(size_t *distributor_size)
{
	return size_out(distributor_size, HVT_GICD_SIZE);
}

int hvt_gic_get_distributor_base_alignment(size_t *distributor_base_alignment)
{
	return size_out(distributor_base_alignment, HVT_GIC_ALIGNMENT);
}

int hvt_gic_get_redistributor_region_size(size_t *redistributor_region_size)
{
	return size_out(redistributor_region_size, HVT_GICR_REGION_SIZE);
}

int hvt_gic_get_redistributor_size(size_t *redistributor_size)
{
	return size_out(redistributor_size, HVT_GICR_SIZE);
}

int hvt_gic_get_redistributor_base_alignment(
		size_t *redistributor_base_alignment)
{
	return size_out(redistributor_base_alignment, HVT_GIC_ALIGNMENT);
}

int hvt_gic_get_msi_region_size(size_t *msi_region_size)
{
	return size_out(msi_region_size, HVT_GICM_SIZE);
}

int hvt_gic_get_msi_region_base_alignment(size_t *msi_region_base_alignment)
{
	return size_out(msi_region_base_alignment, HVT_GIC_ALIGNMENT);
}

int hvt_gic_get_spi_interrupt_range(
		uint32_t *spi_intid_base, uint32_t *spi_intid_count)
{
	if (!spi_intid_base || !spi_intid_count)
		return -EINVAL;
	*spi_intid_base = HVT_SPI_BASE;
	*spi_intid_count = HVT_SPI_COUNT;
	return 0;
}

/* The selectors are named after the PPI they stand for. */
int hvt_gic_get_intid(hv_gic_intid_t interrupt, uint32_t *intid)
{
	if (!intid)
		return -EINVAL;
	switch (interrupt) {
	case HV_GIC_INT_PERFORMANCE_MONITOR:
	case HV_GIC_INT_MAINTENANCE:
	case HV_GIC_INT_EL2_PHYSICAL_TIMER:
	case HV_GIC_INT_EL1_VIRTUAL_TIMER:
	case HV_GIC_INT_EL1_PHYSICAL_TIMER:
		*intid = interrupt;
		return 0;
	default:
		return -EINVAL;
	}
}

static bool overlap(uint64_t a, uint64_t a_size, uint64_t b, uint64_t b_size)
{
	return a < b + b_size && b < a + a_size;
}

/* Is it inside the VM's address space? The lock is held. */
static bool fits(uint64_t base, uint64_t size)
{
	return base + size <= 1ull << hvt_vm.ipa_bits;
}

static int create(const struct hvt_object *config)
{
	struct hvt_gic_params params = {
		.distributor_base = config->u.gic.distributor_base,
		.redistributor_base = config->u.gic.redistributor_base,
		.spi_base = HVT_SPI_BASE,
		.spi_count = HVT_SPI_COUNT,
	};
	int err = hvt_vm_check();

	if (err)
		return err;
	if (hvt_vm.has_gic)
		return -EEXIST;
	if (hvt_vm.vcpus)
		return -EBUSY;
	if (!config->u.gic.has_distributor || !config->u.gic.has_redistributor)
		return -EINVAL;
	/* Only the first frames: VMMs reserve what their vCPUs need. */
	if (!fits(params.distributor_base, HVT_GICD_SIZE) ||
			!fits(params.redistributor_base, HVT_GICR_SIZE) ||
			overlap(params.distributor_base, HVT_GICD_SIZE,
				params.redistributor_base, HVT_GICR_SIZE))
		return -EINVAL;
	/* The MSI frame is not there yet: refuse, do not leave it silent. */
	if (config->u.gic.msi_base || config->u.gic.msi_intid_count)
		return -EOPNOTSUPP;
	err = hvt_engine->gic_create(&params);
	hvt_vm.has_gic = !err;
	return err;
}

int hvt_gic_create(hv_gic_config_t gic_config)
{
	struct hvt_object *config;
	int err = hvt_object_get(gic_config, HVT_OBJECT_GIC_CONFIG, &config);

	if (err)
		return err;
	pthread_mutex_lock(&hvt_vm.lock);
	err = create(config);
	pthread_mutex_unlock(&hvt_vm.lock);
	return err;
}

int hvt_gic_set_spi(uint32_t intid, bool level)
{
	int err;

	if (intid < HVT_SPI_BASE || intid >= HVT_SPI_BASE + HVT_SPI_COUNT)
		return -EINVAL;
	pthread_mutex_lock(&hvt_vm.lock);
	err = hvt_vm.has_gic && hvt_vm.exists
			? hvt_engine->gic_set_spi(intid, level)
			: -ENODEV;
	pthread_mutex_unlock(&hvt_vm.lock);
	return err;
}

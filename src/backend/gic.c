/* SPDX-License-Identifier: MIT */
/* hv_gic_*: parameters, creation, interrupt lines and the MSI frame. */
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

struct frame {
	uint64_t base, size;
};

static bool overlap(const struct frame *a, const struct frame *b)
{
	return a->base < b->base + b->size && b->base < a->base + a->size;
}

/*
 * Inside the VM's address space, and apart from each other? Of the
 * redistributors only the first counts: VMMs reserve what their vCPUs need. The
 * lock is held.
 */
static bool has_room(const struct hvt_gic_params *p)
{
	const struct frame frames[] = {
		{ p->distributor_base, HVT_GICD_SIZE },
		{ p->redistributor_base, HVT_GICR_SIZE },
		{ p->msi_base, HVT_GICM_SIZE },
	};
	unsigned count = p->msi_intid_count ? 3 : 2;

	for (unsigned i = 0; i < count; i++) {
		if (frames[i].base + frames[i].size > 1ull << hvt_vm.ipa_bits)
			return false;
		for (unsigned k = 0; k < i; k++)
			if (overlap(&frames[i], &frames[k]))
				return false;
	}
	return true;
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
	/* Half a configuration of MSIs is none. */
	if (config->u.gic.has_msi_base) {
		params.msi_base = config->u.gic.msi_base;
		params.msi_intid_base = config->u.gic.msi_intid_base;
		params.msi_intid_count = config->u.gic.msi_intid_count;
	}
	if (!config->u.gic.has_distributor ||
			!config->u.gic.has_redistributor || !has_room(&params))
		return -EINVAL;
	err = hvt_engine->gic_create(&params);
	if (err)
		return err;
	hvt_vm.has_gic = true;
	hvt_vm.gic = params;
	hvt_vm.gic_restored = 0;
	return 0;
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

int hvt_gic_enter(void)
{
	int err;

	pthread_mutex_lock(&hvt_vm.lock);
	err = hvt_vm_check();
	if (!err && !hvt_vm.has_gic)
		err = -ENODEV;
	if (err)
		pthread_mutex_unlock(&hvt_vm.lock);
	return err;
}

void hvt_gic_leave(void)
{
	pthread_mutex_unlock(&hvt_vm.lock);
}

static bool is_msi(uint32_t intid)
{
	return intid - hvt_vm.gic.msi_intid_base < hvt_vm.gic.msi_intid_count;
}

int hvt_gic_set_spi(uint32_t intid, bool level)
{
	int err;

	if (intid < HVT_SPI_BASE || intid >= HVT_SPI_BASE + HVT_SPI_COUNT)
		return -EINVAL;
	err = hvt_gic_enter();
	if (err)
		return err;
	err = is_msi(intid) ? -EINVAL : hvt_engine->gic_set_spi(intid, level);
	hvt_gic_leave();
	return err;
}

/*
 * The MSI frame. What it makes of a write is an edge: the line goes up and
 * down again.
 */
static int raise_msi(uint32_t intid)
{
	int err = hvt_engine->gic_set_spi(intid, true);

	return err ? err : hvt_engine->gic_set_spi(intid, false);
}

int hvt_gic_send_msi(hv_ipa_t address, uint32_t intid)
{
	int err = hvt_gic_enter();

	if (err)
		return err;
	if (!is_msi(intid) || address != hvt_vm.gic.msi_base +
					HV_GIC_REG_GICM_SET_SPI_NSR)
		err = -EINVAL;
	else
		err = raise_msi(intid);
	hvt_gic_leave();
	return err;
}

/* Without MSIs there is no such frame. */
static int enter_msi(void)
{
	int err = hvt_gic_enter();

	if (err || hvt_vm.gic.msi_intid_count)
		return err;
	hvt_gic_leave();
	return -ENODEV;
}

int hvt_gic_get_msi_reg(hv_gic_msi_reg_t reg, uint64_t *value)
{
	int err;

	if (!value || (reg != HV_GIC_REG_GICM_TYPER &&
				      reg != HV_GIC_REG_GICM_SET_SPI_NSR))
		return -EINVAL;
	err = enter_msi();
	if (err)
		return err;
	/* The other one is write-only, and reads as zero. */
	*value = reg == HV_GIC_REG_GICM_TYPER
			? hvt_gicm_typer(hvt_vm.gic.msi_intid_base,
					hvt_vm.gic.msi_intid_count)
			: 0;
	hvt_gic_leave();
	return 0;
}

/* As a write on the bus: what the frame does not take is ignored. */
int hvt_gic_set_msi_reg(hv_gic_msi_reg_t reg, uint64_t value)
{
	int err;

	if (reg != HV_GIC_REG_GICM_TYPER && reg != HV_GIC_REG_GICM_SET_SPI_NSR)
		return -EINVAL;
	err = enter_msi();
	if (err)
		return err;
	if (reg == HV_GIC_REG_GICM_SET_SPI_NSR && is_msi((uint32_t)value))
		err = raise_msi((uint32_t)value);
	hvt_gic_leave();
	return err;
}

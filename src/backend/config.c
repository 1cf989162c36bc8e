/* SPDX-License-Identifier: MIT */
/* hv_vm_config_*, hv_vcpu_config_* and hv_gic_config_*: plain values. */
#include <errno.h>
#include <string.h>

#include "api.h"
#include "gic.h"
#include "object.h"
#include "vm.h"

int hvt_vm_config_get_max_ipa_size(uint32_t *ipa_bit_length)
{
	if (!ipa_bit_length)
		return -EINVAL;
	return hvt_engine ? hvt_engine->max_ipa_bits(ipa_bit_length)
			  : -EOPNOTSUPP;
}

int hvt_vm_config_get_default_ipa_size(uint32_t *ipa_bit_length)
{
	uint32_t max;
	int err = hvt_vm_config_get_max_ipa_size(&max);

	if (err || !ipa_bit_length)
		return err ? err : -EINVAL;
	*ipa_bit_length = max < IPA_BITS_DEFAULT ? max : IPA_BITS_DEFAULT;
	return 0;
}

int hvt_vm_config_set_ipa_size(hv_vm_config_t config, uint32_t ipa_bit_length)
{
	struct hvt_object *o;
	uint32_t max;
	int err = hvt_object_get(config, HVT_OBJECT_VM_CONFIG, &o);

	if (!err)
		err = hvt_vm_config_get_max_ipa_size(&max);
	if (err)
		return err;
	if (ipa_bit_length > max)
		return -EOPNOTSUPP;
	o->u.vm.ipa_bits = ipa_bit_length;
	return 0;
}

int hvt_vm_config_get_ipa_size(hv_vm_config_t config, uint32_t *ipa_bit_length)
{
	struct hvt_object *o;
	int err = hvt_object_get(config, HVT_OBJECT_VM_CONFIG, &o);

	if (err || !ipa_bit_length)
		return -EINVAL;
	*ipa_bit_length = o->u.vm.ipa_bits;
	return 0;
}

int hvt_vm_config_get_el2_supported(bool *el2_supported)
{
	if (!el2_supported)
		return -EINVAL;
	return hvt_engine ? hvt_engine->el2_supported(el2_supported)
			  : -EOPNOTSUPP;
}

int hvt_vm_config_get_el2_enabled(hv_vm_config_t config, bool *el2_enabled)
{
	struct hvt_object *o;
	int err = hvt_object_get(config, HVT_OBJECT_VM_CONFIG, &o);

	if (err || !el2_enabled)
		return -EINVAL;
	*el2_enabled = o->u.vm.el2;
	return 0;
}

/* Accepted here as on a Mac; hv_vm_create is where it is refused. */
int hvt_vm_config_set_el2_enabled(hv_vm_config_t config, bool el2_enabled)
{
	struct hvt_object *o;
	int err = hvt_object_get(config, HVT_OBJECT_VM_CONFIG, &o);

	if (!err)
		o->u.vm.el2 = el2_enabled;
	return err;
}

int hvt_vm_config_get_default_ipa_granule(hv_ipa_granule_t *granule)
{
	if (!granule)
		return -EINVAL;
	*granule = HV_IPA_GRANULE_16KB;
	return 0;
}

int hvt_vm_config_get_ipa_granule(
		hv_vm_config_t config, hv_ipa_granule_t *granule)
{
	struct hvt_object *o;
	int err = hvt_object_get(config, HVT_OBJECT_VM_CONFIG, &o);

	if (err || !granule)
		return -EINVAL;
	*granule = o->u.vm.granule;
	return 0;
}

int hvt_vm_config_set_ipa_granule(
		hv_vm_config_t config, hv_ipa_granule_t granule)
{
	struct hvt_object *o;
	int err = hvt_object_get(config, HVT_OBJECT_VM_CONFIG, &o);

	if (err || granule > HV_IPA_GRANULE_16KB)
		return -EINVAL;
	o->u.vm.granule = granule;
	return 0;
}

int hvt_vcpu_config_get_feature_reg(hv_vcpu_config_t config,
		hv_feature_reg_t feature_reg, uint64_t *value)
{
	struct hvt_object *o;
	int err = hvt_object_get(config, HVT_OBJECT_VCPU_CONFIG, &o);

	if (err || !value ||
			feature_reg > HV_FEATURE_REG_ID_AA64MMFR4_EL1)
		return -EINVAL;
	return hvt_engine ? hvt_engine->feature_reg(feature_reg, value)
			  : -EOPNOTSUPP;
}

int hvt_vcpu_config_get_ccsidr_el1_sys_reg_values(hv_vcpu_config_t config,
		hv_cache_type_t cache_type, uint64_t values[8])
{
	struct hvt_object *o;
	int err = hvt_object_get(config, HVT_OBJECT_VCPU_CONFIG, &o);

	if (err || !values || cache_type > HV_CACHE_TYPE_INSTRUCTION)
		return -EINVAL;
	return hvt_engine ? hvt_engine->ccsidr(cache_type, values)
			  : -EOPNOTSUPP;
}

/* A region of size bytes at base, aligned and not running past the end. */
static bool fits(uint64_t base, uint64_t size)
{
	return base % HVT_GIC_ALIGNMENT == 0 && base + size > base;
}

int hvt_gic_config_set_distributor_base(
		hv_gic_config_t config, hv_ipa_t distributor_base_address)
{
	struct hvt_object *o;
	int err = hvt_object_get(config, HVT_OBJECT_GIC_CONFIG, &o);

	if (err || !fits(distributor_base_address, HVT_GICD_SIZE))
		return -EINVAL;
	o->u.gic.distributor_base = distributor_base_address;
	o->u.gic.has_distributor = true;
	return 0;
}

int hvt_gic_config_set_redistributor_base(
		hv_gic_config_t config, hv_ipa_t redistributor_base_address)
{
	struct hvt_object *o;
	int err = hvt_object_get(config, HVT_OBJECT_GIC_CONFIG, &o);

	if (err || !fits(redistributor_base_address, HVT_GICR_REGION_SIZE))
		return -EINVAL;
	o->u.gic.redistributor_base = redistributor_base_address;
	o->u.gic.has_redistributor = true;
	return 0;
}

int hvt_gic_config_set_msi_region_base(
		hv_gic_config_t config, hv_ipa_t msi_region_base_address)
{
	struct hvt_object *o;
	int err = hvt_object_get(config, HVT_OBJECT_GIC_CONFIG, &o);

	if (err || !fits(msi_region_base_address, HVT_GICM_SIZE))
		return -EINVAL;
	o->u.gic.msi_base = msi_region_base_address;
	o->u.gic.has_msi_base = true;
	return 0;
}

int hvt_gic_config_set_msi_interrupt_range(hv_gic_config_t config,
		uint32_t msi_intid_base, uint32_t msi_intid_count)
{
	struct hvt_object *o;
	int err = hvt_object_get(config, HVT_OBJECT_GIC_CONFIG, &o);

	if (err || msi_intid_base < HVT_SPI_BASE ||
			msi_intid_base >= HVT_SPI_BASE + HVT_SPI_COUNT ||
			msi_intid_count >
				HVT_SPI_BASE + HVT_SPI_COUNT - msi_intid_base)
		return -EINVAL;
	o->u.gic.msi_intid_base = msi_intid_base;
	o->u.gic.msi_intid_count = msi_intid_count;
	return 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * Functions of the API that are not there yet. Each says so to its caller;
 * none pretends. docs/COVERAGE.md lists them, and a test compares the two.
 */
#include <errno.h>

#include "api.h"
#include "door.h"

#define UNUSED(x) ((void)(x))

/* SME: KVM has none for guests in any kernel so far. */

int hvt_sme_config_get_max_svl_bytes(size_t *value)
{
	UNUSED(value);
	return -EOPNOTSUPP;
}

int hvt_vcpu_get_sme_state(hv_vcpu_t vcpu, hv_vcpu_sme_state_t *sme_state)
{
	UNUSED(vcpu), UNUSED(sme_state);
	return -EOPNOTSUPP;
}

int hvt_vcpu_set_sme_state(hv_vcpu_t vcpu, const hv_vcpu_sme_state_t *sme_state)
{
	UNUSED(vcpu), UNUSED(sme_state);
	return -EOPNOTSUPP;
}

int hvt_vcpu_get_sme_z_reg(
		hv_vcpu_t vcpu, hv_sme_z_reg_t reg, uint8_t *value, size_t length)
{
	UNUSED(vcpu), UNUSED(reg), UNUSED(value), UNUSED(length);
	return -EOPNOTSUPP;
}

int hvt_vcpu_set_sme_z_reg(hv_vcpu_t vcpu, hv_sme_z_reg_t reg,
		const uint8_t *value, size_t length)
{
	UNUSED(vcpu), UNUSED(reg), UNUSED(value), UNUSED(length);
	return -EOPNOTSUPP;
}

int hvt_vcpu_get_sme_p_reg(
		hv_vcpu_t vcpu, hv_sme_p_reg_t reg, uint8_t *value, size_t length)
{
	UNUSED(vcpu), UNUSED(reg), UNUSED(value), UNUSED(length);
	return -EOPNOTSUPP;
}

int hvt_vcpu_set_sme_p_reg(hv_vcpu_t vcpu, hv_sme_p_reg_t reg,
		const uint8_t *value, size_t length)
{
	UNUSED(vcpu), UNUSED(reg), UNUSED(value), UNUSED(length);
	return -EOPNOTSUPP;
}

int hvt_vcpu_get_sme_za_reg(hv_vcpu_t vcpu, uint8_t *value, size_t length)
{
	UNUSED(vcpu), UNUSED(value), UNUSED(length);
	return -EOPNOTSUPP;
}

int hvt_vcpu_set_sme_za_reg(
		hv_vcpu_t vcpu, const uint8_t *value, size_t length)
{
	UNUSED(vcpu), UNUSED(value), UNUSED(length);
	return -EOPNOTSUPP;
}

int hvt_vcpu_get_sme_zt0_reg(hv_vcpu_t vcpu, hv_sme_zt0_uchar64_t *value)
{
	UNUSED(vcpu), UNUSED(value);
	return -EOPNOTSUPP;
}

int hvt_vcpu_set_sme_zt0_reg(hv_vcpu_t vcpu, const hv_sme_zt0_uchar64_t *value)
{
	UNUSED(vcpu), UNUSED(value);
	return -EOPNOTSUPP;
}

/* The GIC beyond creation and SPIs. */

int hvt_gic_send_msi(hv_ipa_t address, uint32_t intid)
{
	UNUSED(address), UNUSED(intid);
	return -EOPNOTSUPP;
}

int hvt_gic_get_distributor_reg(hv_gic_distributor_reg_t reg, uint64_t *value)
{
	UNUSED(reg), UNUSED(value);
	return -EOPNOTSUPP;
}

int hvt_gic_set_distributor_reg(hv_gic_distributor_reg_t reg, uint64_t value)
{
	UNUSED(reg), UNUSED(value);
	return -EOPNOTSUPP;
}

int hvt_gic_get_redistributor_base(
		hv_vcpu_t vcpu, hv_ipa_t *redistributor_base_address)
{
	UNUSED(vcpu), UNUSED(redistributor_base_address);
	return -EOPNOTSUPP;
}

int hvt_gic_get_redistributor_reg(
		hv_vcpu_t vcpu, hv_gic_redistributor_reg_t reg, uint64_t *value)
{
	UNUSED(vcpu), UNUSED(reg), UNUSED(value);
	return -EOPNOTSUPP;
}

int hvt_gic_set_redistributor_reg(
		hv_vcpu_t vcpu, hv_gic_redistributor_reg_t reg, uint64_t value)
{
	UNUSED(vcpu), UNUSED(reg), UNUSED(value);
	return -EOPNOTSUPP;
}

int hvt_gic_get_icc_reg(hv_vcpu_t vcpu, hv_gic_icc_reg_t reg, uint64_t *value)
{
	UNUSED(vcpu), UNUSED(reg), UNUSED(value);
	return -EOPNOTSUPP;
}

int hvt_gic_set_icc_reg(hv_vcpu_t vcpu, hv_gic_icc_reg_t reg, uint64_t value)
{
	UNUSED(vcpu), UNUSED(reg), UNUSED(value);
	return -EOPNOTSUPP;
}

int hvt_gic_get_ich_reg(hv_vcpu_t vcpu, hv_gic_ich_reg_t reg, uint64_t *value)
{
	UNUSED(vcpu), UNUSED(reg), UNUSED(value);
	return -EOPNOTSUPP;
}

int hvt_gic_set_ich_reg(hv_vcpu_t vcpu, hv_gic_ich_reg_t reg, uint64_t value)
{
	UNUSED(vcpu), UNUSED(reg), UNUSED(value);
	return -EOPNOTSUPP;
}

int hvt_gic_get_icv_reg(hv_vcpu_t vcpu, hv_gic_icv_reg_t reg, uint64_t *value)
{
	UNUSED(vcpu), UNUSED(reg), UNUSED(value);
	return -EOPNOTSUPP;
}

int hvt_gic_set_icv_reg(hv_vcpu_t vcpu, hv_gic_icv_reg_t reg, uint64_t value)
{
	UNUSED(vcpu), UNUSED(reg), UNUSED(value);
	return -EOPNOTSUPP;
}

int hvt_gic_get_msi_reg(hv_gic_msi_reg_t reg, uint64_t *value)
{
	UNUSED(reg), UNUSED(value);
	return -EOPNOTSUPP;
}

int hvt_gic_set_msi_reg(hv_gic_msi_reg_t reg, uint64_t value)
{
	UNUSED(reg), UNUSED(value);
	return -EOPNOTSUPP;
}

int hvt_gic_set_state(const void *gic_state_data, size_t gic_state_size)
{
	UNUSED(gic_state_data), UNUSED(gic_state_size);
	return -EOPNOTSUPP;
}

int hvt_gic_reset(void)
{
	return -EOPNOTSUPP;
}

int hvt_gic_state_get_size(hv_gic_state_t state, size_t *gic_state_size)
{
	UNUSED(state), UNUSED(gic_state_size);
	return -EOPNOTSUPP;
}

int hvt_gic_state_get_data(hv_gic_state_t state, void *gic_state_data)
{
	UNUSED(state), UNUSED(gic_state_data);
	return -EOPNOTSUPP;
}

size_t hvt_gic_state_size(hv_gic_state_t state)
{
	UNUSED(state);
	return 0;
}

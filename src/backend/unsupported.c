/* SPDX-License-Identifier: MIT */
/*
 * Functions of the API that are not there yet. Each says so to its caller;
 * none pretends. docs/COVERAGE.md lists them, and a test compares the two.
 */
#include <errno.h>

#include "api.h"

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

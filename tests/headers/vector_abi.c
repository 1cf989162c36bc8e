/* SPDX-License-Identifier: MIT */
/*
 * Two functions whose arm64 code shows where a vector argument travels, once as
 * callee and once as caller. compile_matrix.sh reads the code.
 */
#include <Hypervisor/Hypervisor.h>

_Static_assert(_Alignof(hv_simd_fp_uchar16_t) == 16, "a vector, not an array");

void receive(hv_vcpu_t vcpu, hv_simd_fp_reg_t reg, hv_simd_fp_uchar16_t value,
	hv_simd_fp_uchar16_t *out);
hv_return_t hand_over(const hv_simd_fp_uchar16_t *value);

/* vcpu and reg take X0 and X1; were value not in V0, out would not be in X2. */
void receive(hv_vcpu_t vcpu, hv_simd_fp_reg_t reg, hv_simd_fp_uchar16_t value,
	hv_simd_fp_uchar16_t *out)
{
	(void)vcpu;
	(void)reg;
	*out = value;
}

hv_return_t hand_over(const hv_simd_fp_uchar16_t *value)
{
	return hv_vcpu_set_simd_fp_reg(1, HV_SIMD_FP_REG_Q2, *value);
}

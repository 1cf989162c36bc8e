/* SPDX-License-Identifier: MIT */
/* Rows of the functions that have a vCPU for their first argument. */
#include "errors.h"

static void owner_register_rows(hv_vcpu_t id, hv_return_t code)
{
	const hv_simd_fp_uchar16_t simd = { 1 };

	ROW(hv_vcpu_get_reg(id, HV_REG_X0, &out.u64), code, "not_mine");
	ROW(hv_vcpu_set_reg(id, HV_REG_X0, 1), code, "not_mine");
	ROW(hv_vcpu_get_simd_fp_reg(id, HV_SIMD_FP_REG_Q0, &out.simd), code,
		"not_mine");
	ROW(hv_vcpu_set_simd_fp_reg(id, HV_SIMD_FP_REG_Q0, simd), code,
		"not_mine");
	ROW(hv_vcpu_get_sys_reg(id, HV_SYS_REG_VBAR_EL1, &out.u64), code,
		"not_mine");
	ROW(hv_vcpu_set_sys_reg(id, HV_SYS_REG_VBAR_EL1, 0x1000), code,
		"not_mine");
	ROW(hv_vcpu_set_sys_reg(id, HV_SYS_REG_MPIDR_EL1, 1), code, "not_mine");
}

static void owner_line_rows(hv_vcpu_t id, hv_return_t code)
{
	ROW(hv_vcpu_get_serror(id, &out.flag), code, "not_mine");
	ROW(hv_vcpu_set_serror(id, true), code, "not_mine");
	ROW(hv_vcpu_get_pending_interrupt(id, HV_INTERRUPT_TYPE_IRQ, &out.flag),
		code, "not_mine");
	ROW(hv_vcpu_set_pending_interrupt(id, HV_INTERRUPT_TYPE_IRQ, true),
		code, "not_mine");
	ROW(hv_vcpu_get_trap_debug_exceptions(id, &out.flag), code, "not_mine");
	ROW(hv_vcpu_set_trap_debug_exceptions(id, true), code, "not_mine");
	ROW(hv_vcpu_get_trap_debug_reg_accesses(id, &out.flag), code,
		"not_mine");
	ROW(hv_vcpu_set_trap_debug_reg_accesses(id, true), code, "not_mine");
}

static void owner_time_rows(hv_vcpu_t id, hv_return_t code)
{
	ROW(hv_vcpu_get_exec_time(id, &out.u64), code, "not_mine");
	ROW(hv_vcpu_get_wait_for_interrupt_time(id, &out.u64), code,
		"not_mine");
	ROW(hv_vcpu_get_vtimer_mask(id, &out.flag), code, "not_mine");
	ROW(hv_vcpu_set_vtimer_mask(id, true), code, "not_mine");
	ROW(hv_vcpu_get_vtimer_offset(id, &out.u64), code, "not_mine");
	ROW(hv_vcpu_set_vtimer_offset(id, 1), code, "not_mine");
}

void owner_rows(hv_vcpu_t id, hv_return_t code)
{
	ROW(hv_vcpu_destroy(id), code, "not_mine");
	ROW(hv_vcpu_run(id), code, "not_mine");
	owner_register_rows(id, code);
	owner_line_rows(id, code);
	owner_time_rows(id, code);
	ROW(hv_vcpu_invalidate_tlb(id, HV_TLBI_OP_VMALLE1IS, 0), code,
		"not_mine");
}

/* EL2's without EL2, the physical timer without a GIC, none of the API's. */
static void sys_reg_rows(hv_vcpu_t id)
{
	static const uint16_t none[] = { HV_SYS_REG_HCR_EL2,
		HV_SYS_REG_CNTP_CTL_EL0, 0xdf02, 0, 0xffff };

	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		ROW(hv_vcpu_get_sys_reg(id, none[i], &out.u64),
			HV_BAD_ARGUMENT, "no_such_register");
		ROW(hv_vcpu_set_sys_reg(id, none[i], 0), HV_BAD_ARGUMENT,
			"no_such_register");
	}
	ROW(hv_vcpu_get_sys_reg(id, HV_SYS_REG_SCXTNUM_EL1, &out.u64),
		HV_UNSUPPORTED, "kvm_has_none");
	ROW(hv_vcpu_set_sys_reg(id, HV_SYS_REG_SCXTNUM_EL1, 0), HV_UNSUPPORTED,
		"kvm_has_none");
	ROW(hv_vcpu_set_sys_reg(id, HV_SYS_REG_ACTLR_EL1, 2), HV_UNSUPPORTED,
		"no_memory_model_of_x86");
}

void selector_rows(hv_vcpu_t id)
{
	const hv_simd_fp_uchar16_t simd = { 1 };
	static const uint32_t none[] = { HV_REG_CPSR + 1, 0x7fffffff,
		UINT32_MAX };

	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		ROW(hv_vcpu_get_reg(id, none[i], &out.u64), HV_BAD_ARGUMENT,
			"no_such_register");
		ROW(hv_vcpu_set_reg(id, none[i], 0), HV_BAD_ARGUMENT,
			"no_such_register");
		ROW(hv_vcpu_get_simd_fp_reg(id, none[i], &out.simd),
			HV_BAD_ARGUMENT, "no_such_register");
		ROW(hv_vcpu_set_simd_fp_reg(id, none[i], simd),
			HV_BAD_ARGUMENT, "no_such_register");
		ROW(hv_vcpu_get_pending_interrupt(id, none[i], &out.flag),
			HV_BAD_ARGUMENT, "no_such_line");
		ROW(hv_vcpu_set_pending_interrupt(id, none[i], true),
			HV_BAD_ARGUMENT, "no_such_line");
	}
	ROW(hv_vcpu_get_simd_fp_reg(id, HV_SIMD_FP_REG_Q31 + 1, &out.simd),
		HV_BAD_ARGUMENT, "the_first_beyond");
	ROW(hv_vcpu_set_simd_fp_reg(id, HV_SIMD_FP_REG_Q31 + 1, simd),
		HV_BAD_ARGUMENT, "the_first_beyond");
	ROW(hv_vcpu_set_pending_interrupt(id, HV_INTERRUPT_TYPE_FIQ + 1, true),
		HV_BAD_ARGUMENT, "the_first_beyond");
	ROW(hv_vcpu_invalidate_tlb(id, 0, 0), HV_BAD_ARGUMENT, "no_such_tlbi");
	ROW(hv_vcpu_invalidate_tlb(id, 0xffff, 0), HV_BAD_ARGUMENT,
		"no_such_tlbi");
	sys_reg_rows(id);
}

void null_rows(hv_vcpu_t id)
{
	ROW(hv_vcpu_get_reg(id, HV_REG_X0, NULL), HV_BAD_ARGUMENT, "null");
	ROW(hv_vcpu_get_simd_fp_reg(id, HV_SIMD_FP_REG_Q0, NULL),
		HV_BAD_ARGUMENT, "null");
	ROW(hv_vcpu_get_sys_reg(id, HV_SYS_REG_VBAR_EL1, NULL),
		HV_BAD_ARGUMENT, "null");
	ROW(hv_vcpu_get_serror(id, NULL), HV_BAD_ARGUMENT, "null");
	ROW(hv_vcpu_get_pending_interrupt(id, HV_INTERRUPT_TYPE_IRQ, NULL),
		HV_BAD_ARGUMENT, "null");
	ROW(hv_vcpu_get_trap_debug_exceptions(id, NULL), HV_BAD_ARGUMENT,
		"null");
	ROW(hv_vcpu_get_trap_debug_reg_accesses(id, NULL), HV_BAD_ARGUMENT,
		"null");
	ROW(hv_vcpu_get_exec_time(id, NULL), HV_BAD_ARGUMENT, "null");
	ROW(hv_vcpu_get_wait_for_interrupt_time(id, NULL), HV_BAD_ARGUMENT,
		"null");
	ROW(hv_vcpu_get_vtimer_mask(id, NULL), HV_BAD_ARGUMENT, "null");
	ROW(hv_vcpu_get_vtimer_offset(id, NULL), HV_BAD_ARGUMENT, "null");
}

void sme_rows(hv_vcpu_t id)
{
	const hv_vcpu_sme_state_t state = { .streaming_sve_mode_enabled = true };
	const hv_sme_zt0_uchar64_t zt0 = { 0 };
	const uint8_t bytes[64] = { 0 };
	const size_t size = sizeof(bytes);

	ROW(hv_sme_config_get_max_svl_bytes(&out.size), HV_UNSUPPORTED, "sme");
	ROW(hv_vcpu_get_sme_state(id, &out.sme), HV_UNSUPPORTED, "sme");
	ROW(hv_vcpu_set_sme_state(id, &state), HV_UNSUPPORTED, "sme");
	ROW(hv_vcpu_get_sme_z_reg(id, 0, out.bytes, size), HV_UNSUPPORTED,
		"sme");
	ROW(hv_vcpu_set_sme_z_reg(id, 0, bytes, size), HV_UNSUPPORTED, "sme");
	ROW(hv_vcpu_get_sme_p_reg(id, 0, out.bytes, 8), HV_UNSUPPORTED, "sme");
	ROW(hv_vcpu_set_sme_p_reg(id, 0, bytes, 8), HV_UNSUPPORTED, "sme");
	ROW(hv_vcpu_get_sme_za_reg(id, out.bytes, size), HV_UNSUPPORTED, "sme");
	ROW(hv_vcpu_set_sme_za_reg(id, bytes, size), HV_UNSUPPORTED, "sme");
	ROW(hv_vcpu_get_sme_zt0_reg(id, &out.zt0), HV_UNSUPPORTED, "sme");
	ROW(hv_vcpu_set_sme_zt0_reg(id, &zt0), HV_UNSUPPORTED, "sme");
}

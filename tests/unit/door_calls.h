/* SPDX-License-Identifier: MIT */
/*
 * All 93 functions, each called once with arguments of its own, and what the
 * tap is to see of them by parameter. Included by test_door.c alone, with ROW()
 * defined as it needs.
 */
/* clang-format off: a table. */
ROW(hv_vm_get_max_vcpu_count, (OUT_AT(0)), OUT(sizeof(uint32_t)))
ROW(hv_vm_create, (object), OBJ)
ROW(hv_vm_destroy, (), NONE)
ROW(hv_vm_map, (here, 0x22, 0x33, 0x44), HOST, IN(0x22), IN(0x33), IN(0x44))
ROW(hv_vm_unmap, (0x11, 0x22), IN(0x11), IN(0x22))
ROW(hv_vm_protect, (0x11, 0x22, 0x33), IN(0x11), IN(0x22), IN(0x33))
ROW(hv_vm_allocate, (OUT_AT(0), 0x10000, 0), OUTHOST, IN(0x10000), IN(0))
ROW(hv_vm_deallocate, (here, 0x22), HOST, IN(0x22))
ROW(hv_vm_config_create, (), NONE)
ROW(hv_vm_config_get_max_ipa_size, (OUT_AT(0)), OUT(sizeof(uint32_t)))
ROW(hv_vm_config_get_default_ipa_size, (OUT_AT(0)), OUT(sizeof(uint32_t)))
ROW(hv_vm_config_set_ipa_size, (object, 0x22), OBJ, IN(0x22))
ROW(hv_vm_config_get_ipa_size, (object, OUT_AT(1)), OBJ, OUT(sizeof(uint32_t)))
ROW(hv_vm_config_get_el2_supported, (OUT_AT(0)), OUT(sizeof(bool)))
ROW(hv_vm_config_get_el2_enabled, (object, OUT_AT(1)), OBJ, OUT(sizeof(bool)))
ROW(hv_vm_config_set_el2_enabled, (object, true), OBJ, IN(1))
ROW(hv_vm_config_get_default_ipa_granule, (OUT_AT(0)),
	OUT(sizeof(hv_ipa_granule_t)))
ROW(hv_vm_config_get_ipa_granule, (object, OUT_AT(1)), OBJ,
	OUT(sizeof(hv_ipa_granule_t)))
ROW(hv_vm_config_set_ipa_granule, (object, 0x22), OBJ, IN(0x22))
ROW(hv_vcpu_config_create, (), NONE)
ROW(hv_vcpu_config_get_feature_reg, (object, 0x22, OUT_AT(2)), OBJ, IN(0x22),
	OUT(sizeof(uint64_t)))
ROW(hv_vcpu_config_get_ccsidr_el1_sys_reg_values, (object, 0x22, OUT_AT(2)),
	OBJ, IN(0x22), OUTBUF(64))
ROW(hv_vcpu_create, (OUT_AT(0), OUT_AT(1), object), OUT(sizeof(hv_vcpu_t)),
	OUTHOST, OBJ)
ROW(hv_vcpu_destroy, (vcpu), VCPU)
ROW(hv_vcpu_get_reg, (vcpu, 0x22, OUT_AT(2)), VCPU, IN(0x22),
	OUT(sizeof(uint64_t)))
ROW(hv_vcpu_set_reg, (vcpu, 0x22, 0x33), VCPU, IN(0x22), IN(0x33))
ROW(hv_vcpu_get_simd_fp_reg, (vcpu, 0x22, OUT_AT(2)), VCPU, IN(0x22),
	OUTBUF(16))
ROW(hv_vcpu_set_simd_fp_reg, (vcpu, 0x22, vector), VCPU, IN(0x22), VEC)
ROW(hv_vcpu_get_sme_state, (vcpu, OUT_AT(1)), VCPU,
	OUTBUF(sizeof(hv_vcpu_sme_state_t)))
ROW(hv_vcpu_set_sme_state, (vcpu, in), VCPU, INBUF(sizeof(hv_vcpu_sme_state_t)))
ROW(hv_vcpu_get_sme_z_reg, (vcpu, 0x22, OUT_AT(2), 16), VCPU, IN(0x22),
	OUTBUF(16), IN(16))
ROW(hv_vcpu_set_sme_z_reg, (vcpu, 0x22, in, 16), VCPU, IN(0x22), INBUF(16),
	IN(16))
ROW(hv_vcpu_get_sme_p_reg, (vcpu, 0x22, OUT_AT(2), 16), VCPU, IN(0x22),
	OUTBUF(16), IN(16))
ROW(hv_vcpu_set_sme_p_reg, (vcpu, 0x22, in, 16), VCPU, IN(0x22), INBUF(16),
	IN(16))
ROW(hv_vcpu_get_sme_za_reg, (vcpu, OUT_AT(1), 16), VCPU, OUTBUF(16), IN(16))
ROW(hv_vcpu_set_sme_za_reg, (vcpu, in, 16), VCPU, INBUF(16), IN(16))
ROW(hv_vcpu_get_sme_zt0_reg, (vcpu, OUT_AT(1)), VCPU, OUTBUF(64))
ROW(hv_vcpu_set_sme_zt0_reg, (vcpu, in), VCPU, INBUF(64))
ROW(hv_vcpu_get_sys_reg, (vcpu, 0x22, OUT_AT(2)), VCPU, IN(0x22),
	OUT(sizeof(uint64_t)))
ROW(hv_vcpu_set_sys_reg, (vcpu, 0x22, 0x33), VCPU, IN(0x22), IN(0x33))
ROW(hv_vcpu_get_serror, (vcpu, OUT_AT(1)), VCPU, OUT(sizeof(bool)))
ROW(hv_vcpu_set_serror, (vcpu, true), VCPU, IN(1))
ROW(hv_vcpu_get_pending_interrupt, (vcpu, 0x22, OUT_AT(2)), VCPU, IN(0x22),
	OUT(sizeof(bool)))
ROW(hv_vcpu_set_pending_interrupt, (vcpu, 0x22, true), VCPU, IN(0x22), IN(1))
ROW(hv_vcpu_get_trap_debug_exceptions, (vcpu, OUT_AT(1)), VCPU,
	OUT(sizeof(bool)))
ROW(hv_vcpu_set_trap_debug_exceptions, (vcpu, true), VCPU, IN(1))
ROW(hv_vcpu_get_trap_debug_reg_accesses, (vcpu, OUT_AT(1)), VCPU,
	OUT(sizeof(bool)))
ROW(hv_vcpu_set_trap_debug_reg_accesses, (vcpu, true), VCPU, IN(1))
ROW(hv_vcpu_run, (vcpu), VCPU, EXIT, EXIT, EXIT, EXIT)
ROW(hv_vcpus_exit, (in, 2), INBUF(16), IN(2))
ROW(hv_vcpu_get_exec_time, (vcpu, OUT_AT(1)), VCPU, OUT(sizeof(uint64_t)))
ROW(hv_vcpu_get_wait_for_interrupt_time, (vcpu, OUT_AT(1)), VCPU,
	OUT(sizeof(uint64_t)))
ROW(hv_vcpu_get_vtimer_mask, (vcpu, OUT_AT(1)), VCPU, OUT(sizeof(bool)))
ROW(hv_vcpu_set_vtimer_mask, (vcpu, true), VCPU, IN(1))
ROW(hv_vcpu_get_vtimer_offset, (vcpu, OUT_AT(1)), VCPU, OUT(sizeof(uint64_t)))
ROW(hv_vcpu_set_vtimer_offset, (vcpu, 0x22), VCPU, IN(0x22))
ROW(hv_vcpu_invalidate_tlb, (vcpu, 0x22, 0x33), VCPU, IN(0x22), IN(0x33))
ROW(hv_sme_config_get_max_svl_bytes, (OUT_AT(0)), OUT(sizeof(size_t)))
ROW(hv_gic_config_create, (), NONE)
ROW(hv_gic_config_set_distributor_base, (object, 0x22), OBJ, IN(0x22))
ROW(hv_gic_config_set_redistributor_base, (object, 0x22), OBJ, IN(0x22))
ROW(hv_gic_config_set_msi_region_base, (object, 0x22), OBJ, IN(0x22))
ROW(hv_gic_config_set_msi_interrupt_range, (object, 0x22, 0x33), OBJ, IN(0x22),
	IN(0x33))
ROW(hv_gic_get_distributor_size, (OUT_AT(0)), OUT(sizeof(size_t)))
ROW(hv_gic_get_distributor_base_alignment, (OUT_AT(0)), OUT(sizeof(size_t)))
ROW(hv_gic_get_redistributor_region_size, (OUT_AT(0)), OUT(sizeof(size_t)))
ROW(hv_gic_get_redistributor_size, (OUT_AT(0)), OUT(sizeof(size_t)))
ROW(hv_gic_get_redistributor_base_alignment, (OUT_AT(0)), OUT(sizeof(size_t)))
ROW(hv_gic_get_msi_region_size, (OUT_AT(0)), OUT(sizeof(size_t)))
ROW(hv_gic_get_msi_region_base_alignment, (OUT_AT(0)), OUT(sizeof(size_t)))
ROW(hv_gic_get_spi_interrupt_range, (OUT_AT(0), OUT_AT(1)),
	OUT(sizeof(uint32_t)), OUT(sizeof(uint32_t)))
ROW(hv_gic_get_intid, (0x11, OUT_AT(1)), IN(0x11), OUT(sizeof(uint32_t)))
ROW(hv_gic_create, (object), OBJ)
ROW(hv_gic_set_spi, (0x11, true), IN(0x11), IN(1))
ROW(hv_gic_send_msi, (0x11, 0x22), IN(0x11), IN(0x22))
ROW(hv_gic_get_distributor_reg, (0x11, OUT_AT(1)), IN(0x11),
	OUT(sizeof(uint64_t)))
ROW(hv_gic_set_distributor_reg, (0x11, 0x22), IN(0x11), IN(0x22))
ROW(hv_gic_get_redistributor_base, (vcpu, OUT_AT(1)), VCPU,
	OUT(sizeof(hv_ipa_t)))
ROW(hv_gic_get_redistributor_reg, (vcpu, 0x22, OUT_AT(2)), VCPU, IN(0x22),
	OUT(sizeof(uint64_t)))
ROW(hv_gic_set_redistributor_reg, (vcpu, 0x22, 0x33), VCPU, IN(0x22), IN(0x33))
ROW(hv_gic_get_icc_reg, (vcpu, 0x22, OUT_AT(2)), VCPU, IN(0x22),
	OUT(sizeof(uint64_t)))
ROW(hv_gic_set_icc_reg, (vcpu, 0x22, 0x33), VCPU, IN(0x22), IN(0x33))
ROW(hv_gic_get_ich_reg, (vcpu, 0x22, OUT_AT(2)), VCPU, IN(0x22),
	OUT(sizeof(uint64_t)))
ROW(hv_gic_set_ich_reg, (vcpu, 0x22, 0x33), VCPU, IN(0x22), IN(0x33))
ROW(hv_gic_get_icv_reg, (vcpu, 0x22, OUT_AT(2)), VCPU, IN(0x22),
	OUT(sizeof(uint64_t)))
ROW(hv_gic_set_icv_reg, (vcpu, 0x22, 0x33), VCPU, IN(0x22), IN(0x33))
ROW(hv_gic_get_msi_reg, (0x11, OUT_AT(1)), IN(0x11), OUT(sizeof(uint64_t)))
ROW(hv_gic_set_msi_reg, (0x11, 0x22), IN(0x11), IN(0x22))
ROW(hv_gic_set_state, (in, 16), INBUF(16), IN(16))
ROW(hv_gic_reset, (), NONE)
ROW(hv_gic_state_create, (), NONE)
ROW(hv_gic_state_get_size, (state, OUT_AT(1)), STATE, OUT(sizeof(size_t)))
ROW(hv_gic_state_get_data, (state, OUT_AT(1)), STATE, OUTBUF(STATE_SIZE))

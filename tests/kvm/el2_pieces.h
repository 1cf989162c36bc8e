/* SPDX-License-Identifier: MIT */
/*
 * What a guest does that a hypervisor is told of: X(name, kind, levels, code)
 * for each piece of code. X1 is an address that the kind chooses, X3 an index.
 * levels: at EL1 alone, or at EL0 too.
 */
#ifndef HVT_TEST_EL2_PIECES_H
#define HVT_TEST_EL2_PIECES_H

enum kind {
	CALL,	   /* HVC, SMC, BRK */
	BREAK,	   /* a breakpoint on the second instruction */
	WATCH,	   /* a watchpoint on the eight bytes at X1 */
	STEP,	   /* MDSCR_EL1.SS and PSTATE.SS */
	PENDING,   /* MDSCR_EL1.SS alone */
	HOLE,	   /* X1 is in memory that is not there */
	READ_ONLY, /* X1 is in memory that may be read */
	VOID,	   /* X1 is where no stage 2 has tables of the next level */
	KIND_COUNT
};

#define EL1_ONLY 1
#define EL1_EL0	 2

#define PIECES(X) \
	X(hvc_0, CALL, EL1_ONLY, "hvc #0") \
	X(hvc_1, CALL, EL1_ONLY, "hvc #1") \
	X(hvc_0x1234, CALL, EL1_ONLY, "hvc #0x1234") \
	X(hvc_0x8000, CALL, EL1_ONLY, "hvc #0x8000") \
	X(hvc_0xffff, CALL, EL1_ONLY, "hvc #0xffff") \
	X(hvc_of_psci, CALL, EL1_ONLY, "mov w0, #0x84000000\n hvc #0") \
	X(smc_0, CALL, EL1_ONLY, "smc #0") \
	X(smc_of_psci, CALL, EL1_ONLY, "mov w0, #0x84000000\n smc #0") \
	X(smc_behind_ranges, CALL, EL1_ONLY, "mov w0, #0x80010000\n smc #0") \
	X(brk_0, CALL, EL1_EL0, "brk #0") \
	X(brk_1, CALL, EL1_EL0, "brk #1") \
	X(brk_0xf000, CALL, EL1_EL0, "brk #0xf000") \
	X(brk_0xffff, CALL, EL1_EL0, "brk #0xffff") \
	X(breakpoint, BREAK, EL1_EL0, "nop\n nop") \
	X(breakpoint_on_a_store, BREAK, EL1_EL0, "nop\n str x2, [x1]") \
	X(watch_ldr, WATCH, EL1_EL0, "ldr x2, [x1]") \
	X(watch_str, WATCH, EL1_EL0, "str x2, [x1]") \
	X(watch_ldr_w, WATCH, EL1_EL0, "ldr w2, [x1, #4]") \
	X(watch_strb, WATCH, EL1_EL0, "strb w2, [x1, #5]") \
	X(watch_ldp, WATCH, EL1_EL0, "ldp x2, x4, [x1]") \
	X(watch_stp, WATCH, EL1_EL0, "stp x2, x4, [x1]") \
	X(watch_ldxr, WATCH, EL1_EL0, "ldxr x2, [x1]") \
	X(step_mov, STEP, EL1_EL0, "mov x2, #1") \
	X(step_branch, STEP, EL1_EL0, "b . + 8") \
	X(step_ldr, STEP, EL1_EL0, "ldr x2, [x1]") \
	X(step_ldxr, STEP, EL1_EL0, "ldxr x2, [x1]") \
	X(step_clrex, STEP, EL1_EL0, "clrex") \
	X(step_pending, PENDING, EL1_EL0, "mov x2, #1") \
	X(step_pending_ldxr, PENDING, EL1_EL0, "ldxr x2, [x1]") \
	/* One general register: ISV = 1. */ \
	X(ldrb, HOLE, EL1_EL0, "ldrb w2, [x1, #1]") \
	X(ldrh, HOLE, EL1_EL0, "ldrh w3, [x1, #2]") \
	X(ldr_w, HOLE, EL1_EL0, "ldr w4, [x1, #4]") \
	X(ldr_x, HOLE, EL1_EL0, "ldr x5, [x1, #8]") \
	X(ldr_x30, HOLE, EL1_EL0, "ldr x30, [x1]") \
	X(ldr_base, HOLE, EL1_EL0, "ldr x1, [x1]") \
	X(ldrsb_w, HOLE, EL1_EL0, "ldrsb w2, [x1, #3]") \
	X(ldrsb_x, HOLE, EL1_EL0, "ldrsb x2, [x1, #3]") \
	X(ldrsh_w, HOLE, EL1_EL0, "ldrsh w2, [x1, #6]") \
	X(ldrsh_x, HOLE, EL1_EL0, "ldrsh x2, [x1, #6]") \
	X(ldrsw, HOLE, EL1_EL0, "ldrsw x2, [x1, #4]") \
	X(strb, HOLE, EL1_EL0, "strb w2, [x1, #1]") \
	X(strh, HOLE, EL1_EL0, "strh w2, [x1, #2]") \
	X(str_w, HOLE, EL1_EL0, "str w2, [x1, #4]") \
	X(str_x, HOLE, EL1_EL0, "str x2, [x1, #8]") \
	X(ldr_wzr, HOLE, EL1_EL0, "ldr wzr, [x1]") \
	X(ldr_xzr, HOLE, EL1_EL0, "ldr xzr, [x1]") \
	X(ldrsb_xzr, HOLE, EL1_EL0, "ldrsb xzr, [x1]") \
	X(strb_wzr, HOLE, EL1_EL0, "strb wzr, [x1]") \
	X(str_xzr, HOLE, EL1_EL0, "str xzr, [x1]") \
	X(ldur, HOLE, EL1_EL0, "ldur x2, [x1, #-8]") \
	X(stur, HOLE, EL1_EL0, "stur w2, [x1, #-4]") \
	X(ldtr, HOLE, EL1_EL0, "ldtr x2, [x1]") \
	X(ldtrsh, HOLE, EL1_EL0, "ldtrsh w2, [x1]") \
	X(sttr, HOLE, EL1_EL0, "sttr w2, [x1]") \
	X(ldr_index, HOLE, EL1_EL0, "ldr x2, [x1, x3, lsl #3]") \
	X(ldr_sxtw, HOLE, EL1_EL0, "ldr w2, [x1, w3, sxtw #2]") \
	X(strh_uxtw, HOLE, EL1_EL0, "strh w2, [x1, w3, uxtw]") \
	X(literal_w, HOLE, EL1_EL0, "ldr w2, . + 0x12000") \
	X(literal_x, HOLE, EL1_EL0, "ldr x2, . + 0x12000") \
	X(literal_sw, HOLE, EL1_EL0, "ldrsw x2, . + 0x12000") \
	X(ldarb, HOLE, EL1_EL0, "ldarb w2, [x1]") \
	X(ldarh, HOLE, EL1_EL0, "ldarh w2, [x1]") \
	X(ldar_w, HOLE, EL1_EL0, "ldar w2, [x1]") \
	X(ldar_x, HOLE, EL1_EL0, "ldar x2, [x1]") \
	X(ldar_xzr, HOLE, EL1_EL0, "ldar xzr, [x1]") \
	X(stlrb, HOLE, EL1_EL0, "stlrb w2, [x1]") \
	X(stlrh, HOLE, EL1_EL0, "stlrh w2, [x1]") \
	X(stlr_w, HOLE, EL1_EL0, "stlr w2, [x1]") \
	X(stlr_x, HOLE, EL1_EL0, "stlr x2, [x1]") \
	X(stlr_wzr, HOLE, EL1_EL0, "stlr wzr, [x1]") \
	X(ldlar, HOLE, EL1_EL0, ".arch armv8.1-a\n ldlar x2, [x1]") \
	X(stllr, HOLE, EL1_EL0, ".arch armv8.1-a\n stllr w2, [x1]") \
	X(ldaprb, HOLE, EL1_EL0, ".arch armv8.4-a\n ldaprb w2, [x1]") \
	X(ldapr_x, HOLE, EL1_EL0, ".arch armv8.4-a\n ldapr x2, [x1]") \
	X(ldapur, HOLE, EL1_EL0, ".arch armv8.4-a\n ldapur w2, [x1, #4]") \
	X(ldapursb, HOLE, EL1_EL0, \
		".arch armv8.4-a\n ldapursb x2, [x1, #1]") \
	X(stlur, HOLE, EL1_EL0, ".arch armv8.4-a\n stlur x2, [x1, #-8]") \
	X(store_where_not_allowed, READ_ONLY, EL1_EL0, "str x2, [x1, #16]") \
	X(strb_where_not_allowed, READ_ONLY, EL1_EL0, "strb w30, [x1, #1]") \
	X(stlrh_where_not_allowed, READ_ONLY, EL1_EL0, "stlrh w2, [x1]") \
	/* All else: ISV = 0. */ \
	X(ldp, HOLE, EL1_EL0, "ldp x2, x3, [x1]") \
	X(stp, HOLE, EL1_EL0, "stp w2, w3, [x1, #8]") \
	X(ldnp, HOLE, EL1_EL0, "ldnp x2, x3, [x1]") \
	X(ldpsw, HOLE, EL1_EL0, "ldpsw x2, x3, [x1]") \
	X(ldr_post, HOLE, EL1_EL0, "ldr x2, [x1], #8") \
	X(ldr_pre, HOLE, EL1_EL0, "ldr x2, [x1, #8]!") \
	X(str_post, HOLE, EL1_EL0, "str w2, [x1], #4") \
	X(strb_pre, HOLE, EL1_EL0, "strb w2, [x1, #-1]!") \
	X(ldr_b, HOLE, EL1_EL0, "ldr b0, [x1]") \
	X(ldr_q, HOLE, EL1_EL0, "ldr q0, [x1]") \
	X(str_d, HOLE, EL1_EL0, "str d0, [x1]") \
	X(ld1, HOLE, EL1_EL0, "ld1 {v0.16b}, [x1]") \
	X(st1, HOLE, EL1_EL0, "st1 {v0.8h}, [x1]") \
	X(ldxr, HOLE, EL1_EL0, "ldxr x2, [x1]") \
	X(ldaxrb, HOLE, EL1_EL0, "ldaxrb w2, [x1]") \
	X(ldxp, HOLE, EL1_EL0, "ldxp x2, x3, [x1]") \
	X(ldadd, HOLE, EL1_EL0, ".arch armv8.1-a\n ldadd x2, x4, [x1]") \
	X(swpal, HOLE, EL1_EL0, ".arch armv8.1-a\n swpal w2, w4, [x1]") \
	X(cas, HOLE, EL1_EL0, ".arch armv8.1-a\n cas x2, x4, [x1]") \
	X(ldp_without_tables, VOID, EL1_EL0, "ldp x2, x3, [x1]") \
	X(stp_where_not_allowed, READ_ONLY, EL1_EL0, "stp x2, x3, [x1]") \
	X(stset_where_not_allowed, READ_ONLY, EL1_EL0, \
		".arch armv8.1-a\n stset x2, [x1]") \
	X(swp_where_not_allowed, READ_ONLY, EL1_EL0, \
		".arch armv8.1-a\n swp x2, x4, [x1]")

/* Where KVM does not tell all, or keeps it for itself: see COVERAGE.md. */
#define KEPT_PIECES(X) \
	X(kept_smc_1, CALL, EL1_ONLY, "smc #1") \
	X(kept_hvc, CALL, EL1_ONLY, "mov w0, #0x80000000\n hvc #5") \
	X(kept_smc, CALL, EL1_ONLY, "mov w0, #0xc0000000\n smc #0") \
	X(kept_fetch, HOLE, EL1_EL0, "br x1") \
	X(kept_level, VOID, EL1_EL0, "ldr x2, [x1]")

/*
 * What traps as a whole, and that KVM keeps for itself where the guest has no
 * EL2. For the traps see HCR in el2_oracle.c.
 */
#define TRAP_PIECES(X) \
	X(trap_wfi, CALL, EL1_EL0, "wfi") \
	X(trap_wfe, CALL, EL1_EL0, "wfe\n wfe") \
	X(trap_mrs_id, CALL, EL1_ONLY, "mrs x7, id_aa64pfr0_el1") \
	X(trap_mrs, CALL, EL1_ONLY, "mrs x9, tcr_el1") \
	X(trap_msr, CALL, EL1_ONLY, "msr mair_el1, xzr") \
	X(trap_tlbi, CALL, EL1_ONLY, "tlbi vaae1is, x2") \
	X(trap_dc, CALL, EL1_ONLY, "dc cisw, x3")

#endif

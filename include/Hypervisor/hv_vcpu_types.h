/* SPDX-License-Identifier: MIT */
/*
 * hv_vcpu_types.h - what a vCPU consists of, and how it tells why it stopped.
 *
 * Register numbers are Apple's. Where a number is an encoding of the Arm
 * architecture, the comment above the type says which.
 */
#ifndef HYPERVISOR_HV_VCPU_TYPES_H
#define HYPERVISOR_HV_VCPU_TYPES_H

#include <Hypervisor/hv_base.h>
#include <Hypervisor/hv_vm_types.h>
#include <arm64/hv/hv_kern_types.h>
#include <os/object.h>

__BEGIN_DECLS

/*
 * What a vCPU is to be like; see hv_vcpu_config.h. Dropped with os_release().
 */
OS_OBJECT_DECL(hv_vcpu_config);

/* The default configuration, for hv_vcpu_create(); see HV_VM_DEFAULT. */
#ifndef HV_VCPU_DEFAULT
#define HV_VCPU_DEFAULT NULL
#endif

/*
 * Names a vCPU. Ids are small and handed out from 0; the lowest free is next.
 */
typedef uint64_t hv_vcpu_t;

/* Why the vCPU stopped, in the layout of ESR_EL2 (Arm ARM). */
typedef uint64_t hv_exception_syndrome_t;

/* A guest virtual address, as in FAR_EL2 (Arm ARM). */
typedef uint64_t hv_exception_address_t;

/*
 * Why hv_vcpu_run() returned.
 *
 * CANCELED: hv_vcpus_exit() asked for it. EXCEPTION: the guest did something
 * that the VMM has to deal with; the only reason with details.
 * VTIMER_ACTIVATED: the virtual timer fired, and is now masked; never in a VM
 * with a GIC. UNKNOWN: none of these; not expected.
 */
OS_ENUM(hv_exit_reason, uint32_t,
	HV_EXIT_REASON_CANCELED = 0,
	HV_EXIT_REASON_EXCEPTION = 1,
	HV_EXIT_REASON_VTIMER_ACTIVATED = 2,
	HV_EXIT_REASON_UNKNOWN = 3,
);

/*
 * The exception of HV_EXIT_REASON_EXCEPTION. The addresses mean something only
 * for the exception classes for which the architecture says so.
 */
typedef struct {
	hv_exception_syndrome_t syndrome;
	hv_exception_address_t virtual_address;
	hv_ipa_t physical_address;
} hv_vcpu_exit_exception_t;

/*
 * The exit record of a vCPU: written by hv_vcpu_run(), valid until the next.
 */
typedef struct {
	hv_exit_reason_t reason;
	hv_vcpu_exit_exception_t exception;
} hv_vcpu_exit_t;

/*
 * General registers. HV_REG_X0 + n is Xn for n up to 30. 31 is the PC and not
 * XZR: a VMM that decodes a register field must treat 31 on its own. CPSR is
 * PSTATE in the layout of SPSR_EL1. The stack pointers are system registers.
 */
OS_ENUM(hv_reg, uint32_t,
	HV_REG_X0 = 0,
	HV_REG_X1 = 1,
	HV_REG_X2 = 2,
	HV_REG_X3 = 3,
	HV_REG_X4 = 4,
	HV_REG_X5 = 5,
	HV_REG_X6 = 6,
	HV_REG_X7 = 7,
	HV_REG_X8 = 8,
	HV_REG_X9 = 9,
	HV_REG_X10 = 10,
	HV_REG_X11 = 11,
	HV_REG_X12 = 12,
	HV_REG_X13 = 13,
	HV_REG_X14 = 14,
	HV_REG_X15 = 15,
	HV_REG_X16 = 16,
	HV_REG_X17 = 17,
	HV_REG_X18 = 18,
	HV_REG_X19 = 19,
	HV_REG_X20 = 20,
	HV_REG_X21 = 21,
	HV_REG_X22 = 22,
	HV_REG_X23 = 23,
	HV_REG_X24 = 24,
	HV_REG_X25 = 25,
	HV_REG_X26 = 26,
	HV_REG_X27 = 27,
	HV_REG_X28 = 28,
	HV_REG_X29 = 29,
	HV_REG_X30 = 30,
	HV_REG_PC = 31,
	HV_REG_FPCR = 32,
	HV_REG_FPSR = 33,
	HV_REG_CPSR = 34,

	/* other names */
	HV_REG_FP = HV_REG_X29,
	HV_REG_LR = HV_REG_X30,
);

/*
 * The 128-bit vector registers. In streaming mode they are the low part of Z.
 */
OS_ENUM(hv_simd_fp_reg, uint32_t,
	HV_SIMD_FP_REG_Q0 = 0,
	HV_SIMD_FP_REG_Q1 = 1,
	HV_SIMD_FP_REG_Q2 = 2,
	HV_SIMD_FP_REG_Q3 = 3,
	HV_SIMD_FP_REG_Q4 = 4,
	HV_SIMD_FP_REG_Q5 = 5,
	HV_SIMD_FP_REG_Q6 = 6,
	HV_SIMD_FP_REG_Q7 = 7,
	HV_SIMD_FP_REG_Q8 = 8,
	HV_SIMD_FP_REG_Q9 = 9,
	HV_SIMD_FP_REG_Q10 = 10,
	HV_SIMD_FP_REG_Q11 = 11,
	HV_SIMD_FP_REG_Q12 = 12,
	HV_SIMD_FP_REG_Q13 = 13,
	HV_SIMD_FP_REG_Q14 = 14,
	HV_SIMD_FP_REG_Q15 = 15,
	HV_SIMD_FP_REG_Q16 = 16,
	HV_SIMD_FP_REG_Q17 = 17,
	HV_SIMD_FP_REG_Q18 = 18,
	HV_SIMD_FP_REG_Q19 = 19,
	HV_SIMD_FP_REG_Q20 = 20,
	HV_SIMD_FP_REG_Q21 = 21,
	HV_SIMD_FP_REG_Q22 = 22,
	HV_SIMD_FP_REG_Q23 = 23,
	HV_SIMD_FP_REG_Q24 = 24,
	HV_SIMD_FP_REG_Q25 = 25,
	HV_SIMD_FP_REG_Q26 = 26,
	HV_SIMD_FP_REG_Q27 = 27,
	HV_SIMD_FP_REG_Q28 = 28,
	HV_SIMD_FP_REG_Q29 = 29,
	HV_SIMD_FP_REG_Q30 = 30,
	HV_SIMD_FP_REG_Q31 = 31,
);

/*
 * The value of one, in the byte order of the register: byte 0 is bits 7:0. A
 * real vector type, so it is passed by value in V0 (AAPCS64, 6.8.2).
 */
#ifdef __clang__
typedef __attribute__((__ext_vector_type__(16))) uint8_t hv_simd_fp_uchar16_t;
#else
typedef uint8_t hv_simd_fp_uchar16_t __attribute__((__vector_size__(16)));
#endif

/*
 * The scalable vector registers of streaming mode (SME).
 */
OS_ENUM(hv_sme_z_reg, uint32_t,
	HV_SME_Z_REG_0 = 0,
	HV_SME_Z_REG_1 = 1,
	HV_SME_Z_REG_2 = 2,
	HV_SME_Z_REG_3 = 3,
	HV_SME_Z_REG_4 = 4,
	HV_SME_Z_REG_5 = 5,
	HV_SME_Z_REG_6 = 6,
	HV_SME_Z_REG_7 = 7,
	HV_SME_Z_REG_8 = 8,
	HV_SME_Z_REG_9 = 9,
	HV_SME_Z_REG_10 = 10,
	HV_SME_Z_REG_11 = 11,
	HV_SME_Z_REG_12 = 12,
	HV_SME_Z_REG_13 = 13,
	HV_SME_Z_REG_14 = 14,
	HV_SME_Z_REG_15 = 15,
	HV_SME_Z_REG_16 = 16,
	HV_SME_Z_REG_17 = 17,
	HV_SME_Z_REG_18 = 18,
	HV_SME_Z_REG_19 = 19,
	HV_SME_Z_REG_20 = 20,
	HV_SME_Z_REG_21 = 21,
	HV_SME_Z_REG_22 = 22,
	HV_SME_Z_REG_23 = 23,
	HV_SME_Z_REG_24 = 24,
	HV_SME_Z_REG_25 = 25,
	HV_SME_Z_REG_26 = 26,
	HV_SME_Z_REG_27 = 27,
	HV_SME_Z_REG_28 = 28,
	HV_SME_Z_REG_29 = 29,
	HV_SME_Z_REG_30 = 30,
	HV_SME_Z_REG_31 = 31,
);

/*
 * The predicate registers of streaming mode (SME).
 */
OS_ENUM(hv_sme_p_reg, uint32_t,
	HV_SME_P_REG_0 = 0,
	HV_SME_P_REG_1 = 1,
	HV_SME_P_REG_2 = 2,
	HV_SME_P_REG_3 = 3,
	HV_SME_P_REG_4 = 4,
	HV_SME_P_REG_5 = 5,
	HV_SME_P_REG_6 = 6,
	HV_SME_P_REG_7 = 7,
	HV_SME_P_REG_8 = 8,
	HV_SME_P_REG_9 = 9,
	HV_SME_P_REG_10 = 10,
	HV_SME_P_REG_11 = 11,
	HV_SME_P_REG_12 = 12,
	HV_SME_P_REG_13 = 13,
	HV_SME_P_REG_14 = 14,
	HV_SME_P_REG_15 = 15,
);

/*
 * The 512 bits of ZT0 (SME2), in the byte order of the register. Compilers for
 * arm64 align a vector of this length to 16 bytes; said here, so that it holds
 * on every host.
 */
#ifdef __clang__
typedef __attribute__((__ext_vector_type__(64), __aligned__(16)))
uint8_t hv_sme_zt0_uchar64_t;
#else
typedef uint8_t hv_sme_zt0_uchar64_t
	__attribute__((__vector_size__(64), __aligned__(16)));
#endif

/*
 * PSTATE.SM and PSTATE.ZA.
 */
typedef struct {
	bool streaming_sve_mode_enabled;
	bool za_storage_enabled;
} hv_vcpu_sme_state_t;

/*
 * System registers. A value is op0 << 14 | op1 << 11 | CRn << 7 | CRm << 3 |
 * op2 of the MRS encoding (Arm ARM, C5.1). A number in a comment is the macOS
 * that added the constant, where that is not 11.0.
 */
OS_ENUM(hv_sys_reg, uint16_t,
	/* Debug: breakpoints and watchpoints, all 16 whatever the CPU has */
	HV_SYS_REG_DBGBVR0_EL1 = 0x8004,
	HV_SYS_REG_DBGBCR0_EL1 = 0x8005,
	HV_SYS_REG_DBGWVR0_EL1 = 0x8006,
	HV_SYS_REG_DBGWCR0_EL1 = 0x8007,
	HV_SYS_REG_DBGBVR1_EL1 = 0x800c,
	HV_SYS_REG_DBGBCR1_EL1 = 0x800d,
	HV_SYS_REG_DBGWVR1_EL1 = 0x800e,
	HV_SYS_REG_DBGWCR1_EL1 = 0x800f,
	HV_SYS_REG_DBGBVR2_EL1 = 0x8014,
	HV_SYS_REG_DBGBCR2_EL1 = 0x8015,
	HV_SYS_REG_DBGWVR2_EL1 = 0x8016,
	HV_SYS_REG_DBGWCR2_EL1 = 0x8017,
	HV_SYS_REG_DBGBVR3_EL1 = 0x801c,
	HV_SYS_REG_DBGBCR3_EL1 = 0x801d,
	HV_SYS_REG_DBGWVR3_EL1 = 0x801e,
	HV_SYS_REG_DBGWCR3_EL1 = 0x801f,
	HV_SYS_REG_DBGBVR4_EL1 = 0x8024,
	HV_SYS_REG_DBGBCR4_EL1 = 0x8025,
	HV_SYS_REG_DBGWVR4_EL1 = 0x8026,
	HV_SYS_REG_DBGWCR4_EL1 = 0x8027,
	HV_SYS_REG_DBGBVR5_EL1 = 0x802c,
	HV_SYS_REG_DBGBCR5_EL1 = 0x802d,
	HV_SYS_REG_DBGWVR5_EL1 = 0x802e,
	HV_SYS_REG_DBGWCR5_EL1 = 0x802f,
	HV_SYS_REG_DBGBVR6_EL1 = 0x8034,
	HV_SYS_REG_DBGBCR6_EL1 = 0x8035,
	HV_SYS_REG_DBGWVR6_EL1 = 0x8036,
	HV_SYS_REG_DBGWCR6_EL1 = 0x8037,
	HV_SYS_REG_DBGBVR7_EL1 = 0x803c,
	HV_SYS_REG_DBGBCR7_EL1 = 0x803d,
	HV_SYS_REG_DBGWVR7_EL1 = 0x803e,
	HV_SYS_REG_DBGWCR7_EL1 = 0x803f,
	HV_SYS_REG_DBGBVR8_EL1 = 0x8044,
	HV_SYS_REG_DBGBCR8_EL1 = 0x8045,
	HV_SYS_REG_DBGWVR8_EL1 = 0x8046,
	HV_SYS_REG_DBGWCR8_EL1 = 0x8047,
	HV_SYS_REG_DBGBVR9_EL1 = 0x804c,
	HV_SYS_REG_DBGBCR9_EL1 = 0x804d,
	HV_SYS_REG_DBGWVR9_EL1 = 0x804e,
	HV_SYS_REG_DBGWCR9_EL1 = 0x804f,
	HV_SYS_REG_DBGBVR10_EL1 = 0x8054,
	HV_SYS_REG_DBGBCR10_EL1 = 0x8055,
	HV_SYS_REG_DBGWVR10_EL1 = 0x8056,
	HV_SYS_REG_DBGWCR10_EL1 = 0x8057,
	HV_SYS_REG_DBGBVR11_EL1 = 0x805c,
	HV_SYS_REG_DBGBCR11_EL1 = 0x805d,
	HV_SYS_REG_DBGWVR11_EL1 = 0x805e,
	HV_SYS_REG_DBGWCR11_EL1 = 0x805f,
	HV_SYS_REG_DBGBVR12_EL1 = 0x8064,
	HV_SYS_REG_DBGBCR12_EL1 = 0x8065,
	HV_SYS_REG_DBGWVR12_EL1 = 0x8066,
	HV_SYS_REG_DBGWCR12_EL1 = 0x8067,
	HV_SYS_REG_DBGBVR13_EL1 = 0x806c,
	HV_SYS_REG_DBGBCR13_EL1 = 0x806d,
	HV_SYS_REG_DBGWVR13_EL1 = 0x806e,
	HV_SYS_REG_DBGWCR13_EL1 = 0x806f,
	HV_SYS_REG_DBGBVR14_EL1 = 0x8074,
	HV_SYS_REG_DBGBCR14_EL1 = 0x8075,
	HV_SYS_REG_DBGWVR14_EL1 = 0x8076,
	HV_SYS_REG_DBGWCR14_EL1 = 0x8077,
	HV_SYS_REG_DBGBVR15_EL1 = 0x807c,
	HV_SYS_REG_DBGBCR15_EL1 = 0x807d,
	HV_SYS_REG_DBGWVR15_EL1 = 0x807e,
	HV_SYS_REG_DBGWCR15_EL1 = 0x807f,

	/* Debug: control */
	HV_SYS_REG_MDCCINT_EL1 = 0x8010,
	HV_SYS_REG_MDSCR_EL1 = 0x8012,

	/* Identification; what is written is what the guest reads */
	HV_SYS_REG_MIDR_EL1 = 0xc000,
	HV_SYS_REG_MPIDR_EL1 = 0xc005,
	HV_SYS_REG_ID_AA64PFR0_EL1 = 0xc020,
	HV_SYS_REG_ID_AA64PFR1_EL1 = 0xc021,
	HV_SYS_REG_ID_AA64PFR2_EL1 = 0xc022, /* 27.0 */
	HV_SYS_REG_ID_AA64ZFR0_EL1 = 0xc024, /* 15.2 */
	HV_SYS_REG_ID_AA64SMFR0_EL1 = 0xc025, /* 15.2 */
	HV_SYS_REG_ID_AA64DFR0_EL1 = 0xc028,
	HV_SYS_REG_ID_AA64DFR1_EL1 = 0xc029,
	HV_SYS_REG_ID_AA64ISAR0_EL1 = 0xc030,
	HV_SYS_REG_ID_AA64ISAR1_EL1 = 0xc031,
	HV_SYS_REG_ID_AA64ISAR2_EL1 = 0xc032, /* 27.0 */
	HV_SYS_REG_ID_AA64MMFR0_EL1 = 0xc038,
	HV_SYS_REG_ID_AA64MMFR1_EL1 = 0xc039,
	HV_SYS_REG_ID_AA64MMFR2_EL1 = 0xc03a,
	HV_SYS_REG_ID_AA64MMFR3_EL1 = 0xc03b, /* 27.0 */
	HV_SYS_REG_ID_AA64MMFR4_EL1 = 0xc03c, /* 27.0 */

	/* System control */
	HV_SYS_REG_SCTLR_EL1 = 0xc080,
	HV_SYS_REG_ACTLR_EL1 = 0xc081, /* 15.0 */
	HV_SYS_REG_CPACR_EL1 = 0xc082,
	HV_SYS_REG_SMPRI_EL1 = 0xc094, /* 15.2 */
	HV_SYS_REG_SMCR_EL1 = 0xc096, /* 15.2 */

	/* Translation */
	HV_SYS_REG_TTBR0_EL1 = 0xc100,
	HV_SYS_REG_TTBR1_EL1 = 0xc101,
	HV_SYS_REG_TCR_EL1 = 0xc102,
	HV_SYS_REG_MAIR_EL1 = 0xc510,
	HV_SYS_REG_AMAIR_EL1 = 0xc518,
	HV_SYS_REG_CONTEXTIDR_EL1 = 0xc681,
	HV_SYS_REG_PAR_EL1 = 0xc3a0,

	/* Pointer authentication keys */
	HV_SYS_REG_APIAKEYLO_EL1 = 0xc108,
	HV_SYS_REG_APIAKEYHI_EL1 = 0xc109,
	HV_SYS_REG_APIBKEYLO_EL1 = 0xc10a,
	HV_SYS_REG_APIBKEYHI_EL1 = 0xc10b,
	HV_SYS_REG_APDAKEYLO_EL1 = 0xc110,
	HV_SYS_REG_APDAKEYHI_EL1 = 0xc111,
	HV_SYS_REG_APDBKEYLO_EL1 = 0xc112,
	HV_SYS_REG_APDBKEYHI_EL1 = 0xc113,
	HV_SYS_REG_APGAKEYLO_EL1 = 0xc118,
	HV_SYS_REG_APGAKEYHI_EL1 = 0xc119,

	/* Exceptions and stack pointers */
	HV_SYS_REG_SPSR_EL1 = 0xc200,
	HV_SYS_REG_ELR_EL1 = 0xc201,
	HV_SYS_REG_AFSR0_EL1 = 0xc288,
	HV_SYS_REG_AFSR1_EL1 = 0xc289,
	HV_SYS_REG_ESR_EL1 = 0xc290,
	HV_SYS_REG_FAR_EL1 = 0xc300,
	HV_SYS_REG_VBAR_EL1 = 0xc600,
	HV_SYS_REG_SP_EL0 = 0xc208,
	HV_SYS_REG_SP_EL1 = 0xe208,

	/* Thread and context numbers */
	HV_SYS_REG_TPIDR_EL1 = 0xc684,
	HV_SYS_REG_TPIDR_EL0 = 0xde82,
	HV_SYS_REG_TPIDRRO_EL0 = 0xde83,
	HV_SYS_REG_TPIDR2_EL0 = 0xde85, /* 15.2 */
	HV_SYS_REG_SCXTNUM_EL1 = 0xc687, /* 15.2 */
	HV_SYS_REG_SCXTNUM_EL0 = 0xde87, /* 15.2 */

	/* Cache selection */
	HV_SYS_REG_CSSELR_EL1 = 0xd000,

	/* Timers; the physical ones only in a VM with a GIC */
	HV_SYS_REG_CNTKCTL_EL1 = 0xc708,
	HV_SYS_REG_CNTV_CTL_EL0 = 0xdf19,
	HV_SYS_REG_CNTV_CVAL_EL0 = 0xdf1a,
	HV_SYS_REG_CNTP_TVAL_EL0 = 0xdf10, /* 15.0 */
	HV_SYS_REG_CNTP_CTL_EL0 = 0xdf11, /* 15.0 */
	HV_SYS_REG_CNTP_CVAL_EL0 = 0xdf12, /* 15.0 */

	/* EL2, only in a VM that has it enabled; all since 15.0 */
	HV_SYS_REG_CNTVOFF_EL2 = 0xe703,
	HV_SYS_REG_CPTR_EL2 = 0xe08a,
	HV_SYS_REG_ELR_EL2 = 0xe201,
	HV_SYS_REG_ESR_EL2 = 0xe290,
	HV_SYS_REG_FAR_EL2 = 0xe300,
	HV_SYS_REG_HCR_EL2 = 0xe088,
	HV_SYS_REG_HPFAR_EL2 = 0xe304,
	HV_SYS_REG_MAIR_EL2 = 0xe510,
	HV_SYS_REG_MDCR_EL2 = 0xe089,
	HV_SYS_REG_SCTLR_EL2 = 0xe080,
	HV_SYS_REG_SPSR_EL2 = 0xe200,
	HV_SYS_REG_SP_EL2 = 0xf208,
	HV_SYS_REG_TCR_EL2 = 0xe102,
	HV_SYS_REG_TPIDR_EL2 = 0xe682,
	HV_SYS_REG_TTBR0_EL2 = 0xe100,
	HV_SYS_REG_TTBR1_EL2 = 0xe101,
	HV_SYS_REG_VBAR_EL2 = 0xe600,
	HV_SYS_REG_VMPIDR_EL2 = 0xe005,
	HV_SYS_REG_VPIDR_EL2 = 0xe000,
	HV_SYS_REG_VTCR_EL2 = 0xe10a,
	HV_SYS_REG_VTTBR_EL2 = 0xe108,

	/* EL2 timers, only in a VM with EL2 and a GIC; all since 15.0 */
	HV_SYS_REG_CNTHCTL_EL2 = 0xe708,
	HV_SYS_REG_CNTHP_CTL_EL2 = 0xe711,
	HV_SYS_REG_CNTHP_CVAL_EL2 = 0xe712,
	HV_SYS_REG_CNTHP_TVAL_EL2 = 0xe710,
);

/*
 * The interrupt lines of a vCPU.
 */
OS_ENUM(hv_interrupt_type, uint32_t,
	HV_INTERRUPT_TYPE_IRQ = 0,
	HV_INTERRUPT_TYPE_FIQ = 1,
);

/*
 * The caches that CCSIDR_EL1 describes; DATA includes unified ones.
 */
OS_ENUM(hv_cache_type, uint32_t,
	HV_CACHE_TYPE_DATA = 0,
	HV_CACHE_TYPE_INSTRUCTION = 1,
);

/*
 * Stage 1 TLB invalidations of EL1, inner shareable. A value is CRm << 3 | op2
 * of the TLBI encoding, whose op1 is 0 and CRn 8 (Arm ARM, C5.5).
 */
OS_ENUM(hv_tlbi_op, uint16_t,
	HV_TLBI_OP_RVAE1IS = 0x11,
	HV_TLBI_OP_RVAAE1IS = 0x13,
	HV_TLBI_OP_RVALE1IS = 0x15,
	HV_TLBI_OP_RVAALE1IS = 0x17,
	HV_TLBI_OP_VMALLE1IS = 0x18,
	HV_TLBI_OP_VAE1IS = 0x19,
	HV_TLBI_OP_ASIDE1IS = 0x1a,
	HV_TLBI_OP_VAAE1IS = 0x1b,
	HV_TLBI_OP_VALE1IS = 0x1d,
	HV_TLBI_OP_VAALE1IS = 0x1f,
);

__END_DECLS

#endif

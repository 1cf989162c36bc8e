/* SPDX-License-Identifier: MIT */
/*
 * The door of the fastpath room: running a vCPU (run.h), and what an instruction
 * that left the guest was, in pure functions: no allocation, no locks, no system
 * calls.
 */
#ifndef HVT_FASTPATH_H
#define HVT_FASTPATH_H

#include <stdbool.h>
#include <stdint.h>

#include "run.h"

/* Exception classes of ESR_ELx (Arm ARM D17.2.37). */
#define HVT_EC_WFX        0x01u
#define HVT_EC_HVC64      0x16u
#define HVT_EC_SMC64      0x17u
#define HVT_EC_SYS64      0x18u
#define HVT_EC_IABT_LOWER 0x20u
#define HVT_EC_DABT_LOWER 0x24u
#define HVT_EC_STEP_LOWER 0x32u
#define HVT_EC_WATCHPOINT_LOWER 0x34u
#define HVT_EC_BRK64      0x3cu

#define HVT_ESR_EC(ec) ((uint64_t)(ec) << 26)
#define HVT_ESR_IL     (1ull << 25)
#define HVT_ESR_ISV    (1ull << 24)
/* Of a data abort with ISV: log2 of the bytes, sign extension, register. */
#define HVT_ESR_SAS(esr) ((unsigned)((esr) >> 22 & 3))
#define HVT_ESR_SSE    (1ull << 21)
#define HVT_ESR_SRT(esr) ((unsigned)((esr) >> 16 & 31))
#define HVT_ESR_SF     (1ull << 15)
#define HVT_ESR_AR     (1ull << 14)
#define HVT_ESR_FNV    (1ull << 10)
#define HVT_ESR_CM     (1ull << 8)
#define HVT_ESR_S1PTW  (1ull << 7)
#define HVT_ESR_WNR    (1ull << 6)

/* Fault status codes: class, and the level of the walk in bits 1:0. */
#define HVT_FSC_LEVEL3      0x03u
#define HVT_FSC_TRANSLATION 0x04u
#define HVT_FSC_PERMISSION  0x0cu
#define HVT_FSC_CLASS       0x3cu
#define HVT_FSC             0x3fu

/* All that the syndrome of a data abort says of the access. */
static inline uint64_t hvt_esr_of_abort(uint64_t esr)
{
	return esr & (UINT32_MAX - HVT_FSC);
}

/* Is it one of an access that went that way, and of as many bytes, 1 to 8? */
static inline bool hvt_esr_agrees(uint64_t esr, bool write, uint32_t bytes)
{
	return esr & HVT_ESR_ISV && !(esr & HVT_ESR_WNR) == !write &&
			bytes >> HVT_ESR_SAS(esr) == 1;
}

/*
 * The registers that KVM writes when it completes that access: PC, and Xt of a
 * load. XZR has the number of HVT_RECORD_PC, and is none.
 */
static inline uint64_t hvt_fold_of(uint64_t esr)
{
	return 1ull << HVT_RECORD_PC |
			(esr & HVT_ESR_WNR ? 0 : 1ull << HVT_ESR_SRT(esr));
}

/* How the address of an access is formed. */
enum hvt_address {
	HVT_ADDRESS_BASE,     /* Xn|SP + offset */
	HVT_ADDRESS_REGISTER, /* Xn|SP + extended Xm */
	HVT_ADDRESS_LITERAL,  /* PC + offset */
	HVT_ADDRESS_SIGNED,   /* Xn|SP without its signature + offset */
	HVT_ADDRESS_XT,       /* Xt|XZR, of system instructions */
};

/*
 * An instruction that accesses memory. isv tells the forms for which the
 * architecture gives a valid instruction syndrome (Arm ARM D17.2.37, "ISS
 * encoding for an exception from a Data Abort"): loads and stores of one
 * general register without write-back, exclusives and atomics left out. For
 * the others only the address, its extent and the direction are told.
 *
 * 16 bytes, which arm64/offsets.h knows, too.
 */
struct hvt_access {
	/* What the syndrome says of it, each bit where the syndrome has it. */
	union {
		uint32_t iss;
		struct {
			uint32_t : 6;
			bool write : 1; /* stores, and what only stores */
			uint32_t : 1;
			bool cache : 1; /* maintenance of a cache by address */
			uint32_t : 5;
			/* With isv alone; else 0: */
			bool acquire_release : 1; /* AR */
			bool wide : 1;    /* Xt rather than Wt (SF) */
			uint32_t rt : 5;  /* register moved (SRT); 31: XZR */
			bool sign_extend : 1; /* SSE */
			uint32_t size : 2; /* log2 of the bytes accessed (SAS) */
			bool isv : 1;
		};
	};
	/* The address: */
	uint8_t bytes;   /* accessed from there on, at the most */
	uint8_t address; /* enum hvt_address */
	uint8_t rn;      /* base; 31 is SP, with HVT_ADDRESS_XT XZR */
	uint8_t rm;      /* offset register; 31 is XZR */
	uint8_t shift;   /* of the extended register */
	uint8_t extend;  /* option field: UXTW 2, LSL 3, SXTW 6, SXTX 7 */
	uint16_t unused; /* 0 */
	int32_t offset;
};

/*
 * False: insn is no A64 load or store, as far as this knows them: not SVE and
 * SME, not the memory copies (CPY*, SET*), whose address is not in one register,
 * and not what FEAT_THE, FEAT_GCS and Armv9.5 have brought. Then what is in
 * *access means nothing.
 *
 * On arm64 it is in assembly; the twin in C says what it does, and is what the
 * tests hold it to. Which one is called has been decided when it is compiled.
 */
bool hvt_decode_access_c(uint32_t insn, struct hvt_access *access);
bool hvt_decode_access_asm(uint32_t insn, struct hvt_access *access);
#ifdef HVT_ASM
#define hvt_decode_access hvt_decode_access_asm
#else
#define hvt_decode_access hvt_decode_access_c
#endif

/*
 * ESR_EL2 of a data abort by access, taken from a lower exception level, with
 * fsc as its fault status.
 */
uint64_t hvt_access_syndrome(const struct hvt_access *access, uint32_t fsc);

/*
 * ESR_EL2 of insn if EL2 traps it: HVC, SMC, BRK, WFI, WFE, WFIT, WFET, MRS, MSR
 * of a register, SYS and SYSL (DC, TLBI, ...). False: it is none of these.
 */
bool hvt_decode_trap(uint32_t insn, uint64_t *syndrome);

/*
 * FAR_EL2 of a fault by an access of bytes at va, of which it is known that it
 * was at ipa: an access that crosses into another page may fault in either.
 * Stage 2 translates no less than the low 12 bits. False: there is no such
 * address, so the fault was not by this access.
 */
bool hvt_access_far(uint64_t va, uint32_t bytes, uint64_t ipa, uint64_t *far);

/*
 * Is data, as KVM has it in kvm_run.mmio, what a store of bytes, 1 to 8, of a
 * register with that value makes: in the order that the guest has for its data?
 */
bool hvt_access_stores(uint64_t value, uint32_t bytes, bool big_endian,
		const uint8_t *data);

#endif

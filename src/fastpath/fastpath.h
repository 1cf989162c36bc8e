/* SPDX-License-Identifier: MIT */
/*
 * The door of the fastpath room: what an instruction that left the guest was.
 * Pure functions: no allocation, no locks, no system calls.
 */
#ifndef HVT_FASTPATH_H
#define HVT_FASTPATH_H

#include <stdbool.h>
#include <stdint.h>

/* Exception classes of ESR_ELx (Arm ARM D17.2.37). */
#define HVT_EC_WFX        0x01u
#define HVT_EC_HVC64      0x16u
#define HVT_EC_SMC64      0x17u
#define HVT_EC_DABT_LOWER 0x24u

#define HVT_ESR_EC(ec) ((uint64_t)(ec) << 26)
#define HVT_ESR_IL     (1ull << 25)
#define HVT_ESR_FNV    (1ull << 10)
#define HVT_ESR_WNR    (1ull << 6)

/* Data fault status: translation fault, level 3. */
#define HVT_DFSC_TRANSLATION 0x07u

/* How the address of a load or store is formed. */
enum hvt_address {
	HVT_ADDRESS_BASE,     /* Xn|SP + offset */
	HVT_ADDRESS_REGISTER, /* Xn|SP + extended Xm */
	HVT_ADDRESS_LITERAL,  /* PC + offset */
};

/*
 * A load or store of one general register, the forms for which the
 * architecture gives a valid instruction syndrome (ISV = 1, Arm ARM D17.2.37,
 * "ISS encoding for an exception from a Data Abort").
 */
struct hvt_access {
	bool write;
	bool sign_extend;
	bool acquire_release;
	bool wide;      /* Xt rather than Wt (SF) */
	uint8_t size;   /* log2 of the bytes accessed (SAS) */
	uint8_t rt;     /* register moved (SRT); 31 is XZR */
	enum hvt_address address;
	uint8_t rn;     /* base; 31 is SP */
	uint8_t rm;     /* offset register; 31 is XZR */
	uint8_t extend; /* option field: UXTW 2, LSL 3, SXTW 6, SXTX 7 */
	uint8_t shift;  /* of the extended register */
	int64_t offset;
};

/* False: insn is none of these forms. */
bool hvt_decode_access(uint32_t insn, struct hvt_access *access);

/*
 * ESR_EL2 of a data abort by access, taken from a lower exception level, with
 * a level 3 translation fault: KVM does not tell the level, and VMMs do not
 * ask (docs/COVERAGE.md).
 */
uint64_t hvt_access_syndrome(const struct hvt_access *access);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Reads ESR_ELx values: what an exit was about. Pure. Field positions are those
 * of the Arm ARM, D24.2 "ESR_EL2".
 */
#ifndef HVRUN_SYNDROME_H
#define HVRUN_SYNDROME_H

#include <stdbool.h>
#include <stdint.h>

enum syndrome_class {
	EC_WFX = 0x01,
	EC_HVC64 = 0x16,
	EC_SMC64 = 0x17,
	EC_SYSREG = 0x18,
	EC_INSN_ABORT = 0x20,
	EC_DATA_ABORT = 0x24,
	EC_BRK = 0x3c,
};

#define SYNDROME_RT_ZERO 31u

/* A data abort whose instruction the hardware described (ISV = 1). */
struct data_abort {
	unsigned int size; /* bytes: 1, 2, 4 or 8 */
	unsigned int rt;   /* 31 is XZR */
	bool sign_extend;
	bool rt_is_64bit;
	bool is_write;
};

enum abort_kind {
	ABORT_ACCESS,	     /* struct data_abort is filled in */
	ABORT_CACHE_OP,	     /* cache maintenance by address */
	ABORT_TABLE_WALK,    /* the walk of a stage 1 table faulted */
	ABORT_NOT_DESCRIBED, /* ISV = 0: pairs, SIMD, write-back */
};

/* A trapped MRS or MSR. */
struct sysreg_access {
	unsigned int op0, op1, crn, crm, op2;
	unsigned int rt;
	bool is_read;
};

unsigned int syndrome_class(uint64_t esr);

/* A phrase for messages; "exception class not known" for the rest. */
const char *syndrome_class_name(uint64_t esr);

enum abort_kind syndrome_data_abort(uint64_t esr, struct data_abort *out);
void syndrome_sysreg(uint64_t esr, struct sysreg_access *out);

/* What a load of `value` leaves in Xt: extended as the instruction asks. */
uint64_t syndrome_load_result(const struct data_abort *abort, uint64_t value);

#endif

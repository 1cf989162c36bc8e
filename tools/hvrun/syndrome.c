/* SPDX-License-Identifier: MIT */
/* Field extraction from ESR_ELx; no state, no calls. */
#include "syndrome.h"

#include <stddef.h>

static unsigned int field(uint64_t esr, unsigned int low, unsigned int width)
{
	return (unsigned int)(esr >> low) & ((1u << width) - 1);
}

unsigned int syndrome_class(uint64_t esr)
{
	return field(esr, 26, 6);
}

const char *syndrome_class_name(uint64_t esr)
{
	static const struct {
		unsigned int ec;
		const char *name;
	} names[] = {
		{ 0x00, "unknown reason" },
		{ EC_WFX, "WFI or WFE" },
		{ 0x07, "SVE, SIMD or floating point access" },
		{ EC_HVC64, "HVC" },
		{ EC_SMC64, "SMC" },
		{ EC_SYSREG, "system register access" },
		{ 0x19, "SVE access" },
		{ 0x1d, "SME access" },
		{ EC_INSN_ABORT, "instruction abort" },
		{ EC_DATA_ABORT, "data abort" },
		{ 0x2f, "SError" },
		{ 0x30, "hardware breakpoint" },
		{ 0x32, "software step" },
		{ 0x34, "watchpoint" },
		{ EC_BRK, "BRK" },
	};
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (names[i].ec == syndrome_class(esr))
			return names[i].name;
	}
	return "exception class not known";
}

/*
 * CM and S1PTW come before ISV: a cache operation carries no register, and a
 * faulting table walk says nothing about the access that started it.
 */
enum abort_kind syndrome_data_abort(uint64_t esr, struct data_abort *out)
{
	if (field(esr, 7, 1))
		return ABORT_TABLE_WALK;
	if (field(esr, 8, 1))
		return ABORT_CACHE_OP;
	if (!field(esr, 24, 1))
		return ABORT_NOT_DESCRIBED;
	out->size = 1u << field(esr, 22, 2);
	out->sign_extend = field(esr, 21, 1);
	out->rt = field(esr, 16, 5);
	out->rt_is_64bit = field(esr, 15, 1);
	out->is_write = field(esr, 6, 1);
	return ABORT_ACCESS;
}

void syndrome_sysreg(uint64_t esr, struct sysreg_access *out)
{
	out->op0 = field(esr, 20, 2);
	out->op2 = field(esr, 17, 3);
	out->op1 = field(esr, 14, 3);
	out->crn = field(esr, 10, 4);
	out->rt = field(esr, 5, 5);
	out->crm = field(esr, 1, 4);
	out->is_read = field(esr, 0, 1);
}

uint64_t syndrome_load_result(const struct data_abort *abort, uint64_t value)
{
	unsigned int unused = 64 - 8 * abort->size;

	value <<= unused;
	if (abort->sign_extend)
		value = (uint64_t)((int64_t)value >> unused);
	else
		value >>= unused;
	return abort->rt_is_64bit ? value : (uint32_t)value;
}

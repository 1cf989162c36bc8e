/* SPDX-License-Identifier: MIT */
/*
 * What is done most, in the entry points themselves: registers that are at hand,
 * of the thread's vCPU. True: it is done, with success. All else, mistakes among
 * it, is for the functions behind the door. In the order in which compilers make
 * the least of it: neighbours are loaded at once.
 */
#ifndef HVT_QUICK_H
#define HVT_QUICK_H

#include "api.h"
#include "door.h"
#include "vcpu.h"

/*
 * A function with arguments as its caller has them, of which the compiler shall
 * make no other.
 */
#ifdef __clang__
#define HVT_APART __attribute__((noinline))
#else
#define HVT_APART __attribute__((noipa))
#endif

static inline bool hvt_vcpu_get_reg_quick(const struct hvt_run *mine,
		hv_vcpu_t id, hv_reg_t reg, uint64_t *value)
{
	if (!value)
		return false;

	const uint64_t owner = mine->id, *values = mine->values;

	/* Loaded by here, with the id. */
	__asm__("" : "+r"(values));
	if (owner != id || reg > HV_REG_CPSR ||
			!((mine->valid | mine->dirty) >> reg & 1))
		return false;
	*value = values[reg];
	return true;
}

static inline bool hvt_vcpu_set_reg_quick(struct hvt_run *mine,
		hv_vcpu_t id, hv_reg_t reg, uint64_t value)
{
	const uint64_t settable = mine->settable, owner = mine->id;

	if (owner != id || reg >= (uint32_t)settable)
		return false;

	uint64_t *values = mine->values, dirty = mine->dirty;

	values[reg] = value;
	mine->dirty = dirty | 1ull << reg;
	return true;
}

#endif

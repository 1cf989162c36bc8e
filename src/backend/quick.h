/* SPDX-License-Identifier: MIT */
/*
 * What is done most, in the entry points themselves: registers that are at hand,
 * of the thread's vCPU. True: it is done, with success. All else, mistakes among
 * it, is for the functions behind the door.
 */
#ifndef HVT_QUICK_H
#define HVT_QUICK_H

#include "api.h"
#include "vcpu.h"

static inline bool hvt_vcpu_get_reg_quick(const struct hvt_run *mine,
		hv_vcpu_t id, hv_reg_t reg, uint64_t *value)
{
	if (!hvt_vcpu_is_mine(mine, id) || reg > HV_REG_CPSR || !value ||
			!((mine->valid | mine->dirty) >> reg & 1))
		return false;
	*value = mine->values[reg];
	return true;
}

static inline bool hvt_vcpu_set_reg_quick(struct hvt_run *mine,
		hv_vcpu_t id, hv_reg_t reg, uint64_t value)
{
	if (!hvt_vcpu_is_mine(mine, id) || reg >= mine->settable)
		return false;
	mine->values[reg] = value;
	mine->dirty |= 1ull << reg;
	return true;
}

#endif

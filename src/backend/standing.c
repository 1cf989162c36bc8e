/* SPDX-License-Identifier: MIT */
/* Looking at a guest that stands still: see backend.h. */
#include <errno.h>

#include "guest_memory.h"
#include "vcpu.h"
#include "vm.h"
#include "walk.h"

#define PAGE 4096u /* the smallest: what is in one lies in a page of any size */

int hvt_backend_read(uint64_t ipa, void *bytes, size_t size)
{
	while (size) {
		size_t part = PAGE - (size_t)(ipa & (PAGE - 1));

		if (part > size)
			part = size;
		if (!hvt_memory_read(ipa, bytes, part))
			return -EFAULT;
		ipa += part;
		bytes = (uint8_t *)bytes + part;
		size -= part;
	}
	return 0;
}

int hvt_backend_translate(uint64_t sctlr, uint64_t tcr, uint64_t ttbr0,
		uint64_t ttbr1, uint64_t va, uint64_t *ipa)
{
	const struct hvt_stage1 regs = { sctlr, tcr, ttbr0, ttbr1 };

	return hvt_walk(&regs, va, ipa) ? -EFAULT : 0;
}

int hvt_backend_other_sys_regs(hv_vcpu_t id, hv_sys_reg_t *regs, size_t *count)
{
	struct hvt_vcpu *vcpu;
	int err = hvt_vcpu_mine(id, &vcpu);

	if (!err && hvt_engine->other_sys_regs)
		return hvt_engine->other_sys_regs(vcpu->engine, regs, count);
	*count = 0;
	return err;
}

int hvt_backend_get_other(hv_vcpu_t id, hv_sys_reg_t reg, uint64_t *value)
{
	struct hvt_vcpu *vcpu;
	int err = hvt_vcpu_mine(id, &vcpu);

	return err ? err : hvt_engine->get_sys_reg(vcpu->engine, reg, value);
}

int hvt_backend_set_other(hv_vcpu_t id, hv_sys_reg_t reg, uint64_t value)
{
	struct hvt_vcpu *vcpu;
	int err = hvt_vcpu_mine(id, &vcpu);

	return err ? err : hvt_engine->set_sys_reg(vcpu->engine, reg, value);
}

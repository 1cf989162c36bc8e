/* SPDX-License-Identifier: MIT */
/*
 * Completing an access to a device: a VMM writes the register that was loaded
 * and adds 4 to PC, an ioctl each. KVM does just that on its own when the vCPU
 * runs again (KVM API, KVM_EXIT_MMIO). So where what the VMM has written is
 * what KVM would write, it is left to KVM; else KVM is told that there is
 * nothing to complete, as always (kvm_run.c).
 *
 * HVT_FASTPATH=off leaves nothing to it: the guest must not see a difference.
 */
#include <stdlib.h>
#include <string.h>

#include "kvm.h"

#define SCTLR_EE  (1ull << 25) /* data is big-endian at EL1, */
#define SCTLR_E0E (1ull << 24) /* and at EL0 */
/* What KVM clears in PSTATE with an instruction, and a VMM does not. */
#define CPSR_A32   (1ull << 4)
#define CPSR_SS    (1ull << 21)
#define CPSR_BTYPE (3ull << 10)

bool hvt_kvm_fastpath_off(void)
{
	static atomic_int off = -1;

	if (off < 0) {
		const char *value = secure_getenv("HVT_FASTPATH");

		off = value && !strcmp(value, "off");
	}
	return off;
}

void hvt_kvm_fold_arm(struct hvt_engine_vcpu *v, const struct hvt_access *a)
{
	uint64_t cpsr;

	/* At EL2 other registers say how data is laid out. */
	if (hvt_kvm_fastpath_off() || v->debug.exceptions || hvt_kvm.el2 ||
			hvt_kvm_get_reg(v, HV_REG_CPSR, &cpsr) ||
			hvt_kvm_get_reg(v, HV_REG_PC, &v->fold.pc) ||
			cpsr & CPSR_A32)
		return;
	v->fold.armed = true;
	v->fold.access = *a;
}

/*
 * What KVM makes of the bytes that a load is answered with. A sign that is
 * extended is lost again in KVM, so negative values are none of these.
 */
static uint64_t loaded(const struct hvt_access *a, uint64_t value)
{
	unsigned bits = 8u << a->size;

	return bits < 64 ? value & ((1ull << bits) - 1) : value;
}

static bool is_negative(const struct hvt_access *a, uint64_t value)
{
	return a->sign_extend && value >> ((8u << a->size) - 1) & 1;
}

/* Has the VMM put into Xt what KVM will? Then KVM is given it. */
static bool give_loaded(struct hvt_engine_vcpu *v, uint64_t *folded)
{
	const struct hvt_access *a = &v->fold.access;
	uint64_t value;

	if (a->rt == 31)
		return true;
	value = v->regs[HV_REG_X0 + a->rt];
	if (!(v->dirty >> a->rt & 1) || loaded(a, value) != value ||
			is_negative(a, value) ||
			v->fold.sctlr & (SCTLR_EE | SCTLR_E0E))
		return false;
	memcpy(v->run->mmio.data, &value, sizeof(v->run->mmio.data));
	*folded |= 1ull << a->rt;
	return true;
}

uint64_t hvt_kvm_fold(struct hvt_engine_vcpu *v)
{
	const uint64_t pc = 1ull << HV_REG_PC;
	uint64_t folded = pc, cpsr;

	if (!v->fold.armed || !(v->dirty & pc) || v->debug.exceptions ||
			v->regs[HV_REG_PC] != v->fold.pc + 4 ||
			hvt_kvm_get_reg(v, HV_REG_CPSR, &cpsr) ||
			cpsr & (CPSR_SS | CPSR_BTYPE))
		return 0;
	if (!v->fold.access.write && !give_loaded(v, &folded))
		return 0;
	return folded;
}

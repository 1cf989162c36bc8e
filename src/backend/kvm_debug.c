/* SPDX-License-Identifier: MIT */
/*
 * Debug exceptions that come to the VMM. On a Mac MDCR_EL2.TDE routes them,
 * and breakpoints, watchpoints and the step state are those of the guest's own
 * registers (DBGB*, DBGW*, MDSCR_EL1, PSTATE.SS), whoever has written them.
 * KVM has two sets, of which the host's counts while it debugs a guest: before
 * every run it gets what is in the guest's.
 *
 * What is written by the guest itself while it runs counts from the next run
 * on. KVM does not let its accesses exit: with trap_debug_reg_accesses the
 * VMM's values are kept apart from the guest's instead, so that the guest does
 * not disturb them.
 */
#include <errno.h>
#include <string.h>

#include "fastpath.h"
#include "kvm.h"

#define MDSCR_SS  1ull
#define MDSCR_MDE (1ull << 15)
#define CPSR_SS   (1ull << 21)

/* Fault status of debug exceptions. */
#define FSC_DEBUG 0x22u

/* DBGBVRn, DBGBCRn, DBGWVRn, DBGWCRn: op2 4 to 7, n in CRm. */
static bool is_point(hv_sys_reg_t reg)
{
	return (reg & 0xff84) == 0x8004;
}

/* Where the VMM's value of a debug register is, if that is not in KVM. */
uint64_t *hvt_kvm_debug_reg(struct hvt_engine_vcpu *v, hv_sys_reg_t reg)
{
	if (!v->debug.apart)
		return NULL;
	if (reg == HV_SYS_REG_MDSCR_EL1)
		return &v->debug.mdscr;
	return is_point(reg) ? &v->debug.points[reg >> 3 & 15][reg & 3] : NULL;
}

static int get_points(struct hvt_engine_vcpu *v, uint64_t points[][4],
		unsigned count)
{
	for (unsigned i = 0; i < 4 * count; i++) {
		hv_sys_reg_t reg = (hv_sys_reg_t)(HV_SYS_REG_DBGBVR0_EL1 +
				(i / 4 * 8) + i % 4);
		int err = hvt_kvm_get_sys_reg(v, reg, &points[i / 4][i % 4]);

		if (err)
			return err;
	}
	return 0;
}

/* The VMM's values become the guest's, and there is one set again. */
static int join(struct hvt_engine_vcpu *v)
{
	int err = 0;

	v->debug.apart = false;
	for (unsigned i = 0; i < 64 && !err; i++)
		err = hvt_kvm_set_sys_reg(v,
				(hv_sys_reg_t)(HV_SYS_REG_DBGBVR0_EL1 +
						(i / 4 * 8) + i % 4),
				v->debug.points[i / 4][i % 4]);
	return err ? err : hvt_kvm_set_sys_reg(v, HV_SYS_REG_MDSCR_EL1,
					v->debug.mdscr);
}

static int set_traps(struct hvt_engine_vcpu *v, bool exceptions, bool accesses)
{
	bool apart = exceptions && accesses;
	int err = 0;

	if (apart && !v->debug.apart) {
		err = get_points(v, v->debug.points, 16);
		if (!err)
			err = hvt_kvm_get_sys_reg(v, HV_SYS_REG_MDSCR_EL1,
					&v->debug.mdscr);
	} else if (!apart && v->debug.apart) {
		err = join(v);
	}
	if (err)
		return err;
	v->debug.apart = apart;
	v->debug.exceptions = exceptions;
	v->debug.accesses = accesses;
	v->fast.attention &= ~HVT_ATTEND_DEBUG;
	v->fast.attention |= exceptions ? HVT_ATTEND_DEBUG : 0;
	hvt_kvm_fold_allow(v);
	return 0;
}

/* Gives KVM its orders, if they are not what it has already. */
static int put(struct hvt_engine_vcpu *v, const struct kvm_guest_debug *debug)
{
	int err;

	if (!memcmp(debug, &v->debug.put, sizeof(*debug)))
		return 0;
	err = hvt_kvm_sys->ioctl(v->fast.fd, KVM_SET_GUEST_DEBUG, debug);
	if (!err)
		v->debug.put = *debug;
	return err;
}

int hvt_kvm_set_trap_debug(struct hvt_engine_vcpu *v, bool on)
{
	const struct kvm_guest_debug off = { 0 };
	int err = set_traps(v, on, v->debug.accesses);
	int told = on ? 0 : put(v, &off);

	return err ? err : told;
}

int hvt_kvm_set_trap_debug_access(struct hvt_engine_vcpu *v, bool on)
{
	return set_traps(v, v->debug.exceptions, on);
}

/* Copies as many points as this CPU has; KVM takes no others to the CPU. */
static int copy_points(struct hvt_engine_vcpu *v, struct kvm_guest_debug *debug)
{
	uint64_t points[16][4];
	int err = 0;

	if (v->debug.apart)
		memcpy(points, v->debug.points, sizeof(points));
	else
		err = get_points(v, points, 16);
	for (unsigned i = 0; i < 16 && !err; i++) {
		debug->arch.dbg_bvr[i] = points[i][0];
		debug->arch.dbg_bcr[i] = points[i][1];
		debug->arch.dbg_wvr[i] = points[i][2];
		debug->arch.dbg_wcr[i] = points[i][3];
	}
	debug->control |= KVM_GUESTDBG_USE_HW;
	return err;
}

/*
 * KVM goes on with the step state of the last run. It forgets that when
 * debugging is switched off: CPSR.SS alone tells here, and says to step.
 */
static int forget_step(struct hvt_engine_vcpu *v)
{
	const struct kvm_guest_debug off = { 0 };

	return v->debug.put.control & KVM_GUESTDBG_SINGLESTEP ? put(v, &off)
							      : 0;
}

int hvt_kvm_debug_force_step(struct hvt_engine_vcpu *v, bool on)
{
	const struct kvm_guest_debug debug = {
		.control = on ? KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_SINGLESTEP
			      : 0,
	};
	int err = forget_step(v);

	return err ? err : put(v, &debug);
}

/*
 * Software step (Arm ARM D2.11): with SS in MDSCR_EL1 and in CPSR one
 * instruction is executed, without the latter none. 1: there is the exception
 * already.
 */
static int start_step(struct hvt_engine_vcpu *v, struct kvm_guest_debug *debug,
		hv_vcpu_exit_t *exit)
{
	uint64_t cpsr;
	int err = hvt_kvm_get_reg(v, HV_REG_CPSR, &cpsr);

	if (err)
		return err;
	if (!(cpsr & CPSR_SS)) {
		hvt_kvm_show(exit, HVT_ESR_EC(HVT_EC_STEP_LOWER) | HVT_ESR_IL |
				FSC_DEBUG, 0, 0);
		return 1;
	}
	err = forget_step(v);
	debug->control |= KVM_GUESTDBG_SINGLESTEP;
	v->debug.stepping = true;
	return err ? err : hvt_kvm_get_reg(v, HV_REG_PC, &v->debug.step_pc);
}

int hvt_kvm_debug_begin(struct hvt_engine_vcpu *v, hv_vcpu_exit_t *exit)
{
	struct kvm_guest_debug debug = {
		.control = KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_USE_SW_BP,
	};
	uint64_t mdscr = 0;
	int err;

	/* The last run may have failed behind start_step(). */
	v->debug.stepping = false;
	err = hvt_kvm_get_sys_reg(v, HV_SYS_REG_MDSCR_EL1, &mdscr);
	if (!err && mdscr & MDSCR_MDE)
		err = copy_points(v, &debug);
	if (!err && mdscr & MDSCR_SS)
		err = start_step(v, &debug, exit);
	return err ? err : put(v, &debug);
}

static int end_step(struct hvt_engine_vcpu *v)
{
	uint64_t cpsr;
	int err = hvt_kvm_get_reg(v, HV_REG_CPSR, &cpsr);

	if (!err && cpsr & CPSR_SS)
		err = hvt_kvm_set_reg(v, HV_REG_CPSR, cpsr & ~CPSR_SS);
	return err;
}

/*
 * KVM gives CPSR.SS back as it was before the run. The CPU has cleared it if
 * the instruction was executed: it has when PC is another.
 */
int hvt_kvm_debug_end(struct hvt_engine_vcpu *v, const hv_vcpu_exit_t *exit)
{
	uint64_t pc;
	int err;

	if (!v->debug.stepping)
		return 0;
	v->debug.stepping = false;
	err = hvt_kvm_get_reg(v, HV_REG_PC, &pc);
	if (!err && (pc != v->debug.step_pc ||
			(exit->reason == HV_EXIT_REASON_EXCEPTION &&
				exit->exception.syndrome >> 26 ==
						HVT_EC_STEP_LOWER)))
		err = end_step(v);
	return err;
}

int hvt_kvm_show_debug(struct hvt_engine_vcpu *v, hv_vcpu_exit_t *exit)
{
	const struct kvm_debug_exit_arch *debug = &v->fast.page->debug.arch;
	uint64_t esr = debug->hsr;
	/* Other debug exceptions have no address. */
	bool watchpoint = esr >> 26 == HVT_EC_WATCHPOINT_LOWER;

	if (v->fast.page->flags & KVM_DEBUG_ARCH_HSR_HIGH_VALID)
		esr |= (uint64_t)debug->hsr_high << 32;
	hvt_kvm_show(exit, esr, watchpoint ? debug->far : 0, 0);
	return 1;
}

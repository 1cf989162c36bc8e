/* SPDX-License-Identifier: MIT */
/*
 * Running a vCPU until there is an exit that the API shows.
 *
 * KVM completes an MMIO access at the next KVM_RUN: it would write Xt and
 * step PC. On a Mac both are the VMM's to do, so completion is cancelled by
 * clearing exit_reason in the shared page, and what the VMM wrote counts.
 */
#include <errno.h>

#include "kvm.h"
#include "trace.h"

#define LINE_IRQ 1u
#define LINE_FIQ 2u

/* Sets the lines whose level KVM has wrong: usually none. */
static int set_lines(struct hvt_engine_vcpu *v, unsigned pending)
{
	for (unsigned n = 0; n < 2; n++) {
		unsigned bit = n ? LINE_FIQ : LINE_IRQ;
		struct kvm_irq_level line = {
			.irq = KVM_ARM_IRQ_TYPE_CPU << KVM_ARM_IRQ_TYPE_SHIFT |
					v->id << KVM_ARM_IRQ_VCPU_SHIFT | n,
			.level = (pending & bit) != 0,
		};
		int err;

		if (!((v->lines ^ pending) & bit))
			continue;
		err = hvt_kvm_sys->ioctl(hvt_kvm.vm, KVM_IRQ_LINE, &line);
		if (err)
			return err;
		v->lines ^= bit;
	}
	return 0;
}

static bool show(hv_vcpu_exit_t *exit, hv_exit_reason_t reason)
{
	exit->reason = reason;
	return true;
}

/* One pending request, not a counter; taken by the run that reports it. */
static bool take_cancel(struct hvt_engine_vcpu *v, hv_vcpu_exit_t *exit)
{
	return atomic_load(&v->fast.cancel) && atomic_exchange(&v->fast.cancel, false) &&
			show(exit, HV_EXIT_REASON_CANCELED);
}

/*
 * device_irq_level is KVM's own memory of the level it has told us. While it
 * is set KVM does not exit for the timer again: that is Apple's automatic
 * mask. Clearing it makes KVM tell us again if the timer still asserts.
 */
static bool take_vtimer(struct hvt_engine_vcpu *v, hv_vcpu_exit_t *exit)
{
	if (v->fast.vtimer_masked || !(v->fast.page->s.regs.device_irq_level &
						KVM_ARM_DEV_EL1_VTIMER))
		return false;
	v->fast.vtimer_masked = true;
	return show(exit, HV_EXIT_REASON_VTIMER_ACTIVATED);
}

/*
 * A level that came with another exit may be stale by now: the VMM may have
 * changed the timer. KVM is asked again by forgetting it.
 */
static void forget_vtimer(struct hvt_engine_vcpu *v)
{
	if (!v->fast.vtimer_masked)
		v->fast.page->s.regs.device_irq_level &=
				~(uint64_t)KVM_ARM_DEV_EL1_VTIMER;
}

/* The registers are forgotten first: see hvt_run_c(). */
static int run_once(struct hvt_engine_vcpu *v)
{
	uint64_t before;
	int err;

	/* Unless KVM is to complete it: see kvm_fold.c and kvm_gic_mmio.c. */
	if (!v->completes)
		v->fast.page->exit_reason = 0;
	v->completes = false;
	v->fast.valid = v->fast.record->told = 0;
	hvt_kvm_run_begin(v);
	before = hvt_tick();
	err = hvt_ioctl(v->fast.fd, KVM_RUN, 0);
	v->fast.ticks += hvt_tick() - before;
	hvt_kvm_run_end(v);
	v->fast.valid = v->fast.record->told;
	return err;
}

/* What comes of a KVM_RUN: 1 an exit to show, 0 none, -errno. */
static int after_run(struct hvt_engine_vcpu *v, int err, hv_vcpu_exit_t *exit)
{
	if (err != -EINTR && err != -EAGAIN)
		return err ? err : hvt_kvm_exit(v, exit);
	/* The hint goes before the truth is looked at. */
	__atomic_store_n(&v->fast.page->immediate_exit, 0, __ATOMIC_SEQ_CST);
	return take_vtimer(v, exit);
}

/* 1 with an exit to show, or -errno. */
static int run_until_exit(struct hvt_engine_vcpu *v, hv_vcpu_exit_t *exit)
{
	int done = 0;

	while (!done) {
		/* What KVM is to complete the guest must not do again. */
		if (!v->completes && take_cancel(v, exit))
			return 1;
		done = after_run(v, run_once(v), exit);
	}
	return done;
}

/* What KVM does not know yet, but for the registers that it writes itself. */
static int put_rest(struct hvt_engine_vcpu *v, unsigned pending, uint64_t folded)
{
	int err;

	v->fast.dirty &= ~folded;
	err = hvt_kvm_flush_regs(v);
	if (!err && v->fast.attention & HVT_ATTEND_SERROR)
		err = hvt_kvm_give_serror(v);
	if (!err)
		err = set_lines(v, pending);
	if (err)
		v->fast.dirty |= folded;
	v->fast.attention &= ~HVT_ATTEND_LINES;
	v->fast.attention |= v->lines ? HVT_ATTEND_LINES : 0;
	return err;
}

/* KVM gets all that it is to know. */
static int put_state(struct hvt_engine_vcpu *v, unsigned pending)
{
	uint64_t folded = hvt_run_folded(&v->fast);
	int err = put_rest(v, pending, folded);

	/* Once: what was written now is no longer what KVM goes on from. */
	v->fast.fold = 0;
	v->completes = !err && folded;
	forget_vtimer(v);
	return err;
}

int hvt_kvm_vcpu_run(struct hvt_engine_vcpu *v, unsigned pending,
		hv_vcpu_exit_t *exit)
{
	int err = hvt_kvm_gic_run();

	if (err)
		return err;
	v->fast.attention &= ~HVT_ATTEND_GIC;
	if (v->fast.attention & HVT_ATTEND_DEBUG)
		err = hvt_kvm_debug_begin(v, exit);
	if (err)
		return err < 0 ? err : 0;
	err = put_state(v, pending);
	if (!err)
		err = run_until_exit(v, exit);
	if (err >= 0 && v->fast.attention & HVT_ATTEND_DEBUG)
		err = hvt_kvm_debug_end(v, exit);
	return err < 0 ? err : 0;
}

int hvt_kvm_vcpu_run_on(struct hvt_engine_vcpu *v, unsigned end,
		hv_vcpu_exit_t *exit)
{
	int done = 0;

	if (end == HVT_RUN_HELD) {
		/* It is the turn of those who pause; then the run is begun. */
		hvt_kvm_run_hold(v);
		/* Or is cancelled: then nobody may wait for its end. */
		hvt_kvm_run_end(v);
		v->completes = v->fast.page->exit_reason;
	} else {
		hvt_kvm_run_tell();
		done = after_run(v, v->fast.result, exit);
	}
	if (!done)
		done = run_until_exit(v, exit);
	return done < 0 ? done : 0;
}

struct hvt_run *hvt_kvm_vcpu_fast(struct hvt_engine_vcpu *v)
{
	return &v->fast;
}

void hvt_kvm_vcpu_cancel(struct hvt_engine_vcpu *v)
{
	atomic_store(&v->fast.cancel, true);
	hvt_kvm_kick(v);
}

int hvt_kvm_get_vtimer_mask(struct hvt_engine_vcpu *v, bool *masked)
{
	*masked = v->fast.vtimer_masked;
	return 0;
}

int hvt_kvm_set_vtimer_mask(struct hvt_engine_vcpu *v, bool masked)
{
	v->fast.vtimer_masked = masked;
	if (!masked)
		v->fast.page->s.regs.device_irq_level &=
				~(uint64_t)KVM_ARM_DEV_EL1_VTIMER;
	return 0;
}

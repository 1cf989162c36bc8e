/* SPDX-License-Identifier: MIT */
/*
 * Virtual SErrors. KVM is given one at the start of a run: newer ones deliver
 * it then and there if the guest does not mask it, so the registers have to be
 * the guest's by then. KVM cannot take one back: see take_away().
 */
#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include "kvm.h"

static int get_events(struct hvt_engine_vcpu *v, struct kvm_vcpu_events *events)
{
	return hvt_kvm_sys->ioctl(v->fast.fd, KVM_GET_VCPU_EVENTS, events);
}

int hvt_kvm_get_serror(struct hvt_engine_vcpu *v, bool *pending)
{
	struct kvm_vcpu_events events = { 0 };
	bool wanted = v->fast.attention & HVT_ATTEND_SERROR;
	int err = wanted ? 0 : get_events(v, &events);

	*pending = wanted || events.exception.serror_pending;
	return err;
}

/* The syndrome is KVM's: with RAS "implementation defined", all zeroes. */
int hvt_kvm_give_serror(struct hvt_engine_vcpu *v)
{
	struct kvm_vcpu_events events = { .exception.serror_pending = 1 };
	int err = hvt_kvm_sys->ioctl(v->fast.fd, KVM_SET_VCPU_EVENTS, &events);

	if (err)
		return err;
	v->fast.attention &= ~HVT_ATTEND_SERROR;
	hvt_kvm_forget_regs(v);
	return 0;
}

/* What the guest loses when it takes an exception, and has lent for it. */
static const hv_sys_reg_t taken_into[] = { HV_SYS_REG_ELR_EL1,
	HV_SYS_REG_SPSR_EL1, HV_SYS_REG_ESR_EL1, HV_SYS_REG_SCTLR_EL1,
	HV_SYS_REG_VBAR_EL1 };
#define TAKEN_INTO (sizeof(taken_into) / sizeof(taken_into[0]))

struct context {
	uint64_t pc, cpsr, sys[TAKEN_INTO];
};

static int save(struct hvt_engine_vcpu *v, struct context *c)
{
	int err = hvt_kvm_get_reg(v, HV_REG_PC, &c->pc);

	if (!err)
		err = hvt_kvm_get_reg(v, HV_REG_CPSR, &c->cpsr);
	for (size_t i = 0; i < TAKEN_INTO && !err; i++)
		err = hvt_kvm_get_sys_reg(v, taken_into[i], &c->sys[i]);
	return err;
}

static int restore(struct hvt_engine_vcpu *v, const struct context *c)
{
	int err = hvt_kvm_set_reg(v, HV_REG_PC, c->pc);

	if (!err)
		err = hvt_kvm_set_reg(v, HV_REG_CPSR, c->cpsr);
	for (size_t i = 0; i < TAKEN_INTO && !err; i++)
		err = hvt_kvm_set_sys_reg(v, taken_into[i], c->sys[i]);
	return err;
}

#define CPSR_EL1H_D_I_F 0x2c5u

/* Others are kept outside, so this is no run of the run loop's. */
static int step(struct hvt_engine_vcpu *v)
{
	int err;

	do {
		/* A cancel that waits is for the VMM's next run. */
		__atomic_store_n(&v->fast.page->immediate_exit, 0, __ATOMIC_SEQ_CST);
		v->fast.page->exit_reason = 0;
		err = hvt_kvm_sys->ioctl_number(v->fast.fd, KVM_RUN, 0);
	} while (err == -EINTR || err == -EAGAIN);
	hvt_kvm_forget_regs(v);
	v->completes = false;
	v->fast.fold = 0;
	return !err && v->fast.page->exit_reason != KVM_EXIT_DEBUG ? -EIO : err;
}

/*
 * Has the guest take it, and nothing more: the CPU enters the exception before
 * any instruction, and is stopped by a step before the first of the handler,
 * which is at vectors: the guest's own may not even be mapped.
 */
static int enter_handler(struct hvt_engine_vcpu *v, uint64_t vectors)
{
	int err = hvt_kvm_set_reg(v, HV_REG_CPSR, CPSR_EL1H_D_I_F);

	if (!err)
		err = hvt_kvm_set_sys_reg(v, HV_SYS_REG_SCTLR_EL1, 0);
	if (!err)
		err = hvt_kvm_set_sys_reg(v, HV_SYS_REG_VBAR_EL1, vectors);
	if (!err)
		err = hvt_kvm_flush_regs(v);
	if (!err)
		err = hvt_kvm_debug_force_step(v, true);
	if (err)
		return err;
	err = step(v);
	(void)hvt_kvm_debug_force_step(v, false);
	return err;
}

static int take_away(struct hvt_engine_vcpu *v, void *page)
{
	struct context context;
	uint64_t vectors;
	int undone, err = save(v, &context);

	if (!err)
		err = hvt_kvm_spare_begin(page, 0, &vectors);
	if (err)
		return err;
	err = enter_handler(v, vectors);
	(void)hvt_kvm_spare_end();
	undone = restore(v, &context);
	return err ? err : undone;
}

/* The page of the vectors: zeroes, of which none is executed. */
static int take_away_at_page(struct hvt_engine_vcpu *v)
{
	size_t size = (size_t)sysconf(_SC_PAGESIZE);
	void *page = mmap(NULL, size, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int err;

	if (page == MAP_FAILED)
		return -ENOMEM;
	err = take_away(v, page);
	munmap(page, size);
	return err;
}

int hvt_kvm_set_serror(struct hvt_engine_vcpu *v, bool pending)
{
	bool there;
	int err;

	v->fast.attention &= ~HVT_ATTEND_SERROR;
	err = hvt_kvm_get_serror(v, &there);
	if (err || pending == there)
		return err;
	if (!pending)
		return take_away_at_page(v);
	v->fast.attention |= HVT_ATTEND_SERROR;
	/* What KVM completes is not the guest's yet when KVM is given it. */
	v->fast.fold = 0;
	return 0;
}

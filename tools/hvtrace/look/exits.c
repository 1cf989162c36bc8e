/* SPDX-License-Identifier: MIT */
#include "exits.h"

#include <Hypervisor/Hypervisor.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "known.h"
#include "syndrome.h"

/* Exception classes beside those of syndrome.h (Arm ARM, ESR_EL2.EC). */
enum {
	EC_BREAKPOINT = 0x30, /* from a lower level; the next is from the same */
	EC_STEP_SAME = 0x33,
	EC_WATCHPOINT = 0x34,
	EC_WATCHPOINT_SAME = 0x35,
	EC_BKPT32 = 0x38,
	EC_HVC32 = 0x12,
	EC_SMC32 = 0x13,
};

const char *exit_class_name(enum exit_class class)
{
	static const char *const names[EXIT_CLASSES] = {
		"mmio read", "mmio write", "hvc", "smc", "sysreg", "wfx",
		"abort", "debug", "other", "vtimer", "canceled", "unknown",
		"failed",
	};

	return class < EXIT_CLASSES ? names[class] : "";
}

const char *exit_class_word(enum exit_class class)
{
	return class <= EXIT_MMIO_WRITE ? "mmio" : exit_class_name(class);
}

/* *moved: the register that an access moves to or from, if it is one. */
static enum exit_class classify_exception(uint64_t syndrome, uint64_t *moved)
{
	struct data_abort abort;
	unsigned ec = syndrome_class(syndrome);

	switch (ec) {
	case EC_DATA_ABORT:
		if (syndrome_data_abort(syndrome, &abort) != ABORT_ACCESS)
			return EXIT_ABORT;
		*moved = abort.rt;
		return abort.is_write ? EXIT_MMIO_WRITE : EXIT_MMIO_READ;
	case EC_INSN_ABORT:
		return EXIT_ABORT;
	case EC_HVC32:
	case EC_HVC64:
		return EXIT_HVC;
	case EC_SMC32:
	case EC_SMC64:
		return EXIT_SMC;
	case EC_SYSREG:
		return EXIT_SYSREG;
	case EC_WFX:
		return EXIT_WFX;
	case EC_WATCHPOINT:
	case EC_WATCHPOINT_SAME:
	case EC_BKPT32:
	case EC_BRK:
		return EXIT_DEBUG;
	}
	return ec >= EC_BREAKPOINT && ec <= EC_STEP_SAME ? EXIT_DEBUG
							 : EXIT_OTHER;
}

static enum exit_class classify(const struct hvt_event *leave, uint64_t *moved)
{
	if (leave->result)
		return EXIT_FAILED;
	switch (leave->values[RUN_REASON]) {
	case HV_EXIT_REASON_EXCEPTION:
		return classify_exception(leave->values[RUN_SYNDROME], moved);
	case HV_EXIT_REASON_VTIMER_ACTIVATED:
		return EXIT_VTIMER;
	case HV_EXIT_REASON_CANCELED:
		return EXIT_CANCELED;
	}
	return EXIT_UNKNOWN;
}

enum exit_class exit_classify(const struct hvt_event *leave)
{
	uint64_t moved;

	return classify(leave, &moved);
}

void exit_tracker_init(struct exit_tracker *t)
{
	*t = (struct exit_tracker){ 0 };
}

void exit_tracker_fini(struct exit_tracker *t)
{
	free(t->threads);
	exit_tracker_init(t);
}

void exit_tracker_forget(struct exit_tracker *t)
{
	if (t->count)
		memset(t->threads, 0, t->count * sizeof(*t->threads));
}

void exit_tracker_gap(struct exit_tracker *t)
{
	for (uint32_t i = 0; i < t->count; i++) {
		t->threads[i].running = false;
		t->threads[i].lost = true;
	}
}

static struct exit_thread *make_thread(struct exit_tracker *t, uint32_t number)
{
	struct exit_thread *more;
	uint32_t count = t->count ? t->count : 8;

	if (number >= TRACE_THREADS_MAX)
		return NULL;
	while (count <= number)
		count *= 2;
	more = realloc(t->threads, count * sizeof(*more));
	if (!more)
		return NULL;
	memset(more + t->count, 0, (count - t->count) * sizeof(*more));
	t->threads = more;
	t->count = count;
	return &more[number];
}

static inline struct exit_thread *thread_of(
		struct exit_tracker *t, uint32_t number)
{
	return number < t->count ? &t->threads[number] : make_thread(t, number);
}

static void enter(struct exit_thread *x, const struct hvt_event *e,
		const struct exit **done)
{
	if (x->pending) {
		x->exit.back = x->lost ? 0 : e->tick;
		/* A thread has one vCPU at a time, and seldom another later. */
		if (x->exit.vcpu == EXIT_VCPU_UNKNOWN && !x->lost)
			x->exit.vcpu = e->values[RUN_VCPU];
		*done = &x->exit;
	}
	x->pending = x->lost = false;
	x->running = x->entered_one = true;
	x->vcpu = e->values[RUN_VCPU];
	x->entered = e->tick;
}

/*
 * One whose entering was not seen, as behind damage, took no time, and of the
 * one before nothing more is known.
 */
static void leave(struct exit_thread *x, const struct hvt_event *e,
		const struct exit **done)
{
	if (x->pending) {
		x->done = x->exit;
		*done = &x->done;
	}
	x->moved = UINT64_MAX;
	x->exit = (struct exit){
		.number = e->number,
		.thread = e->thread,
		.class = classify(e, &x->moved),
		.vcpu = x->entered_one ? x->vcpu : EXIT_VCPU_UNKNOWN,
		.entered = x->running ? x->entered : e->tick,
		.left = e->tick,
		.result = e->result,
		.reason = e->values[RUN_REASON],
		.syndrome = e->values[RUN_SYNDROME],
		.va = e->values[RUN_VA],
		.ipa = e->values[RUN_IPA],
	};
	x->pending = true;
	x->running = x->lost = false;
}

/* What the VMM asks for, or sets, right behind the exit tells more of it. */
static void learn(struct exit_thread *t, const struct hvt_event *e)
{
	struct exit *x = &t->exit;
	uint64_t reg = e->values[REG_REG], value = e->values[REG_VALUE];
	bool get = e->call == known_calls()->get_reg;

	if (e->result)
		return;
	if (reg == t->moved && !x->has_value &&
			x->class == (get ? EXIT_MMIO_WRITE : EXIT_MMIO_READ)) {
		x->value = value;
		x->has_value = true;
	}
	if (!get)
		return;
	if (reg == HV_REG_PC && !x->has_pc) {
		x->pc = value;
		x->has_pc = true;
	}
	if (reg == HV_REG_X0 && !x->has_x0) {
		x->x0 = value;
		x->has_x0 = true;
	}
}

int exit_tracker_add(struct exit_tracker *t, const struct hvt_event *e,
		const struct exit **done)
{
	const struct known_calls *known = known_calls();
	struct exit_thread *x = thread_of(t, e->thread);

	*done = NULL;
	if (!x)
		return -ENOMEM;
	if (e->call == known->run) {
		if (e->kind == HVT_EVENT_ENTER)
			enter(x, e, done);
		else
			leave(x, e, done);
		return 0;
	}
	if (!x->pending || x->lost || e->kind == HVT_EVENT_LEAVE)
		return 0;
	x->exit.calls++;
	if (e->call == known->get_reg || e->call == known->set_reg) {
		x->exit.reg_calls++;
		learn(x, e);
	}
	return 0;
}

const struct exit *exit_tracker_rest(struct exit_tracker *t, uint32_t thread)
{
	struct exit_thread *x = &t->threads[thread];

	if (!x->pending)
		return NULL;
	x->pending = false;
	return &x->exit;
}

int exit_tracker_take(struct exit_tracker *t, const struct exit_tracker *from)
{
	for (uint32_t i = 0; i < from->count; i++) {
		struct exit_thread *x;

		if (!from->threads[i].entered_one)
			continue;
		x = thread_of(t, i);
		if (!x)
			return -ENOMEM;
		*x = from->threads[i];
	}
	return 0;
}

bool exit_tracker_vcpu(const struct exit_tracker *t, uint32_t thread,
		uint64_t *vcpu)
{
	if (thread >= t->count || !t->threads[thread].entered_one)
		return false;
	*vcpu = t->threads[thread].vcpu;
	return true;
}

/* SPDX-License-Identifier: MIT */
#include "exits.h"

#include <Hypervisor/Hypervisor.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "known.h"
#include "syndrome.h"

/* Threads of a trace are below this (docs/FORMAT.md, Limits). */
#define THREADS_MAX 4096u

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

struct exit_thread {
	bool known;   /* it has run a vCPU */
	bool running;
	bool pending; /* exit is complete but for what follows */
	uint64_t vcpu, entered;
	struct exit exit;
	struct exit done; /* what was given out */
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

static enum exit_class classify_exception(uint64_t syndrome)
{
	struct data_abort abort;
	unsigned ec = syndrome_class(syndrome);

	switch (ec) {
	case EC_DATA_ABORT:
		if (syndrome_data_abort(syndrome, &abort) != ABORT_ACCESS)
			return EXIT_ABORT;
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

enum exit_class exit_classify(const struct hvt_event *leave)
{
	if (leave->result)
		return EXIT_FAILED;
	switch (leave->values[RUN_REASON]) {
	case HV_EXIT_REASON_EXCEPTION:
		return classify_exception(leave->values[RUN_SYNDROME]);
	case HV_EXIT_REASON_VTIMER_ACTIVATED:
		return EXIT_VTIMER;
	case HV_EXIT_REASON_CANCELED:
		return EXIT_CANCELED;
	}
	return EXIT_UNKNOWN;
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

static struct exit_thread *thread_of(struct exit_tracker *t, uint32_t number)
{
	struct exit_thread *more;
	uint32_t count = t->count ? t->count : 8;

	if (number < t->count)
		return &t->threads[number];
	if (number >= THREADS_MAX)
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

static void enter(struct exit_thread *x, const struct hvt_event *e,
		const struct exit **done)
{
	if (x->pending) {
		x->done = x->exit;
		x->done.back = e->tick;
		*done = &x->done;
	}
	x->pending = false;
	x->known = x->running = true;
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
	x->exit = (struct exit){
		.number = e->number,
		.thread = e->thread,
		.class = exit_classify(e),
		.vcpu = x->vcpu,
		.entered = x->running ? x->entered : e->tick,
		.left = e->tick,
		.result = e->result,
		.reason = e->values[RUN_REASON],
		.syndrome = e->values[RUN_SYNDROME],
		.va = e->values[RUN_VA],
		.ipa = e->values[RUN_IPA],
	};
	x->known = x->pending = true;
	x->running = false;
}

static bool moves(const struct exit *x, enum exit_class class, uint64_t reg)
{
	struct data_abort abort;

	return x->class == class && !x->has_value &&
			syndrome_data_abort(x->syndrome, &abort) ==
					ABORT_ACCESS &&
			abort.rt == reg;
}

/* What the VMM asks for, or sets, right behind the exit tells more of it. */
static void learn(struct exit *x, const struct hvt_event *e)
{
	uint64_t reg = e->values[REG_REG], value = e->values[REG_VALUE];
	bool get = e->call == known_calls()->get_reg;

	if (e->result)
		return;
	if (moves(x, get ? EXIT_MMIO_WRITE : EXIT_MMIO_READ, reg)) {
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
	if (!x->pending || e->kind == HVT_EVENT_LEAVE)
		return 0;
	x->exit.calls++;
	if (e->call == known->get_reg || e->call == known->set_reg) {
		x->exit.reg_calls++;
		learn(&x->exit, e);
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

bool exit_tracker_runs(const struct exit_tracker *t, uint32_t thread,
		uint64_t *since)
{
	if (thread >= t->count || !t->threads[thread].running)
		return false;
	*since = t->threads[thread].entered;
	return true;
}

bool exit_tracker_vcpu(const struct exit_tracker *t, uint32_t thread,
		uint64_t *vcpu)
{
	if (thread >= t->count || !t->threads[thread].known)
		return false;
	*vcpu = t->threads[thread].vcpu;
	return true;
}

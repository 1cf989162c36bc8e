/* SPDX-License-Identifier: MIT */
/*
 * Exits put together from events: a run of a vCPU, what ended it, and what the
 * VMM did until the thread ran a vCPU again. Pure but for memory.
 */
#ifndef HVTRACE_EXITS_H
#define HVTRACE_EXITS_H

#include <hvtrace/hvtrace.h>

enum exit_class {
	EXIT_MMIO_READ,
	EXIT_MMIO_WRITE,
	EXIT_HVC,
	EXIT_SMC,
	EXIT_SYSREG,
	EXIT_WFX,
	EXIT_ABORT, /* an access that the syndrome does not describe, and others */
	EXIT_DEBUG, /* BRK, steps, breakpoints, watchpoints */
	EXIT_OTHER, /* an exception of another class */
	EXIT_VTIMER,
	EXIT_CANCELED,
	EXIT_UNKNOWN, /* no reason that the API has */
	EXIT_FAILED,  /* hv_vcpu_run returned an error */
	EXIT_CLASSES
};

/* "mmio read", ... */
const char *exit_class_name(enum exit_class class);

/* The word that filters have for it: "mmio", ... */
const char *exit_class_word(enum exit_class class);

/* Of the return of hv_vcpu_run. */
enum exit_class exit_classify(const struct hvt_event *leave);

#define EXIT_VCPU_UNKNOWN UINT64_MAX

struct exit {
	uint64_t number; /* of the event that it returned with */
	uint32_t thread;
	enum exit_class class;
	uint64_t vcpu;          /* or EXIT_VCPU_UNKNOWN */
	uint64_t entered, left; /* ticks */
	uint64_t back;          /* tick of the next run by the thread; 0: none seen */
	int64_t result;
	uint64_t reason, syndrome, va, ipa;
	uint64_t pc;    /* if the VMM asked for it */
	uint64_t x0;    /* the same: the function of HVC and SMC */
	uint64_t value; /* what the access moved, as far as the VMM said */
	bool has_pc, has_x0, has_value;
	uint32_t calls; /* of the API, until the next run */
	uint32_t reg_calls; /* of these, those for registers */
};

/* What a thread is doing; to be looked at by what is here only. */
struct exit_thread {
	bool entered_one; /* the beginning of a run was seen */
	bool running;
	bool pending; /* exit is complete but for what follows, */
	bool lost;    /* which is missing */
	uint64_t vcpu, entered;
	uint64_t moved; /* the register that the access is about; none: ~0 */
	struct exit exit;
	struct exit done; /* what was given out while there is another */
};

struct exit_tracker {
	struct exit_thread *threads; /* by number */
	uint32_t count;
};

void exit_tracker_init(struct exit_tracker *t);
void exit_tracker_fini(struct exit_tracker *t);

/* As if it had been given no event; keeps the memory. */
void exit_tracker_forget(struct exit_tracker *t);

/* Events are missing before the next one: what threads did then is not known. */
void exit_tracker_gap(struct exit_tracker *t);

/*
 * Takes an event. *done: the exit that it completes, valid until the next call,
 * or NULL. 0 or -ENOMEM.
 */
int exit_tracker_add(struct exit_tracker *t, const struct hvt_event *event,
		const struct exit **done);

/*
 * Behind the last event: the exit that thread, 0 to t->count - 1, was left
 * with, back being 0; or NULL.
 */
const struct exit *exit_tracker_rest(struct exit_tracker *t, uint32_t thread);

/*
 * Has thread entered a run? What it does then has nothing to do with what it did
 * before the first event that the tracker was given.
 */
static inline bool exit_tracker_is_sure(
		const struct exit_tracker *t, uint32_t thread)
{
	return thread < t->count && t->threads[thread].entered_one;
}

/*
 * Of another tracker, which was given the events that follow: the threads that it
 * is sure of are to t what they are to it. 0 or -ENOMEM.
 */
int exit_tracker_take(struct exit_tracker *t, const struct exit_tracker *from);

/* The vCPU that thread ran last; false: none yet. */
bool exit_tracker_vcpu(const struct exit_tracker *t, uint32_t thread,
		uint64_t *vcpu);

#endif

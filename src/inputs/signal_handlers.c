/* SPDX-License-Identifier: MIT */
/*
 * Is the thread in a signal handler? When signals come is not in a trace, so
 * what their handlers ask for has no place in it either: it is not taken, and
 * they have what is real. Nor can it be waited for there: the handler may have
 * interrupted the library itself. So handlers are called by ours, which count;
 * the VMM sees its own.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdatomic.h>

#include "passage.h"

typedef void plain_handler(int number);
typedef void full_handler(int number, siginfo_t *info, void *context);

/* What longjmp() becomes where it is checked; and what no header has by now. */
__attribute__((noreturn)) void __longjmp_chk(
	struct __jmp_buf_tag *where, int value);
plain_handler *bsd_signal(int number, plain_handler *handler);

NEXT_SLOT(sigaction);
NEXT_SLOT(signal);
NEXT_SLOT(__sysv_signal);
NEXT_SLOT(sysv_signal);
NEXT_SLOT(bsd_signal);
NEXT_SLOT(ssignal);
NEXT_SLOT(sigset);
NEXT_SLOT(longjmp);
NEXT_SLOT(_longjmp);
NEXT_SLOT(siglongjmp);
NEXT_SLOT(__longjmp_chk);

/* Apart: one of the other kind may be called until libc has the new one. */
static plain_handler *_Atomic plain[_NSIG];
static full_handler *_Atomic full[_NSIG];

atomic_bool hvt_input_handlers;

static _Thread_local unsigned depth __attribute__((tls_model("initial-exec")));

bool hvt_input_is_in_handler(void)
{
	return depth;
}

/* As it was before, whatever a handler that jumps has made of it. */
static void call_plain(int number)
{
	unsigned before = depth;

	depth = before + 1;
	atomic_load (&plain[number])(number);
	depth = before;
}

static void call_full(int number, siginfo_t *info, void *context)
{
	unsigned before = depth;

	depth = before + 1;
	atomic_load (&full[number])(number, info, context);
	depth = before;
}

static bool is_number(int number)
{
	return number > 0 && number < _NSIG;
}

static bool is_function(plain_handler *handler)
{
	return handler != SIG_DFL && handler != SIG_IGN && handler != SIG_ERR &&
		handler != SIG_HOLD;
}

/* The VMM's own handlers of a signal, as they were before a change. */
struct handlers {
	plain_handler *plain;
	full_handler *full;
};

static struct handlers handlers_of(int number)
{
	return (struct handlers){ atomic_load(&plain[number]),
		atomic_load(&full[number]) };
}

static void restore(int number, const struct handlers *before)
{
	atomic_store(&plain[number], before->plain);
	atomic_store(&full[number], before->full);
}

static bool is_caused(int number)
{
	return number == SIGSEGV || number == SIGBUS || number == SIGILL ||
			number == SIGFPE || number == SIGTRAP || number == SIGSYS;
}

static void note_handler(int number)
{
	if (!is_caused(number))
		atomic_store(&hvt_input_handlers, true);
}

/* Takes its handler; ours instead. */
static void replace(int number, struct sigaction *action)
{
	note_handler(number);
	if (action->sa_flags & SA_SIGINFO) {
		atomic_store(&full[number], action->sa_sigaction);
		action->sa_sigaction = call_full;
	} else {
		atomic_store(&plain[number], action->sa_handler);
		action->sa_handler = call_plain;
	}
}

/* The VMM's own, where that is ours. */
static void show(const struct handlers *before, struct sigaction *action)
{
	if (action->sa_flags & SA_SIGINFO && action->sa_sigaction == call_full)
		action->sa_sigaction = before->full;
	else if (!(action->sa_flags & SA_SIGINFO) &&
		action->sa_handler == call_plain)
		action->sa_handler = before->plain;
}

HVT_STANDS_IN int sigaction(int number, const struct sigaction *restrict action,
	struct sigaction *restrict old)
{
	struct handlers before;
	struct sigaction ours;
	int err;

	if (!is_number(number))
		return NEXT(sigaction)(number, action, old);
	before = handlers_of(number);
	if (action && is_function(action->sa_handler)) {
		ours = *action;
		replace(number, &ours);
		action = &ours;
	}
	err = NEXT(sigaction)(number, action, old);
	if (err)
		restore(number, &before);
	else if (old)
		show(&before, old);
	return err;
}

static plain_handler *set(plain_handler *(*next)(int, plain_handler *),
	int number, plain_handler *handler)
{
	bool is_ours = is_number(number) && is_function(handler);
	struct handlers before;
	plain_handler *old;

	if (!is_number(number))
		return next(number, handler);
	before = handlers_of(number);
	if (is_ours) {
		note_handler(number);
		atomic_store(&plain[number], handler);
	}
	old = next(number, is_ours ? call_plain : handler);
	if (old == SIG_ERR)
		restore(number, &before);
	if (old == call_plain)
		return before.plain;
	return old == (plain_handler *)(uintptr_t)call_full
		? (plain_handler *)(uintptr_t)before.full
		: old;
}

/* What they differ in is libc's. */
#define SETS_LIKE_SIGNAL(name)                                               \
	HVT_STANDS_IN plain_handler *name(int number, plain_handler *handler) \
	{                                                                    \
		return set(NEXT(name), number, handler);                     \
	}
SETS_LIKE_SIGNAL(signal)
SETS_LIKE_SIGNAL(__sysv_signal)
SETS_LIKE_SIGNAL(sysv_signal)
SETS_LIKE_SIGNAL(bsd_signal)
SETS_LIKE_SIGNAL(ssignal)
/* Deprecated, and asked for all the same. */
_Pragma("GCC diagnostic ignored \"-Wdeprecated-declarations\"")
SETS_LIKE_SIGNAL(sigset)

/* A handler that is left so does not return: the thread goes on outside. */
HVT_STANDS_IN _Noreturn void longjmp(jmp_buf where, int value)
{
	depth = 0;
	NEXT(longjmp)(where, value);
}

HVT_STANDS_IN _Noreturn void _longjmp(jmp_buf where, int value)
{
	depth = 0;
	NEXT(_longjmp)(where, value);
}

HVT_STANDS_IN _Noreturn void siglongjmp(sigjmp_buf where, int value)
{
	depth = 0;
	NEXT(siglongjmp)(where, value);
}

HVT_STANDS_IN _Noreturn void __longjmp_chk(
	struct __jmp_buf_tag *where, int value)
{
	depth = 0;
	NEXT(__longjmp_chk)(where, value);
}

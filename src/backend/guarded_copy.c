/* SPDX-License-Identifier: MIT */
/*
 * A copy whose faults are no harm: handlers of SIGSEGV and SIGBUS know its
 * instructions, and go on behind it. Signals belong to the VMM. So faults of
 * others are not handled here: the handler that was there before is put back,
 * gets the fault when it is repeated, and stays. The same if the VMM sets
 * handlers of its own later. From then on copies are system calls.
 */
#include "guarded_copy.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <ucontext.h>
#include <unistd.h>

/*
 * int hvt_bare_copy(void *to, const void *from, size_t n): 0, or 1 if what is
 * between hvt_bare_copy and hvt_bare_copy_end went on at hvt_bare_copy_fault.
 * It uses neither stack nor registers that a caller wants back.
 */
#define SYMBOL(name) \
	".globl " #name "\n.hidden " #name "\n.type " #name ", %function\n" \
	#name ":\n"

#if defined(__aarch64__)
__asm__(".pushsection .text\n.balign 16\n" SYMBOL(hvt_bare_copy)
	".cfi_startproc\n hint #34\n" /* bti c */
	"cmp x2, #8\n b.ne 1f\n ldr x3, [x1]\n str x3, [x0]\n b 3f\n"
	"1: cmp x2, #4\n b.ne 2f\n ldr w3, [x1]\n str w3, [x0]\n b 3f\n"
	"2: cbz x2, 3f\n ldrb w3, [x1], #1\n strb w3, [x0], #1\n"
	"sub x2, x2, #1\n b 2b\n"
	SYMBOL(hvt_bare_copy_end)
	"3: mov w0, #0\n ret\n"
	SYMBOL(hvt_bare_copy_fault)
	"mov w0, #1\n ret\n .cfi_endproc\n"
	".size hvt_bare_copy, . - hvt_bare_copy\n.popsection\n");

static unsigned long long *pc_of(ucontext_t *context)
{
	return &context->uc_mcontext.pc;
}
#elif defined(__x86_64__)
__asm__(".pushsection .text\n.balign 16\n" SYMBOL(hvt_bare_copy)
	".cfi_startproc\n endbr64\n"
	"cmp $8, %rdx\n jne 1f\n mov (%rsi), %rax\n mov %rax, (%rdi)\n jmp 3f\n"
	"1: cmp $4, %rdx\n jne 2f\n mov (%rsi), %eax\n mov %eax, (%rdi)\n"
	"jmp 3f\n"
	"2: mov %rdx, %rcx\n rep movsb\n"
	SYMBOL(hvt_bare_copy_end)
	"3: xor %eax, %eax\n ret\n"
	SYMBOL(hvt_bare_copy_fault)
	"mov $1, %eax\n ret\n .cfi_endproc\n"
	".size hvt_bare_copy, . - hvt_bare_copy\n.popsection\n");

static unsigned long long *pc_of(ucontext_t *context)
{
	return (unsigned long long *)&context->uc_mcontext.gregs[REG_RIP];
}
#else
#error "no copy whose faults are known for this CPU"
#endif

int hvt_bare_copy(void *to, const void *from, size_t n);
extern const char hvt_bare_copy_end[], hvt_bare_copy_fault[];

static const int signals[] = { SIGSEGV, SIGBUS };
#define SIGNALS (sizeof(signals) / sizeof(signals[0]))

/* Under the lock of the VM, but for what a handler does. */
static struct sigaction before[SIGNALS];
static enum { UNUSED, OURS, GIVEN_UP } state;
static atomic_bool guarded;

static const struct sigaction *before_of(int signal)
{
	return &before[signal == SIGBUS];
}

/*
 * Neither ours nor caught: whoever was there before us gets it. What was sent
 * does not repeat itself, so it is sent again.
 */
static void pass_on(int signal, siginfo_t *info)
{
	atomic_store(&guarded, false);
	sigaction(signal, before_of(signal), NULL);
	if (info->si_code <= 0)
		(void)syscall(SYS_rt_tgsigqueueinfo, getpid(),
				syscall(SYS_gettid), signal, info);
}

static void on_fault(int signal, siginfo_t *info, void *context)
{
	unsigned long long *pc = pc_of(context);
	int saved = errno;

	if (info->si_code > 0 && *pc >= (uintptr_t)hvt_bare_copy &&
			*pc < (uintptr_t)hvt_bare_copy_end)
		*pc = (uintptr_t)hvt_bare_copy_fault;
	else
		pass_on(signal, info);
	errno = saved;
}

static bool is_ours(int signal)
{
	struct sigaction now;

	return !sigaction(signal, NULL, &now) && now.sa_flags & SA_SIGINFO &&
			now.sa_sigaction == on_fault;
}

static void give_back(void)
{
	atomic_store(&guarded, false);
	for (size_t i = 0; i < SIGNALS; i++)
		if (is_ours(signals[i]))
			sigaction(signals[i], &before[i], NULL);
}

static void install(void)
{
	struct sigaction ours = { .sa_sigaction = on_fault,
		.sa_flags = SA_SIGINFO | SA_ONSTACK };

	sigemptyset(&ours.sa_mask);
	for (size_t i = 0; i < SIGNALS; i++)
		sigaction(signals[i], NULL, &before[i]);
	for (size_t i = 0; i < SIGNALS; i++)
		sigaction(signals[i], &ours, NULL);
	state = OURS;
	atomic_store(&guarded, true);
}

void hvt_guard_renew(void)
{
	if (state == UNUSED)
		install();
	if (state == OURS && is_ours(SIGSEGV) && is_ours(SIGBUS))
		return;
	give_back();
	state = GIVEN_UP;
}

void hvt_guard_remove(void)
{
	if (state != UNUSED)
		give_back();
	state = UNUSED;
}

static int copy_by_kernel(void *to, const void *from, size_t n)
{
	const struct iovec here = { to, n }, there = { (void *)from, n };

	return process_vm_readv(getpid(), &here, 1, &there, 1, 0) ==
					(ssize_t)n
			? 0
			: -EFAULT;
}

int hvt_guarded_copy(void *to, const void *from, size_t n)
{
	if (!atomic_load_explicit(&guarded, memory_order_relaxed))
		return copy_by_kernel(to, from, n);
	return hvt_bare_copy(to, from, n) ? -EFAULT : 0;
}

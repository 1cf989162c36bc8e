/* SPDX-License-Identifier: MIT */
/* Reading memory that may be gone, beside whoever else handles faults. */
#include <criterion/criterion.h>
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "guarded_copy.h"

static size_t page;
static uint8_t *memory, *gone, *cut; /* pages; of a file that is empty */
static sigjmp_buf back;
static volatile sig_atomic_t handled;

static void on_signal(int signal)
{
	handled = signal;
	siglongjmp(back, 1);
}

static void count_signal(int signal)
{
	handled = signal;
}

static void handle(int signal, void (*handler)(int))
{
	struct sigaction action = { .sa_handler = handler };

	sigemptyset(&action.sa_mask);
	cr_assert_eq(sigaction(signal, &action, NULL), 0);
}

static void set_up(void)
{
	int fd = memfd_create("empty", MFD_CLOEXEC);

	page = (size_t)sysconf(_SC_PAGESIZE);
	memory = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	gone = memory + page;
	cut = mmap(NULL, page, PROT_READ, MAP_SHARED, fd, 0);
	cr_assert(memory != MAP_FAILED && cut != MAP_FAILED);
	cr_assert_eq(munmap(gone, page), 0);
	close(fd);
}

TestSuite(guarded_copy, .init = set_up);

static void check_copies(void)
{
	uint8_t to[32];

	for (unsigned i = 0; i < 64; i++)
		memory[i] = (uint8_t)(i * 7);
	for (size_t n = 0; n <= 20; n++) {
		memset(to, 0xee, sizeof(to));
		cr_assert_eq(hvt_guarded_copy(to, memory + n, n), 0);
		cr_assert_eq(memcmp(to, memory + n, n), 0);
		cr_assert_eq(to[n], 0xee);
	}
	for (size_t n = 1; n <= 9; n++) {
		cr_assert_eq(hvt_guarded_copy(to, gone, n), -EFAULT);
		cr_assert_eq(hvt_guarded_copy(to, cut, n), -EFAULT);
		cr_assert_eq(hvt_guarded_copy(to, gone - n, n), 0);
	}
	cr_assert_eq(hvt_guarded_copy(to, gone - 3, 6), -EFAULT);
}

Test(guarded_copy, is_safe_before_it_is_guarded)
{
	check_copies();
}

Test(guarded_copy, is_safe_when_guarded)
{
	hvt_guard_renew();
	check_copies();
	hvt_guard_renew();
	check_copies();
}

Test(guarded_copy, gives_the_signals_back)
{
	struct sigaction now;

	handle(SIGSEGV, count_signal);
	handle(SIGBUS, SIG_DFL);
	hvt_guard_renew();
	hvt_guard_remove();
	cr_assert_eq(sigaction(SIGSEGV, NULL, &now), 0);
	cr_assert_eq(now.sa_handler, count_signal);
	cr_assert_eq(sigaction(SIGBUS, NULL, &now), 0);
	cr_assert_eq(now.sa_handler, SIG_DFL);
	check_copies();
	hvt_guard_renew();
	check_copies();
}

/* Reads where nothing is, as no copy does. */
static void fault(const uint8_t *at)
{
	handled = 0;
	if (!sigsetjmp(back, 1))
		(void)*(const volatile uint8_t *)at;
}

Test(guarded_copy, leaves_the_faults_of_others_to_them)
{
	handle(SIGSEGV, on_signal);
	handle(SIGBUS, on_signal);
	hvt_guard_renew();
	fault(gone);
	cr_assert_eq(handled, SIGSEGV);
	check_copies();
	fault(cut);
	cr_assert_eq(handled, SIGBUS);
	check_copies();
	hvt_guard_renew();
	fault(gone);
	cr_assert_eq(handled, SIGSEGV);
	check_copies();
}

Test(guarded_copy, notices_handlers_that_came_later)
{
	struct sigaction now;

	hvt_guard_renew();
	handle(SIGBUS, on_signal);
	hvt_guard_renew();
	check_copies();
	fault(cut);
	cr_assert_eq(handled, SIGBUS);
	hvt_guard_remove();
	cr_assert_eq(sigaction(SIGBUS, NULL, &now), 0);
	cr_assert_eq(now.sa_handler, on_signal, "it is not put back over it");
}

Test(guarded_copy, hands_on_what_was_sent)
{
	handle(SIGSEGV, count_signal);
	hvt_guard_renew();
	cr_assert_eq(raise(SIGSEGV), 0);
	cr_assert_eq(handled, SIGSEGV);
	check_copies();
}

Test(guarded_copy, ends_the_process_by_a_fault_of_others, .signal = SIGSEGV)
{
	handle(SIGSEGV, SIG_DFL);
	hvt_guard_renew();
	(void)*(const volatile uint8_t *)gone;
}

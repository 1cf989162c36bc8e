/* SPDX-License-Identifier: MIT */
/*
 * usage: handler_vmm: a VMM whose signal handlers ask for clocks and standard
 * input while it is in the API, and come when they like. What it gives to the
 * API it asks for outside of them.
 */
#include <Hypervisor/Hypervisor.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#define CALLS 5000

static atomic_uint handled, restless = 1;
static sigjmp_buf before;

static uint64_t now(void)
{
	struct timespec t = { 0 };

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void give(uint64_t value)
{
	hv_vm_config_t config = hv_vm_config_create();

	(void)hv_vm_config_set_ipa_size(config, 32 + (uint32_t)(value % 16));
	os_release(config);
}

static void ask_for_things(void)
{
	uint8_t byte;

	if (now() && time(NULL) && getrandom(&byte, 1, 0) == 1 &&
		isatty(STDIN_FILENO) < 2)
		handled++;
}

static void on_full(int number, siginfo_t *info, void *context)
{
	(void)number;
	(void)context;
	if (info->si_pid == getpid())
		ask_for_things();
}

static void on_plain(int number)
{
	(void)number;
	ask_for_things();
}

static void on_jump(int number)
{
	(void)number;
	siglongjmp(before, 1);
}

/* A jump that does not leave the handler. */
static void on_jump_within(int number)
{
	sigjmp_buf here;

	(void)number;
	if (!sigsetjmp(here, 0))
		siglongjmp(here, 1);
	ask_for_things();
}

/* What is asked for outside is the same in a replay, and is from the trace. */
static void jump(void)
{
	signal(SIGUSR2, on_jump);
	if (!sigsetjmp(before, 1))
		raise(SIGUSR2);
	printf("jumped %llu\n", (unsigned long long)now());
	signal(SIGUSR2, on_jump_within);
	raise(SIGUSR2);
	printf("jumped within %llu\n", (unsigned long long)now());
}

/* The ways of old to set one. */
static void set_otherwise(void)
{
	printf("shows its own %d", sysv_signal(SIGUSR2, on_plain) == on_jump_within);
	printf(" %d\n", ssignal(SIGUSR2, on_plain) == on_plain);
	raise(SIGUSR2);
}

static void *pester(void *arg)
{
	const pthread_t *victim = arg;

	while (restless) {
		pthread_kill(*victim, SIGUSR1);
		pthread_kill(*victim, SIGUSR2);
		usleep(50);
	}
	return NULL;
}

/* Each call has its inputs, and is answered, whatever interrupts it. */
static void give_much(void)
{
	pthread_t self = pthread_self(), thread;
	uint64_t last = 0;

	pthread_create(&thread, NULL, pester, &self);
	for (unsigned i = 0; i < CALLS; i++) {
		last = now();
		give(last);
	}
	while (handled < 2)
		sched_yield();
	restless = 0;
	pthread_join(thread, NULL);
	printf("last %llu\n", (unsigned long long)last);
}

int main(void)
{
	struct sigaction full = { .sa_sigaction = on_full,
		.sa_flags = SA_SIGINFO | SA_RESTART },
			 shown;

	sigaction(SIGUSR1, &full, NULL);
	sigaction(SIGUSR1, NULL, &shown);
	printf("shows its own %d", shown.sa_sigaction == on_full);
	printf(" %d", signal(SIGUSR2, on_plain) == SIG_DFL);
	printf(" %d", signal(SIGUSR2, on_plain) == on_plain);
	sigaction(SIGUSR2, NULL, &shown);
	printf(" %d\n", shown.sa_handler == on_plain);
	give_much();
	jump();
	set_otherwise();
	return 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * One thread waits for the signals, all others block them, so that no handler
 * ever interrupts the API. A second signal does not wait any longer.
 */
#include "signals.h"

#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <unistd.h>

#include "machine.h"
#include "terminal.h"

static void stop_signals(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGINT);
	sigaddset(set, SIGTERM);
	sigaddset(set, SIGHUP);
	sigaddset(set, SIGQUIT);
}

/* SIGPIPE would end us in the middle of a run; a failed write is enough. */
void signals_block(void)
{
	sigset_t set;

	stop_signals(&set);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
}

static void *wait_for_signals(void *arg)
{
	struct machine *machine = arg;
	sigset_t set;
	int sig = 0;

	stop_signals(&set);
	if (sigwait(&set, &sig))
		return NULL;
	machine_interrupt(machine, 128 + sig);
	if (sigwait(&set, &sig))
		return NULL;
	terminal_restore();
	_exit(128 + sig);
}

int signals_start(struct machine *machine)
{
	pthread_t thread;
	int err = pthread_create(&thread, NULL, wait_for_signals, machine);

	if (err)
		return -err;
	pthread_detach(thread);
	return 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * hvrun: a small virtual machine monitor that uses nothing but the Hypervisor
 * API, libc, pthreads, libfdt and libslirp. machine.h is where to read on.
 */
#include "machine.h"
#include "options.h"
#include "signals.h"

/* Too large for a stack, and other threads may outlive main() by a moment. */
static struct machine machine;

int main(int argc, char **argv)
{
	struct options options;

	switch (options_parse(&options, argc, argv)) {
	case OPTIONS_DONE:
		return 0;
	case OPTIONS_WRONG:
		return STATUS_USAGE;
	default:
		signals_block();
		return machine_run(&machine, &options);
	}
}

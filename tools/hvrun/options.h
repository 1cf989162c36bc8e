/* SPDX-License-Identifier: MIT */
/* The command line of hvrun: what may be said, and what was said. */
#ifndef HVRUN_OPTIONS_H
#define HVRUN_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "machine_map.h"

/* Exit statuses; after a signal it is 128 plus its number. */
enum {
	STATUS_OFF = 0,
	STATUS_TROUBLE = 1,
	STATUS_USAGE = 2,
	STATUS_RESET = 3,
	STATUS_INTERRUPTED = 130,
};

enum stdin_mode {
	STDIN_AUTO, /* a terminal in the foreground, or a pipe */
	STDIN_ALWAYS,
	STDIN_NEVER,
};

struct disk_option {
	const char *path;
	bool read_only;
};

/*
 * What --net says: neither is set without it. `tftp` goes with the user
 * network.
 */
struct net_option {
	bool user;
	const char *tap;
	const char *tftp;
};

/* Strings point into argv; NULL where nothing was said. */
struct options {
	const char *kernel;
	const char *flat;
	const char *initrd;
	const char *append;
	const char *final_regs;
	unsigned int memory_mb;
	unsigned int cpu_count;
	uint64_t rtc_seconds;
	enum stdin_mode stdin_mode;
	struct disk_option disks[MAX_DISKS];
	unsigned int disk_count;
	struct net_option net;
	const char *hvc; /* --virtio-console */
	bool has_rng;
	bool rng_is_seeded;
	uint64_t rng_seed;
};

enum options_verdict {
	OPTIONS_RUN,
	OPTIONS_DONE,  /* --help or --version was printed */
	OPTIONS_WRONG, /* a message was printed on stderr */
};

enum options_verdict options_parse(
	struct options *options, int argc, char **argv);

#endif

/* SPDX-License-Identifier: MIT */
/* The options --devices, --symbols and --symbol-shift of several commands. */
#ifndef HVTRACE_NAME_OPTIONS_H
#define HVTRACE_NAME_OPTIONS_H

#include "look/stats.h"

struct names_options {
	const char *devices; /* a file, or NULL */
	const char *symbols; /* the same */
	const char *shift;   /* a number, or NULL */
};

/*
 * Fills in names as the options say, and what is known of the trace's machine.
 * EXIT_SAME or told. names_fini() in either case.
 */
int names_init(struct stats_names *names, const struct names_options *options,
		const struct hvt_trace *trace);
void names_fini(struct stats_names *names);

/* What --help says of them. */
#define NAMES_HELP                                                             \
"  --devices FILE    what is where: lines \"NAME BASE SIZE [KIND]\", KIND one of\n" \
"                    pl011, pl031, virtio-mmio, gicd, gicr, gicm. Of hvrun and\n" \
"                    QEMU it is known without\n"                               \
"  --symbols FILE    names for addresses of code: vmlinux or System.map\n"     \
"  --symbol-shift N  where the guest runs less where it was linked (KASLR)\n"

#define NAMES_LONG_OPTIONS                                                     \
	{ "devices", required_argument, NULL, 'D' },                           \
	{ "symbols", required_argument, NULL, 'S' },                           \
	{ "symbol-shift", required_argument, NULL, 'K' }

/* Takes an option of these; false: it is none. */
bool names_option(struct names_options *options, int c, const char *value);

#endif

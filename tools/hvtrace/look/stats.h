/* SPDX-License-Identifier: MIT */
/*
 * Exits counted and timed, in groups: what hvtrace stat and report show. The
 * memory it takes does not grow with the trace.
 */
#ifndef HVTRACE_STATS_H
#define HVTRACE_STATS_H

#include "devices.h"
#include "exits.h"
#include "histogram.h"
#include "symbols.h"
#include "tally.h"

/* What exits are grouped by. */
enum stats_by {
	BY_EXIT, /* the class, and of MMIO the device, of HVC the function, ... */
	BY_CLASS,
	BY_DEVICE, /* or the page of memory */
	BY_ADDRESS,
	BY_FUNCTION, /* of HVC and SMC */
	BY_PC,
	BY_VCPU,
	BY_THREAD,
	BY_COUNT
};

#define STATS_PARTS_MAX 4u
#define STATS_ROWS_MAX	4096u
#define STATS_LABEL_MAX 96u

/* The word for it, and back; BY_COUNT: there is no such word. */
const char *stats_by_name(enum stats_by by);
enum stats_by stats_by_parse(const char *word, size_t length);

struct stats_by_list {
	enum stats_by list[STATS_PARTS_MAX];
	unsigned count;
};

struct stats_row {
	uint64_t key[STATS_PARTS_MAX];
	char label[STATS_PARTS_MAX][STATS_LABEL_MAX];
	uint64_t calls, reg_calls; /* of the API that the VMM made for these */
	struct histogram guest;    /* ticks in the guest before the exit */
	struct histogram vmm;      /* ticks from it until the next run */
};

/* Rows by key. What finds no room is counted in one row, labelled "(other)". */
struct stats_table {
	enum stats_by by[STATS_PARTS_MAX];
	unsigned parts;
	struct stats_row **rows; /* in the order in which they came up */
	uint32_t count;
	uint32_t *index; /* hash table of positions in rows and 1 */
};

struct stats_names {
	struct device_map devices;
	struct symbols symbols;
};

struct stats_call {
	uint64_t events, bytes; /* of buffers */
};

#define STATS_CALLS 65536u /* numbers of functions are below this */

struct stats {
	struct stats_names *names;
	struct exit_tracker tracker;
	struct stats_table table, vcpus;
	struct tally pcs, addresses;
	struct stats_call *calls; /* by number of the function */
	uint64_t events, call_count, exits, exit_calls, reg_calls;
	uint64_t first_tick, last_tick;
	/* Called, if it is set, for each exit that is counted. */
	void (*told)(const struct exit *exit, void *context);
	void *context;
};

/* by: parts of them. names: what is learnt of devices is added there. */
int stats_init(struct stats *s, struct stats_names *names,
		const enum stats_by *by, unsigned parts);
void stats_fini(struct stats *s);

/* How many vCPUs the exits are of. */
uint32_t stats_vcpus(const struct stats *s);

/* Events are missing before the next one. */
void stats_gap(struct stats *s);

/* 0 or -ENOMEM. */
int stats_add(struct stats *s, const struct hvt_event *event);

/* The same for events that are in a part, behind those added so far. */
struct stats_part;
int stats_add_part(struct stats *s, struct stats_part *part);

/*
 * Forgets what was counted, but not what threads are doing: the exits to come are
 * counted by themselves. 0 or -ENOMEM.
 */
int stats_restart(struct stats *s);

/* Puts rows into order, after which nothing is to be added before a restart. */
void stats_sort(struct stats *s);

/* Behind the last event, sorted: counts the exits that no run followed. */
int stats_end(struct stats *s);

#define STATS_TOP_MAX 1000u

struct stats_top {
	uint64_t key, count;
	char label[STATS_LABEL_MAX];
};

/*
 * The PCs at which the guest left most often, as far as the VMM asked for them,
 * and the addresses of most MMIO; at most max, and STATS_TOP_MAX, of them.
 */
uint32_t stats_top_pcs(
		const struct stats *s, struct stats_top *top, uint32_t max);
uint32_t stats_top_addresses(
		const struct stats *s, struct stats_top *top, uint32_t max);

#endif

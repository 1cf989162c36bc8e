/* SPDX-License-Identifier: MIT */
#include "stats.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "stats_table.h"

#define TALLY_LIMIT 262144u

/* Empty tables, by the keys of the first. */
static int start(struct stats *s, const enum stats_by *by, unsigned parts)
{
	static const enum stats_by vcpu = BY_VCPU;
	int err;

	tally_init(&s->pcs, TALLY_LIMIT);
	tally_init(&s->addresses, TALLY_LIMIT);
	s->calls = calloc(STATS_CALLS, sizeof(*s->calls));
	err = s->calls ? stats_table_init(&s->table, by, parts) : -ENOMEM;
	return err ? err : stats_table_init(&s->vcpus, &vcpu, 1);
}

static void stop(struct stats *s)
{
	stats_table_fini(&s->table);
	stats_table_fini(&s->vcpus);
	tally_fini(&s->pcs);
	tally_fini(&s->addresses);
	free(s->calls);
	s->calls = NULL;
}

int stats_init(struct stats *s, struct stats_names *names,
		const enum stats_by *by, unsigned parts)
{
	int err;

	*s = (struct stats){ .names = names };
	exit_tracker_init(&s->tracker);
	err = start(s, by, parts);
	if (err)
		stats_fini(s);
	return err;
}

int stats_restart(struct stats *s)
{
	struct exit_tracker tracker = s->tracker;
	struct stats_table keys = s->table;
	struct stats fresh = { .names = s->names, .told = s->told,
		.context = s->context, .tracker = tracker };

	stop(s);
	*s = fresh;
	return start(s, keys.by, keys.parts);
}

void stats_fini(struct stats *s)
{
	exit_tracker_fini(&s->tracker);
	stop(s);
}

static int add_to(struct stats_table *t, const struct stats_names *names,
		const struct exit *x)
{
	struct stats_row *row = stats_table_row(t, names, x);

	if (!row)
		return -ENOMEM;
	row->calls += x->calls;
	row->reg_calls += x->reg_calls;
	histogram_add(&row->guest, x->left - x->entered);
	if (x->back)
		histogram_add(&row->vmm, x->back - x->left);
	return 0;
}

static int add_exit(struct stats *s, const struct exit *x)
{
	int err = add_to(&s->table, s->names, x);

	if (s->told)
		s->told(x, s->context);
	s->exits++;
	s->exit_calls += x->calls;
	s->reg_calls += x->reg_calls;
	if (!err)
		err = add_to(&s->vcpus, s->names, x);
	if (!err && x->has_pc)
		err = tally_add(&s->pcs, x->pc);
	if (!err && x->class <= EXIT_MMIO_WRITE)
		err = tally_add(&s->addresses, x->ipa);
	return err;
}

int stats_add(struct stats *s, const struct hvt_event *e)
{
	const struct exit *done;
	int err;

	if (!s->events++)
		s->first_tick = e->tick;
	s->last_tick = e->tick;
	s->call_count += e->kind != HVT_EVENT_LEAVE;
	if (e->call < STATS_CALLS) {
		s->calls[e->call].events++;
		s->calls[e->call].bytes += e->data_size;
	}
	device_map_learn(&s->names->devices, e);
	err = exit_tracker_add(&s->tracker, e, &done);
	return err || !done ? err : add_exit(s, done);
}

void stats_sort(struct stats *s)
{
	stats_table_sort(&s->table);
	stats_table_sort(&s->vcpus);
}

int stats_end(struct stats *s)
{
	int err = 0;

	for (uint32_t i = 0; !err && i < s->tracker.count; i++) {
		const struct exit *x = exit_tracker_rest(&s->tracker, i);

		if (x)
			err = add_exit(s, x);
	}
	stats_sort(s);
	return err;
}

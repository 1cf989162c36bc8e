/* SPDX-License-Identifier: MIT */
#include "stats.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "stats_part.h"
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

/* How long, and the buckets of that, which all tables have it in. */
struct times {
	uint64_t guest, vmm;
	unsigned guest_bucket, vmm_bucket;
};

static struct times times_of(const struct exit *x)
{
	struct times t = { .guest = x->left - x->entered };

	t.guest_bucket = histogram_bucket(t.guest);
	if (x->back) {
		t.vmm = x->back - x->left;
		t.vmm_bucket = histogram_bucket(t.vmm);
	}
	return t;
}

static int add_to(struct stats_table *table, const struct stats_names *names,
		const struct exit *x, const struct times *t)
{
	struct stats_row *row = stats_table_row(table, names, x);

	if (!row)
		return -ENOMEM;
	row->calls += x->calls;
	row->reg_calls += x->reg_calls;
	histogram_add_at(&row->guest, t->guest, t->guest_bucket);
	if (x->back)
		histogram_add_at(&row->vmm, t->vmm, t->vmm_bucket);
	return 0;
}

static int add_exit(struct stats *s, const struct exit *x)
{
	struct times t = times_of(x);
	int err = add_to(&s->table, s->names, x, &t);

	if (s->told)
		s->told(x, s->context);
	s->exits++;
	s->exit_calls += x->calls;
	s->reg_calls += x->reg_calls;
	if (!err)
		err = add_to(&s->vcpus, s->names, x, &t);
	if (!err && x->has_pc)
		err = tally_add(&s->pcs, x->pc);
	if (!err && x->class <= EXIT_MMIO_WRITE)
		err = tally_add(&s->addresses, x->ipa);
	return err;
}

/* Of an event that was counted: what it says of devices and exits. */
static int follow(struct stats *s, const struct hvt_event *e)
{
	const struct exit *done;
	int err;

	device_map_learn(&s->names->devices, e);
	err = exit_tracker_add(&s->tracker, e, &done);
	return err || !done ? err : add_exit(s, done);
}

uint32_t stats_vcpus(const struct stats *s)
{
	uint32_t count = s->vcpus.count;

	for (uint32_t i = 0; i < s->vcpus.count; i++)
		count -= s->vcpus.rows[i]->key[0] == EXIT_VCPU_UNKNOWN;
	return count;
}

void stats_gap(struct stats *s)
{
	exit_tracker_gap(&s->tracker);
}

int stats_add(struct stats *s, const struct hvt_event *e)
{
	if (!s->events++)
		s->first_tick = e->tick;
	s->last_tick = e->tick;
	s->call_count += e->kind != HVT_EVENT_LEAVE;
	if (e->call < STATS_CALLS) {
		s->calls[e->call].events++;
		s->calls[e->call].bytes += e->data_size;
	}
	return follow(s, e);
}

static int add_item(struct stats *s, const struct stats_item *item)
{
	switch (item->kind) {
	case STATS_ITEM_EXIT:
		return add_exit(s, &item->exit);
	case STATS_ITEM_EVENT:
		return follow(s, &item->event);
	case STATS_ITEM_LESSON:
		device_map_learn(&s->names->devices, &item->event);
		break;
	}
	return 0;
}

int stats_add_part(struct stats *s, struct stats_part *part)
{
	int err = 0;

	if (!s->events)
		s->first_tick = part->first_tick;
	if (part->events)
		s->last_tick = part->last_tick;
	s->events += part->events;
	s->call_count += part->call_count;
	for (uint32_t i = 0; i < part->call_room; i++) {
		s->calls[i].events += part->calls[i].events;
		s->calls[i].bytes += part->calls[i].bytes;
	}
	for (size_t i = 0; !err && i < part->count; i++)
		err = add_item(s, &part->items[i]);
	return err ? err : exit_tracker_take(&s->tracker, &part->tracker);
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

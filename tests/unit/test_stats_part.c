/* SPDX-License-Identifier: MIT */
/* Exits counted by parts: as if each event had been added by itself. */
#include <criterion/criterion.h>
#include <string.h>

#include "exit_events.h"
#include "look/stats_part.h"
#include "rng.h"

#define EVENTS	40000u
#define THREADS 5u

static struct hvt_event events[EVENTS];
static struct rng rng;

/* What was told of exits, one after the other: a digest of it. */
struct telling {
	uint64_t digest, count;
};

static void told(const struct exit *x, void *context)
{
	const uint64_t words[] = { x->number, x->thread, x->class, x->vcpu,
		x->entered, x->left, x->back, (uint64_t)x->result, x->reason,
		x->syndrome, x->va, x->ipa, x->pc, x->x0, x->value, x->has_pc,
		x->has_x0, x->has_value, x->calls, x->reg_calls };
	struct telling *t = context;

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		t->digest = (t->digest ^ words[i]) * 0x100000001b3u;
	t->count++;
}

static struct hvt_event random_leave(uint32_t thread)
{
	static const uint64_t syndromes[] = { ESR_READ_W3, ESR_WRITE_W3,
		ESR_HVC, ESR_WFI };
	struct hvt_event e = run_leave(0, thread, 0,
			syndromes[rng_below(&rng, 4)],
			0x8000000 + rng_below(&rng, 64) * 0x1000);

	e.result = rng_below(&rng, 50) ? 0 : -1;
	e.values[RUN_REASON] = rng_below(&rng, 3);
	return e;
}

/* A thread that enters and leaves, not always by turns, as behind damage. */
static struct hvt_event random_event(void)
{
	static const hv_reg_t regs[] = { HV_REG_PC, HV_REG_X0, HV_REG_X3 };
	uint32_t thread = (uint32_t)rng_below(&rng, THREADS);
	struct hvt_event e;

	/* The last one never runs. */
	switch (thread + 1 == THREADS ? 7 : rng_below(&rng, 8)) {
	case 0:
	case 1:
		return run_enter(0, thread, 0, thread ^ rng_below(&rng, 2));
	case 2:
	case 3:
		return random_leave(thread);
	case 4:
		if (rng_below(&rng, 100))
			break;
		return (struct hvt_event){ .kind = HVT_EVENT_CALL,
			.thread = thread,
			.call = known_calls()->set_distributor_base,
			.values = { 0, rng_below(&rng, 32) << 24 } };
	case 5:
		return (struct hvt_event){ .kind = 1 + rng_below(&rng, 3),
			.thread = thread, .call = known_calls()->set_spi,
			.data_size = rng_below(&rng, 9) };
	}
	e = reg_call(0, thread, rng_below(&rng, 3), regs[rng_below(&rng, 3)],
			rng_below(&rng, 1000));
	e.result = rng_below(&rng, 20) ? 0 : -1;
	return e;
}

static void make_events(void)
{
	uint64_t tick = 0;

	rng_init(&rng);
	for (unsigned i = 0; i < EVENTS; i++) {
		events[i] = random_event();
		events[i].number = i;
		events[i].tick = tick += rng_below(&rng, 3000);
	}
}

static void begin(struct stats *s, struct stats_names *names,
		struct telling *telling)
{
	static const enum stats_by by[] = { BY_EXIT, BY_PC };

	cr_assert_eq(stats_init(s, names, by, 2), 0);
	s->told = told;
	s->context = telling;
}

static void expect_same_table(const struct stats_table *a,
		const struct stats_table *b)
{
	cr_assert_eq(a->count, b->count);
	for (uint32_t i = 0; i < a->count; i++)
		cr_assert_eq(memcmp(a->rows[i], b->rows[i], sizeof(*a->rows[i])),
				0, "row %u", i);
}

static void expect_same_tally(const struct tally *a, const struct tally *b)
{
	cr_assert_eq(a->total, b->total);
	cr_assert_eq(a->size, b->size);
	cr_assert_eq(memcmp(a->slots, b->slots, a->size * sizeof(*a->slots)),
			0);
}

static void expect_same(const struct stats *a, const struct stats *b)
{
	cr_assert_eq(a->events, b->events);
	cr_assert_eq(a->call_count, b->call_count);
	cr_assert_eq(a->exits, b->exits);
	cr_assert_eq(a->exit_calls, b->exit_calls);
	cr_assert_eq(a->reg_calls, b->reg_calls);
	cr_assert_eq(a->first_tick, b->first_tick);
	cr_assert_eq(a->last_tick, b->last_tick);
	cr_assert_eq(memcmp(a->calls, b->calls,
			STATS_CALLS * sizeof(*a->calls)), 0);
	expect_same_table(&a->table, &b->table);
	expect_same_table(&a->vcpus, &b->vcpus);
	expect_same_tally(&a->pcs, &b->pcs);
	expect_same_tally(&a->addresses, &b->addresses);
}

static void add_parts(struct stats *s, unsigned longest)
{
	struct stats_part part = { 0 };
	unsigned at = 0;

	while (at < EVENTS) {
		unsigned n = (unsigned)rng_below(&rng, longest + 1);

		n = n < EVENTS - at ? n : EVENTS - at;
		cr_assert_eq(stats_part_add(&part, &events[at], n / 2), 0);
		cr_assert_eq(stats_part_add(&part, &events[at + n / 2],
				n - n / 2), 0);
		cr_assert_eq(stats_add_part(s, &part), 0);
		stats_part_clear(&part);
		at += n;
		/* One by one between two parts, as behind damage. */
		for (n = (unsigned)rng_below(&rng, 3); n && at < EVENTS; n--)
			cr_assert_eq(stats_add(s, &events[at++]), 0);
	}
	stats_part_fini(&part);
}

Test(stats_part, comes_out_as_if_events_were_added_one_by_one)
{
	static const unsigned lengths[] = { 1, 7, 300, 20000 };
	static struct stats_names one_names, names;
	struct telling one_told = { 0 };
	struct stats one, s;

	make_events();
	begin(&one, &one_names, &one_told);
	for (unsigned i = 0; i < EVENTS; i++)
		cr_assert_eq(stats_add(&one, &events[i]), 0);
	cr_assert_eq(stats_end(&one), 0);
	cr_assert_gt(one.exits, EVENTS / 8);
	cr_assert_gt(one.table.count, 1000);
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		struct telling t = { 0 };

		memset(&names, 0, sizeof(names));
		begin(&s, &names, &t);
		add_parts(&s, lengths[i]);
		cr_assert_eq(stats_end(&s), 0);
		expect_same(&one, &s);
		cr_assert_eq(t.count, one_told.count);
		cr_assert_eq(t.digest, one_told.digest);
		cr_assert_eq(memcmp(&names.devices, &one_names.devices,
				sizeof(names.devices)), 0);
		stats_fini(&s);
	}
	stats_fini(&one);
}

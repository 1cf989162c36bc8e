/* SPDX-License-Identifier: MIT */
/* Time in the guest and in the VMM, spread over columns. */
#include <criterion/criterion.h>

#include "report/timeline.h"

static struct timeline t;

static struct exit exit_at(uint64_t vcpu, uint64_t entered, uint64_t left,
		uint64_t back)
{
	return (struct exit){ .vcpu = vcpu, .entered = entered, .left = left,
		.back = back, .class = EXIT_HVC };
}

static uint64_t sum(const uint64_t *columns)
{
	uint64_t n = 0;

	for (unsigned i = 0; i < TIMELINE_COLUMNS; i++)
		n += columns[i];
	return n;
}

Test(timeline, has_all_time_in_the_columns_it_belongs_to)
{
	struct exit x;

	timeline_init(&t, 1000, 1000 + 10 * TIMELINE_COLUMNS - 1);
	cr_assert_eq(t.width, 10);
	x = exit_at(0, 1005, 1025, 1030);
	timeline_add(&t, &x);
	cr_assert_eq(t.lanes[0].guest[0], 5);
	cr_assert_eq(t.lanes[0].guest[1], 10);
	cr_assert_eq(t.lanes[0].guest[2], 5);
	cr_assert_eq(t.lanes[0].vmm[2], 5);
	cr_assert_eq(sum(t.lanes[0].guest), 20);
	cr_assert_eq(sum(t.lanes[0].vmm), 5);
	cr_assert_eq(t.exits[2][EXIT_HVC], 1);
	cr_assert(t.lanes[0].used);
	cr_assert_not(t.lanes[1].used);
}

Test(timeline, has_room_for_what_lies_outside)
{
	struct exit x = exit_at(77, 0, UINT64_MAX, 0);

	timeline_init(&t, 500, 400);
	cr_assert_eq(t.width, 1);
	timeline_add(&t, &x);
	cr_assert(t.lanes[TIMELINE_LANES - 1].used);
	x = exit_at(3, UINT64_MAX, UINT64_MAX, UINT64_MAX);
	timeline_add(&t, &x);
	cr_assert_eq(t.exits[TIMELINE_COLUMNS - 1][EXIT_HVC], 2);
	timeline_init(&t, 0, UINT64_MAX);
	x = exit_at(0, 0, UINT64_MAX, 0);
	timeline_add(&t, &x);
	cr_assert_eq(sum(t.lanes[0].guest), UINT64_MAX);
}

Test(timeline, of_a_run_that_was_not_followed_ends_with_it)
{
	struct exit x = exit_at(1, 100, 200, 0);

	timeline_init(&t, 0, 1000);
	timeline_add(&t, &x);
	cr_assert_eq(sum(t.lanes[1].guest), 100);
	cr_assert_eq(sum(t.lanes[1].vmm), 0);
}

/* SPDX-License-Identifier: MIT */
#include "pl031.h"

#include "test.h"

enum { DR = 0, MR = 4, LR = 8, CR = 0xc, IMSC = 0x10, RIS = 0x14 };
enum { MIS = 0x18, ICR = 0x1c };

static uint64_t now;
static bool irq;
static unsigned int irq_changes;

static uint64_t seconds(void *ctx)
{
	(void)ctx;
	return now;
}

static void set_irq(void *ctx, bool level)
{
	(void)ctx;
	irq = level;
	irq_changes++;
}

static const struct pl031_ops ops = { seconds, set_irq };

static void fresh(struct pl031 *rtc)
{
	now = 1000;
	irq = false;
	irq_changes = 0;
	pl031_init(rtc, &ops, NULL);
}

static uint64_t get(struct pl031 *rtc, uint64_t offset)
{
	return pl031_read(rtc, offset, 4);
}

static void set(struct pl031 *rtc, uint64_t offset, uint64_t value)
{
	pl031_write(rtc, offset, 4, value);
}

static void tells_the_time_and_can_be_set(void)
{
	struct pl031 rtc;

	fresh(&rtc);
	CHECK_EQ(get(&rtc, DR), 1000);
	CHECK_EQ(get(&rtc, CR), 1);
	set(&rtc, LR, 5000);
	CHECK_EQ(get(&rtc, DR), 5000);
	CHECK_EQ(get(&rtc, LR), 5000);
	now = 1010;
	CHECK_EQ(get(&rtc, DR), 5010);
}

static void matches_when_looked_at(void)
{
	struct pl031 rtc;

	fresh(&rtc);
	set(&rtc, MR, 1005);
	set(&rtc, IMSC, 1);
	CHECK_EQ(get(&rtc, RIS), 0);
	now = 1006;
	CHECK_EQ(get(&rtc, RIS), 1);
	CHECK_EQ(get(&rtc, MIS), 1);
	CHECK(irq);
	set(&rtc, ICR, 1);
	CHECK(!irq);
	CHECK_EQ(get(&rtc, RIS), 0); /* once per match */
	CHECK_EQ(irq_changes, 2);
}

static void masked_match_leaves_the_line_alone(void)
{
	struct pl031 rtc;

	fresh(&rtc);
	set(&rtc, MR, 1000);
	CHECK_EQ(get(&rtc, RIS), 1);
	CHECK_EQ(get(&rtc, MIS), 0);
	CHECK_EQ(irq_changes, 0);
}

static void identifies_itself(void)
{
	struct pl031 rtc;

	fresh(&rtc);
	CHECK_EQ(get(&rtc, 0xfe0), 0x31);
	CHECK_EQ(get(&rtc, 0xffc), 0xb1);
}

int main(void)
{
	RUN(tells_the_time_and_can_be_set);
	RUN(matches_when_looked_at);
	RUN(masked_match_leaves_the_line_alone);
	RUN(identifies_itself);
	return test_result();
}

/* SPDX-License-Identifier: MIT */
/* The rings, as a driver should fill them and as it should not. */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "fake_driver.h"
#include "rng.h"
#include "virtio/virtqueue.h"

static struct driver driver;
static struct driver_queue *side = &driver.queues[0];
static struct virtqueue queue;
static struct chain chain;

static void begin(void)
{
	driver_init(&driver);
	cr_assert_eq(virtqueue_init(&queue, &driver.ram, &side->config), 0);
}

static void end(void)
{
	driver_fini(&driver);
}

static void begin_again(void)
{
	end();
	begin();
}

TestSuite(virtqueue, .init = begin, .fini = end);

/* Offers one descriptor, made by the test, and takes it. */
static int pop_one(struct vring_desc desc)
{
	side->desc[0] = desc;
	driver_offer(side, 0);
	return virtqueue_pop(&queue, &chain);
}

Test(virtqueue, hands_out_a_chain_in_order)
{
	const struct driver_buffer buffers[] = {
		{ DRIVER_BUFFERS, 16, false },
		{ DRIVER_BUFFERS + 0x100, 3, false },
		{ DRIVER_BUFFERS + 0x200, 512, true },
		{ DRIVER_BUFFERS + 0x400, 1, true },
	};

	cr_expect_eq(virtqueue_pending(&queue), 0);
	side->next_desc = 14; /* around the end of the table */
	driver_offer(side, driver_chain(side, buffers, 4));
	cr_expect_eq(virtqueue_pending(&queue), 1);
	cr_assert_eq(virtqueue_pop(&queue, &chain), 0);
	cr_expect_eq(chain.head, 14);
	cr_expect_eq(chain.count, 4);
	cr_expect_eq(chain.readable, 2);
	cr_expect_eq(chain.to_read, 19);
	cr_expect_eq(chain.to_write, 513);
	cr_expect_eq(
		chain.iov[2].iov_base, driver_at(&driver, buffers[2].addr));
	cr_expect_eq(virtqueue_pending(&queue), 0);
}

Test(virtqueue, tells_what_was_written)
{
	const struct driver_buffer buffer = { DRIVER_BUFFERS, 8, true };

	driver_offer(side, driver_chain(side, &buffer, 1));
	driver_offer(side, driver_chain(side, &buffer, 1));
	cr_assert_eq(virtqueue_pop(&queue, &chain), 0);
	cr_expect_eq(chain_push(&chain, "hello", 5), 5);
	virtqueue_push(&queue, &chain);
	cr_assert_eq(virtqueue_pop(&queue, &chain), 0);
	cr_expect_eq(chain_push(&chain, "123456789", 9), 8);
	virtqueue_push(&queue, &chain);
	cr_expect_eq(side->used->idx, 2);
	cr_expect_eq(side->used->ring[0].id, 0);
	cr_expect_eq(side->used->ring[0].len, 5);
	cr_expect_eq(side->used->ring[1].id, 1);
	cr_expect_eq(side->used->ring[1].len, 8);
	cr_expect_arr_eq(driver_at(&driver, DRIVER_BUFFERS), "12345678", 8);
}

Test(virtqueue, goes_around_the_rings_and_their_counters)
{
	const struct driver_buffer buffer = { DRIVER_BUFFERS, 8, true };
	uint32_t i;

	for (i = 0; i < 70000; i++) {
		driver_offer(side, driver_chain(side, &buffer, 1));
		cr_assert_eq(virtqueue_pending(&queue), 1);
		cr_assert_eq(virtqueue_pop(&queue, &chain), 0);
		cr_assert_eq(chain.head, i % DRIVER_QUEUE);
		chain.written = i;
		virtqueue_push(&queue, &chain);
		cr_assert_eq(side->used->idx, (uint16_t)(i + 1));
		cr_assert_eq(side->used->ring[i % DRIVER_QUEUE].len, i);
	}
}

Test(virtqueue, reads_and_writes_across_buffers)
{
	const struct driver_buffer buffers[] = {
		{ DRIVER_BUFFERS, 3, false },
		{ DRIVER_BUFFERS + 3, 0, false },
		{ DRIVER_BUFFERS + 3, 4, false },
		{ DRIVER_BUFFERS + 0x100, 2, true },
		{ DRIVER_BUFFERS + 0x200, 3, true },
	};
	char text[8] = "";

	memcpy(driver_at(&driver, DRIVER_BUFFERS), "abcdefg", 7);
	driver_offer(side, driver_chain(side, buffers, 5));
	cr_assert_eq(virtqueue_pop(&queue, &chain), 0);
	cr_expect(chain_pull(&chain, text, 5));
	cr_expect_str_eq(text, "abcde");
	cr_expect_not(chain_pull(&chain, text, 3), "there are two");
	cr_expect(chain_pull(&chain, text, 2));
	cr_expect_arr_eq(text, "fg", 2);
	cr_expect_eq(chain_last(&chain),
		(uint8_t *)driver_at(&driver, DRIVER_BUFFERS + 0x202));
	cr_expect_eq(chain_push(&chain, "wxyz!", 5), 4);
	cr_expect_arr_eq(driver_at(&driver, DRIVER_BUFFERS + 0x100), "wx", 2);
	cr_expect_arr_eq(driver_at(&driver, DRIVER_BUFFERS + 0x200), "yz", 3);
	cr_expect_eq(chain.written, 5);
	cr_expect_null(chain_last(&chain));
}

Test(virtqueue, follows_an_indirect_table)
{
	struct vring_desc *table = driver_at(&driver, DRIVER_BUFFERS);

	table[0] = (struct vring_desc){ DRIVER_BUFFERS + 0x100, 16,
		VRING_DESC_NEXT, 2 };
	table[2] = (struct vring_desc){ DRIVER_BUFFERS + 0x200, 32,
		VRING_DESC_WRITE, 0 };
	cr_assert_eq(pop_one((struct vring_desc){
			     DRIVER_BUFFERS, 48, VRING_DESC_INDIRECT, 0 }),
		0);
	cr_expect_eq(chain.count, 2);
	cr_expect_eq(chain.to_read, 16);
	cr_expect_eq(chain.to_write, 32);
}

Test(virtqueue, a_chain_without_bytes_has_no_last_one)
{
	const struct driver_buffer buffer = { DRIVER_BUFFERS, 0, true };
	uint8_t byte;

	driver_offer(side, driver_chain(side, &buffer, 1));
	cr_assert_eq(virtqueue_pop(&queue, &chain), 0);
	cr_expect_eq(chain.count, 0);
	cr_expect_null(chain_last(&chain));
	cr_expect_not(chain_pull(&chain, &byte, 1));
	cr_expect(chain_pull(&chain, &byte, 0));
	cr_expect_eq(chain_push(&chain, "x", 1), 0);
}

Test(virtqueue, refuses_queues_that_are_not_in_ram)
{
	static const struct virtqueue_config wrong[] = {
		{ 0, RAM_BASE, RAM_BASE, RAM_BASE, false },
		{ 3, RAM_BASE, RAM_BASE, RAM_BASE, false },
		{ 512, RAM_BASE, RAM_BASE, RAM_BASE, false },
		{ 0x80000000, RAM_BASE, RAM_BASE, RAM_BASE, false },
		{ 16, RAM_BASE + 8, RAM_BASE, RAM_BASE, false },
		{ 16, RAM_BASE, RAM_BASE + 1, RAM_BASE, false },
		{ 16, RAM_BASE, RAM_BASE, RAM_BASE + 2, false },
		{ 16, 0, RAM_BASE, RAM_BASE, false },
		{ 16, RAM_BASE - 16, RAM_BASE, RAM_BASE, false },
		{ 16, RAM_BASE, RAM_BASE + DRIVER_RAM - 34, RAM_BASE, false },
		{ 16, RAM_BASE, RAM_BASE, RAM_BASE + DRIVER_RAM - 128, false },
		{ 16, RAM_BASE, RAM_BASE, RAM_BASE + DRIVER_RAM, false },
		{ 16, UINT64_MAX - 15, RAM_BASE, RAM_BASE, false },
	};
	size_t i;

	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		cr_expect_eq(virtqueue_init(&queue, &driver.ram, &wrong[i]),
			-EINVAL, "case %zu", i);
}

Test(virtqueue, refuses_buffers_that_are_not_in_ram)
{
	static const struct vring_desc wrong[] = {
		{ 0, 1, 0, 0 },
		{ RAM_BASE - 1, 1, 0, 0 },
		{ RAM_BASE - 1, 2, 0, 0 },
		{ RAM_BASE + DRIVER_RAM, 1, 0, 0 },
		{ RAM_BASE + DRIVER_RAM - 1, 2, VRING_DESC_WRITE, 0 },
		{ RAM_BASE, DRIVER_RAM + 1, VRING_DESC_WRITE, 0 },
		{ RAM_BASE, UINT32_MAX, 0, 0 },
		{ UINT64_MAX, 1, 0, 0 },
		{ UINT64_MAX - 7, 16, 0, 0 },
	};
	size_t i;

	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		cr_expect_eq(pop_one(wrong[i]), -EBADMSG, "case %zu", i);
	cr_expect_eq(
		pop_one((struct vring_desc){ RAM_BASE, DRIVER_RAM, 0, 0 }), 0);
}

Test(virtqueue, refuses_indirect_tables_that_break_the_rules)
{
	static const struct vring_desc wrong[] = {
		{ DRIVER_BUFFERS, 0, VRING_DESC_INDIRECT, 0 },
		{ DRIVER_BUFFERS, 15, VRING_DESC_INDIRECT, 0 },
		{ DRIVER_BUFFERS, 17, VRING_DESC_INDIRECT, 0 },
		{ DRIVER_BUFFERS, 17 * 16, VRING_DESC_INDIRECT, 0 },
		{ DRIVER_BUFFERS, 0xfffffff0, VRING_DESC_INDIRECT, 0 },
		{ DRIVER_BUFFERS + 8, 16, VRING_DESC_INDIRECT, 0 },
		{ RAM_BASE + DRIVER_RAM - 16, 32, VRING_DESC_INDIRECT, 0 },
		{ 0, 16, VRING_DESC_INDIRECT, 0 },
		{ DRIVER_BUFFERS, 16, VRING_DESC_INDIRECT | VRING_DESC_NEXT,
			1 },
	};
	struct vring_desc *table = driver_at(&driver, DRIVER_BUFFERS);
	const struct vring_desc good = { DRIVER_BUFFERS, 16,
		VRING_DESC_INDIRECT, 0 };
	size_t i;

	table[0] = (struct vring_desc){ RAM_BASE, 1, 0, 0 };
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		cr_expect_eq(pop_one(wrong[i]), -EBADMSG, "case %zu", i);
	cr_expect_eq(pop_one(good), 0);
	/* One within another, also when that is the queue's own table. */
	table[0] = good;
	cr_expect_eq(pop_one(good), -EBADMSG);
	/* The next one is outside of the table. */
	table[0] = (struct vring_desc){ RAM_BASE, 1, VRING_DESC_NEXT, 1 };
	cr_expect_eq(pop_one(good), -EBADMSG);
	queue.indirect = false;
	table[0] = (struct vring_desc){ RAM_BASE, 1, 0, 0 };
	cr_expect_eq(pop_one(good), -EBADMSG, "it was not agreed on");
}

Test(virtqueue, refuses_circles)
{
	struct vring_desc *table = driver_at(&driver, DRIVER_BUFFERS);
	unsigned int i;

	cr_expect_eq(
		pop_one((struct vring_desc){ RAM_BASE, 1, VRING_DESC_NEXT, 0 }),
		-EBADMSG);
	cr_expect_eq(
		pop_one((struct vring_desc){ RAM_BASE, 0, VRING_DESC_NEXT, 0 }),
		-EBADMSG, "of buffers without a byte");
	side->desc[1] = (struct vring_desc){ RAM_BASE, 1, VRING_DESC_NEXT, 0 };
	cr_expect_eq(
		pop_one((struct vring_desc){ RAM_BASE, 1, VRING_DESC_NEXT, 1 }),
		-EBADMSG);
	for (i = 0; i < 16; i++)
		table[i] = (struct vring_desc){ RAM_BASE, 1, VRING_DESC_NEXT,
			(uint16_t)((i + 1) % 16) };
	cr_expect_eq(pop_one((struct vring_desc){
			     DRIVER_BUFFERS, 256, VRING_DESC_INDIRECT, 0 }),
		-EBADMSG);
}

Test(virtqueue, takes_a_chain_of_the_queues_length_and_no_longer)
{
	struct vring_desc *table = driver_at(&driver, DRIVER_BUFFERS);
	unsigned int i;

	for (i = 0; i < 16; i++)
		table[i] = (struct vring_desc){ RAM_BASE, 1,
			i < 15 ? VRING_DESC_NEXT : 0, (uint16_t)(i + 1) };
	side->desc[1] = (struct vring_desc){ DRIVER_BUFFERS, 256,
		VRING_DESC_INDIRECT, 0 };
	cr_expect_eq(pop_one(side->desc[1]), 0);
	cr_expect_eq(chain.count, 16);
	cr_expect_eq(
		pop_one((struct vring_desc){ RAM_BASE, 1, VRING_DESC_NEXT, 1 }),
		-EBADMSG);
}

Test(virtqueue, refuses_chains_out_of_order_or_too_large)
{
	const struct driver_buffer swapped[] = {
		{ DRIVER_BUFFERS, 16, true },
		{ DRIVER_BUFFERS, 16, false },
	};

	driver_offer(side, driver_chain(side, swapped, 2));
	cr_expect_eq(virtqueue_pop(&queue, &chain), -EBADMSG);
	begin_again();
	driver_offer(side, DRIVER_QUEUE);
	cr_expect_eq(virtqueue_pop(&queue, &chain), -EBADMSG, "no such head");
	begin_again();
	cr_expect_eq(pop_one((struct vring_desc){
			     RAM_BASE, 1, VRING_DESC_NEXT, UINT16_MAX }),
		-EBADMSG);
}

/* RAM of 3 GiB that is never touched: two of those buffers are 6 GiB. */
Test(virtqueue, refuses_chains_of_more_than_4_gib)
{
	const struct driver_buffer huge[] = {
		{ RAM_BASE, 0xc0000000, false },
		{ RAM_BASE, 0xc0000000, true },
	};

	driver.ram.size = 0xc0000000;
	driver_offer(side, driver_chain(side, huge, 2));
	cr_expect_eq(virtqueue_pop(&queue, &chain), -EBADMSG);
}

Test(virtqueue, obeys_the_drivers_wish_for_interrupts)
{
	cr_expect(virtqueue_wants_interrupt(&queue));
	side->avail->flags = VRING_AVAIL_NO_INTERRUPT;
	cr_expect_not(virtqueue_wants_interrupt(&queue));
	side->avail->flags = 0xfffe;
	cr_expect(virtqueue_wants_interrupt(&queue));
}

/* Whatever is in the rings: no more than is in RAM, and never without end. */
Test(virtqueue, survives_random_rings)
{
	unsigned int n = test_scale(20000, 1000000), good = 0;
	struct rng rng;

	rng_init(&rng);
	while (n--) {
		unsigned int i;

		for (i = 0; i < DRIVER_QUEUE; i++)
			side->desc[i] = (struct vring_desc){
				.addr = RAM_BASE +
					rng_below(&rng, DRIVER_RAM / 16) * 16,
				.len = (uint32_t)rng_below(&rng, 4096),
				.flags = rng_below(&rng, 4) & 3,
				.next = (uint16_t)rng_below(&rng, 17),
			};
		i = (unsigned int)rng_below(&rng, DRIVER_QUEUE);
		side->desc[i].flags |= (uint16_t)rng_below(&rng, 8);
		side->desc[i].len &= ~15u;
		driver_offer(side, (uint16_t)rng_below(&rng, 17));
		if (virtqueue_pop(&queue, &chain)) {
			queue.next_avail++;
			continue;
		}
		good++;
		for (i = 0; i < chain.count; i++) {
			uint8_t *base = chain.iov[i].iov_base;

			cr_assert_geq(base, driver.ram.host);
			cr_assert_leq(base + chain.iov[i].iov_len,
				driver.ram.host + DRIVER_RAM);
		}
	}
	cr_expect_gt(good, 100);
}

/* SPDX-License-Identifier: MIT */
/*
 * Frames found by what a driver wrote to a network device and what is in memory:
 * rings as they should be, and rings of a guest that wants to do harm.
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "exit_events.h"
#include "export/pcapng.h"
#include "look/net_follow.h"
#include "virtio/virtio_spec.h"

#define BASE   0xa000600u
#define QSIZE  8u
#define MEMORY 0x40000000u
#define DESC   (MEMORY + 0x0000u)
#define USED   (MEMORY + 0x1000u)
#define BUFFER (MEMORY + 0x2000u)
#define RX     0x8000u /* the other queue's are so far behind */

static struct net_follow net;
static uint8_t memory[0x20000];
static unsigned frames, reads;
static struct net_frame last;
static uint8_t last_bytes[NET_FRAME_MAX];

static int read_memory(void *context, uint64_t ipa, void *bytes, size_t size)
{
	(void)context;
	reads++;
	if (ipa < MEMORY || ipa - MEMORY > sizeof(memory) ||
			size > sizeof(memory) - (ipa - MEMORY))
		return -EFAULT;
	memcpy(bytes, memory + (ipa - MEMORY), size);
	return 0;
}

static void got(const struct net_frame *frame, void *context)
{
	(void)context;
	frames++;
	last = *frame;
	memcpy(last_bytes, frame->bytes, frame->size);
}

static const struct net_memory all = { read_memory, NULL };

static void look(void)
{
	net_follow_rings(&net, &all, got, NULL);
}

static void reg(bool write, uint32_t at, uint32_t value)
{
	struct exit exit = { .class = write ? EXIT_MMIO_WRITE : EXIT_MMIO_READ,
		.ipa = BASE + at, .value = value, .has_value = true };

	net_follow_exit(&net, &exit, &all);
}

/* Stored from the zero register, so that no VMM asks what it is. */
static void store_zero(uint32_t at)
{
	struct exit exit = { .class = EXIT_MMIO_WRITE, .ipa = BASE + at,
		.syndrome = ESR_WRITE_W3 | 31u << 16 };

	net_follow_exit(&net, &exit, &all);
}

static void set_up_queue(uint32_t queue, uint64_t desc, uint64_t used)
{
	reg(true, VIRTIO_MMIO_QUEUE_SEL, queue);
	reg(true, VIRTIO_MMIO_QUEUE_NUM, QSIZE);
	reg(true, VIRTIO_MMIO_QUEUE_DESC_LOW, (uint32_t)desc);
	reg(true, VIRTIO_MMIO_QUEUE_DESC_HIGH, (uint32_t)(desc >> 32));
	reg(true, VIRTIO_MMIO_QUEUE_DEVICE_LOW, (uint32_t)used);
	reg(true, VIRTIO_MMIO_QUEUE_DEVICE_HIGH, (uint32_t)(used >> 32));
	reg(true, VIRTIO_MMIO_QUEUE_READY, 1);
}

static void set_up_with(uint64_t features)
{
	memset(&net, 0, sizeof(net));
	memset(memory, 0, sizeof(memory));
	frames = 0;
	reg(false, VIRTIO_MMIO_MAGIC, VIRTIO_MMIO_MAGIC_VALUE);
	reg(false, VIRTIO_MMIO_VERSION, 2);
	reg(false, VIRTIO_MMIO_DEVICE_ID, VIRTIO_ID_NET);
	for (uint32_t word = 0; word < 2; word++) {
		reg(true, VIRTIO_MMIO_DRIVER_FEATURES_SEL, word);
		reg(true, VIRTIO_MMIO_DRIVER_FEATURES,
			(uint32_t)(features >> 32 * word));
	}
	set_up_queue(0, DESC + RX, USED + RX);
	set_up_queue(1, DESC, USED);
}

static void set_up_plain(void)
{
	set_up_with(VIRTIO_F_VERSION_1);
}

TestSuite(net_follow, .init = set_up_plain);

static void put_desc(uint64_t table, unsigned i, struct vring_desc desc)
{
	memcpy(memory + (table - MEMORY) + i * sizeof(desc), &desc, sizeof(desc));
}

/* The device is done with the chain at id, as the index-th. */
static void use(uint64_t used, uint16_t index, uint32_t id, uint32_t len)
{
	struct vring_used_elem elem = { id, len };
	uint16_t next = (uint16_t)(index + 1);

	memcpy(memory + (used - MEMORY) + 4 + index % QSIZE * sizeof(elem), &elem,
		sizeof(elem));
	memcpy(memory + (used - MEMORY) + 2, &next, sizeof(next));
}

static void fill(uint64_t at, uint8_t first, size_t size)
{
	for (size_t i = 0; i < size; i++)
		memory[at - MEMORY + i] = (uint8_t)(first + i);
}

/* A frame of 60 bytes behind its header, in two buffers. */
static void send_one(void)
{
	fill(BUFFER + 12, 1, 30);
	fill(BUFFER + 0x100, 31, 30);
	put_desc(DESC, 3, (struct vring_desc){ BUFFER, 42, VRING_DESC_NEXT, 5 });
	put_desc(DESC, 5, (struct vring_desc){ BUFFER + 0x100, 30, 0, 0 });
	use(USED, 0, 3, 0);
}

Test(net_follow, has_what_was_sent_once)
{
	send_one();
	look();
	look();
	cr_assert_eq(frames, 1);
	cr_assert(last.sent);
	cr_assert_eq(last.size, 60);
	cr_assert_eq(last.device, BASE);
	for (unsigned i = 0; i < 60; i++)
		cr_assert_eq(last_bytes[i], i + 1);
	cr_assert_eq(net.lost, 0);
}

Test(net_follow, has_as_much_as_was_received)
{
	fill(BUFFER + 12, 9, 1000);
	put_desc(DESC + RX, 0,
		(struct vring_desc){ BUFFER, 1526, VRING_DESC_WRITE, 0 });
	use(USED + RX, 0, 0, 12 + 64);
	look();
	cr_assert_eq(frames, 1);
	cr_assert_not(last.sent);
	cr_assert_eq(last.size, 64);
	cr_assert_eq(last_bytes[63], 9 + 63);
}

Test(net_follow, puts_merged_buffers_together)
{
	set_up_with(VIRTIO_F_VERSION_1 | 1ull << 15);
	fill(BUFFER + 12, 1, 20);
	memory[BUFFER - MEMORY + 10] = 2; /* buffers */
	fill(BUFFER + 0x100, 21, 20);
	put_desc(DESC + RX, 0,
		(struct vring_desc){ BUFFER, 32, VRING_DESC_WRITE, 0 });
	put_desc(DESC + RX, 1,
		(struct vring_desc){ BUFFER + 0x100, 32, VRING_DESC_WRITE, 0 });
	use(USED + RX, 0, 0, 32);
	use(USED + RX, 1, 1, 20);
	look();
	cr_assert_eq(frames, 1);
	cr_assert_eq(last.size, 40);
	for (unsigned i = 0; i < 40; i++)
		cr_assert_eq(last_bytes[i], i + 1);
}

Test(net_follow, follows_a_table_of_its_own)
{
	fill(BUFFER + 12, 5, 48);
	put_desc(BUFFER + 0x800, 0,
		(struct vring_desc){ BUFFER, 60, 0, 0 });
	put_desc(DESC, 2, (struct vring_desc){ BUFFER + 0x800,
		sizeof(struct vring_desc), VRING_DESC_INDIRECT, 0 });
	use(USED, 0, 2, 0);
	look();
	cr_assert_eq(frames, 1);
	cr_assert_eq(last.size, 48);
}

Test(net_follow, goes_on_where_the_index_wraps)
{
	send_one();
	net.devices[0].queues[1].seen = 0xffff;
	use(USED, 0xffff, 3, 0);
	use(USED, 0, 3, 0);
	look();
	cr_assert_eq(frames, 2);
}

/* What a guest may do to harm a reader. */

static void expect_lost(void)
{
	look();
	cr_assert_eq(frames, 0);
	cr_assert_eq(net.lost, 1);
}

Test(net_follow, ends_in_a_chain_that_does_not)
{
	put_desc(DESC, 3, (struct vring_desc){ BUFFER, 1, VRING_DESC_NEXT, 3 });
	use(USED, 0, 3, 0);
	expect_lost();
}

/* As large a ring as there is, of which all leads to the same long circle. */
static void set_up_circle(uint32_t queue)
{
	reg(true, VIRTIO_MMIO_QUEUE_SEL, queue);
	reg(true, VIRTIO_MMIO_QUEUE_NUM, 32768);
	reg(true, VIRTIO_MMIO_QUEUE_DESC_LOW, DESC);
	reg(true, VIRTIO_MMIO_QUEUE_DEVICE_LOW, USED);
	reg(true, VIRTIO_MMIO_QUEUE_READY, 1);
}

static void look_at_circles(unsigned queues)
{
	uint16_t index = 0x2000;

	put_desc(DESC, 1, (struct vring_desc){ MEMORY, 0, VRING_DESC_NEXT, 1 });
	put_desc(DESC, 0, (struct vring_desc){ MEMORY, 0, VRING_DESC_NEXT, 1 });
	memcpy(memory + (USED - MEMORY) + 2, &index, sizeof(index));
	reads = 0;
	look();
	cr_assert_eq(frames, 0);
	cr_assert_eq(net.lost, queues * index);
	cr_assert_lt(reads, 400000);
}

Test(net_follow, takes_no_endless_time_for_a_ring)
{
	reg(true, VIRTIO_MMIO_STATUS, 0);
	set_up_circle(1);
	look_at_circles(1);
}

Test(net_follow, takes_no_endless_time_for_all_rings)
{
	set_up_with(VIRTIO_F_VERSION_1 | 1u << 22); /* VIRTIO_NET_F_MQ */
	reg(false, VIRTIO_MMIO_CONFIG + 8, NET_QUEUES_MAX / 2);
	for (uint32_t i = 0; i < NET_QUEUES_MAX; i++)
		set_up_circle(i);
	look_at_circles(NET_QUEUES_MAX);
}

Test(net_follow, ends_in_tables_in_tables)
{
	put_desc(DESC, 3, (struct vring_desc){ DESC + 48, 16, VRING_DESC_INDIRECT, 0 });
	put_desc(DESC, 0, (struct vring_desc){ DESC, 16, VRING_DESC_INDIRECT, 0 });
	use(USED, 0, 3, 0);
	expect_lost();
}

Test(net_follow, takes_no_chain_beyond_the_table)
{
	use(USED, 0, QSIZE, 0);
	expect_lost();
}

Test(net_follow, takes_no_buffer_that_is_not_memory)
{
	put_desc(DESC, 3, (struct vring_desc){ UINT64_MAX - 4, 60, 0, 0 });
	use(USED, 0, 3, 0);
	expect_lost();
}

Test(net_follow, cuts_a_frame_without_measure)
{
	for (unsigned i = 0; i < QSIZE; i++)
		put_desc(DESC, i, (struct vring_desc){ MEMORY, sizeof(memory),
			VRING_DESC_NEXT, (uint16_t)(i + 1) });
	put_desc(DESC, QSIZE - 1, (struct vring_desc){ MEMORY, UINT32_MAX, 0, 0 });
	use(USED, 0, 0, 0);
	look();
	cr_assert_eq(frames, 1);
	cr_assert_leq(last.size, NET_FRAME_MAX);
}

Test(net_follow, passes_over_an_index_that_ran_away)
{
	uint16_t far = 4 * QSIZE;

	memcpy(memory + (USED - MEMORY) + 2, &far, sizeof(far));
	expect_lost();
	look();
	cr_assert_eq(net.lost, 1);
}

/* The index is the old one until the VMM has come to what the driver cleared. */
Test(net_follow, begins_anew_with_a_reset)
{
	send_one();
	look();
	reg(true, VIRTIO_MMIO_STATUS, 0);
	look();
	set_up_queue(1, DESC, USED);
	look();
	cr_assert_eq(frames, 1);
	memset(memory + (USED - MEMORY), 0, 4);
	look();
	send_one();
	look();
	cr_assert_eq(frames, 2);
	cr_assert_eq(net.lost, 0);
}

Test(net_follow, takes_nothing_that_was_in_place_of_a_ring)
{
	fill(USED, 0x5a, 64);
	set_up_queue(1, DESC, USED);
	look();
	memset(memory + (USED - MEMORY), 0, 64);
	send_one();
	look();
	cr_assert_eq(frames, 1);
	cr_assert_eq(net.lost, 0);
}

/* As Linux writes the words of its features: the other one, then that of 0. */
Test(net_follow, knows_what_comes_from_the_zero_register)
{
	reg(true, VIRTIO_MMIO_DRIVER_FEATURES_SEL, 1);
	reg(true, VIRTIO_MMIO_DRIVER_FEATURES, 1);
	store_zero(VIRTIO_MMIO_DRIVER_FEATURES_SEL);
	reg(true, VIRTIO_MMIO_DRIVER_FEATURES, 0x8024);
	cr_assert_eq(net.devices[0].features, VIRTIO_F_VERSION_1 | 0x8024);
	cr_assert_eq(net_follow_unknown(&net), 0);
	send_one();
	store_zero(VIRTIO_MMIO_STATUS);
	look();
	cr_assert_eq(frames, 0);
}

Test(net_follow, says_what_it_does_not_know)
{
	set_up_with(VIRTIO_F_VERSION_1 | 1ull << 34);
	send_one();
	look();
	cr_assert_eq(frames, 0);
	cr_assert_eq(net_follow_unknown(&net), 1);
}

/* Any registers and any memory: it ends, and reads nothing that is not there. */
Test(net_follow, ends_whatever_there_is)
{
	uint64_t x = 88172645463325252ull;

	for (unsigned round = 0; round < 300; round++) {
		for (unsigned i = 0; i < sizeof(memory); i += 8) {
			x ^= x << 13;
			x ^= x >> 7;
			x ^= x << 17;
			memcpy(memory + i, &x, 8);
		}
		for (unsigned i = 0; i < 40; i++) {
			x = x * 6364136223846793005u + 1442695040888963407u;
			reg(x >> 63, (uint32_t)(x >> 40) % 0x110 & ~3u,
				(x >> 20 & 3) ? MEMORY + (uint32_t)(x >> 8) % 0xffff
					      : (uint32_t)x % 9);
		}
		look();
	}
}

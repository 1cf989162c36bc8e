/* SPDX-License-Identifier: MIT */
/* Registers, negotiation, and the hand-over between vCPUs and queues. */
#include <criterion/criterion.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "fake_driver.h"
#include "rng.h"

static struct driver driver;
static struct virtio_device device;
static struct driver_queue *side = &driver.queues[0];
static const uint8_t config[6] = { 1, 2, 3, 4, 5, 6 };
static _Atomic unsigned int passes, begun;
static _Atomic bool hold;

/* Gives back what it was given, one byte of it written. */
static void handle(struct virtio_queue *queue, struct chain *chain)
{
	(void)queue;
	begun++;
	while (hold)
		usleep(100);
	chain_push(chain, "x", 1);
}

static void run(struct virtio_queue *queue)
{
	while (virtio_queue_wait(queue)) {
		virtio_queue_serve(queue, handle);
		passes++;
		virtio_queue_leave(queue);
	}
}

static const struct virtio_model model = {
	.name = "test device",
	.id = 42,
	.queue_count = 1,
	.run = run,
};

static void begin(void)
{
	device.features = 1;
	device.config = config;
	device.config_size = sizeof(config);
	virtio_init(&device, &model);
	driver_begin(&driver, &device);
}

static void end(void)
{
	hold = false;
	virtio_stop(&device);
	driver_fini(&driver);
}

TestSuite(virtio_transport, .init = begin, .fini = end, .timeout = 60);

static void offer_one(void)
{
	const struct driver_buffer buffer = { DRIVER_BUFFERS, 4, true };

	driver_offer(side, driver_chain(side, &buffer, 1));
}

static void await(_Atomic unsigned int *counter, unsigned int value)
{
	while (*counter < value)
		usleep(100);
}

Test(virtio_transport, says_what_it_is)
{
	cr_expect_eq(driver_get(&driver, VIRTIO_MMIO_MAGIC), 0x74726976);
	cr_expect_eq(driver_get(&driver, VIRTIO_MMIO_VERSION), 2);
	cr_expect_eq(driver_get(&driver, VIRTIO_MMIO_DEVICE_ID), 42);
	cr_expect_eq(driver_get(&driver, VIRTIO_MMIO_QUEUE_NUM_MAX), 256);
	cr_expect_eq(driver_get(&driver, VIRTIO_MMIO_CONFIG_GENERATION), 0);
	cr_expect_eq(driver_get(&driver, 0xb0), UINT32_MAX);
	cr_expect_eq(driver_get(&driver, 0xbc), UINT32_MAX);
	cr_expect_eq(driver_get(&driver, 0xac), 0);
	driver_set(&driver, VIRTIO_MMIO_QUEUE_SEL, 1);
	cr_expect_eq(driver_get(&driver, VIRTIO_MMIO_QUEUE_NUM_MAX), 0);
	cr_expect_eq(driver_get(&driver, VIRTIO_MMIO_QUEUE_READY), 0);
	driver_set(&driver, VIRTIO_MMIO_QUEUE_SEL, UINT32_MAX);
	driver_set(&driver, VIRTIO_MMIO_QUEUE_READY, 1);
	cr_expect_eq(driver_get(&driver, VIRTIO_MMIO_QUEUE_NUM_MAX), 0);
}

Test(virtio_transport, config_is_read_in_any_size_up_to_its_end)
{
	cr_expect_eq(virtio_read(&device, 0x100, 1), 1);
	cr_expect_eq(virtio_read(&device, 0x102, 2), 0x0403);
	cr_expect_eq(virtio_read(&device, 0x100, 4), 0x04030201);
	cr_expect_eq(virtio_read(&device, 0x100, 8), 0x060504030201);
	cr_expect_eq(virtio_read(&device, 0x104, 4), 0x0605);
	cr_expect_eq(virtio_read(&device, 0x106, 4), 0);
	cr_expect_eq(virtio_read(&device, 0xff8, 8), 0);
	virtio_write(&device, 0x100, 4, 0);
	cr_expect_eq(virtio_read(&device, 0x100, 1), 1);
}

Test(virtio_transport, registers_take_aligned_words_only)
{
	cr_expect_eq(virtio_read(&device, VIRTIO_MMIO_MAGIC, 1), 0);
	cr_expect_eq(virtio_read(&device, VIRTIO_MMIO_MAGIC, 8), 0);
	cr_expect_eq(virtio_read(&device, 2, 4), 0);
	virtio_write(&device, VIRTIO_MMIO_STATUS, 1, 0);
	virtio_write(&device, VIRTIO_MMIO_STATUS, 8, 0);
	virtio_write(&device, VIRTIO_MMIO_STATUS + 1, 4, 0);
	cr_expect_eq(driver_get(&driver, VIRTIO_MMIO_STATUS), 15);
}

Test(virtio_transport, offers_features_word_by_word)
{
	driver_set(&driver, VIRTIO_MMIO_DEVICE_FEATURES_SEL, 0);
	cr_expect_eq(
		driver_get(&driver, VIRTIO_MMIO_DEVICE_FEATURES), 1u << 28 | 1);
	driver_set(&driver, VIRTIO_MMIO_DEVICE_FEATURES_SEL, 1);
	cr_expect_eq(driver_get(&driver, VIRTIO_MMIO_DEVICE_FEATURES), 1);
	driver_set(&driver, VIRTIO_MMIO_DEVICE_FEATURES_SEL, 2);
	cr_expect_eq(driver_get(&driver, VIRTIO_MMIO_DEVICE_FEATURES), 0);
}

Test(virtio_transport, refuses_features_it_has_not_offered)
{
	cr_expect_eq(driver_negotiate(&driver, 1ull << 32), 11);
	cr_expect_eq(driver_negotiate(&driver, 1ull << 32 | 2), 3);
	cr_expect_eq(driver_negotiate(&driver, 1), 3, "a driver of 0.9");
	driver_set(&driver, VIRTIO_MMIO_STATUS, 15);
	cr_expect_eq(driver_get(&driver, VIRTIO_MMIO_STATUS), 3,
		"not up without features");
	driver_set_up_queue(&driver, 0);
	cr_expect_eq(driver_get(&driver, VIRTIO_MMIO_QUEUE_READY), 0);
}

Test(virtio_transport, features_are_settled_by_features_ok)
{
	cr_expect(virtio_has_feature(&device, 1));
	driver_set(&driver, VIRTIO_MMIO_DRIVER_FEATURES_SEL, 0);
	driver_set(&driver, VIRTIO_MMIO_DRIVER_FEATURES, 0);
	cr_expect(virtio_has_feature(&device, 1));
}

Test(virtio_transport, a_notification_is_one_look_at_the_ring)
{
	offer_one();
	offer_one();
	driver_notify(&driver, 0);
	driver_await_used(side, 2);
	await(&passes, 1);
	driver_notify(&driver, 0);
	driver_notify(&driver, 0);
	await(&passes, 3);
	usleep(1000);
	cr_expect_eq(passes, 3);
	cr_expect_eq(driver.raised, 1, "nothing was used in the others");
	cr_expect_eq(side->used->ring[0].len, 1);
	driver_set(&driver, VIRTIO_MMIO_QUEUE_NOTIFY, 1);
	driver_set(&driver, VIRTIO_MMIO_QUEUE_NOTIFY, UINT32_MAX);
}

Test(virtio_transport, interrupts_until_acknowledged)
{
	unsigned int lowered = driver.lowered;

	offer_one();
	driver_notify(&driver, 0);
	await(&driver.raised, 1);
	cr_expect_eq(driver_get(&driver, VIRTIO_MMIO_INTERRUPT_STATUS), 1);
	driver_set(&driver, VIRTIO_MMIO_INTERRUPT_ACK, 1);
	cr_expect_eq(driver.lowered, lowered + 1);
	driver_set(&driver, VIRTIO_MMIO_STATUS, 0);
	cr_expect_eq(driver_get(&driver, VIRTIO_MMIO_INTERRUPT_STATUS), 0);
}

Test(virtio_transport, does_not_interrupt_who_does_not_want_it)
{
	side->avail->flags = VRING_AVAIL_NO_INTERRUPT;
	offer_one();
	driver_notify(&driver, 0);
	await(&passes, 1);
	cr_expect_eq(side->used->idx, 1);
	cr_expect_eq(driver.raised, 0);
}

Test(virtio_transport, a_ready_queue_does_not_move)
{
	driver_set(&driver, VIRTIO_MMIO_QUEUE_NUM, 4);
	driver_set(&driver, VIRTIO_MMIO_QUEUE_DESC_LOW, 0);
	driver_set(&driver, VIRTIO_MMIO_QUEUE_DEVICE_HIGH, 1);
	offer_one();
	driver_notify(&driver, 0);
	driver_await_used(side, 1);
}

Test(virtio_transport, queues_outside_of_ram_do_not_become_ready)
{
	driver_negotiate(&driver, device.features);
	side->config.used = RAM_BASE + DRIVER_RAM;
	driver_set_up_queue(&driver, 0);
	cr_expect_eq(driver_get(&driver, VIRTIO_MMIO_QUEUE_READY), 0);
	driver_set(&driver, VIRTIO_MMIO_STATUS, 15);
	driver_notify(&driver, 0);
	side->config.used = RAM_BASE + 0x2000;
	driver_set_up_queue(&driver, 0);
	cr_expect_eq(driver_get(&driver, VIRTIO_MMIO_QUEUE_READY), 1);
	offer_one();
	driver_notify(&driver, 0);
	driver_await_used(side, 1);
}

Test(virtio_transport, work_begins_when_the_driver_is_up)
{
	driver_negotiate(&driver, device.features);
	side->used->idx = side->avail->idx = 0;
	driver_set_up_queue(&driver, 0);
	offer_one();
	driver_notify(&driver, 0);
	usleep(1000);
	cr_expect_eq(side->used->idx, 0);
	driver_set(&driver, VIRTIO_MMIO_STATUS, 15);
	driver_await_used(side, 1);
}

static void *let_go(void *arg)
{
	(void)arg;
	usleep(50000);
	hold = false;
	return NULL;
}

/* Resets, or takes the queue away, in the middle of two notifications' work. */
static void take_away(uint64_t offset)
{
	pthread_t thread;

	hold = true;
	offer_one();
	driver_notify(&driver, 0);
	await(&begun, 1);
	offer_one();
	driver_notify(&driver, 0);
	pthread_create(&thread, NULL, let_go, NULL);
	driver_set(&driver, offset, 0);
	cr_expect_not(hold);
	cr_expect_eq(side->used->idx, 2);
	cr_expect_eq(passes, 2);
	pthread_join(thread, NULL);
	cr_expect_eq(driver_get(&driver, VIRTIO_MMIO_QUEUE_READY), 0);
	/* And all over again. */
	memset(side->avail, 0, 4);
	memset(side->used, 0, 4);
	driver_bring_up(&driver);
	offer_one();
	driver_notify(&driver, 0);
	driver_await_used(side, 1);
}

Test(virtio_transport, a_reset_waits_for_the_work_and_clears_all)
{
	take_away(VIRTIO_MMIO_STATUS);
}

Test(virtio_transport, a_queue_taken_away_waits_for_the_work)
{
	take_away(VIRTIO_MMIO_QUEUE_READY);
}

Test(virtio_transport, the_end_waits_for_the_work)
{
	pthread_t thread;

	hold = true;
	offer_one();
	driver_notify(&driver, 0);
	offer_one();
	driver_notify(&driver, 0);
	pthread_create(&thread, NULL, let_go, NULL);
	virtio_stop(&device);
	pthread_join(thread, NULL);
	cr_expect_eq(side->used->idx, 2);
}

static void expect_broken(void)
{
	driver_notify(&driver, 0);
	await(&driver.raised, 1);
	cr_expect_eq(driver_get(&driver, VIRTIO_MMIO_STATUS), 15 | 64);
	cr_expect_eq(driver_get(&driver, VIRTIO_MMIO_INTERRUPT_STATUS), 3);
	driver_set(&driver, VIRTIO_MMIO_INTERRUPT_ACK, 2);
	cr_expect_eq(driver_get(&driver, VIRTIO_MMIO_INTERRUPT_STATUS), 1);
	/* No more work until a reset. */
	driver_notify(&driver, 0);
	driver_notify(&driver, 0);
	usleep(1000);
	cr_expect_eq(passes, 1);
	memset(side->avail, 0, 4);
	memset(side->used, 0, 4);
	driver_bring_up(&driver);
	cr_expect_eq(driver_get(&driver, VIRTIO_MMIO_STATUS), 15);
	offer_one();
	driver_notify(&driver, 0);
	driver_await_used(side, 1);
}

Test(virtio_transport, needs_a_reset_after_a_bad_chain)
{
	driver_offer(side, 999);
	expect_broken();
}

Test(virtio_transport, needs_a_reset_after_a_bad_index)
{
	side->avail->idx = DRIVER_QUEUE + 1;
	expect_broken();
}

/* A driver gone wild: no crash, no hang, and a reset puts all right. */
Test(virtio_transport, survives_random_accesses)
{
	unsigned int n = test_scale(30000, 1000000);
	struct rng rng;

	rng_init(&rng);
	while (n--) {
		uint64_t offset = rng_below(&rng, 0x48) * 4;
		unsigned int size = 1u << rng_below(&rng, 16) % 4;
		uint64_t value = rng_any(&rng);

		if (!rng_below(&rng, 50))
			driver_bring_up(&driver);
		if (rng_bool(&rng))
			size = 4;
		if (rng_bool(&rng))
			value = rng_below(&rng, 16);
		rng_bytes(&rng,
			driver_at(&driver, RAM_BASE + rng_below(&rng, 0x3000)),
			4);
		if (rng_bool(&rng))
			virtio_write(&device, offset, size, value);
		else
			virtio_read(&device, offset, size);
	}
	memset(driver.ram.host, 0, 0x4000);
	driver_bring_up(&driver);
	offer_one();
	driver_notify(&driver, 0);
	driver_await_used(side, 1);
}

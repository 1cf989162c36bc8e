/* SPDX-License-Identifier: MIT */
/* The entropy device. */
#include <criterion/criterion.h>
#include <string.h>

#include "fake_driver.h"
#include "virtio/rng.h"

static struct driver driver;
static struct driver_queue *side = &driver.queues[0];

static void begin(bool seeded, uint64_t seed)
{
	driver_begin(&driver, rng_create(seeded, seed));
}

static void end(void)
{
	virtio_stop(driver.device);
	driver_fini(&driver);
}

TestSuite(rng, .fini = end, .timeout = 60);

/* Returns how many bytes came. */
static uint32_t ask(uint64_t addr, uint32_t size)
{
	const struct driver_buffer buffer = { addr, size, true };
	uint16_t before = side->used->idx;

	driver_offer(side, driver_chain(side, &buffer, 1));
	driver_notify(&driver, 0);
	driver_await_used(side, (uint16_t)(before + 1));
	return side->used->ring[before % DRIVER_QUEUE].len;
}

/* That no byte of a kilobyte is the same as before happens by chance never. */
Test(rng, fills_buffers_with_what_differs)
{
	uint8_t *bytes;

	begin(false, 0);
	bytes = driver_at(&driver, DRIVER_BUFFERS);
	cr_expect_eq(ask(DRIVER_BUFFERS, 1024), 1024);
	cr_expect_eq(ask(DRIVER_BUFFERS + 1024, 1024), 1024);
	cr_expect_arr_neq(bytes, bytes + 1024, 1024);
	cr_expect_arr_neq(bytes, bytes + 2048, 1024, "not left as it was");
	cr_expect_eq(driver_get(&driver, VIRTIO_MMIO_DEVICE_ID), 4);
}

Test(rng, fills_no_more_than_the_buffer)
{
	static const uint8_t zeros[64];

	begin(false, 0);
	cr_expect_eq(ask(DRIVER_BUFFERS, 37), 37);
	cr_expect_arr_eq(driver_at(&driver, DRIVER_BUFFERS + 37), zeros, 64);
}

Test(rng, gives_a_part_of_what_is_much)
{
	begin(false, 0);
	cr_expect_eq(ask(DRIVER_BUFFERS, 0x80000), 4096);
}

Test(rng, a_seed_gives_the_same_each_time)
{
	/* The first outputs of SplitMix64 for seed 0, as published with it. */
	static const uint64_t published[] = { 0xe220a8397b1dcdaf,
		0x6e789e6aa1b965f4 };
	uint8_t first[512];

	begin(true, 0);
	ask(DRIVER_BUFFERS, 512);
	memcpy(first, driver_at(&driver, DRIVER_BUFFERS), 512);
	cr_expect_arr_eq(first, published, sizeof(published));
	end();
	begin(true, 0);
	ask(DRIVER_BUFFERS, 512);
	cr_expect_arr_eq(driver_at(&driver, DRIVER_BUFFERS), first, 512);
	end();
	begin(true, 1);
	ask(DRIVER_BUFFERS, 512);
	cr_expect_arr_neq(driver_at(&driver, DRIVER_BUFFERS), first, 512);
}

Test(rng, buffers_to_be_read_get_nothing)
{
	const struct driver_buffer buffer = { DRIVER_BUFFERS, 16, false };

	begin(false, 0);
	driver_offer(side, driver_chain(side, &buffer, 1));
	driver_notify(&driver, 0);
	driver_await_used(side, 1);
	cr_expect_eq(side->used->ring[0].len, 0);
}

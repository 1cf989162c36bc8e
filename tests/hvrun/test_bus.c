/* SPDX-License-Identifier: MIT */
#include "bus.h"

#include <errno.h>

#include "test.h"

static uint64_t last_offset, last_value;
static unsigned int last_size;

static uint64_t read_fn(void *dev, uint64_t offset, unsigned int size)
{
	last_offset = offset;
	last_size = size;
	return *(uint64_t *)dev;
}

static void write_fn(
	void *dev, uint64_t offset, unsigned int size, uint64_t value)
{
	(void)dev;
	last_offset = offset;
	last_size = size;
	last_value = value;
}

static uint64_t content = 0x1122334455667788;

static struct bus_device device(uint64_t base)
{
	return (struct bus_device){ base, 0x1000, read_fn, write_fn, &content };
}

static void hands_offset_and_size_to_the_device(void)
{
	struct bus bus = { 0 };
	struct bus_device dev = device(0x9000000);

	CHECK_EQ(bus_add(&bus, &dev), 0);
	CHECK_EQ(bus_read(&bus, 0x9000018, 4), 0x55667788);
	CHECK_EQ(last_offset, 0x18);
	CHECK_EQ(last_size, 4);
	bus_write(&bus, 0x9000ffc, 2, 0xabcdef);
	CHECK_EQ(last_offset, 0xffc);
	CHECK_EQ(last_value, 0xcdef);
}

static void refuses_devices_that_overlap(void)
{
	struct bus bus = { 0 };
	struct bus_device a = device(0x9000000), b = device(0x9000800);

	CHECK_EQ(bus_add(&bus, &a), 0);
	CHECK_EQ(bus_add(&bus, &b), -EEXIST);
	b.base = 0x9001000;
	CHECK_EQ(bus_add(&bus, &b), 0);
}

static void refuses_more_devices_than_fit(void)
{
	struct bus bus = { 0 };
	struct bus_device dev = device(0);
	unsigned int i;

	for (i = 0; i < BUS_MAX_DEVICES; i++, dev.base += 0x1000)
		CHECK_EQ(bus_add(&bus, &dev), 0);
	CHECK_EQ(bus_add(&bus, &dev), -ENOSPC);
}

static void reads_zero_where_nothing_is_and_notes_it_once(void)
{
	struct bus bus = { 0 };
	struct bus_device dev = device(0x9000000);

	bus_add(&bus, &dev);
	CHECK_EQ(bus_read(&bus, 0x8fffff8, 8), 0);
	CHECK_EQ(bus_read(&bus, 0x8fffff8, 8), 0);
	CHECK_EQ(bus.reported_count, 1);
	bus_write(&bus, 0x9001000, 4, 1);
	CHECK_EQ(bus.reported_count, 2);
	/* An access that sticks out of the device is nobody's either. */
	CHECK_EQ(bus_read(&bus, 0x9000ffc, 8), 0);
	CHECK_EQ(bus.reported_count, 3);
}

static uint32_t read32(void *dev, uint64_t offset)
{
	(void)dev;
	return (uint32_t)(0x80000000u | offset);
}

static void picks_bytes_out_of_32_bit_registers(void)
{
	CHECK_EQ(bus_pick(read32, NULL, 0x18, 4), 0x80000018);
	CHECK_EQ(bus_pick(read32, NULL, 0x18, 1), 0x18);
	CHECK_EQ(bus_pick(read32, NULL, 0x1b, 1), 0x80);
	CHECK_EQ(bus_pick(read32, NULL, 0x1a, 2), 0x8000);
	CHECK_EQ(bus_pick(read32, NULL, 0x18, 8), 0x8000001c80000018);
}

int main(void)
{
	RUN(hands_offset_and_size_to_the_device);
	RUN(refuses_devices_that_overlap);
	RUN(refuses_more_devices_than_fit);
	RUN(reads_zero_where_nothing_is_and_notes_it_once);
	RUN(picks_bytes_out_of_32_bit_registers);
	return test_result();
}

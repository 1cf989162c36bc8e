/* SPDX-License-Identifier: MIT */
/*
 * The memory-mapped bus: finds the device for a guest address. Pure; the
 * caller serialises accesses.
 */
#ifndef HVRUN_BUS_H
#define HVRUN_BUS_H

#include <stddef.h>
#include <stdint.h>

/*
 * `offset` counts from the device's base, `size` is 1, 2, 4 or 8 bytes. Values
 * are right-aligned; the bus clears whatever lies above `size`.
 */
typedef uint64_t bus_read_fn(void *dev, uint64_t offset, unsigned int size);
typedef void bus_write_fn(
	void *dev, uint64_t offset, unsigned int size, uint64_t value);

struct bus_device {
	uint64_t base;
	uint64_t size;
	bus_read_fn *read;
	bus_write_fn *write;
	void *dev;
};

#define BUS_MAX_DEVICES 16
#define BUS_MAX_REPORTS 64

struct bus {
	struct bus_device devices[BUS_MAX_DEVICES];
	unsigned int count;

	/* Addresses where nothing answered, each reported once. */
	uint64_t reported[BUS_MAX_REPORTS];
	unsigned int reported_count;
};

/* Low `size` bytes set; size 1 to 8. */
uint64_t bus_mask(unsigned int size);

/* -ENOSPC when the table is full, -EEXIST when the ranges overlap. */
int bus_add(struct bus *bus, const struct bus_device *device);

/*
 * Where no device answers, reads give 0 and writes are dropped; the first
 * access to each such address is reported on stderr.
 */
uint64_t bus_read(struct bus *bus, uint64_t addr, unsigned int size);
void bus_write(
	struct bus *bus, uint64_t addr, unsigned int size, uint64_t value);

/*
 * For devices made of 32-bit registers: picks `size` bytes at `offset` out of
 * the registers that `read32` returns. Accesses do not straddle 8 bytes.
 */
uint64_t bus_pick(uint32_t (*read32)(void *dev, uint64_t offset), void *dev,
	uint64_t offset, unsigned int size);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Address decoding for trapped accesses. An access to an address nobody owns is
 * the guest's business, not a reason to stop: it is reported and carries on,
 * as it would on a real bus that answers with zeros.
 */
#include "bus.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>

uint64_t bus_mask(unsigned int size)
{
	return size >= 8 ? UINT64_MAX : (1ull << (8 * size)) - 1;
}

int bus_add(struct bus *bus, const struct bus_device *device)
{
	unsigned int i;

	if (bus->count == BUS_MAX_DEVICES)
		return -ENOSPC;
	for (i = 0; i < bus->count; i++) {
		const struct bus_device *other = &bus->devices[i];

		if (device->base < other->base + other->size &&
			other->base < device->base + device->size)
			return -EEXIST;
	}
	bus->devices[bus->count++] = *device;
	return 0;
}

static struct bus_device *find(
	struct bus *bus, uint64_t addr, unsigned int size)
{
	unsigned int i;

	for (i = 0; i < bus->count; i++) {
		struct bus_device *device = &bus->devices[i];
		uint64_t offset = addr - device->base;

		if (addr >= device->base && offset < device->size &&
			size <= device->size - offset)
			return device;
	}
	return NULL;
}

static void report(
	struct bus *bus, const char *what, uint64_t addr, unsigned int size)
{
	unsigned int i;

	for (i = 0; i < bus->reported_count; i++) {
		if (bus->reported[i] == addr)
			return;
	}
	if (bus->reported_count == BUS_MAX_REPORTS)
		return;
	bus->reported[bus->reported_count++] = addr;
	fprintf(stderr,
		"hvrun: no device at 0x%" PRIx64
		": %u-byte %s (reported once for "
		"this address)\n",
		addr, size, what);
	if (bus->reported_count == BUS_MAX_REPORTS)
		fprintf(stderr,
			"hvrun: no further such addresses are reported\n");
}

uint64_t bus_read(struct bus *bus, uint64_t addr, unsigned int size)
{
	struct bus_device *device = find(bus, addr, size);

	if (!device) {
		report(bus, "read gives 0", addr, size);
		return 0;
	}
	return device->read(device->dev, addr - device->base, size) &
		bus_mask(size);
}

void bus_write(
	struct bus *bus, uint64_t addr, unsigned int size, uint64_t value)
{
	struct bus_device *device = find(bus, addr, size);

	if (!device) {
		report(bus, "write is dropped", addr, size);
		return;
	}
	device->write(
		device->dev, addr - device->base, size, value & bus_mask(size));
}

uint64_t bus_pick(uint32_t (*read32)(void *dev, uint64_t offset), void *dev,
	uint64_t offset, unsigned int size)
{
	uint64_t first = offset & ~3ull;
	uint64_t value = read32(dev, first);

	if ((offset & 3) + size > 4)
		value |= (uint64_t)read32(dev, first + 4) << 32;
	return (value >> (8 * (offset & 3))) & bus_mask(size);
}

/* SPDX-License-Identifier: MIT */
/*
 * Which device an address belongs to. Devices come from a file, from what is
 * known of the VMM that was recorded, and from what it told the GIC.
 */
#ifndef HVTRACE_DEVICES_H
#define HVTRACE_DEVICES_H

#include <hvtrace/hvtrace.h>

#include "known.h"

enum device_kind {
	DEVICE_PLAIN, /* no names of registers are known */
	DEVICE_PL011,
	DEVICE_PL031,
	DEVICE_VIRTIO,
	DEVICE_GICD,
	DEVICE_GICR,
	DEVICE_GICM,
	DEVICE_KINDS
};

struct device {
	char name[32];
	uint64_t base, size;
	enum device_kind kind;
};

#define DEVICES_MAX 256u

struct device_map {
	struct device list[DEVICES_MAX];
	unsigned count;
};

/* Of the machine that the trace's command line is known to build, or none. */
void device_map_guess(struct device_map *map, const struct hvt_trace *trace);

/*
 * Adds those of a text of lines "NAME BASE SIZE [KIND]", numbers as C has them,
 * KIND one of pl011, pl031, virtio-mmio, gicd, gicr and gicm; # begins a
 * comment. What is added first wins where devices overlap. Returns the number
 * of the first line that is none, or 0.
 */
unsigned device_map_parse(struct device_map *map, const char *text);

/* False: there are too many. */
bool device_map_add(struct device_map *map, const char *name, uint64_t base,
		uint64_t size, enum device_kind kind);

/* Takes the GIC's addresses from the calls that set them: is it one? */
void device_map_learn(struct device_map *map, const struct hvt_event *event);
static inline bool device_map_is_lesson(const struct hvt_event *e)
{
	const struct known_calls *known = known_calls();

	return e->call == known->set_distributor_base ||
			e->call == known->set_redistributor_base ||
			e->call == known->set_msi_base;
}

/* Or NULL. */
const struct device *device_map_find(
		const struct device_map *map, uint64_t address);

/* "uart", or its page, "0x9000000": always fits 40 bytes. */
void device_label(const struct device_map *map, uint64_t address, char *text,
		size_t size);

/* The register at address, "UARTFR", or an empty text. */
void device_register_name(const struct device *device, uint64_t address,
		char *text, size_t size);

#endif

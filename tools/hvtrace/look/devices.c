/* SPDX-License-Identifier: MIT */
#include "devices.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "known.h"
#include "register_names.h"

#define PAGE 4096u

static const char *const kind_names[DEVICE_KINDS] = {
	"plain", "pl011", "pl031", "virtio-mmio", "gicd", "gicr", "gicm",
};

bool device_map_add(struct device_map *map, const char *name, uint64_t base,
		uint64_t size, enum device_kind kind)
{
	struct device *d = &map->list[map->count];

	if (map->count == DEVICES_MAX || !size)
		return false;
	snprintf(d->name, sizeof(d->name), "%s", name);
	d->base = base;
	d->size = size;
	d->kind = kind;
	map->count++;
	return true;
}

/* Devices from "a" to "b" of one kind, one behind the other. */
static void add_row(struct device_map *map, const char *name, uint64_t base,
		uint64_t size, unsigned count, enum device_kind kind)
{
	for (unsigned i = 0; i < count; i++) {
		char text[32];

		snprintf(text, sizeof(text), "%s%u", name, i);
		device_map_add(map, text, base + i * size, size, kind);
	}
}

static const char *base_name(const char *path, size_t size)
{
	const char *p = path + size;

	while (p > path && p[-1] != '/')
		p--;
	return p;
}

/*
 * hvrun has the layout of QEMU's "virt" machine, but for where its virtio
 * devices are: tools/hvrun/machine_map.h.
 */
void device_map_guess(struct device_map *map, const struct hvt_trace *trace)
{
	const char *command = hvt_trace_info(trace, "command");
	size_t size = command ? strcspn(command, " ") : 0;
	const char *name = command ? base_name(command, size) : "";
	bool hvrun = !strncmp(name, "hvrun", 5);
	bool qemu = !strncmp(name, "qemu-system-aarch64", 19);

	if (!hvrun && !qemu)
		return;
	device_map_add(map, "uart", 0x9000000, 0x1000, DEVICE_PL011);
	device_map_add(map, "rtc", 0x9010000, 0x1000, DEVICE_PL031);
	if (hvrun) {
		add_row(map, "virtio", 0xa000000, 0x1000, 32, DEVICE_VIRTIO);
		return;
	}
	add_row(map, "virtio", 0xa000000, 0x200, 32, DEVICE_VIRTIO);
	device_map_add(map, "flash", 0, 0x8000000, DEVICE_PLAIN);
	device_map_add(map, "fw_cfg", 0x9020000, 0x1000, DEVICE_PLAIN);
	device_map_add(map, "gpio", 0x9030000, 0x1000, DEVICE_PLAIN);
	device_map_add(map, "secure-uart", 0x9040000, 0x1000, DEVICE_PL011);
	device_map_add(map, "platform-bus", 0xc000000, 0x2000000,
			DEVICE_PLAIN);
	device_map_add(map, "pcie-mmio", 0x10000000, 0x2eff0000,
			DEVICE_PLAIN);
	device_map_add(map, "pcie-pio", 0x3eff0000, 0x10000, DEVICE_PLAIN);
	device_map_add(map, "pcie-ecam", 0x3f000000, 0x1000000,
			DEVICE_PLAIN);
	device_map_add(map, "pcie-ecam", 0x4010000000, 0x10000000,
			DEVICE_PLAIN);
	device_map_add(map, "pcie-mmio", 0x8000000000, 0x8000000000,
			DEVICE_PLAIN);
}

static bool parse_number(const char *word, uint64_t *value)
{
	char *end;

	if (!word || *word < '0' || *word > '9')
		return false;
	*value = strtoull(word, &end, 0);
	return !*end;
}

static bool parse_kind(const char *word, enum device_kind *kind)
{
	*kind = DEVICE_PLAIN;
	if (!word)
		return true;
	for (unsigned i = 0; i < DEVICE_KINDS; i++) {
		*kind = (enum device_kind)i;
		if (!strcmp(word, kind_names[i]))
			return true;
	}
	return false;
}

static bool parse_line(struct device_map *map, char *line)
{
	static const char blanks[] = " \t\r";
	enum device_kind kind;
	uint64_t base, size;
	char *rest, *name;

	line[strcspn(line, "#")] = 0;
	name = strtok_r(line, blanks, &rest);
	if (!name)
		return true;
	return parse_number(strtok_r(NULL, blanks, &rest), &base) &&
			parse_number(strtok_r(NULL, blanks, &rest), &size) &&
			parse_kind(strtok_r(NULL, blanks, &rest), &kind) &&
			!strtok_r(NULL, blanks, &rest) &&
			device_map_add(map, name, base, size, kind);
}

unsigned device_map_parse(struct device_map *map, const char *text)
{
	unsigned number = 0;

	while (*text) {
		size_t size = strcspn(text, "\n");
		char line[256];

		number++;
		if (size >= sizeof(line))
			return number;
		memcpy(line, text, size);
		line[size] = 0;
		if (!parse_line(map, line))
			return number;
		text += size + (text[size] == '\n');
	}
	return 0;
}

/* The sizes are those of hv_gic_get_..._size(), for a vCPU one of each. */
void device_map_learn(struct device_map *map, const struct hvt_event *e)
{
	const struct known_calls *known = known_calls();
	uint64_t base = e->values[GIC_BASE];

	if (!device_map_is_lesson(e) || e->kind != HVT_EVENT_CALL || e->result)
		return;
	if (e->call == known->set_distributor_base)
		device_map_add(map, "gicd", base, 0x10000, DEVICE_GICD);
	else if (e->call == known->set_redistributor_base)
		device_map_add(map, "gicr", base, 0x2000000, DEVICE_GICR);
	else if (e->call == known->set_msi_base)
		device_map_add(map, "gicm", base, 0x10000, DEVICE_GICM);
}

const struct device *device_map_find(
		const struct device_map *map, uint64_t address)
{
	for (unsigned i = 0; i < map->count; i++)
		if (address - map->list[i].base < map->list[i].size)
			return &map->list[i];
	return NULL;
}

void device_label(const struct device_map *map, uint64_t address, char *text,
		size_t size)
{
	const struct device *d = device_map_find(map, address);

	if (d)
		snprintf(text, size, "%s", d->name);
	else
		snprintf(text, size, "0x%" PRIx64,
				address & ~(uint64_t)(PAGE - 1));
}

void device_register_name(const struct device *d, uint64_t address,
		char *text, size_t size)
{
	uint64_t offset = address - d->base;

	*text = 0;
	switch (d->kind) {
	case DEVICE_PL011:
		pl011_register_name(offset, text, size);
		break;
	case DEVICE_PL031:
		pl031_register_name(offset, text, size);
		break;
	case DEVICE_VIRTIO:
		virtio_register_name(offset, text, size);
		break;
	case DEVICE_GICD:
		gicd_register_name(offset, text, size);
		break;
	case DEVICE_GICR:
		gicr_register_name(offset % 0x20000, text, size);
		break;
	case DEVICE_GICM:
		gicm_register_name(offset, text, size);
		break;
	case DEVICE_PLAIN:
	case DEVICE_KINDS:
		break;
	}
}

/* SPDX-License-Identifier: MIT */
#include "stats_table.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "describe.h"
#include "register_names.h"
#include "syndrome.h"

#define INDEX_SIZE (STATS_ROWS_MAX * 2)

static const char *const by_names[BY_COUNT] = {
	"exit", "class", "device", "address", "function", "pc", "vcpu",
	"thread",
};

const char *stats_by_name(enum stats_by by)
{
	return by_names[by];
}

enum stats_by stats_by_parse(const char *word, size_t length)
{
	unsigned i;

	for (i = 0; i < BY_COUNT; i++)
		if (strlen(by_names[i]) == length &&
				!strncmp(by_names[i], word, length))
			break;
	return (enum stats_by)i;
}

int stats_table_init(struct stats_table *t, const enum stats_by *by,
		unsigned parts)
{
	*t = (struct stats_table){ .parts = parts };
	memcpy(t->by, by, parts * sizeof(*by));
	t->rows = calloc(STATS_ROWS_MAX, sizeof(struct stats_row *));
	t->index = calloc(INDEX_SIZE, sizeof(*t->index));
	return t->rows && t->index ? 0 : -ENOMEM;
}

void stats_table_fini(struct stats_table *t)
{
	for (uint32_t i = 0; i < t->count; i++)
		free(t->rows[i]);
	free(t->rows);
	free(t->index);
	*t = (struct stats_table){ 0 };
}

static bool has_address(const struct exit *x)
{
	return x->class <= EXIT_MMIO_WRITE || x->class == EXIT_ABORT;
}

static bool has_function(const struct exit *x)
{
	return (x->class == EXIT_HVC || x->class == EXIT_SMC) && x->has_x0;
}

/* A number for each device; else the page, which is told from those by bit 0. */
static uint64_t place_key(const struct stats_names *names, uint64_t ipa)
{
	const struct device *d = device_map_find(&names->devices, ipa);

	return d ? d->base << 1 | 1 : (ipa & ~(uint64_t)4095) << 1;
}

/* What tells two exits of a class apart. */
static uint64_t detail_key(const struct stats_names *names,
		const struct exit *x)
{
	if (has_address(x))
		return place_key(names, x->ipa);
	if (x->class == EXIT_HVC || x->class == EXIT_SMC)
		return has_function(x) ? (uint32_t)x->x0
				       : (x->syndrome & 0xffff) << 32 | 1;
	if (x->class == EXIT_SYSREG)
		return x->syndrome & 0x3ffc1f; /* but for Xt */
	if (x->class == EXIT_WFX)
		return x->syndrome & 3;
	if (syndrome_class(x->syndrome) == EC_BRK)
		return (x->syndrome & 0xffff) | (uint64_t)EC_BRK << 16;
	if (x->class == EXIT_OTHER || x->class == EXIT_DEBUG)
		return syndrome_class(x->syndrome) << 16;
	return x->class == EXIT_FAILED ? (uint64_t)x->result : 0;
}

static uint64_t key_of(enum stats_by by, const struct stats_names *names,
		const struct exit *x)
{
	switch (by) {
	case BY_EXIT:
		return detail_key(names, x) ^ (uint64_t)(x->class + 1) << 56;
	case BY_CLASS:
		return x->class;
	case BY_DEVICE:
		return has_address(x) ? place_key(names, x->ipa) : UINT64_MAX;
	case BY_ADDRESS:
		return has_address(x) ? x->ipa : UINT64_MAX;
	case BY_FUNCTION:
		return has_function(x) ? (uint32_t)x->x0 : UINT64_MAX;
	case BY_PC:
		return x->has_pc ? x->pc : UINT64_MAX;
	case BY_VCPU:
		return x->vcpu;
	case BY_THREAD:
		return x->thread;
	case BY_COUNT:
		break;
	}
	return 0;
}

static void label_failed(const struct exit *x, char *text, size_t size)
{
	const char *name = hvt_value_name(
			"hv_return_t", (uint64_t)x->result & UINT32_MAX);

	if (name)
		snprintf(text, size, "%s", name);
	else
		snprintf(text, size, "%" PRId64, x->result);
}

/* "mmio read uart", "hvc PSCI_CPU_ON", "sysreg write ICC_SGI1R_EL1". */
static void label_exit(const struct stats_names *names, const struct exit *x,
		char *text, size_t size)
{
	struct hvt_event e = { .kind = HVT_EVENT_LEAVE, .result = x->result,
		.values = { x->vcpu, x->reason, x->syndrome, x->va, x->ipa } };
	char detail[64] = "";
	size_t comma;

	if (has_address(x))
		device_label(&names->devices, x->ipa, detail, sizeof(detail));
	else if (has_function(x))
		smccc_function_name(x->x0, detail, sizeof(detail));
	else if (x->class == EXIT_FAILED)
		label_failed(x, detail, sizeof(detail));
	if (*detail) {
		snprintf(text, size, "%s %s", exit_class_name(x->class),
				detail);
		return;
	}
	describe_exit(&names->devices, &e, text, size);
	comma = strcspn(text, ",");
	text[comma] = 0;
}

static void label(enum stats_by by, const struct stats_names *names,
		const struct exit *x, uint64_t key, char *text, size_t size)
{
	switch (by) {
	case BY_EXIT:
		label_exit(names, x, text, size);
		return;
	case BY_CLASS:
		snprintf(text, size, "%s", exit_class_name(x->class));
		return;
	default:
		break;
	}
	if (key == UINT64_MAX)
		snprintf(text, size, "-");
	else if (by == BY_VCPU || by == BY_THREAD)
		snprintf(text, size, "%" PRIu64, key);
	else if (by == BY_DEVICE)
		device_label(&names->devices, x->ipa, text, size);
	else if (by == BY_FUNCTION)
		smccc_function_name(key, text, size);
	else if (by == BY_PC)
		symbols_format(&names->symbols, key, text, size);
	else
		snprintf(text, size, "0x%" PRIx64, key);
}

static bool has_key(const struct stats_row *row, const uint64_t *key,
		unsigned parts)
{
	while (parts && row->key[parts - 1] == key[parts - 1])
		parts--;
	return !parts;
}

static uint32_t *slot_of(struct stats_table *t, const uint64_t *key)
{
	uint64_t hash = 0;
	uint32_t i;

	for (unsigned p = 0; p < t->parts; p++)
		hash = (hash ^ key[p]) * 0x9e3779b97f4a7c15u;
	i = (uint32_t)(hash >> 32) % INDEX_SIZE;
	while (t->index[i] && !has_key(t->rows[t->index[i] - 1], key, t->parts))
		i = (i + 1) % INDEX_SIZE;
	return &t->index[i];
}

static struct stats_row *new_row(struct stats_table *t, const uint64_t *key,
		uint32_t *slot)
{
	struct stats_row *row = calloc(1, sizeof(*row));

	if (!row)
		return NULL;
	memcpy(row->key, key, sizeof(row->key));
	t->rows[t->count++] = row;
	if (slot)
		*slot = t->count;
	return row;
}

struct stats_row *stats_table_row(struct stats_table *t,
		const struct stats_names *names, const struct exit *x)
{
	uint64_t key[STATS_PARTS_MAX] = { 0 };
	struct stats_row *row;
	uint32_t *slot;

	for (unsigned p = 0; p < t->parts; p++)
		key[p] = key_of(t->by[p], names, x);
	slot = slot_of(t, key);
	if (*slot)
		return t->rows[*slot - 1];
	/* The last row takes what there is no row for. */
	if (t->count == STATS_ROWS_MAX)
		return t->rows[STATS_ROWS_MAX - 1];
	if (t->count == STATS_ROWS_MAX - 1) {
		row = new_row(t, key, NULL);
		for (unsigned p = 0; row && p < t->parts; p++)
			snprintf(row->label[p], STATS_LABEL_MAX, "(other)");
		return row;
	}
	row = new_row(t, key, slot);
	for (unsigned p = 0; row && p < t->parts; p++)
		label(t->by[p], names, x, key[p], row->label[p],
				STATS_LABEL_MAX);
	return row;
}

static int by_count(const void *a, const void *b)
{
	const struct stats_row *x = *(struct stats_row *const *)a;
	const struct stats_row *y = *(struct stats_row *const *)b;

	if (x->guest.count != y->guest.count)
		return x->guest.count > y->guest.count ? -1 : 1;
	return memcmp(x->label, y->label, sizeof(x->label));
}

void stats_table_sort(struct stats_table *t)
{
	qsort(t->rows, t->count, sizeof(struct stats_row *), by_count);
}

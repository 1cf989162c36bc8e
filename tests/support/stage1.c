/* SPDX-License-Identifier: MIT */
#include "stage1.h"

#include <string.h>

/* Levels -1 to 3. */
static const uint8_t shifts[3][5] = {
	[STAGE1_4K] = { 48, 39, 30, 21, 12 },
	[STAGE1_16K] = { 0, 47, 36, 25, 14 },
	[STAGE1_64K] = { 0, 0, 42, 29, 16 },
};

unsigned stage1_shift(enum stage1_granule granule, int level)
{
	return shifts[granule][level + 1];
}

bool stage1_has_leaf(const struct stage1 *s, int level)
{
	if (level >= 2)
		return level <= 3;
	if (s->granule == STAGE1_4K)
		return level == 1 || (level == 0 && s->wide);
	return level == 1 && s->wide;
}

int stage1_first_level(const struct stage1 *s)
{
	int level = 3;

	while (level > -1 && stage1_shift(s->granule, level - 1) &&
		stage1_shift(s->granule, level - 1) < s->va_bits)
		level--;
	return level;
}

size_t stage1_first_size(const struct stage1 *s)
{
	unsigned low = stage1_shift(s->granule, stage1_first_level(s));
	size_t size = (size_t)8 << (s->va_bits - low);

	return s->wide && size < 64 ? 64 : size;
}

static uint64_t address_bits(const struct stage1 *s, uint64_t ipa)
{
	uint64_t low = ipa & 0xffffffffffffull, top = ipa >> 48;

	if (!s->wide)
		return ipa;
	if (s->granule == STAGE1_64K)
		return low | top << 12;
	return low | (top & 3) << 48 | (top >> 2) << 8;
}

static uint64_t get(const struct stage1 *s, size_t at)
{
	uint64_t entry;

	memcpy(&entry, s->memory + at, 8);
	return s->big_endian ? __builtin_bswap64(entry) : entry;
}

static void set(struct stage1 *s, size_t at, uint64_t entry)
{
	if (s->big_endian)
		entry = __builtin_bswap64(entry);
	memcpy(s->memory + at, &entry, 8);
}

/* A table below the entry at, which is made if there is none yet. */
static bool descend(struct stage1 *s, size_t at, size_t *table)
{
	size_t size = (size_t)1 << stage1_shift(s->granule, 3);
	uint64_t entry = get(s, at);

	if (!s->used)
		s->used = size;
	if (!entry) {
		if (s->used + size > s->size)
			return false;
		entry = address_bits(s, s->ipa + s->used) |
			s->table_attributes | 3;
		set(s, at, entry);
		s->used += size;
		*table = s->used - size;
		return true;
	}
	if ((entry & 3) != 3)
		return false;
	/* All tables are in one memory: the low bits tell them apart. */
	*table = ((entry & 0xffffffffffffull) - s->ipa) & ~(size - 1) &
		0xffffffffull;
	return true;
}

bool stage1_map(struct stage1 *s, uint64_t va, uint64_t ipa, int level,
	uint64_t attributes)
{
	uint64_t offset = va & ((1ull << s->va_bits) - 1);
	size_t table = s->first;

	for (int at = stage1_first_level(s);; at++) {
		unsigned low = stage1_shift(s->granule, at);
		unsigned high = at > -1 ? stage1_shift(s->granule, at - 1) : 0;
		uint64_t index = offset >> low;

		if (high && high < s->va_bits)
			index &= (1ull << (high - low)) - 1;
		if (at == level) {
			set(s, table + 8 * index,
				address_bits(s, ipa >> low << low) |
					attributes | (level == 3 ? 3 : 1));
			return true;
		}
		if (!descend(s, table + 8 * index, &table))
			return false;
	}
}

uint64_t stage1_ttbr(const struct stage1 *s)
{
	uint64_t table = s->ipa + s->first;

	return (table & 0xffffffffffffull) | (table >> 48) << 2;
}

uint64_t stage1_tcr(const struct stage1 *s, bool high)
{
	static const uint8_t tg0[3] = { 0, 2, 1 }, tg1[3] = { 2, 1, 3 };
	uint64_t half = 64 - s->va_bits, ips = s->wide ? 6ull << 32 : 5ull << 32;

	half |= high ? (uint64_t)tg1[s->granule] << 14
		     : (uint64_t)tg0[s->granule] << 14;
	if (high)
		half <<= 16;
	return half | ips |
		(s->wide && s->granule != STAGE1_64K ? 1ull << 59 : 0);
}

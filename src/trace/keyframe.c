/* SPDX-License-Identifier: MIT */
/* Keyframes in memory, and as payloads. */
#include "keyframe.h"

#include <errno.h>
#include <stdlib.h>

#include "grow.h"

int hvt_keyframe_add_reg(struct hvt_keyframe *k,
		const struct hvt_keyframe_reg *reg)
{
	struct hvt_keyframe_reg *regs = hvt_grow(k->regs, &k->reg_capacity,
			k->reg_count + 1, 256, sizeof(*regs));

	if (!regs)
		return -ENOMEM;
	k->regs = regs;
	k->regs[k->reg_count++] = *reg;
	return 0;
}

static int add_extent(struct hvt_keyframe *k,
		const struct hvt_keyframe_extent *extent)
{
	struct hvt_keyframe_extent *extents = hvt_grow(k->extents,
			&k->extent_capacity, k->extent_count + 1, 256,
			sizeof(*extents));

	if (!extents)
		return -ENOMEM;
	k->extents = extents;
	k->extents[k->extent_count++] = *extent;
	return 0;
}

int hvt_keyframe_add_page(struct hvt_keyframe *k, uint64_t addr,
		uint64_t page, size_t page_size)
{
	const struct hvt_keyframe_extent one = { addr, page, 1 };
	struct hvt_keyframe_extent *last = k->extent_count
			? &k->extents[k->extent_count - 1] : NULL;

	if (!last || last->addr + last->count * page_size != addr ||
			last->page + last->count != page)
		return add_extent(k, &one);
	last->count++;
	return 0;
}

void hvt_keyframe_fini(struct hvt_keyframe *k)
{
	free(k->regs);
	free(k->extents);
	free(k->gic);
	*k = (struct hvt_keyframe){ 0 };
}

static uint8_t *put_reg(uint8_t *p, const struct hvt_keyframe_reg *reg)
{
	hvt_put32(p, reg->vcpu | (uint32_t)reg->kind << 16);
	hvt_put32(p + 4, reg->number);
	hvt_put64(p + 8, reg->low);
	hvt_put64(p + 16, reg->high);
	return p + HVT_KEYFRAME_REG;
}

static uint8_t *put_extent(uint8_t *p, const struct hvt_keyframe_extent *e)
{
	hvt_put64(p, e->addr);
	hvt_put64(p + 8, e->page);
	hvt_put64(p + 16, e->count);
	return p + HVT_KEYFRAME_EXTENT;
}

uint8_t *hvt_keyframe_encode(const struct hvt_keyframe *k, size_t *size)
{
	uint8_t *payload, *p;

	*size = HVT_KEYFRAME_HEAD + k->reg_count * HVT_KEYFRAME_REG +
			k->extent_count * HVT_KEYFRAME_EXTENT + k->gic_size;
	payload = p = malloc(*size);
	if (!payload)
		return NULL;
	hvt_put64(p, k->event);
	hvt_put32(p + 8, (uint32_t)k->reg_count);
	hvt_put32(p + 12, (uint32_t)k->extent_count);
	hvt_put32(p + 16, (uint32_t)k->gic_size);
	hvt_put32(p + 20, 0);
	p += HVT_KEYFRAME_HEAD;
	for (size_t i = 0; i < k->reg_count; i++)
		p = put_reg(p, &k->regs[i]);
	for (size_t i = 0; i < k->extent_count; i++)
		p = put_extent(p, &k->extents[i]);
	if (k->gic_size)
		memcpy(p, k->gic, k->gic_size);
	return payload;
}

static int get_regs(struct hvt_keyframe *k, const uint8_t *p, size_t count)
{
	for (size_t i = 0; i < count; i++, p += HVT_KEYFRAME_REG) {
		struct hvt_keyframe_reg reg = {
			.vcpu = (uint16_t)hvt_get32(p),
			.kind = (uint16_t)(hvt_get32(p) >> 16),
			.number = hvt_get32(p + 4),
			.low = hvt_get64(p + 8),
			.high = hvt_get64(p + 16),
		};
		int err = hvt_keyframe_add_reg(k, &reg);

		if (err)
			return err;
	}
	return 0;
}

/* No two of them have anything in common, but for contents. */
static int get_extents(struct hvt_keyframe *k, const uint8_t *p, size_t count)
{
	uint64_t end = 0;

	for (size_t i = 0; i < count; i++, p += HVT_KEYFRAME_EXTENT) {
		struct hvt_keyframe_extent e = { hvt_get64(p),
			hvt_get64(p + 8), hvt_get64(p + 16) };
		int err;

		/* Bytes are more than pages; of which size, others know. */
		if (e.addr < end || !e.count || !(e.page & ~HVT_KEYFRAME_PAGE) ||
				e.addr + e.count < e.addr ||
				(e.page & ~HVT_KEYFRAME_PAGE) + e.count >
						HVT_KEYFRAME_PAGE)
			return -EBADMSG;
		end = e.addr + e.count;
		err = add_extent(k, &e);
		if (err)
			return err;
	}
	return 0;
}

static int get_gic(struct hvt_keyframe *k, const uint8_t *p, size_t size)
{
	if (!size)
		return 0;
	k->gic = malloc(size);
	if (!k->gic)
		return -ENOMEM;
	memcpy(k->gic, p, size);
	k->gic_size = size;
	return 0;
}

int hvt_keyframe_decode(struct hvt_keyframe *k, const uint8_t *payload,
		size_t size)
{
	uint64_t regs, extents, gic;
	int err;

	if (size < HVT_KEYFRAME_HEAD)
		return -EBADMSG;
	k->event = hvt_get64(payload);
	regs = hvt_get32(payload + 8);
	extents = hvt_get32(payload + 12);
	gic = hvt_get32(payload + 16);
	if (HVT_KEYFRAME_HEAD + regs * HVT_KEYFRAME_REG +
			extents * HVT_KEYFRAME_EXTENT + gic != size)
		return -EBADMSG;
	payload += HVT_KEYFRAME_HEAD;
	err = get_regs(k, payload, regs);
	payload += regs * HVT_KEYFRAME_REG;
	if (!err)
		err = get_extents(k, payload, extents);
	payload += extents * HVT_KEYFRAME_EXTENT;
	return err ? err : get_gic(k, payload, gic);
}

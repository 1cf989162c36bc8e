/* SPDX-License-Identifier: MIT */
/*
 * The form of a GIC's state on disk, version 1. All numbers are little-endian
 * and 32 bits wide, unless said otherwise:
 *
 *	offset  what
 *	0       "HVGICv3\0", 8 bytes
 *	8       version, 1
 *	12      size of the whole in bytes
 *	16      number of SPIs, 960
 *	20      number of redistributors that follow, 64 at most
 *	24      GICD_CTLR
 *	28      SPIs: 30 groups of 32 interrupts, 60 bytes each
 *	1828    routes: Aff2 to Aff0 of each SPI
 *	5668    redistributors: the number of the vCPU, and a group; ascending
 *
 * A group: group 1, enabled, latched, active, lines up: a bit for each
 * interrupt; ICFGR of the first 16, of the others; 32 priorities of a byte.
 *
 * A reader takes what a writer can write, and nothing else: bits that no GIC
 * of ours has are zero.
 */
#include <errno.h>
#include <string.h>

#include "gic_image.h"

#define VERSION          1u
#define HEADER_SIZE      28u
#define GROUP_SIZE       60u
#define SHARED_SIZE      (HVT_SPI_GROUPS * GROUP_SIZE + HVT_SPI_COUNT * 4u)
#define REDISTRIBUTOR    (4u + GROUP_SIZE)

#define CTLR_SETTABLE    2u
#define CONFIG_BITS      0xaaaaaaaau /* edge or level; the other is RES0 */
#define PRIORITY_BITS    0xf8u       /* KVM has 32 priorities */
#define ROUTE_BITS       0xffffffu
#define SGIS             0xffffu

static const uint8_t magic[8] = "HVGICv3";

static uint8_t *put(uint8_t *p, uint32_t value)
{
	memcpy(p, &value, sizeof(value)); /* little-endian hosts only */
	return p + sizeof(value);
}

static uint32_t take(const uint8_t **p)
{
	uint32_t value;

	memcpy(&value, *p, sizeof(value));
	*p += sizeof(value);
	return value;
}

size_t hvt_gic_blob_size(unsigned redistributors)
{
	return HEADER_SIZE + SHARED_SIZE +
			(size_t)redistributors * REDISTRIBUTOR;
}

static uint8_t *put_group(uint8_t *p, const struct hvt_gic_group *g)
{
	p = put(p, g->group1);
	p = put(p, g->enabled);
	p = put(p, g->latched);
	p = put(p, g->active);
	p = put(p, g->lines);
	p = put(p, g->config[0]);
	p = put(p, g->config[1]);
	memcpy(p, g->priority, sizeof(g->priority));
	return p + sizeof(g->priority);
}

static void take_group(const uint8_t **p, struct hvt_gic_group *g)
{
	g->group1 = take(p);
	g->enabled = take(p);
	g->latched = take(p);
	g->active = take(p);
	g->lines = take(p);
	g->config[0] = take(p);
	g->config[1] = take(p);
	memcpy(g->priority, *p, sizeof(g->priority));
	*p += sizeof(g->priority);
}

static bool is_sound(const struct hvt_gic_group *g)
{
	for (unsigned i = 0; i < 32; i++)
		if (g->priority[i] & ~PRIORITY_BITS)
			return false;
	return !((g->config[0] | g->config[1]) & ~CONFIG_BITS);
}

/* An SGI has no line, and is an edge; a PPI of ours a level. */
static bool is_sound_private(const struct hvt_gic_group *g)
{
	return is_sound(g) && !(g->lines & SGIS) &&
			g->config[0] == CONFIG_BITS && !g->config[1];
}

void hvt_gic_blob_write(const struct hvt_gic_image *image, uint8_t *p)
{
	unsigned count = (unsigned)__builtin_popcountll(image->present);

	memcpy(p, magic, sizeof(magic));
	p = put(p + sizeof(magic), VERSION);
	p = put(p, (uint32_t)hvt_gic_blob_size(count));
	p = put(p, HVT_SPI_COUNT);
	p = put(p, count);
	p = put(p, image->ctlr);
	for (unsigned i = 0; i < HVT_SPI_GROUPS; i++)
		p = put_group(p, &image->spis[i]);
	for (unsigned i = 0; i < HVT_SPI_COUNT; i++)
		p = put(p, image->routes[i]);
	for (unsigned i = 0; i < HVT_VCPU_MAX; i++)
		if (image->present >> i & 1)
			p = put_group(put(p, i), &image->private[i]);
}

static bool take_shared(const uint8_t **p, struct hvt_gic_image *image)
{
	for (unsigned i = 0; i < HVT_SPI_GROUPS; i++) {
		take_group(p, &image->spis[i]);
		if (!is_sound(&image->spis[i]))
			return false;
	}
	for (unsigned i = 0; i < HVT_SPI_COUNT; i++) {
		image->routes[i] = take(p);
		if (image->routes[i] & ~ROUTE_BITS)
			return false;
	}
	return true;
}

static bool take_redistributors(
		const uint8_t **p, struct hvt_gic_image *image, uint32_t count)
{
	for (uint32_t i = 0, next = 0; i < count; i++) {
		uint32_t vcpu = take(p);

		if (vcpu < next || vcpu >= HVT_VCPU_MAX)
			return false;
		next = vcpu + 1;
		image->present |= 1ull << vcpu;
		take_group(p, &image->private[vcpu]);
		if (!is_sound_private(&image->private[vcpu]))
			return false;
	}
	return true;
}

int hvt_gic_blob_read(struct hvt_gic_image *image, const void *blob, size_t size)
{
	const uint8_t *p = blob;
	uint32_t count;

	memset(image, 0, sizeof(*image));
	if (size < HEADER_SIZE || memcmp(p, magic, sizeof(magic)) != 0)
		return -EINVAL;
	p += sizeof(magic);
	if (take(&p) != VERSION || take(&p) != size || take(&p) != HVT_SPI_COUNT)
		return -EINVAL;
	count = take(&p);
	image->ctlr = take(&p);
	if (count > HVT_VCPU_MAX || size != hvt_gic_blob_size(count) ||
			image->ctlr & ~CTLR_SETTABLE ||
			!take_shared(&p, image) ||
			!take_redistributors(&p, image, count))
		return -EINVAL;
	return 0;
}

/* SPDX-License-Identifier: MIT */
/* The state of a GIC, register by register. */
#include "gic_image.h"

#include <string.h>

#include "vm.h"

/* GICD_CTLR.EnableGrp1, as it is with one security state. */
#define CTLR_SETTABLE 2u

/* SGIs are edges that are always there. */
#define SGIS      0xffffu
#define SGI_EDGES 0xaaaaaaaau

/* Where 32 interrupts have their registers. */
struct place {
	enum hvt_gic_file file;
	uint32_t vcpu;
	uint32_t base;  /* before what is at the offsets of a GICD */
	uint32_t intid; /* first of them */
};

static struct place spis_at(unsigned group)
{
	return (struct place){ HVT_GIC_DISTRIBUTOR, 0, 0,
		HVT_SPI_BASE + 32 * group };
}

static struct place private_of(uint32_t vcpu)
{
	return (struct place){ HVT_GIC_REDISTRIBUTOR, vcpu, HVT_GICR_SGI, 0 };
}

/* Of a register with bits bits for each interrupt: its n-th word here. */
static uint32_t reg_of(const struct place *at, uint32_t reg, unsigned bits,
		unsigned n)
{
	return at->base + reg + at->intid / 8 * bits + 4 * n;
}

static int get(const struct place *at, uint32_t reg, unsigned bits, unsigned n,
		uint32_t *value)
{
	uint64_t wide = 0;
	int err = hvt_engine->gic_get(
			at->file, at->vcpu, reg_of(at, reg, bits, n), &wide);

	*value = (uint32_t)wide;
	return err;
}

static int set(const struct place *at, uint32_t reg, unsigned bits, unsigned n,
		uint32_t value)
{
	return hvt_engine->gic_set(
			at->file, at->vcpu, reg_of(at, reg, bits, n), value);
}

void hvt_gic_image_reset(struct hvt_gic_image *image, uint64_t present)
{
	memset(image, 0, sizeof(*image));
	image->present = present;
	for (unsigned i = 0; i < HVT_SPI_GROUPS; i++)
		image->spis[i].group1 = UINT32_MAX;
	for (unsigned i = 0; i < HVT_VCPU_MAX; i++) {
		struct hvt_gic_group *g = &image->private[i];

		if (!(present >> i & 1))
			continue;
		g->group1 = UINT32_MAX;
		g->enabled = SGIS;
		g->config[0] = SGI_EDGES;
	}
}

static int capture_group(struct hvt_gic_group *g, const struct place *at)
{
	uint64_t lines = 0;
	uint32_t word;
	int err = get(at, HVT_GICD_IGROUPR, 1, 0, &g->group1);

	if (!err)
		err = get(at, HVT_GICD_ISENABLER, 1, 0, &g->enabled);
	if (!err)
		err = get(at, HVT_GICD_ISPENDR, 1, 0, &g->latched);
	if (!err)
		err = get(at, HVT_GICD_ISACTIVER, 1, 0, &g->active);
	if (!err)
		err = hvt_engine->gic_get(
				HVT_GIC_LINES, at->vcpu, at->intid, &lines);
	g->lines = (uint32_t)lines;
	for (unsigned n = 0; n < 2 && !err; n++)
		err = get(at, HVT_GICD_ICFGR, 2, n, &g->config[n]);
	for (unsigned n = 0; n < 8 && !err; n++) {
		err = get(at, HVT_GICD_IPRIORITYR, 8, n, &word);
		memcpy(&g->priority[4 * n], &word, sizeof(word));
	}
	return err;
}

/*
 * Disabled until all else is set. What is active is cleared first: writing
 * ones sets. Lines come before the latch, which a line that rises may set.
 */
static int apply_group(const struct hvt_gic_group *g, const struct place *at)
{
	uint32_t word;
	int err = set(at, HVT_GICD_ICENABLER, 1, 0, UINT32_MAX);

	if (!err)
		err = set(at, HVT_GICD_IGROUPR, 1, 0, g->group1);
	for (unsigned n = 0; n < 2 && !err; n++)
		err = set(at, HVT_GICD_ICFGR, 2, n, g->config[n]);
	for (unsigned n = 0; n < 8 && !err; n++) {
		memcpy(&word, &g->priority[4 * n], sizeof(word));
		err = set(at, HVT_GICD_IPRIORITYR, 8, n, word);
	}
	if (!err)
		err = set(at, HVT_GICD_ICACTIVER, 1, 0, UINT32_MAX);
	if (!err && g->active)
		err = set(at, HVT_GICD_ISACTIVER, 1, 0, g->active);
	if (!err)
		err = hvt_engine->gic_set(HVT_GIC_LINES, at->vcpu, at->intid,
				g->lines);
	if (!err)
		err = set(at, HVT_GICD_ISPENDR, 1, 0, g->latched);
	if (!err && g->enabled)
		err = set(at, HVT_GICD_ISENABLER, 1, 0, g->enabled);
	return err;
}

int hvt_gic_image_capture(struct hvt_gic_image *image, uint64_t present)
{
	uint64_t value = 0;
	int err;

	memset(image, 0, sizeof(*image));
	image->present = present;
	err = hvt_engine->gic_get(
			HVT_GIC_DISTRIBUTOR, 0, HVT_GICD_CTLR, &value);
	image->ctlr = (uint32_t)value & CTLR_SETTABLE;
	for (unsigned i = 0; i < HVT_SPI_GROUPS && !err; i++) {
		struct place at = spis_at(i);

		err = capture_group(&image->spis[i], &at);
	}
	for (unsigned i = 0; i < HVT_SPI_COUNT && !err; i++) {
		err = hvt_engine->gic_get(HVT_GIC_DISTRIBUTOR, 0,
				HVT_GICD_IROUTER + 8 * (HVT_SPI_BASE + i),
				&value);
		image->routes[i] = (uint32_t)value;
	}
	for (unsigned i = 0; i < HVT_VCPU_MAX && !err; i++) {
		struct place at = private_of(i);

		if (present >> i & 1)
			err = capture_group(&image->private[i], &at);
	}
	return err;
}

int hvt_gic_image_apply_private(const struct hvt_gic_image *image)
{
	int err = 0;

	for (unsigned i = 0; i < HVT_VCPU_MAX && !err; i++) {
		struct place at = private_of(i);

		if (image->present >> i & 1)
			err = apply_group(&image->private[i], &at);
	}
	return err;
}

int hvt_gic_image_apply(const struct hvt_gic_image *image)
{
	int err = hvt_engine->gic_set(HVT_GIC_DISTRIBUTOR, 0, HVT_GICD_CTLR, 0);

	for (unsigned i = 0; i < HVT_SPI_COUNT && !err; i++)
		err = hvt_engine->gic_set(HVT_GIC_DISTRIBUTOR, 0,
				HVT_GICD_IROUTER + 8 * (HVT_SPI_BASE + i),
				image->routes[i]);
	for (unsigned i = 0; i < HVT_SPI_GROUPS && !err; i++) {
		struct place at = spis_at(i);

		err = apply_group(&image->spis[i], &at);
	}
	if (!err)
		err = hvt_gic_image_apply_private(image);
	if (!err)
		err = hvt_engine->gic_set(HVT_GIC_DISTRIBUTOR, 0,
				HVT_GICD_CTLR, image->ctlr);
	return err;
}

/* SPDX-License-Identifier: MIT */
/*
 * The state of a GIC: what hv_gic_state_create keeps and hv_gic_set_state
 * brings back; and its form on disk, which is stable.
 */
#ifndef HVT_GIC_IMAGE_H
#define HVT_GIC_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "backend.h"
#include "gic.h"

/* Groups of 32 SPIs. */
#define HVT_SPI_GROUPS (HVT_SPI_COUNT / 32)

/* 32 interrupts: bit n, or priority n, of the n-th. */
struct hvt_gic_group {
	uint32_t group1, enabled;
	uint32_t latched; /* made pending by an edge or by software */
	uint32_t active;
	uint32_t lines; /* up */
	uint32_t config[2]; /* GICD_ICFGR: two bits each */
	uint8_t priority[32];
};

struct hvt_gic_image {
	uint32_t ctlr; /* GICD_CTLR: what of it can be set */
	struct hvt_gic_group spis[HVT_SPI_GROUPS];
	uint32_t routes[HVT_SPI_COUNT]; /* GICD_IROUTER */
	uint64_t present; /* bit n: vCPU n has a redistributor */
	struct hvt_gic_group private[HVT_VCPU_MAX];
};

/* As a GIC is after its creation, with the redistributors of present. */
void hvt_gic_image_reset(struct hvt_gic_image *image, uint64_t present);

/*
 * From and to the engine, which no guest may be running in: under
 * hvt_engine->pause().
 */
int hvt_gic_image_capture(struct hvt_gic_image *image, uint64_t present);
int hvt_gic_image_apply(const struct hvt_gic_image *image);
/* Only the redistributors. */
int hvt_gic_image_apply_private(const struct hvt_gic_image *image);

/* gic_blob.c */

/* Bytes of the form of an image with that many redistributors. */
size_t hvt_gic_blob_size(unsigned redistributors);

/* Writes hvt_gic_blob_size() bytes. */
void hvt_gic_blob_write(const struct hvt_gic_image *image, uint8_t *p);

/*
 * size bytes at p, which may be anything: 0, or -EINVAL for all that
 * hvt_gic_blob_write() does not write.
 */
int hvt_gic_blob_read(struct hvt_gic_image *image, const void *p, size_t size);

#endif

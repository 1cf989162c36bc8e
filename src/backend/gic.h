/* SPDX-License-Identifier: MIT */
/*
 * The API's GICv3 (Arm IHI 0069). Apple's has 988 SPIs, up to INTID 1019; KVM's
 * ends at a multiple of 32 below 1024.
 */
#ifndef HVT_GIC_H
#define HVT_GIC_H

#include <stdint.h>

#define HVT_GIC_ALIGNMENT    0x10000ull
#define HVT_GICD_SIZE        0x10000ull
#define HVT_GICR_SIZE        0x20000ull /* RD_base and SGI_base frames */
#define HVT_GICR_REGION_SIZE 0x2000000ull
#define HVT_GICM_SIZE        0x10000ull
#define HVT_SPI_BASE         32u
#define HVT_SPI_COUNT        960u

/* Offsets from the distributor's base, and from a redistributor's RD_base. */
#define HVT_GICD_CTLR        0x0000u
#define HVT_GICD_TYPER       0x0004u
#define HVT_GICD_IGROUPR     0x0080u
#define HVT_GICD_ISENABLER   0x0100u
#define HVT_GICD_ICENABLER   0x0180u
#define HVT_GICD_ISPENDR     0x0200u
#define HVT_GICD_ICPENDR     0x0280u
#define HVT_GICD_ISACTIVER   0x0300u
#define HVT_GICD_ICACTIVER   0x0380u
#define HVT_GICD_IPRIORITYR  0x0400u
#define HVT_GICD_ICFGR       0x0c00u
#define HVT_GICD_IROUTER     0x6000u
#define HVT_GIC_PIDR2        0xffe8u /* of both */
#define HVT_GICR_TYPER       0x0008u
/* An SGI_base frame has the registers of INTIDs 0 to 31, as a GICD has. */
#define HVT_GICR_SGI         0x10000u

/* GICM_TYPER of the MSI frame (GICv2m). */
static inline uint32_t hvt_gicm_typer(uint32_t first, uint32_t count)
{
	return first << 16 | count;
}

#endif

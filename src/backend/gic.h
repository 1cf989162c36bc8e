/* SPDX-License-Identifier: MIT */
/*
 * The fixed figures of the API's GICv3 (Arm IHI 0069). Apple's has 988 SPIs, up
 * to INTID 1019; KVM's ends at a multiple of 32 below 1024.
 */
#ifndef HVT_GIC_H
#define HVT_GIC_H

#define HVT_GIC_ALIGNMENT    0x10000ull
#define HVT_GICD_SIZE        0x10000ull
#define HVT_GICR_SIZE        0x20000ull /* RD_base and SGI_base frames */
#define HVT_GICR_REGION_SIZE 0x2000000ull
#define HVT_GICM_SIZE        0x10000ull
#define HVT_SPI_BASE         32u
#define HVT_SPI_COUNT        960u

#endif

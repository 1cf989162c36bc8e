/* SPDX-License-Identifier: MIT */
/*
 * The machine that hvrun builds: its addresses, interrupts and limits. Numbers
 * only, so that every other file and every test may include it.
 *
 *   0x08000000  GICv3 distributor
 *   0x080a0000  GICv3 redistributors, 128 KiB for each vCPU
 *   0x09000000  PL011 serial port         SPI 1, INTID 33
 *   0x09010000  PL031 real-time clock     SPI 2, INTID 34
 *   0x0a000000  virtio devices, a page each   SPI 16 and up, INTID 48 and up
 *   0x40000000  RAM; a flat image or an Image's load offset counts from here
 *
 * With --kernel the device tree lies in the last 2 MiB of RAM and the initrd
 * follows the kernel. The guest is little-endian.
 */
#ifndef HVRUN_MACHINE_MAP_H
#define HVRUN_MACHINE_MAP_H

#include <stdint.h>

#define KIB(n) ((uint64_t)(n) << 10)
#define MIB(n) ((uint64_t)(n) << 20)

#define GICD_BASE	  0x08000000ull
#define GICD_SIZE	  0x00010000ull
#define GICR_BASE	  0x080a0000ull
#define GICR_SIZE_PER_CPU 0x00020000ull

#define UART_BASE  0x09000000ull
#define UART_SIZE  0x00001000ull
#define UART_INTID 33u

#define RTC_BASE  0x09010000ull
#define RTC_SIZE  0x00001000ull
#define RTC_INTID 34u

#define VIRTIO_BASE  0x0a000000ull
#define VIRTIO_SIZE  0x00001000ull
#define VIRTIO_INTID 48u
#define MAX_DISKS    8u
#define MAX_VIRTIO   (MAX_DISKS + 3u)

#define RAM_BASE 0x40000000ull
#define FDT_ROOM MIB(2)

/* INTIDs of the architected timers, in the order the device tree wants. */
#define TIMER_SECURE_PPI 29u
#define TIMER_PHYS_PPI	 30u
#define TIMER_VIRT_PPI	 27u
#define TIMER_HYP_PPI	 26u

#define MIN_MEMORY_MB	  16u
#define MAX_MEMORY_MB	  32768u
#define DEFAULT_MEMORY_MB 512u
#define MAX_CPUS	  64u

/*
 * Where the clock stands when the guest starts: 2024-01-01 00:00:00 UTC. A
 * constant rather than the host's time, so that two runs see the same.
 */
#define DEFAULT_RTC_SECONDS 1704067200ull

/* EL1h with D, A, I and F masked: what the Linux boot protocol asks for. */
#define BOOT_CPSR 0x3c5ull

static inline uint64_t virtio_base(unsigned int index)
{
	return VIRTIO_BASE + index * VIRTIO_SIZE;
}

static inline uint32_t virtio_intid(unsigned int index)
{
	return VIRTIO_INTID + index;
}

/*
 * Sixteen vCPUs share each Aff1 value: a GICv3 SGI names its targets with a
 * 16-bit list of Aff0 values, so a larger Aff0 could not be reached.
 */
static inline uint64_t cpu_affinity(unsigned int index)
{
	return ((uint64_t)(index / 16) << 8) | (index % 16);
}

/* Bit 31 of MPIDR_EL1 is RES1. */
static inline uint64_t cpu_mpidr(unsigned int index)
{
	return 0x80000000ull | cpu_affinity(index);
}

#endif

/* SPDX-License-Identifier: MIT */
/*
 * PL011 serial port (Arm DDI 0183, revision r1p4: FIFOs of 16). Pure: output
 * and the interrupt line go through callbacks. The caller serialises accesses.
 *
 * Differences from the hardware, all towards the simple: characters leave at
 * once whatever the baud rate, output works before the port is enabled, and
 * the receive timeout (RTRIS) comes with the character, not 32 bit times later.
 */
#ifndef HVRUN_PL011_H
#define HVRUN_PL011_H

#include <stdbool.h>
#include <stdint.h>

#define PL011_FIFO_DEPTH 16

struct pl011_ops {
	/* One character leaves the port. */
	void (*output)(void *ctx, uint8_t byte);
	/* The interrupt line changed to `level`. */
	void (*set_irq)(void *ctx, bool level);
};

struct pl011 {
	const struct pl011_ops *ops;
	void *ctx;
	uint8_t fifo[PL011_FIFO_DEPTH];
	unsigned int head; /* next to be read */
	unsigned int count;
	uint32_t ilpr;
	uint32_t ibrd;
	uint32_t fbrd;
	uint32_t lcr;
	uint32_t cr;
	uint32_t ifls;
	uint32_t imsc;
	uint32_t ris;
	uint32_t dmacr;
	bool level;
};

void pl011_init(struct pl011 *uart, const struct pl011_ops *ops, void *ctx);

/* The guest has enabled reception and the FIFO has room for one more. */
bool pl011_rx_ready(const struct pl011 *uart);

/* A character arrives; lost unless pl011_rx_ready(). */
void pl011_receive(struct pl011 *uart, uint8_t byte);

/* These have the bus's types; `dev` is the struct pl011. */
uint64_t pl011_read(void *dev, uint64_t offset, unsigned int size);
void pl011_write(void *dev, uint64_t offset, unsigned int size, uint64_t value);

#endif

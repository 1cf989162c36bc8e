/* SPDX-License-Identifier: MIT */
/*
 * PL031 real-time clock (Arm DDI 0224). Pure: time comes through a callback, in
 * seconds of the guest's calendar. The caller serialises accesses.
 *
 * The match interrupt is evaluated when the guest touches the clock, never by
 * a host timer: an alarm by itself does not wake the guest.
 */
#ifndef HVRUN_PL031_H
#define HVRUN_PL031_H

#include <stdbool.h>
#include <stdint.h>

struct pl031_ops {
	/* Seconds since 1970 as the guest is to see them. */
	uint64_t (*seconds)(void *ctx);
	/* The interrupt line changed to `level`. */
	void (*set_irq)(void *ctx, bool level);
};

struct pl031 {
	const struct pl031_ops *ops;
	void *ctx;
	uint32_t offset; /* counter = seconds + offset, modulo 2^32 */
	uint32_t match;
	uint32_t load;
	bool armed;    /* RTCMR was written and has not matched yet */
	bool raw;      /* RTCRIS */
	bool unmasked; /* RTCIMSC */
	bool level;
};

void pl031_init(struct pl031 *rtc, const struct pl031_ops *ops, void *ctx);

/* These have the bus's types; `dev` is the struct pl031. */
uint64_t pl031_read(void *dev, uint64_t offset, unsigned int size);
void pl031_write(void *dev, uint64_t offset, unsigned int size, uint64_t value);

#endif

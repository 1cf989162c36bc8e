/* SPDX-License-Identifier: MIT */
/*
 * PL031 real-time clock. The counter is the time the callback gives plus an
 * offset that a write to RTCLR sets, so nothing has to tick.
 */
#include "pl031.h"

#include <string.h>

#include "bus.h"

/* Register offsets: DDI 0224, table 3-1. */
enum {
	RTCDR = 0x00,
	RTCMR = 0x04,
	RTCLR = 0x08,
	RTCCR = 0x0c,
	RTCIMSC = 0x10,
	RTCRIS = 0x14,
	RTCMIS = 0x18,
	RTCICR = 0x1c,
	PERIPH_ID = 0xfe0,
};

static const uint8_t id_bytes[8] = { 0x31, 0x10, 0x04, 0x00, 0x0d, 0xf0, 0x05,
	0xb1 };

void pl031_init(struct pl031 *rtc, const struct pl031_ops *ops, void *ctx)
{
	memset(rtc, 0, sizeof(*rtc));
	rtc->ops = ops;
	rtc->ctx = ctx;
}

static uint32_t counter(struct pl031 *rtc)
{
	return (uint32_t)rtc->ops->seconds(rtc->ctx) + rtc->offset;
}

static void update_line(struct pl031 *rtc)
{
	bool level = rtc->raw && rtc->unmasked;

	if (level == rtc->level)
		return;
	rtc->level = level;
	rtc->ops->set_irq(rtc->ctx, level);
}

/* Signed, because the counter wraps and may have run past the match. */
static void check_match(struct pl031 *rtc)
{
	if (!rtc->armed || (int32_t)(counter(rtc) - rtc->match) < 0)
		return;
	rtc->armed = false;
	rtc->raw = true;
}

static uint32_t read32(void *dev, uint64_t offset)
{
	struct pl031 *rtc = dev;

	if (offset >= PERIPH_ID)
		return id_bytes[(offset - PERIPH_ID) / 4 % 8];
	switch (offset) {
	case RTCDR:
		return counter(rtc);
	case RTCMR:
		return rtc->match;
	case RTCLR:
		return rtc->load;
	case RTCCR:
		return 1; /* always running */
	case RTCIMSC:
		return rtc->unmasked;
	case RTCRIS:
		return rtc->raw;
	case RTCMIS:
		return rtc->raw && rtc->unmasked;
	default:
		return 0;
	}
}

uint64_t pl031_read(void *dev, uint64_t offset, unsigned int size)
{
	struct pl031 *rtc = dev;

	check_match(rtc);
	update_line(rtc);
	return bus_pick(read32, rtc, offset, size);
}

static void write32(struct pl031 *rtc, uint64_t offset, uint32_t v)
{
	switch (offset) {
	case RTCMR:
		rtc->match = v;
		rtc->armed = true;
		break;
	case RTCLR:
		rtc->load = v;
		rtc->offset += v - counter(rtc);
		break;
	case RTCIMSC:
		rtc->unmasked = v & 1;
		break;
	case RTCICR:
		if (v & 1)
			rtc->raw = false;
		break;
	default:
		break;
	}
}

void pl031_write(void *dev, uint64_t offset, unsigned int size, uint64_t value)
{
	struct pl031 *rtc = dev;

	write32(rtc, offset, (uint32_t)value);
	if (size == 8)
		write32(rtc, offset + 4, (uint32_t)(value >> 32));
	check_match(rtc);
	update_line(rtc);
}

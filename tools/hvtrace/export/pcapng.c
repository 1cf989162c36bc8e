/* SPDX-License-Identifier: MIT */
/* Numbers go out in the order of the host, which the section's magic tells. */
#include "pcapng.h"

#include <string.h>

enum block {
	SECTION = 0x0a0d0d0a,
	INTERFACE = 1,
	ENHANCED_PACKET = 6,
};

enum option {
	END = 0,
	IF_NAME = 2,
	USER_APPLICATION = 4, /* of a section */
	IF_TSRESOL = 9,
	EPB_FLAGS = 2,
};

#define BYTE_ORDER_MAGIC 0x1a2b3c4du
#define LINK_ETHERNET	 1u
#define NANOSECONDS	 9u /* 10^-9 */
#define INBOUND		 1u
#define OUTBOUND	 2u

static void put_u16(struct out *o, uint16_t value)
{
	out_bytes(o, &value, sizeof(value));
}

static void put_u32(struct out *o, uint32_t value)
{
	out_bytes(o, &value, sizeof(value));
}

static uint32_t padded(size_t size)
{
	return ((uint32_t)size + 3) & ~3u;
}

static void put_padded(struct out *o, const void *bytes, size_t size)
{
	static const uint8_t zeros[3];

	out_bytes(o, bytes, size);
	out_bytes(o, zeros, padded(size) - size);
}

/* A block has its length at both ends. */
static void begin_block(struct out *o, enum block type, uint32_t length)
{
	put_u32(o, type);
	put_u32(o, length);
}

static uint32_t option_length(size_t size)
{
	return 4 + padded(size);
}

static void put_option(struct out *o, enum option code, const void *bytes,
		size_t size)
{
	put_u16(o, code);
	put_u16(o, (uint16_t)size);
	put_padded(o, bytes, size);
}

void pcapng_section(struct out *o, const char *program)
{
	static const uint64_t unknown_length = UINT64_MAX;
	uint32_t length = 28 + option_length(strlen(program)) + option_length(0);

	begin_block(o, SECTION, length);
	put_u32(o, BYTE_ORDER_MAGIC);
	put_u16(o, 1);
	put_u16(o, 0);
	out_bytes(o, &unknown_length, sizeof(unknown_length));
	put_option(o, USER_APPLICATION, program, strlen(program));
	put_option(o, END, NULL, 0);
	put_u32(o, length);
}

void pcapng_interface(struct out *o, const char *name)
{
	static const uint8_t resolution = NANOSECONDS;
	uint32_t length = 20 + option_length(strlen(name)) + option_length(1) +
			option_length(0);

	begin_block(o, INTERFACE, length);
	put_u16(o, LINK_ETHERNET);
	put_u16(o, 0);
	put_u32(o, PCAPNG_FRAME_MAX);
	put_option(o, IF_NAME, name, strlen(name));
	put_option(o, IF_TSRESOL, &resolution, sizeof(resolution));
	put_option(o, END, NULL, 0);
	put_u32(o, length);
}

void pcapng_frame(struct out *o, uint32_t interface, uint64_t ns, bool sent,
		const uint8_t *bytes, size_t size)
{
	uint32_t kept = size < PCAPNG_FRAME_MAX ? (uint32_t)size
						: PCAPNG_FRAME_MAX;
	uint32_t flags = sent ? OUTBOUND : INBOUND;
	uint32_t length = 32 + padded(kept) + option_length(sizeof(flags)) +
			option_length(0);

	begin_block(o, ENHANCED_PACKET, length);
	put_u32(o, interface);
	put_u32(o, (uint32_t)(ns >> 32));
	put_u32(o, (uint32_t)ns);
	put_u32(o, kept);
	put_u32(o, (uint32_t)size);
	put_padded(o, bytes, kept);
	put_option(o, EPB_FLAGS, &flags, sizeof(flags));
	put_option(o, END, NULL, 0);
	put_u32(o, length);
}

/* SPDX-License-Identifier: MIT */
/*
 * usage: fuzz_seeds FOLDER
 *
 * Writes the seeds of the corpora columns, guest, trace, virtio and wal: what is
 * right, for the fuzzer to bend.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "columns.h"
#include "events.h"
#include "files.h"
#include "format.h"
#include "ring.h"

#define EVENTS 40u

static const char *folder;
static struct test_event events[EVENTS];

static void save(const char *name, unsigned i, const void *p, size_t size)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/%s/seed_%u.bin", folder, name, i);
	file_write(path, p, size);
}

/* A recipe of fuzz_trace.c, and the payload. */
static uint8_t *put_segment(uint8_t *p, unsigned type, unsigned count,
	const void *payload, size_t size)
{
	memset(p, 0, 16);
	p[0] = 31;
	p[1] = (uint8_t)type;
	p[2] = (uint8_t)count;
	p[4] = (uint8_t)size;
	p[5] = (uint8_t)(size >> 8);
	memcpy(p + 16, payload, size);
	return p + 16 + size;
}

static void make_columns(unsigned i, unsigned count)
{
	static uint8_t out[65536];
	struct hvt_columns *c = hvt_columns_create();
	struct hvt_payload payload;
	uint8_t entry[HVT_INDEX_ENTRY] = { 0 }, *p = out;

	for (unsigned k = 0; k < count; k++)
		if (hvt_columns_add(c, &events[k].event))
			abort();
	if (hvt_columns_finish(c, NULL, &payload))
		abort();
	out[0] = (uint8_t)count;
	out[1] = 0;
	memcpy(out + 2, payload.bytes, payload.size);
	save("columns", i, out, payload.size + 2);
	p = put_segment(p, HVT_SEGMENT_META, 0, "fact a b\n", 9);
	for (unsigned k = 0; k < 1 + i % 3; k++)
		p = put_segment(p, HVT_SEGMENT_EVENTS, count, payload.bytes,
			payload.size);
	p = put_segment(p, HVT_SEGMENT_INDEX, 0, entry, sizeof(entry));
	if (i % 2)
		p = put_segment(p, HVT_SEGMENT_END, 0, entry, sizeof(entry));
	save("trace", i, out, (size_t)(p - out));
	hvt_columns_destroy(c);
}

static void fill_ring(struct hvt_ring *ring, uint64_t at, unsigned *k,
	unsigned end, _Atomic uint64_t *counter)
{
	struct hvt_log log = { 0 };

	ring->header->head = ring->header->tail = at;
	hvt_ring_attach(ring, &log, counter);
	if (ring->header->thread % 2)
		hvt_ring_begin(ring, &log);
	for (; *k < end && *k < EVENTS; (*k)++) {
		const struct hvt_event *e = &events[*k].event;

		if (ring->header->head - at + hvt_ring_event_size(e) > 1000 ||
			!hvt_ring_make_room(ring, &log, hvt_ring_event_size(e)))
			break;
		hvt_ring_publish(&log, e);
	}
}

static void make_log(unsigned i, unsigned count)
{
	static uint8_t space[HVT_RING_HEADER + 4096], out[65536];
	struct hvt_ring ring = { .header = (void *)space,
		.bytes = space + HVT_RING_HEADER,
		.size = 4096 };
	_Atomic uint64_t counter = 0;
	uint8_t *p = out;
	unsigned k = 0;

	memset(p, 0, 24);
	p[0] = 3;
	p[1] = 8;
	p[2] = (uint8_t)(1 + i % 4);
	p += 24;
	for (unsigned n = 0; n < 1 + i % 4; n++) {
		uint64_t at = n == 2 ? 3000 : 0;

		memset(space, 0, sizeof(space));
		ring.header->thread = n;
		fill_ring(&ring, at, &k, count * (n + 1), &counter);
		memset(p, 0, 24);
		p[0] = HVT_RING_USED;
		p[4] = (uint8_t)n;
		hvt_put64(p + 8, ring.header->head);
		hvt_put64(p + 16, at);
		for (unsigned b = 0; b < 1024; b++)
			p[24 + b] = ring.bytes[(at + b) % 4096];
		p += 24 + 1024;
	}
	save("wal", i, out, (size_t)(p - out));
}

static void put_desc(
	uint8_t *p, uint64_t addr, unsigned len, unsigned flags, unsigned next)
{
	hvt_put64(p, addr);
	hvt_put64(p + 8, (uint64_t)next << 48 | (uint64_t)flags << 32 | len);
}

/*
 * A queue as fuzz_virtio.c has it, with two chains: one in the table and one
 * behind an indirect descriptor. The first buffer is read, so is the second if
 * `writes` is 0.
 */
static void put_queue(uint8_t *p, uint64_t at, unsigned writes)
{
	for (unsigned i = 0; i < 2; i++) {
		uint8_t *table = i ? p + 0xd00 : p;
		uint64_t first = i ? 0 : 1;

		put_desc(table + 16 * first, at + 0x200, 16, 1, 1 + first);
		put_desc(table + 16 + 16 * first, at + 0x400, 512,
			1 | writes * 2, 2 + first);
		put_desc(table + 32 + 16 * first, at + 0x300 + i, 1, 2, 0);
	}
	put_desc(p, at + 0xd00, 48, 4, 0);
	memcpy(p + 0x100, "\0\0\2\0\1\0\0\0", 8); /* flags, idx, ring */
}

/* The device, and what a request of the disk begins with. */
static void make_virtio(unsigned i)
{
	static uint8_t out[0x2000 + 1];
	unsigned type = i / 4 % 2;

	memset(out, 0, sizeof(out));
	out[0] = (uint8_t)i;
	put_queue(out + 1, 0x40000000, !type);
	put_queue(out + 1 + 0x1000, 0x40001000, !type);
	out[1 + 0x200] = (uint8_t)type;
	out[1 + 0x208] = (uint8_t)(i % 3);
	save("virtio", i, out, sizeof(out));
}

/* An event of fuzz_guest.c: a function, which half, and its values. */
static uint8_t *put_event(uint8_t *p, uint32_t call, bool leave,
	const uint8_t values[18])
{
	unsigned n = 0;

	for (uint32_t c = 0; c < call; c++)
		n += hvt_call_schema(c) != NULL;
	memset(p, 0, 24);
	p[0] = (uint8_t)n;
	p[1] = leave;
	memcpy(p + 4, values, 18);
	return p + 24;
}

static uint8_t *put_wide(uint8_t *p, uint32_t call, const uint8_t values[18])
{
	p = put_event(p, call, false, values);
	return put_event(p, call, true, values);
}

/*
 * A VMM with two pages and a vCPU, and more of it the higher i is; from 4 on with
 * what the guest wrote.
 */
static void make_guest(unsigned i)
{
	static const uint8_t none[18],
		mapped[18] = { 1, 0, 0, 4, 2, 0, 0, 1, 0 },
		contents[18] = { 0, 1, 0, 4, 1, 0 },
		stored[18] = { 1, 1, 0, 0, 1, 0 },
		changed[18] = { 2, 8, 0, 0, 8, 0 },
		map[18] = { 1, 0, 0, 3, 0, 0, 4, 2, 0, 0, 3, 0 },
		x7[18] = { 0, 0, 0, 0, 7, 0, 0, 9, 0 };
	uint8_t out[24 * 24] = { 0 }, *p = out;

	p = put_event(p, HVT_CALL_MEMORY_MAPPED, false, mapped);
	p = put_event(p, HVT_CALL_MEMORY_PAGE, false, contents);
	p = put_event(p, HVT_CALL_MEMORY_STORED, false, stored);
	p = put_event(p, HVT_CALL_MEMORY_CHANGED, false, changed);
	p = put_event(p, HVT_CALL_MEMORY_TOUCHED, false, stored);
	p = put_wide(p, HVT_CALL_HV_VM_CREATE, none);
	p = put_wide(p, HVT_CALL_HV_VM_MAP, map);
	p = put_wide(p, HVT_CALL_HV_VCPU_CREATE, none);
	if (i > 0)
		p = put_event(p, HVT_CALL_HV_VCPU_SET_REG, false, x7);
	if (i > 0)
		p = put_event(p, HVT_CALL_HV_VCPU_GET_REG, false, x7);
	if (i > 1)
		p = put_event(p, HVT_CALL_HV_VCPU_RUN, false, none);
	if (i > 3)
		p = put_event(p, HVT_CALL_MEMORY_GUEST_STORED, false, stored);
	if (i > 4)
		p = put_event(p, HVT_CALL_MEMORY_GUEST_CHANGED, false, changed);
	if (i > 1)
		p = put_event(p, HVT_CALL_HV_VCPU_RUN, true, none);
	if (i > 2)
		p = put_wide(p, HVT_CALL_HV_VCPU_DESTROY, none);
	if (i > 2)
		p = put_wide(p, HVT_CALL_HV_VM_DESTROY, none);
	save("guest", i, out, (size_t)(p - out) + (i > 3));
}

int main(int argc, char **argv)
{
	struct rng r = rng_from(1);

	if (argc != 2)
		return 2;
	folder = argv[1];
	for (unsigned i = 0; i < 6; i++) {
		events_make(&r, events, EVENTS);
		make_columns(i, 1 + 6 * i);
		make_log(i, 2 + i);
	}
	for (unsigned i = 0; i < 8; i++)
		make_virtio(i);
	for (unsigned i = 0; i < 6; i++)
		make_guest(i);
	return 0;
}

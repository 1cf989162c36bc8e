/* SPDX-License-Identifier: MIT */
/*
 * The replay of a guest, on the fake engine. The input is a row of events of 24
 * bytes each: which function, which half of it, thread, result, and 3 bytes
 * for each value: where it is near, and how far from there. Bytes are zeros, but
 * for one. One byte behind them makes it a trace with all of memory. The last of
 * them is also a keyframe that somebody has altered, and all of them are the
 * payload of one.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz.h"
#include "events.h"
#include "fake_engine.h"
#include "guest/keyframe_state.h"
#include "keyframe.h"
#include "trace.h"
#include "writer.h"

#define RECORD	   24u
#define EVENTS_MAX 512u
#define AT	   0x7f0000000000ull
#define IPA	   0x40000000ull

static char path[64], page_text[16];
static uint64_t page;
static uint8_t bytes[1u << 20];

static uint64_t value_of(const uint8_t *p)
{
	uint64_t v = p[1] | (uint64_t)p[2] << 8;

	switch (p[0] & 7) {
	case 0:
		return v;
	case 1:
		return AT + v * page;
	case 2:
		return AT + v;
	case 3:
		return IPA + v * page;
	case 4:
		return v * page;
	case 5:
		return -v;
	case 6:
		return 1ull << (v & 63);
	default:
		return v << 48;
	}
}

/* The n-th function that there is. */
static uint32_t call_of(unsigned n)
{
	uint32_t call = 0;

	for (;; call = (call + 1) % hvt_call_limit())
		if (hvt_call_schema(call) && !n--)
			return call;
}

static void put_bytes(struct hvt_event *e, unsigned i, uint64_t length)
{
	e->data_size = length < sizeof(bytes) ? (size_t)length : page;
	e->data = e->data_size ? bytes : NULL;
	e->values[i] = e->data_size;
}

static struct hvt_event event_at(const uint8_t *p, uint64_t number)
{
	struct hvt_event e = { .number = number, .tick = number,
		.call = call_of(p[0]), .thread = p[2] < 8 ? p[2] : 4095,
		.kind = HVT_EVENT_CALL };
	const struct hvt_call_schema *schema = hvt_call_schema(e.call);

	if (schema->wide)
		e.kind = p[1] & 1 ? HVT_EVENT_LEAVE : HVT_EVENT_ENTER;
	if (e.kind != HVT_EVENT_ENTER)
		e.result = (int8_t)p[3];
	for (unsigned i = 0; i < schema->param_count; i++) {
		enum hvt_role role = schema->params[i].role;

		if (!kind_carries(e.kind, role))
			continue;
		e.values[i] = value_of(p + 4 + 3 * i);
		if (role_is_buffer(role))
			put_bytes(&e, i, e.values[i]);
	}
	return e;
}

/* One byte more than events: what the guest wrote is in it, too. */
static bool is_full(size_t size)
{
	return size % RECORD == 1;
}

static void make_trace(const uint8_t *data, size_t size)
{
	const struct hvt_info facts[] = {
		{ "memory", is_full(size) ? "full" : "touched" },
		{ "page_size", page_text }, { "tick_hz", "1000000" } };
	struct hvt_writer *w;

	NEED(hvt_writer_create(&w, path, facts, 3, 0) == 0);
	for (uint64_t n = 0; size >= RECORD && n < EVENTS_MAX; n++) {
		struct hvt_event e = event_at(data, n);
		int err = hvt_writer_add(w, &e);

		if (err == -ENOSPC) {
			NEED(hvt_writer_cut(w, 0, NULL) == 0);
			err = hvt_writer_add(w, &e);
		}
		NEED(err == 0);
		data += RECORD;
		size -= RECORD;
	}
	NEED(hvt_writer_cut(w, 0, NULL) == 0);
	NEED(hvt_writer_close(w, "finished") == 0);
}

static void look_at(struct hvt_guest *guest)
{
	struct hvt_guest_regs regs;
	uint64_t ipa;
	uint8_t word[8];

	for (unsigned vcpu = 0; vcpu < 3; vcpu++)
		if (!hvt_guest_regs(guest, vcpu, &regs))
			(void)hvt_guest_translate(guest, &regs, IPA, &ipa);
	(void)hvt_guest_read(guest, IPA + page - 4, word, sizeof(word));
	NEED(hvt_guest_level(guest)->level < 2);
}

static void look_at_memory(void)
{
	struct hvt_image *image;
	struct hvt_error e = { 0 };
	uint64_t failed = 0;
	uint8_t word[8];
	int got;

	NEED(hvt_image_open(&image, path, &e) == 0);
	for (uint64_t to = 0; to < EVENTS_MAX; to += EVENTS_MAX / 4) {
		got = hvt_image_go(image, to, &e);
		NEED(got == 0 || got == -ERANGE || got == -EBADMSG ||
				got == -ENOMEM);
		got = hvt_image_read(image, IPA + page - 4, word, sizeof(word),
				&failed);
		NEED(got == 0 || got == -EFAULT || got == -ENODATA);
		NEED(!got || failed - (IPA + page - 4) < sizeof(word));
	}
	hvt_image_close(image);
}

static void play(void)
{
	struct hvt_guest_status half, all;
	struct hvt_guest *guest;
	struct hvt_error e = { 0 };
	int got;

	NEED(hvt_guest_open(&guest, path, &e) == 0);
	got = hvt_guest_play(guest, 10, &e);
	half = hvt_guest_status(guest);
	look_at(guest);
	if (!got)
		got = hvt_guest_play(guest, UINT64_MAX, &e);
	all = hvt_guest_status(guest);
	NEED(all.events >= half.events && all.calls >= half.calls);
	NEED(got == 0 || got == 1 || got == -EBADMSG || got == -ENOMEM);
	NEED(got >= 0 || (e.code == got && e.text[0] && e.event == all.events));
	NEED((got == 1) == (hvt_guest_divergence(guest) != NULL));
	NEED(hvt_guest_play(guest, UINT64_MAX, NULL) == got);
	look_at(guest);
	hvt_guest_close(guest);
	NEED(!fake.vm);
	for (unsigned i = 0; i < HVT_VCPU_MAX; i++)
		NEED(!fake.vcpus[i].exists);
}

static void alter(struct hvt_keyframe *k, const uint8_t *p)
{
	static uint8_t gic[64];

	if (k->reg_count && p[1] & 1) {
		struct hvt_keyframe_reg *r = &k->regs[p[2] % k->reg_count];

		r->vcpu ^= p[1] & 2 ? p[3] : 0;
		r->kind ^= p[1] & 4 ? p[4] : 0;
		r->number ^= p[1] & 8 ? p[5] : 0;
		r->low ^= value_of(p + 6);
	}
	if (p[1] & 16)
		k->reg_count /= 2;
	if (p[1] & 32) {
		NEED(!hvt_keyframe_add_page(k, value_of(p + 9),
				value_of(p + 12), page));
		k->extents[0].count = value_of(p + 15);
	}
	if (p[1] & 64) {
		free(k->gic);
		k->gic = malloc(sizeof(gic));
		NEED(k->gic);
		memset(k->gic, p[18], sizeof(gic));
		k->gic_size = p[19] % sizeof(gic);
	}
}

/* The guest goes on from what the last bytes make of its state somewhere. */
static void play_from_keyframe(const uint8_t *p)
{
	struct hvt_keyframe k = { 0 };
	struct hvt_guest *guest;
	struct hvt_error e = { 0 };

	NEED(hvt_guest_open(&guest, path, &e) == 0);
	guest->keyframe = p[0];
	if (!hvt_guest_play(guest, p[0], &e) && !hvt_keyframe_take(guest, &k)) {
		int got;

		alter(&k, p);
		guest->play.stale = guest->play.object_count;
		got = hvt_keyframe_put(guest, &k);
		NEED(got == 0 || got == -EBADMSG || got == -EIO);
		(void)hvt_guest_play(guest, UINT64_MAX, &e);
		look_at(guest);
	}
	hvt_keyframe_fini(&k);
	hvt_guest_close(guest);
	NEED(!fake.vm);
}

static void decode(const uint8_t *data, size_t size)
{
	struct hvt_keyframe k = { 0 };
	int err = hvt_keyframe_decode(&k, data, size);

	NEED(err == 0 || err == -EBADMSG);
	hvt_keyframe_fini(&k);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int fd = -1;

	if (fd < 0) {
		fd = memfd_create("trace", MFD_CLOEXEC);
		NEED(fd >= 0);
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		page = (uint64_t)sysconf(_SC_PAGESIZE);
		snprintf(page_text, sizeof(page_text), "%u", (unsigned)page);
		bytes[0] = 1;
	}
	fake_engine_install();
	make_trace(data, size);
	if (is_full(size))
		look_at_memory();
	play();
	if (size >= RECORD)
		play_from_keyframe(data + size - RECORD);
	decode(data, size);
	return 0;
}

/* SPDX-License-Identifier: MIT */
/* What is sound, and that every byte counts. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "call_ids.h"
#include "events.h"
#include "files.h"
#include "format.h"
#include "writer.h"

#define EVENTS 200u

static struct test_event events[EVENTS];
static struct temp_file file;
static size_t ends[EVENTS];
static uint64_t meta;
static struct rng rng;
static uint8_t *bytes;
static size_t size;
static struct hvt_verdict verdict;
static struct hvt_error told[32];
static unsigned tellings;

static void set_up(void)
{
	rng_init(&rng);
	events_make(&rng, events, EVENTS);
	file = temp_file_create();
	meta = trace_write(file.path, events, EVENTS, 20, true, ends);
	bytes = file_read(file.path, &size);
}

static void tear_down(void)
{
	free(bytes);
	temp_file_remove(&file);
}

TestSuite(verify, .init = set_up, .fini = tear_down);

static void tell(const struct hvt_error *e, void *context)
{
	cr_assert_eq(context, &file);
	cr_assert_neq(e->text[0], 0);
	if (tellings < 32)
		told[tellings] = *e;
	tellings++;
}

static int verify(void)
{
	struct hvt_trace *t;
	int err;

	tellings = 0;
	file_write(file.path, bytes, size);
	err = hvt_trace_open(&t, file.path, NULL);
	if (err)
		return err;
	err = hvt_trace_verify(t, &verdict, tell, &file);
	cr_assert_eq(verdict.damaged, tellings);
	cr_assert_eq(err != 0, tellings != 0);
	hvt_trace_close(t);
	return err;
}

Test(verify, counts_what_a_sound_trace_has)
{
	uint64_t exits = 0;

	for (unsigned i = 0; i < EVENTS; i++)
		exits += events[i].event.kind == HVT_EVENT_LEAVE &&
				events[i].event.call == HVT_CALL_HV_VCPU_RUN;
	cr_assert_eq(verify(), 0);
	cr_assert_eq(verdict.events, EVENTS);
	cr_assert_eq(verdict.exits, exits);
	cr_assert_eq(verdict.segments, 1 + 10 + 1 + 1 + 1);
	cr_assert_eq(verdict.stall_ns, 0);
}

Test(verify, tells_how_long_threads_were_held_up)
{
	struct hvt_writer *w;
	struct hvt_event event;
	struct hvt_trace *t;

	cr_assert_eq(hvt_writer_create(&w, file.path, NULL, 0, 0), 0);
	for (unsigned i = 0; i < 10; i++) {
		cr_assert_eq(hvt_writer_add(w, &events[i].event), 0);
		cr_assert_eq(hvt_writer_cut(w, 100 * i, NULL), 0);
	}
	cr_assert_eq(hvt_writer_close(w, "finished"), 0);
	free(bytes);
	bytes = file_read(file.path, &size);
	cr_assert_eq(verify(), 0);
	cr_assert_eq(verdict.stall_ns, 900);
	/* A reader knows as much as it has read. */
	cr_assert_eq(hvt_trace_open(&t, file.path, NULL), 0);
	cr_assert_eq(hvt_trace_stall_ns(t), 0);
	for (unsigned i = 0; i < 10; i++) {
		cr_assert_eq(hvt_trace_next(t, &event, NULL), 1);
		cr_assert_eq(hvt_trace_stall_ns(t), 100 * i);
	}
	hvt_trace_rewind(t, NULL);
	cr_assert_eq(hvt_trace_stall_ns(t), 0);
	hvt_trace_close(t);
}

/* Is the byte one of a compressed payload? */
static bool is_packed(size_t at)
{
	size_t begin = 0, packed;

	for (;;) {
		packed = hvt_get32(bytes + begin + HVT_AT_PACKED);
		if (at < begin + HVT_HEAD_SIZE + packed + HVT_TAIL_SIZE)
			break;
		begin += HVT_HEAD_SIZE + packed + HVT_TAIL_SIZE;
	}
	return at >= begin + HVT_HEAD_SIZE && at < begin + HVT_HEAD_SIZE + packed;
}

/* Of a payload's bytes there are some whose change changes nothing. */
Test(verify, notices_every_byte_that_was_changed)
{
	size_t harmless = 0;

	for (size_t at = 0; at < size; at++) {
		bool packed = is_packed(at);
		int err;

		bytes[at] ^= 0xff;
		err = verify();
		harmless += !err;
		cr_assert(err || packed, "%zu", at);
		bytes[at] ^= 0xff;
	}
	cr_assert_leq(harmless, size / 100);
}

Test(verify, goes_on_behind_damage_and_counts_it)
{
	bytes[ends[1] + HVT_AT_COUNT] ^= 1;
	bytes[ends[5] + HVT_HEAD_SIZE + 30] ^= 0xff;
	cr_assert_eq(verify(), -EBADMSG);
	cr_assert_eq(tellings, 2);
	cr_assert_eq(verdict.events, 160);
	cr_assert_eq(told[0].offset, ends[1]);
	cr_assert_eq(told[0].event, 40);
	cr_assert_eq(told[1].offset, ends[5]);
	cr_assert_eq(told[1].event, 120);
}

Test(verify, tells_that_a_trace_was_cut_short)
{
	for (size = meta; size < ends[9]; size += 37)
		cr_assert_eq(verify(), -ENODATA, "%zu", size);
	size = ends[9];
	cr_assert_eq(verify(), -ENODATA);
	cr_assert_eq(verdict.events, EVENTS);
}

Test(verify, follows_the_chain)
{
	/* Whole segments, one not there. */
	memmove(bytes + ends[3], bytes + ends[4], size - ends[4]);
	size -= ends[4] - ends[3];
	cr_assert_eq(verify(), -EBADMSG);
	cr_assert_eq(told[0].offset, ends[3]);
}

static uint64_t last_told;

static void take_progress(uint64_t done, void *context)
{
	cr_assert_eq(context, &last_told);
	cr_assert_gt(done, last_told);
	last_told = done;
}

Test(verify, tells_how_far_it_is)
{
	struct hvt_trace *t;

	file_write(file.path, bytes, size);
	cr_assert_eq(hvt_trace_open(&t, file.path, NULL), 0);
	hvt_trace_on_progress(t, take_progress, &last_told);
	cr_assert_eq(hvt_trace_verify(t, &verdict, tell, &file), 0);
	cr_assert_eq(last_told, EVENTS);
	hvt_trace_on_progress(t, NULL, NULL);
	cr_assert_eq(hvt_trace_verify(t, &verdict, tell, &file), 0);
	cr_assert_eq(last_told, EVENTS);
	hvt_trace_close(t);
}

Test(verify, notices_what_follows_the_end)
{
	bytes = realloc(bytes, 2 * size);
	memset(bytes + size, 0, size);
	size++;
	cr_assert_eq(verify(), -EBADMSG);
	size = size - 1 + 300;
	cr_assert_eq(verify(), -EBADMSG);
	size -= 300;
	memcpy(bytes + size, bytes + ends[0], ends[1] - ends[0]);
	size += ends[1] - ends[0];
	cr_assert_eq(verify(), -EBADMSG, "a segment twice");
}

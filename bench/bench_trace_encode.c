/* SPDX-License-Identifier: MIT */
/*
 * What the writing thread does for an event: sorting it into columns, and
 * packing a segment of them; against rows, each event as it lies in the log,
 * packed by the same zstd. Neither writes to a file.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bench_events.h"
#include "columns.h"
#include "ring.h"
#include "segment.h"

struct work {
	struct bench_events *in;
	struct hvt_columns *columns;
	struct hvt_packer *packer;
	bool pack;
	uint8_t *rows;
	uint64_t bytes; /* that the last run made */
};

static void pack(struct work *w, const struct hvt_payload *payload)
{
	struct hvt_head head = { .type = HVT_SEGMENT_EVENTS };
	const uint8_t *bytes;
	size_t size;

	if (!w->pack) {
		w->bytes += payload->size;
		return;
	}
	bench_check(hvt_packer_pack(w->packer, &head, payload, &bytes, &size),
			"pack");
	w->bytes += size;
}

static void finish(struct work *w)
{
	struct hvt_payload payload;

	bench_check(hvt_columns_finish(w->columns, NULL, &payload), "finish");
	pack(w, &payload);
}

static void encode_columns(void *context, uint64_t count)
{
	struct work *w = context;

	w->bytes = 0;
	for (uint64_t i = 0; i < count; i++) {
		const struct hvt_event *e = &w->in->events[i];

		if (!hvt_columns_add(w->columns, e))
			continue;
		finish(w);
		bench_check(hvt_columns_add(w->columns, e), "add");
	}
	finish(w);
}

/* An event as a ring has it, but with all of its values. */
static size_t put_row(uint8_t *p, const struct hvt_event *e)
{
	unsigned count = hvt_call_schema(e->call)->param_count;
	uint64_t head[4] = { (uint64_t)e->call << 32 | (uint64_t)e->kind << 48,
		(uint64_t)e->result, e->number, e->tick };
	size_t size = sizeof(head) + 8u * count;

	memcpy(p, head, sizeof(head));
	memcpy(p + sizeof(head), e->values, 8u * count);
	if (e->data_size)
		memcpy(p + size, e->data, e->data_size);
	return size + ((e->data_size + 7) & ~(size_t)7);
}

static void finish_rows(struct work *w, size_t size)
{
	struct hvt_payload payload = { .bytes = w->rows, .size = size,
		.ends = { size }, .parts = 1 };

	pack(w, &payload);
}

static void encode_rows(void *context, uint64_t count)
{
	struct work *w = context;
	size_t size = 0;

	w->bytes = 0;
	for (uint64_t i = 0; i < count; i++) {
		if (size && (i % HVT_SEGMENT_EVENTS_MAX == 0 ||
				    size > HVT_RAW_MAX / 4)) {
			finish_rows(w, size);
			size = 0;
		}
		size += put_row(w->rows + size, &w->in->events[i]);
	}
	finish_rows(w, size);
}

static void report(struct bench *b, const struct bench_contender c[4],
		const struct work *columns, const struct work *rows,
		const struct bench_events *in)
{
	double exits = in->exits ? (double)in->exits : 1;

	bench_row(b, "columns, not packed", "ns/event", c[0].best, c[0].median,
			BENCH_FREE, 0);
	bench_row(b, "columns, packed", "ns/event", c[1].best, c[1].median,
			BENCH_FREE, 0);
	bench_row(b, "rows, not packed", "ns/event", c[2].best, c[2].median,
			BENCH_FREE, 0);
	bench_row(b, "rows, packed", "ns/event", c[3].best, c[3].median,
			BENCH_FREE, 0);
	bench_row(b, "columns / rows, packed, time", "", c[1].best / c[3].best,
			c[1].median / c[3].median, BENCH_FREE, 0);
	bench_row(b, "columns, packed, without meta", "bytes/exit",
			(double)columns->bytes / exits,
			(double)columns->bytes / exits, BENCH_FREE, 0);
	bench_row(b, "rows, packed, without meta", "bytes/exit",
			(double)rows->bytes / exits,
			(double)rows->bytes / exits, BENCH_FREE, 0);
	bench_row(b, "columns / rows, bytes", "",
			(double)columns->bytes / (double)rows->bytes,
			(double)columns->bytes / (double)rows->bytes,
			BENCH_FREE, 0);
}

int main(int argc, char **argv)
{
	struct bench b;
	struct bench_events in;
	struct work works[4];
	struct bench_contender c[4];

	bench_begin(&b, "trace_encode", argc, argv);
	bench_load(&in, bench_trace_path(&b), UINT64_MAX);
	for (unsigned i = 0; i < 4; i++) {
		works[i] = (struct work){ .in = &in,
			.columns = hvt_columns_create(),
			.packer = hvt_packer_create(), .pack = i & 1,
			.rows = malloc(HVT_RAW_MAX) };
		bench_check(works[i].columns && works[i].packer && works[i].rows
				? 0 : -ENOMEM, "create");
		c[i] = (struct bench_contender){ .context = &works[i],
			.run = i < 2 ? encode_columns : encode_rows };
	}
	bench_compare(&b, c, 4, in.count);
	report(&b, c, &works[1], &works[3], &in);
	for (unsigned i = 0; i < 4; i++) {
		hvt_columns_destroy(works[i].columns);
		hvt_packer_destroy(works[i].packer);
		free(works[i].rows);
	}
	bench_unload(&in);
	return bench_end(&b);
}

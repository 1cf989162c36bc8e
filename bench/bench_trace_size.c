/* SPDX-License-Identifier: MIT */
/*
 * What an exit costs in bytes, with the calls around it, and which part of the
 * trace they are in. Events are taken from the trace and packed again, one
 * part more each time: the difference is what the part costs where it stands.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "bench_events.h"
#include "scan.h"
#include "shape.h"
#include "varint.h"

#define TARGET 2.0

enum part {
	SHAPES, /* and threads */
	TOKENS,
	ENTER_TICKS,
	LEAVE_TICKS,
	VALUES,
	DATA,
	PARTS
};

static const char *const part_names[PARTS] = {
	"  shapes and threads", "  tokens", "  ticks of entering",
	"  ticks of leaving", "  values", "  bytes of buffers",
};

struct sizes {
	uint64_t packed[PARTS], file, meta, index, heads, segments;
};

static void skip_varints(struct hvt_input *in, uint64_t n)
{
	uint64_t v;

	while (n--)
		bench_check(hvt_get_varint(in, &v) ? 0 : -EBADMSG, "varint");
}

static uint64_t get(struct hvt_input *in)
{
	uint64_t v = 0;

	bench_check(hvt_get_varint(in, &v) ? 0 : -EBADMSG, "varint");
	return v;
}

static void skip_shape(struct hvt_input *in)
{
	uint32_t kind = (uint32_t)get(in);
	const struct hvt_call_schema *s = hvt_call_schema((uint32_t)get(in));

	bench_check(s ? 0 : -EBADMSG, "shape");
	skip_varints(in, kind != HVT_EVENT_ENTER && !s->varies);
	for (unsigned i = 0; i < s->param_count; i++)
		skip_varints(in, s->params[i].in_shape &&
				hvt_shape_carries(kind, &s->params[i]));
}

static void skip_ticks(struct hvt_input *in, const struct hvt_event *e,
		uint64_t count, uint32_t kind)
{
	while (count--)
		if (e++->kind == kind && *in->p++ == 255)
			skip_varints(in, 1);
}

/* Where the parts of a payload end, by docs/FORMAT.md. */
static void find_ends(const struct hvt_payload *p, const struct hvt_event *e,
		uint64_t count, size_t ends[PARTS])
{
	struct hvt_input in = { p->bytes, p->bytes + p->size };
	uint64_t shapes, data = 0;

	skip_varints(&in, 2); /* the log: there is none */
	shapes = get(&in);
	for (uint64_t i = 0; i < shapes; i++)
		skip_shape(&in);
	for (uint64_t i = 0, run; i < count; i += run) {
		skip_varints(&in, 1);
		run = get(&in);
	}
	ends[SHAPES] = (size_t)(in.p - p->bytes);
	in.p += count * (shapes > 256 ? 2 : 1);
	ends[TOKENS] = (size_t)(in.p - p->bytes);
	skip_ticks(&in, e, count, HVT_EVENT_ENTER);
	ends[ENTER_TICKS] = (size_t)(in.p - p->bytes);
	skip_ticks(&in, e, count, HVT_EVENT_LEAVE);
	ends[LEAVE_TICKS] = (size_t)(in.p - p->bytes);
	for (uint64_t i = 0; i < count; i++)
		data += e[i].data_size;
	ends[VALUES] = p->size - data;
	ends[DATA] = p->size;
}

static size_t packed_size(struct hvt_packer *packer,
		const struct hvt_payload *payload)
{
	struct hvt_head head = { .type = HVT_SEGMENT_EVENTS };
	const uint8_t *bytes;
	size_t size;

	bench_check(hvt_packer_pack(packer, &head, payload, &bytes, &size),
			"pack");
	return head.packed;
}

/* Each block of the payload to the part that it begins in. */
static void add_segment(struct sizes *s, struct hvt_packer *packer,
		const struct hvt_payload *payload, const struct hvt_event *e,
		uint64_t count)
{
	struct hvt_payload some = *payload;
	size_t ends[PARTS], begin = 0, before = 0;

	find_ends(payload, e, count, ends);
	for (unsigned i = 0; i < payload->parts; i++) {
		size_t packed;
		unsigned part = 0;

		while (part < PARTS - 1 && begin >= ends[part])
			part++;
		some.parts = i + 1;
		some.size = begin = payload->ends[i];
		packed = packed_size(packer, &some);
		s->packed[part] += packed - before;
		before = packed;
	}
}

static void measure_parts(struct sizes *s, const struct bench_events *in)
{
	struct hvt_columns *columns = hvt_columns_create();
	struct hvt_packer *packer = hvt_packer_create();
	uint64_t first = 0;

	bench_check(columns && packer ? 0 : -ENOMEM, "create");
	for (uint64_t i = 0; i <= in->count; i++) {
		struct hvt_payload payload;

		if (i < in->count && !hvt_columns_add(columns, &in->events[i]))
			continue;
		bench_check(hvt_columns_finish(columns, NULL, &payload), "finish");
		add_segment(s, packer, &payload, in->events + first, i - first);
		first = i;
		if (i < in->count)
			bench_check(hvt_columns_add(columns, &in->events[i]),
					"add");
	}
	hvt_columns_destroy(columns);
	hvt_packer_destroy(packer);
}

/* Of the file as it is: what is no event. */
static void measure_file(struct sizes *s, const char *path)
{
	struct hvt_head head;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	bench_check(fd < 0 ? -errno : 0, path);
	while (!hvt_scan_head(fd, s->file, &head)) {
		uint64_t size = hvt_segment_size(&head);

		s->file += size;
		if (head.type == HVT_SEGMENT_META)
			s->meta += size;
		else if (head.type == HVT_SEGMENT_EVENTS)
			s->heads += size - head.packed;
		else
			s->index += size;
		s->segments += head.type == HVT_SEGMENT_EVENTS;
	}
	close(fd);
}

static void row(struct bench *b, const char *what, uint64_t bytes,
		const struct bench_events *in, enum bench_bound bound)
{
	double v = (double)bytes / (in->exits ? (double)in->exits : 1);

	bench_row(b, what, "bytes/exit", v, v, bound, TARGET);
}

int main(int argc, char **argv)
{
	struct bench b;
	struct bench_events in;
	struct sizes s = { 0 };
	const char *path;

	bench_begin(&b, "trace_size", argc, argv);
	path = bench_trace_path(&b);
	bench_load(&in, path, UINT64_MAX);
	measure_file(&s, path);
	measure_parts(&s, &in);
	bench_row(&b, "exits", "", (double)in.exits, (double)in.exits,
			BENCH_FREE, 0);
	bench_row(&b, "events", "", (double)in.count, (double)in.count,
			BENCH_FREE, 0);
	bench_row(&b, "the file", "bytes", (double)s.file, (double)s.file,
			BENCH_FREE, 0);
	row(&b, "the file", s.file, &in, BENCH_AT_MOST);
	for (unsigned i = 0; i < PARTS; i++)
		row(&b, part_names[i], s.packed[i], &in, BENCH_FREE);
	row(&b, "  heads and tails of event segments", s.heads, &in,
			BENCH_FREE);
	row(&b, "  meta segment", s.meta, &in, BENCH_FREE);
	row(&b, "  index and end", s.index, &in, BENCH_FREE);
	bench_unload(&in);
	return bench_end(&b);
}

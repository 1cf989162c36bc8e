/* SPDX-License-Identifier: MIT */
/* Part of a trace as a trace. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ended.h"
#include "writer.h"

#define CUT_FACTS 2u

/* The facts of the trace, and what was cut; to be freed. */
static struct hvt_info *gather(const struct hvt_trace *t, size_t *count,
		const struct hvt_info cut[CUT_FACTS])
{
	struct hvt_info *facts, info;
	size_t n = 0;

	while (hvt_trace_info_at(t, n, &info.key, &info.value))
		n++;
	facts = calloc(n + CUT_FACTS, sizeof(*facts));
	if (!facts)
		return NULL;
	*count = 0;
	for (size_t i = 0; hvt_trace_info_at(t, i, &info.key, &info.value); i++)
		if (strcmp(info.key, "ended") != 0)
			facts[(*count)++] = info;
	for (size_t i = 0; i < CUT_FACTS; i++)
		facts[(*count)++] = cut[i];
	return facts;
}

static int create(struct hvt_writer **w, const struct hvt_trace *t,
		const char *path, uint64_t from, uint64_t to)
{
	char first[24], end[24];
	struct hvt_info cut[CUT_FACTS] = { { "cut_from", first },
		{ "cut_to", end } };
	struct hvt_info *facts;
	size_t count;
	int err;

	snprintf(first, sizeof(first), "%" PRIu64, from);
	snprintf(end, sizeof(end), "%" PRIu64, to);
	if (!access(path, F_OK))
		return -EEXIST;
	facts = gather(t, &count, cut);
	if (!facts)
		return -ENOMEM;
	err = hvt_writer_create(w, path, facts, count, from);
	free(facts);
	return err;
}

static int add(struct hvt_writer *w, const struct hvt_event *event)
{
	int err = hvt_writer_add(w, event);

	if (err != -ENOSPC)
		return err;
	err = hvt_writer_cut(w, 0, NULL);
	return err ? err : hvt_writer_add(w, event);
}

/* 1 at to, 0 at the end of the trace, -errno. */
static int copy(struct hvt_writer *w, struct hvt_trace *t, uint64_t to,
		struct hvt_error *e)
{
	struct hvt_event event = { 0 };
	int got = 1;

	/* Not one further: what follows may be damaged. */
	while ((!event.kind || event.number + 1 < to) &&
			(got = hvt_trace_next(t, &event, e)) == 1 &&
			event.number < to) {
		int err = hvt_call_schema(event.call) ? add(w, &event)
						      : -ENOTSUP;

		if (err)
			return err;
	}
	if (got >= 0) {
		int err = hvt_writer_cut(w, 0, NULL);

		return err ? err : got;
	}
	return got;
}

/* A part that goes on to the end ends as the whole does. */
static const char *end_of(const struct hvt_trace *t, int copied)
{
	const char *ended = hvt_trace_info(t, "ended");

	if (copied < 0)
		return NULL;
	return copied || !ended ? hvt_end_name(HVT_END_CUT) : ended;
}

int hvt_trace_cut(struct hvt_trace *t, const char *path, uint64_t from,
		uint64_t to, struct hvt_error *e)
{
	struct hvt_error dummy, *told = e ? e : &dummy;
	struct hvt_writer *w;
	int err, closed;

	*told = (struct hvt_error){ 0 };
	err = hvt_trace_seek(t, HVT_SEEK_EVENT, from, told);
	if (err)
		return err;
	err = create(&w, t, path, from, to);
	if (!err) {
		err = copy(w, t, to, told);
		closed = hvt_writer_close(w, end_of(t, err));
		err = err < 0 ? err : closed;
		if (err)
			(void)unlink(path);
	}
	if (err == -ENOTSUP && !told->code)
		snprintf(told->text, sizeof(told->text), "a newer version of "
				"hvtrace has recorded calls that this one "
				"cannot write");
	else if (err && !told->code)
		snprintf(told->text, sizeof(told->text), "cannot write %s: %s",
				path, strerror(-err));
	told->code = err;
	return err;
}

/* SPDX-License-Identifier: MIT */
/*
 * bench_repeat_trace TRACE MB OUT: a sound trace of about MB millions of bytes,
 * of the calls of TRACE over and over. What carries guest memory is left out: it
 * would be most of the bytes and hardly any of the events.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench_events.h"
#include "repeated.h"
#include "writer.h"

static void write_calls(const struct bench_events *in, const char *path)
{
	static const struct hvt_info facts[] = { { "command", "hvrun" } };
	struct hvt_writer *w;
	int err;

	bench_check(hvt_writer_create(&w, path, facts, 1, 0), path);
	for (uint64_t i = 0; i < in->count; i++) {
		struct hvt_event e = in->events[i];

		if (!strncmp(hvt_call_schema(e.call)->name, "memory_", 7))
			continue;
		e.number = hvt_writer_next(w);
		err = hvt_writer_add(w, &e);
		if (err == -ENOSPC) {
			bench_check(hvt_writer_cut(w, 0, NULL), path);
			err = hvt_writer_add(w, &e);
		}
		bench_check(err, path);
	}
	bench_check(hvt_writer_cut(w, 0, NULL), path);
	bench_check(hvt_writer_close(w, "finished"), path);
}

int main(int argc, char **argv)
{
	struct bench_events in;
	struct repeated r;
	uint64_t size, megabytes;
	char *once, *end;

	megabytes = argc == 4 ? strtoull(argv[2], &end, 10) : 0;
	if (!megabytes || megabytes > 1000000 || *end ||
			asprintf(&once, "%s.once", argv[3]) < 0) {
		fputs("usage: bench_repeat_trace TRACE MB OUT, MB from 1 to 1000000\n",
				stderr);
		return 2;
	}
	size = megabytes * 1000000;
	bench_load(&in, argv[1], UINT64_MAX);
	write_calls(&in, once);
	bench_unload(&in);
	repeated_begin(&r, once, argv[3]);
	do
		repeated_put_events(&r);
	while (r.offset < size);
	repeated_end(&r);
	repeated_close(&r);
	(void)unlink(once);
	free(once);
	return 0;
}

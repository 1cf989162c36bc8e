/* SPDX-License-Identifier: MIT */
/*
 * Encoded events to the file: header once, then blocks, then the end mark.
 * One thread at a time. After an error the file holds whole blocks only, up
 * to where the error was: a partial block is cut off again.
 */
#ifndef HVT_TRACE_WRITER_H
#define HVT_TRACE_WRITER_H

#include "trace.h"

struct hvt_writer;

int hvt_writer_open(struct hvt_writer **writer, const char *path,
		const struct hvt_info *facts, size_t count);

/* One block: count events from number first on, raw encoded. 0 or -errno. */
int hvt_writer_block(struct hvt_writer *writer, const uint8_t *raw, size_t size,
		uint32_t count, uint64_t first);

/* The end mark (if end) and close; first is the number of events in all. */
int hvt_writer_close(struct hvt_writer *writer, bool end, uint64_t first);

/* Closes the descriptor only: what a forked child does. */
void hvt_writer_disown(struct hvt_writer *writer);

#endif

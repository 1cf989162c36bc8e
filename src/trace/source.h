/* SPDX-License-Identifier: MIT */
/*
 * Where a reader gets events from: the segments of the file, found by number,
 * exit or time, and behind them what is in the write-ahead log only.
 */
#ifndef HVT_TRACE_SOURCE_H
#define HVT_TRACE_SOURCE_H

#include "index.h"
#include "scan.h"

struct hvt_source {
	void (*progress)(uint64_t events, void *context); /* or NULL */
	void *progress_context;
	void (*seen)(const struct hvt_event *events, size_t count,
			void *context); /* or NULL */
	void *seen_context;
	int fd;
	char *path;
	uint8_t id[16];
	enum hvt_trace_state state;
	uint64_t begin;            /* offset behind the meta segment */
	uint64_t end;              /* behind the last segment known */
	uint64_t next;             /* number behind the last event there, */
	uint64_t last_tick;        /* and the tick of that */
	struct hvt_index segments; /* found by walking from head to head */
	bool by_index;             /* rather than by those: it was closed */
	struct hvt_index root;     /* of index segments */
	struct hvt_index leaf;     /* the one that was used last, */
	uint64_t leaf_at;          /* and its offset; 0: none */
	uint64_t facts_at;         /* of the last facts segment; 0: none */
	bool has_log, log_damaged;
	struct hvt_decoded tail;   /* events of the log */
	uint8_t *tail_data;        /* and their bytes */
	struct hvt_segment_buffer buffer;
	const struct hvt_calls_text *calls; /* besides ours; the reader's */
};

/* meta is the head of its first segment, calls what it says of functions. */
int hvt_source_open(struct hvt_source *s, int fd, const char *path,
		const struct hvt_head *meta,
		const struct hvt_calls_text *calls);
void hvt_source_close(struct hvt_source *s);

/* Reads what was written since. 1 there is more, 0 not, -errno. */
int hvt_source_refresh(struct hvt_source *s);

/*
 * The last event segment whose event, exit or tick is not behind value (for
 * exits: the first with more), else the first one. -ERANGE: none.
 */
int hvt_source_find(struct hvt_source *s, enum hvt_seek by, uint64_t value,
		struct hvt_index_entry *entry);

/* Where the segment begins that ends at end. -ENODATA: none does. */
int hvt_source_find_begin(const struct hvt_source *s, uint64_t end,
		uint64_t *begin);

/* Of an open trace; reader.c has it. */
struct hvt_source *hvt_trace_source(struct hvt_trace *trace);

#endif

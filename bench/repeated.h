/* SPDX-License-Identifier: MIT */
/*
 * Large traces that are sound: the event segments of a real one, again and again,
 * numbered and chained as one trace, with its indexes.
 */
#ifndef HVT_BENCH_REPEATED_H
#define HVT_BENCH_REPEATED_H

#include "bench.h"
#include "index.h"

#define REPEATED_PATTERNS_MAX 16u

/* An event segment of the real trace. */
struct repeated_pattern {
	struct hvt_head head;
	uint8_t *bytes, *raw;
	uint64_t exits;
};

struct repeated {
	int fd; /* of the trace that is made */
	uint64_t offset;
	struct hvt_head last; /* of the segment before */
	struct repeated_pattern patterns[REPEATED_PATTERNS_MAX];
	unsigned pattern_count, put;
	struct hvt_index leaf, root;
	struct hvt_packer *packer;
	uint8_t *meta;
	uint64_t meta_size;
};

/* Opens the file at path, empty but for the first segment of the trace at from. */
void repeated_begin(struct repeated *r, const char *from, const char *path);

/* The next event segment; an index, too, when it is time for one. */
void repeated_put_events(struct repeated *r);

/* For segments of other types: the head of the next one, its bytes, what follows. */
struct hvt_head repeated_next(const struct repeated *r, uint32_t type);
void repeated_patch(uint8_t *head, const struct hvt_head *h);
void repeated_put(struct repeated *r, const uint8_t *bytes, uint64_t size);
void repeated_advance(struct repeated *r, const struct hvt_head *h);

/* Index and end; the file stays open. */
void repeated_end(struct repeated *r);
void repeated_close(struct repeated *r);

#endif

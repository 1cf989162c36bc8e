/* SPDX-License-Identifier: MIT */
/*
 * How often values of any size occurred, in buckets that are 1/16 of a power of
 * two wide: what is told of a value is too high by less than 1/16 of it. Sizes
 * are fixed, whatever comes. Pure.
 */
#ifndef HVTRACE_HISTOGRAM_H
#define HVTRACE_HISTOGRAM_H

#include <stdint.h>

#define HISTOGRAM_STEPS	  16u /* to a power of two */
#define HISTOGRAM_BUCKETS (61u * HISTOGRAM_STEPS)

struct histogram {
	uint64_t count, sum, min, max;
	uint64_t buckets[HISTOGRAM_BUCKETS];
};

/* One of zeros has nothing in it. */
void histogram_add(struct histogram *h, uint64_t value);
/* The same where its bucket is known. */
void histogram_add_at(struct histogram *h, uint64_t value, unsigned bucket);
void histogram_merge(struct histogram *into, const struct histogram *from);

/*
 * The value that share (0 to 1) of all are not above, as the highest of its
 * bucket, or the maximum. 0 where there are none.
 */
uint64_t histogram_quantile(const struct histogram *h, double share);

/* 0 where there are none. */
double histogram_mean(const struct histogram *h);

/* The bucket of a value, and the lowest value of a bucket. */
unsigned histogram_bucket(uint64_t value);
uint64_t histogram_low(unsigned bucket);

#endif

/* SPDX-License-Identifier: MIT */
#include "histogram.h"

#define SHIFT 4u /* log2 of HISTOGRAM_STEPS */

/*
 * Below 16 each value has a bucket; from there the four bits behind the highest
 * one tell which of the 16 of its power of two.
 */
unsigned histogram_bucket(uint64_t value)
{
	unsigned power;

	if (value < HISTOGRAM_STEPS)
		return (unsigned)value;
	power = 63u - (unsigned)__builtin_clzll(value);
	return (power - SHIFT + 1) * HISTOGRAM_STEPS +
			(unsigned)(value >> (power - SHIFT)) -
			HISTOGRAM_STEPS;
}

uint64_t histogram_low(unsigned bucket)
{
	unsigned power = bucket / HISTOGRAM_STEPS;
	uint64_t step = bucket % HISTOGRAM_STEPS;

	if (!power)
		return step;
	return (HISTOGRAM_STEPS + step) << (power - 1);
}

void histogram_add(struct histogram *h, uint64_t value)
{
	histogram_add_at(h, value, histogram_bucket(value));
}

void histogram_add_at(struct histogram *h, uint64_t value, unsigned bucket)
{
	if (!h->count || value < h->min)
		h->min = value;
	if (value > h->max)
		h->max = value;
	h->count++;
	h->sum += value;
	h->buckets[bucket]++;
}

void histogram_merge(struct histogram *into, const struct histogram *from)
{
	if (!from->count)
		return;
	if (!into->count || from->min < into->min)
		into->min = from->min;
	if (from->max > into->max)
		into->max = from->max;
	into->count += from->count;
	into->sum += from->sum;
	for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++)
		into->buckets[i] += from->buckets[i];
}

uint64_t histogram_quantile(const struct histogram *h, double share)
{
	uint64_t wanted = (uint64_t)(share * (double)h->count), seen = 0;

	if ((double)wanted < share * (double)h->count || !wanted)
		wanted++;
	for (unsigned i = 0; i + 1 < HISTOGRAM_BUCKETS; i++) {
		uint64_t high = histogram_low(i + 1) - 1;

		seen += h->buckets[i];
		if (seen >= wanted)
			return high < h->max ? high : h->max;
	}
	return h->max;
}

double histogram_mean(const struct histogram *h)
{
	return h->count ? (double)h->sum / (double)h->count : 0;
}

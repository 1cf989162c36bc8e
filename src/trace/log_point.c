/* SPDX-License-Identifier: MIT */
/* A few numbers and a short list. */
#include "log_point.h"

#include <errno.h>
#include <stdlib.h>

#include "format.h"
#include "grow.h"

uint64_t hvt_log_point_of(const struct hvt_log_point *point, uint64_t ring)
{
	for (size_t i = 0; i < point->count; i++)
		if (point->rings[i].ring == ring)
			return point->rings[i].position;
	return 0;
}

int hvt_log_point_add(
		struct hvt_log_point *point, uint64_t ring, uint64_t position)
{
	struct hvt_log_ring *rings = hvt_grow(point->rings, &point->capacity,
			point->count + 1, 8, sizeof(*rings));

	if (!rings)
		return -ENOMEM;
	point->rings = rings;
	point->rings[point->count++] = (struct hvt_log_ring){ ring, position };
	return 0;
}

size_t hvt_log_point_bound(const struct hvt_log_point *point)
{
	return HVT_VARINT_MAX * (2 + 2 * (point ? point->count : 0));
}

uint8_t *hvt_log_point_encode(const struct hvt_log_point *point, uint8_t *p)
{
	size_t count = point ? point->count : 0;
	uint64_t before = 0;

	p = hvt_put_varint(p, point ? point->place : 0);
	p = hvt_put_varint(p, count);
	for (size_t i = 0; i < count; i++) {
		p = hvt_put_varint(p, point->rings[i].ring - before);
		p = hvt_put_varint(p, point->rings[i].position);
		before = point->rings[i].ring;
	}
	return p;
}

int hvt_log_point_decode(struct hvt_log_point *point, struct hvt_input *in)
{
	uint64_t count, more, position, ring = 0;

	point->count = 0;
	if (!hvt_get_varint(in, &point->place) || !hvt_get_varint(in, &count) ||
			count > HVT_THREADS_MAX)
		return -EBADMSG;
	for (uint64_t i = 0; i < count; i++) {
		if (!hvt_get_varint(in, &more) ||
				!hvt_get_varint(in, &position) ||
				more >= HVT_THREADS_MAX || (i && !more))
			return -EBADMSG;
		ring += more;
		if (ring >= HVT_THREADS_MAX || position % 8)
			return -EBADMSG;
		if (hvt_log_point_add(point, ring, position))
			return -ENOMEM;
	}
	return 0;
}

void hvt_log_point_fini(struct hvt_log_point *point)
{
	free(point->rings);
	*point = (struct hvt_log_point){ 0 };
}

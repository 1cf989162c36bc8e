/* SPDX-License-Identifier: MIT */
/* Lists that grow. */
#ifndef HVT_TRACE_GROW_H
#define HVT_TRACE_GROW_H

#include <stddef.h>
#include <stdlib.h>

/*
 * The list, which may have moved, with room for need items of size bytes; NULL
 * if there is no memory: then it is as it was. Its capacity doubles, from at
 * least first on.
 */
static inline void *hvt_grow(void *list, size_t *capacity, size_t need,
		size_t first, size_t size)
{
	size_t more = *capacity ? *capacity : first;

	if (list && need <= *capacity)
		return list;
	while (more < need)
		more *= 2;
	list = realloc(list, more * size);
	if (list)
		*capacity = more;
	return list;
}

#endif

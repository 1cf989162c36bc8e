/* SPDX-License-Identifier: MIT */
#include "align.h"

#include <string.h>

/* best[i][j]: how many the rows from i and from j on have in common, in order. */
static uint16_t best[ALIGN_MAX + 1][ALIGN_MAX + 1];

static void fill(const uint64_t *a, unsigned na, const uint64_t *b, unsigned nb)
{
	memset(best, 0, sizeof(best));
	for (unsigned i = na; i-- > 0;)
		for (unsigned j = nb; j-- > 0;) {
			if (a[i] == b[j])
				best[i][j] = (uint16_t)(best[i + 1][j + 1] + 1);
			else
				best[i][j] = best[i + 1][j] >= best[i][j + 1]
						? best[i + 1][j]
						: best[i][j + 1];
		}
}

unsigned align(const uint64_t *a, unsigned na, const uint64_t *b, unsigned nb,
		uint8_t *steps)
{
	unsigned i = 0, j = 0, n = 0;

	fill(a, na, b, nb);
	while (i < na || j < nb) {
		if (i < na && j < nb && a[i] == b[j]) {
			steps[n++] = ALIGN_BOTH;
			i++;
			j++;
		} else if (j == nb || (i < na &&
				best[i + 1][j] >= best[i][j + 1])) {
			steps[n++] = ALIGN_A;
			i++;
		} else {
			steps[n++] = ALIGN_B;
			j++;
		}
	}
	return n;
}

/* SPDX-License-Identifier: MIT */
/* Looking at a guest that stands still: see backend.h. */
#include <errno.h>

#include "guest_memory.h"
#include "walk.h"

#define PAGE 4096u /* the smallest: what is in one lies in a page of any size */

int hvt_backend_read(uint64_t ipa, void *bytes, size_t size)
{
	while (size) {
		size_t part = PAGE - (size_t)(ipa & (PAGE - 1));

		if (part > size)
			part = size;
		if (!hvt_memory_read(ipa, bytes, part))
			return -EFAULT;
		ipa += part;
		bytes = (uint8_t *)bytes + part;
		size -= part;
	}
	return 0;
}

int hvt_backend_translate(uint64_t sctlr, uint64_t tcr, uint64_t ttbr0,
		uint64_t ttbr1, uint64_t va, uint64_t *ipa)
{
	const struct hvt_stage1 regs = { sctlr, tcr, ttbr0, ttbr1 };

	return hvt_walk(&regs, va, ipa) ? -EFAULT : 0;
}

/* SPDX-License-Identifier: MIT */
#include "page.h"

#include <string.h>
#include <unistd.h>

size_t hvt_page_size(void)
{
	static size_t size;

	if (!size)
		size = (size_t)sysconf(_SC_PAGESIZE);
	return size;
}

/* It is zero if its first word is, and each byte is what is a word before. */
bool hvt_is_zero(const uint8_t *bytes, size_t size)
{
	uint64_t first;

	memcpy(&first, bytes, sizeof(first));
	return !first && !memcmp(bytes, bytes + sizeof(first),
				 size - sizeof(first));
}

bool hvt_page_is_zero(const uint8_t *page)
{
	return hvt_is_zero(page, hvt_page_size());
}

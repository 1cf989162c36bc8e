/* SPDX-License-Identifier: MIT */
/*
 * Numbers for the contents of pages: the same contents, the same number. By
 * XXH3-128 with a secret of the process: contents are not kept to be compared,
 * nor need they be. That 2^32 pages have no two hashes in common by chance is
 * certain but for 2^-64, and a guest that does not know the secret can do no
 * better than chance.
 */
#ifndef HVT_RAM_PAGE_STORE_H
#define HVT_RAM_PAGE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct hvt_page_store;

/* For pages of that size. 0, -ENOMEM, or -errno of getrandom(2). */
int hvt_page_store_create(struct hvt_page_store **store, size_t page_size);
void hvt_page_store_destroy(struct hvt_page_store *store);

/*
 * The number of a page, from 1; 0 is zeros alone, as is NULL. True: it was not
 * known before. One without room in memory gets a number of its own every time.
 */
bool hvt_page_store_number(struct hvt_page_store *store, const uint8_t *page,
		uint64_t *number);

#endif

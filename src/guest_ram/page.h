/* SPDX-License-Identifier: MIT */
/* Pages of the host. */
#ifndef HVT_RAM_PAGE_H
#define HVT_RAM_PAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

size_t hvt_page_size(void);
bool hvt_page_is_zero(const uint8_t *page);

/* Of any size from 8 on. */
bool hvt_is_zero(const uint8_t *bytes, size_t size);

#endif

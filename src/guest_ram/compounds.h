/* SPDX-License-Identifier: MIT */
/*
 * Views of memory in more than one home, put together of theirs. All under the
 * lock of the room.
 */
#ifndef HVT_RAM_COMPOUNDS_H
#define HVT_RAM_COMPOUNDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The view of all of it, which the guest has once more; 0, -errno. */
int hvt_compound_take(uint8_t *host, size_t size, uint8_t **view);

/* The VMM's address of what is in such a view; NULL: it is in none. */
uint8_t *hvt_compound_host(const uint8_t *view);

/* The guest has so many bytes at view less. */
void hvt_compound_give_up(const uint8_t *view, size_t size);

/* Ends those that the guest has not any more, or all. */
void hvt_compounds_free(bool all);

#endif

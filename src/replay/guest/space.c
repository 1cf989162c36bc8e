/* SPDX-License-Identifier: MIT */
#include "space.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define WINDOW   (1ull << HVT_WINDOW_BITS)
#define ADDR_MAX (1ull << 52) /* of user space, with the largest tables */

int hvt_space_init(struct hvt_space *s, size_t page_size)
{
	size_t host = (size_t)sysconf(_SC_PAGESIZE);

	*s = (struct hvt_space){ .page_size = page_size };
	if (page_size < host || page_size & (page_size - 1))
		return -EINVAL;
	return 0;
}

void hvt_space_fini(struct hvt_space *s)
{
	for (size_t i = 0; i < s->window_count; i++)
		munmap(s->windows[i].base, WINDOW);
	free(s->windows);
	free(s->pieces);
}

static uint8_t *window_base(const struct hvt_space *s, uint64_t number)
{
	for (size_t i = 0; i < s->window_count; i++)
		if (s->windows[i].number == number)
			return s->windows[i].base;
	return NULL;
}

static uint8_t *reserve(void *at, unsigned windows)
{
	int how = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
	uint8_t *p = mmap(at, windows * WINDOW, PROT_NONE,
			at ? how | MAP_FIXED_NOREPLACE : how, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

static int keep_window(struct hvt_space *s, uint64_t number, uint8_t *base)
{
	struct hvt_space_window *more = realloc(
			s->windows, (s->window_count + 1) * sizeof(*more));

	if (!more) {
		munmap(base, WINDOW);
		return -ENOMEM;
	}
	s->windows = more;
	more[s->window_count++] = (struct hvt_space_window){ number, base };
	return 0;
}

/* A window goes beside its neighbour, for what reaches from one to the other. */
static uint8_t *place_beside(const struct hvt_space *s, uint64_t number)
{
	uint8_t *below = number ? window_base(s, number - 1) : NULL;
	uint8_t *above = window_base(s, number + 1);
	uint8_t *base = NULL;

	if (below)
		base = reserve(below + WINDOW, 1);
	if (!base && above && (uintptr_t)above > WINDOW)
		base = reserve(above - WINDOW, 1);
	return base;
}

/*
 * One that has no neighbours gets them, as nothing else is there now: later
 * there is, as the kernel puts what it maps side by side.
 */
static void add_three(struct hvt_space *s, uint64_t number)
{
	uint64_t first = number ? number - 1 : 0;
	uint8_t *base = reserve(NULL, 3);

	for (unsigned i = 0; i < 3 && base; i++) {
		uint8_t *one = base + i * WINDOW;

		/* One of these may be the neighbour of another one. */
		if (window_base(s, first + i))
			munmap(one, WINDOW);
		else
			(void)keep_window(s, first + i, one);
	}
}

static int add_window(struct hvt_space *s, uint64_t number)
{
	uint8_t *base;

	if (window_base(s, number))
		return 0;
	base = place_beside(s, number);
	if (base)
		return keep_window(s, number, base);
	add_three(s, number);
	if (window_base(s, number))
		return 0;
	base = reserve(NULL, 1);
	return base ? keep_window(s, number, base) : -ENOMEM;
}

/* Where addr is, whether or not it is memory; NULL outside all windows. */
static uint8_t *place_of(const struct hvt_space *s, uint64_t addr)
{
	uint8_t *base = window_base(s, addr >> HVT_WINDOW_BITS);

	return base ? base + (addr & (WINDOW - 1)) : NULL;
}

static bool is_one_piece(const struct hvt_space *s, uint64_t addr, uint64_t size)
{
	uint8_t *first = place_of(s, addr), *last = place_of(s, addr + size - 1);

	return first && last && (uint64_t)(last - first) == size - 1;
}

/* The end of the memory that addr is in; addr if there is none. */
static uint64_t end_of_memory(const struct hvt_space *s, uint64_t addr)
{
	for (size_t i = 0; i < s->piece_count; i++)
		if (addr - s->pieces[i].addr < s->pieces[i].size)
			return s->pieces[i].addr + s->pieces[i].size;
	return addr;
}

/* The first memory at addr or behind it, up to end. */
static uint64_t next_memory(const struct hvt_space *s, uint64_t addr, uint64_t end)
{
	for (size_t i = 0; i < s->piece_count; i++)
		if (s->pieces[i].addr >= addr && s->pieces[i].addr < end)
			end = s->pieces[i].addr;
	return end;
}

/* Do they touch, here as well? Windows that were neighbours need be none here. */
static bool joins(const struct hvt_space *s, const struct hvt_space_piece *p,
		uint64_t addr, uint64_t size)
{
	if (p->addr + p->size != addr && addr + size != p->addr)
		return false;
	return is_one_piece(s, p->addr < addr ? p->addr : addr, p->size + size);
}

/* Pieces that touch are one: the VMM may have mapped page by page. */
static int keep_piece(struct hvt_space *s, uint64_t addr, uint64_t size)
{
	struct hvt_space_piece *more;

	for (size_t i = 0; i < s->piece_count;) {
		struct hvt_space_piece *p = &s->pieces[i];

		if (!joins(s, p, addr, size)) {
			i++;
			continue;
		}
		addr = p->addr < addr ? p->addr : addr;
		size += p->size;
		*p = s->pieces[--s->piece_count];
	}
	more = realloc(s->pieces, (s->piece_count + 1) * sizeof(*more));
	if (!more)
		return -ENOMEM;
	s->pieces = more;
	more[s->piece_count++] = (struct hvt_space_piece){ addr, size };
	return 0;
}

static int fill(struct hvt_space *s, uint64_t addr, uint64_t size)
{
	if (mprotect(place_of(s, addr), size, PROT_READ | PROT_WRITE))
		return -errno;
	return keep_piece(s, addr, size);
}

int hvt_space_add(struct hvt_space *s, uint64_t addr, uint64_t size)
{
	uint64_t end = addr + size;
	int err = 0;

	if (!size || (addr | size) & (s->page_size - 1) || end < addr ||
			end > ADDR_MAX || size > WINDOW)
		return -EBADMSG;
	for (uint64_t n = addr >> HVT_WINDOW_BITS;
			n <= (end - 1) >> HVT_WINDOW_BITS && !err; n++)
		err = add_window(s, n);
	if (!err && !is_one_piece(s, addr, size))
		err = -ENOMEM;
	while (!err && addr < end) {
		uint64_t next = end_of_memory(s, addr);

		if (next == addr) {
			next = next_memory(s, addr, end);
			err = fill(s, addr, next - addr);
		}
		addr = next;
	}
	return err;
}

uint8_t *hvt_space_find(const struct hvt_space *s, uint64_t addr, uint64_t size)
{
	return size && size <= end_of_memory(s, addr) - addr ? place_of(s, addr)
							     : NULL;
}

/* SPDX-License-Identifier: MIT */
/*
 * Names of addresses in a guest: from the symbol table of an ELF file (vmlinux)
 * or from the text that Linux has of it (System.map, /proc/kallsyms). Both are
 * taken for hostile.
 */
#ifndef HVTRACE_SYMBOLS_H
#define HVTRACE_SYMBOLS_H

#include <stddef.h>
#include <stdint.h>

struct symbol {
	uint64_t address;
	const char *name; /* in the file */
	uint32_t length;  /* of the name */
};

struct symbols {
	struct symbol *list; /* by address */
	size_t count;
	uint64_t shift; /* where the guest runs, less where it was linked */
	char *file;     /* holds the names */
	size_t size;
};

/*
 * Reads the file at path. -errno of reading it; -ENOEXEC: neither of the two,
 * or no symbols in it.
 */
int symbols_load(struct symbols *s, const char *path);
void symbols_fini(struct symbols *s);

/* The same of size bytes that are in memory, and become the symbols'. */
int symbols_take(struct symbols *s, char *file, size_t size);

/* The last symbol that does not begin behind address; NULL: none. */
const struct symbol *symbols_find(const struct symbols *s, uint64_t address);

/*
 * "pl011_write+0x24", or "0xffff800008001000" where there is no symbol, or none
 * within 16 MiB below.
 */
void symbols_format(const struct symbols *s, uint64_t address, char *text,
		size_t size);

#endif

/* SPDX-License-Identifier: MIT */
#include "symbols.h"

#include <elf.h>
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "read_file.h"

#define FILE_MAX      (4ull << 30)
#define DISTANCE_MAX  (16u << 20)
#define NAME_LENGTH_MAX 255u

static int add(struct symbols *s, size_t *room, uint64_t address,
		const char *name, size_t length)
{
	if (s->count == *room) {
		size_t more = *room ? *room * 2 : 4096;
		struct symbol *list = realloc(s->list, more * sizeof(*list));

		if (!list)
			return -ENOMEM;
		s->list = list;
		*room = more;
	}
	s->list[s->count++] = (struct symbol){ address, name,
		(uint32_t)(length < NAME_LENGTH_MAX ? length
						    : NAME_LENGTH_MAX) };
	return 0;
}

/*
 * Mapping symbols mark code and data ("$x", "$d"), and others are the compiler's
 * (".L"): nobody looks for them.
 */
static bool is_of_interest(const char *name, size_t length)
{
	return length && *name != '$' && *name != '.';
}

/* "ffff800008000000 T _text", with "[module]" behind it perhaps. */
static int take_text(struct symbols *s)
{
	const char *p = s->file, *end = s->file + s->size;
	size_t room = 0;
	int err = 0;

	while (!err && p < end) {
		const char *line_end = memchr(p, '\n', (size_t)(end - p));
		char *after;
		uint64_t address;
		size_t length;

		if (!line_end)
			line_end = end;
		errno = 0;
		address = strtoull(p, &after, 16);
		if (errno || after == p || line_end - after < 4 ||
				after[0] != ' ' || after[2] != ' ')
			return -ENOEXEC;
		length = strcspn(after + 3, " \t\r\n");
		if (strchr("tTwWvV", after[1]) &&
				is_of_interest(after + 3, length))
			err = add(s, &room, address, after + 3, length);
		p = line_end + 1;
	}
	return err;
}

/* Part of the file, or NULL if it is not all there. */
static const void *part(const struct symbols *s, uint64_t offset, uint64_t size)
{
	if (offset > s->size || size > s->size - offset)
		return NULL;
	return s->file + offset;
}

static bool section_at(const struct symbols *s, const Elf64_Ehdr *head,
		uint32_t index, Elf64_Shdr *section)
{
	const void *p = NULL;

	if (head->e_shentsize >= sizeof(*section) && head->e_shoff <= s->size)
		p = part(s, head->e_shoff + (uint64_t)index * head->e_shentsize,
				sizeof(*section));
	if (p)
		memcpy(section, p, sizeof(*section));
	return p;
}

static int take_symbol(struct symbols *s, size_t *room, const Elf64_Sym *sym,
		const Elf64_Shdr *names)
{
	const char *name;
	size_t left, length;

	if (sym->st_shndx == SHN_UNDEF || sym->st_name >= names->sh_size ||
			(ELF64_ST_TYPE(sym->st_info) != STT_FUNC &&
					ELF64_ST_TYPE(sym->st_info) !=
							STT_NOTYPE))
		return 0;
	left = names->sh_size - sym->st_name;
	name = part(s, names->sh_offset + sym->st_name, left);
	if (!name)
		return 0;
	length = strnlen(name, left);
	if (!is_of_interest(name, length))
		return 0;
	return add(s, room, sym->st_value, name, length);
}

static int take_table(struct symbols *s, const Elf64_Shdr *table,
		const Elf64_Shdr *names)
{
	size_t room = 0;
	int err = 0;

	if (!part(s, names->sh_offset, names->sh_size) ||
			!part(s, table->sh_offset, table->sh_size))
		return -ENOEXEC;
	for (uint64_t at = 0; !err && table->sh_size - at >= sizeof(Elf64_Sym);
			at += sizeof(Elf64_Sym)) {
		Elf64_Sym sym;

		memcpy(&sym, s->file + table->sh_offset + at, sizeof(sym));
		err = take_symbol(s, &room, &sym, names);
	}
	return err;
}

static int take_elf(struct symbols *s)
{
	Elf64_Shdr table, names;
	Elf64_Ehdr head;

	if (s->size < sizeof(head))
		return -ENOEXEC;
	memcpy(&head, s->file, sizeof(head));
	if (head.e_ident[EI_CLASS] != ELFCLASS64 ||
			head.e_ident[EI_DATA] != ELFDATA2LSB)
		return -ENOEXEC;
	for (uint32_t i = 0; i < head.e_shnum; i++) {
		if (!section_at(s, &head, i, &table))
			return -ENOEXEC;
		if (table.sh_type == SHT_SYMTAB &&
				section_at(s, &head, table.sh_link, &names))
			return take_table(s, &table, &names);
	}
	return -ENOEXEC;
}

static int by_address(const void *a, const void *b)
{
	const struct symbol *x = a, *y = b;

	if (x->address != y->address)
		return x->address < y->address ? -1 : 1;
	/* In the file's order: the first of those at an address names it. */
	return x->name < y->name ? -1 : x->name > y->name;
}

int symbols_take(struct symbols *s, char *file, size_t size)
{
	int err;

	*s = (struct symbols){ .file = file, .size = size };
	if (size >= SELFMAG && !memcmp(file, ELFMAG, SELFMAG))
		err = take_elf(s);
	else
		err = take_text(s);
	if (!err && !s->count)
		err = -ENOEXEC;
	if (err) {
		symbols_fini(s);
		return err;
	}
	qsort(s->list, s->count, sizeof(*s->list), by_address);
	return 0;
}

int symbols_load(struct symbols *s, const char *path)
{
	char *file;
	size_t size;
	int err = read_file(path, FILE_MAX, &file, &size);

	return err ? err : symbols_take(s, file, size);
}

void symbols_fini(struct symbols *s)
{
	free(s->list);
	free(s->file);
	*s = (struct symbols){ 0 };
}

const struct symbol *symbols_find(const struct symbols *s, uint64_t address)
{
	size_t low = 0, high = s->count;

	address -= s->shift;
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (s->list[middle].address <= address)
			low = middle + 1;
		else
			high = middle;
	}
	if (!low || address - s->list[low - 1].address > DISTANCE_MAX)
		return NULL;
	/* The first of those at the same address. */
	while (low > 1 && s->list[low - 2].address == s->list[low - 1].address)
		low--;
	return &s->list[low - 1];
}

void symbols_format(const struct symbols *s, uint64_t address, char *text,
		size_t size)
{
	const struct symbol *symbol = symbols_find(s, address);

	if (!symbol)
		snprintf(text, size, "0x%" PRIx64, address);
	else
		snprintf(text, size, "%.*s+0x%" PRIx64, (int)symbol->length,
				symbol->name,
				address - s->shift - symbol->address);
}

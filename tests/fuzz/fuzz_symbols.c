/* SPDX-License-Identifier: MIT */
/* A file of symbols, ELF or text: what is accepted is in order, and found. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "look/symbols.h"

static void check(const struct symbols *s)
{
	for (size_t i = 0; i < s->count; i++) {
		const struct symbol *found =
			symbols_find(s, s->list[i].address);
		char text[80];

		NEED(!i || s->list[i - 1].address <= s->list[i].address);
		NEED(found && found->address == s->list[i].address);
		symbols_format(s, s->list[i].address + 1, text, sizeof(text));
		NEED(*text);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *file = malloc(size + 1);
	struct symbols s;

	NEED(file);
	memcpy(file, data, size);
	file[size] = 0;
	if (!symbols_take(&s, file, size)) {
		check(&s);
		symbols_fini(&s);
	}
	return 0;
}

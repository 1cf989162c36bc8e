/* SPDX-License-Identifier: MIT */
/* A64 code as text: words, their mnemonics, and what has none. */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "disassembly.h"

static void expect(const uint32_t *words, unsigned count, uint64_t va,
		uint64_t mark, const char *want)
{
	char *text = NULL;
	size_t size = 0;
	FILE *to = open_memstream(&text, &size);

	cr_assert(to);
	disassemble(to, words, count, va, mark);
	fclose(to);
	cr_assert_str_eq(text, want);
	free(text);
}

Test(disassembly, words_have_their_mnemonics)
{
	static const uint32_t words[] = { 0xd503201f, 0xb9000041, 0xd4000002 };

	expect(words, 3, 0x40080000, 0x40080004,
			"     0x40080000  d503201f  nop\n"
			"  -> 0x40080004  b9000041  str w1, [x2]\n"
			"     0x40080008  d4000002  hvc #0\n");
}

Test(disassembly, what_is_no_instruction_is_said)
{
	static const uint32_t undefined = 0;

	expect(&undefined, 1, UINT64_MAX - 3, 0,
			"     0xfffffffffffffffc  00000000  (undefined)\n");
}

Test(disassembly, branches_name_where_they_go)
{
	static const uint32_t back = 0x17ffffff;

	expect(&back, 1, 0x1000, 0, "     0x1000  17ffffff  b #0xffc\n");
}

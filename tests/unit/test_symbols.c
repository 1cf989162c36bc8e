/* SPDX-License-Identifier: MIT */
/* Names of code addresses, from text and from ELF files, good and broken. */
#include <criterion/criterion.h>
#include <elf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "look/symbols.h"

static int take(struct symbols *s, const void *bytes, size_t size)
{
	char *copy = malloc(size + 1);

	cr_assert(copy);
	memcpy(copy, bytes, size);
	copy[size] = 0;
	return symbols_take(s, copy, size);
}

static int take_text(struct symbols *s, const char *text)
{
	return take(s, text, strlen(text));
}

static void expect(const struct symbols *s, uint64_t address, const char *want)
{
	char text[64];

	symbols_format(s, address, text, sizeof(text));
	cr_assert_str_eq(text, want);
}

static const char map[] =
	"ffff800008000000 T _text\n"
	"ffff800008010000 t pl011_write\n"
	"ffff800008010000 t pl011_write_alias\n"
	"ffff800008010040 T uart_puts\t[amba_pl011]\n"
	"ffff800008010080 D some_data\n"
	"ffff800008010090 t $x\n";

Test(symbols, are_read_from_a_system_map)
{
	struct symbols s;

	cr_assert_eq(take_text(&s, map), 0);
	cr_assert_eq(s.count, 4);
	expect(&s, 0xffff800008010000, "pl011_write+0x0");
	expect(&s, 0xffff800008010024, "pl011_write+0x24");
	expect(&s, 0xffff800008010041, "uart_puts+0x1");
	expect(&s, 0xffff800008000000, "_text+0x0");
	expect(&s, 0xffff7fffffffffff, "0xffff7fffffffffff");
	expect(&s, 0xffff900008010040, "0xffff900008010040");
	expect(&s, 0, "0x0");
	s.shift = 0x200000;
	expect(&s, 0xffff800008210024, "pl011_write+0x24");
	symbols_fini(&s);
}

Test(symbols, need_no_end_of_line_at_the_end)
{
	struct symbols s;

	cr_assert_eq(take_text(&s, "1000 T a\n2000 T b"), 0);
	expect(&s, 0x2001, "b+0x1");
	symbols_fini(&s);
}

Test(symbols, of_other_text_are_refused)
{
	static const char *const texts[] = { "", "\n", "hello\n", "1000\n",
		"1000 T\n", "1000 T \n", "1000 D data\n", "1000 T a\n\n",
		"10000000000000000 T a\n", "\x7f" "ELF" };
	struct symbols s;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		cr_assert_eq(take_text(&s, texts[i]), -ENOEXEC, "%zu", i);
}

/* A file of a header, three sections' heads, symbols and names. */
struct file {
	Elf64_Ehdr head;
	Elf64_Shdr sections[3];
	Elf64_Sym symbols[4];
	char names[32];
};

static struct file make_file(void)
{
	struct file f = { .head = { .e_shoff = offsetof(struct file, sections),
				   .e_shentsize = sizeof(Elf64_Shdr),
				   .e_shnum = 3 } };

	memcpy(f.head.e_ident, ELFMAG, SELFMAG);
	f.head.e_ident[EI_CLASS] = ELFCLASS64;
	f.head.e_ident[EI_DATA] = ELFDATA2LSB;
	f.sections[1] = (Elf64_Shdr){ .sh_type = SHT_SYMTAB, .sh_link = 2,
		.sh_offset = offsetof(struct file, symbols),
		.sh_size = sizeof(f.symbols) };
	f.sections[2] = (Elf64_Shdr){ .sh_type = SHT_STRTAB,
		.sh_offset = offsetof(struct file, names),
		.sh_size = sizeof(f.names) };
	memcpy(f.names, "\0start\0handler\0table", 21);
	f.symbols[1] = (Elf64_Sym){ .st_name = 7, .st_shndx = 1,
		.st_info = STT_FUNC, .st_value = 0x2000 };
	f.symbols[2] = (Elf64_Sym){ .st_name = 1, .st_shndx = 1,
		.st_info = STT_NOTYPE, .st_value = 0x1000 };
	f.symbols[3] = (Elf64_Sym){ .st_name = 15, .st_shndx = 1,
		.st_info = STT_OBJECT, .st_value = 0x1800 };
	return f;
}

Test(symbols, are_read_from_an_elf_file)
{
	struct file f = make_file();
	struct symbols s;

	cr_assert_eq(take(&s, &f, sizeof(f)), 0);
	cr_assert_eq(s.count, 2);
	expect(&s, 0x1804, "start+0x804");
	expect(&s, 0x2004, "handler+0x4");
	symbols_fini(&s);
}

/* Whatever is where, nothing is read past the end (which asan would tell). */
Test(symbols, of_a_broken_elf_file_are_within_it)
{
	struct file good = make_file();

	for (size_t at = 4; at + 8 <= sizeof(good); at++) {
		static const uint64_t bad[] = { 0, 1, 0xffff, UINT32_MAX,
			UINT64_MAX, UINT64_MAX - 64, 1ull << 63 };

		for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
			struct file f = good;
			struct symbols s;

			char text[64];

			memcpy((char *)&f + at, &bad[i], sizeof(bad[i]));
			if (take(&s, &f, sizeof(f)))
				continue;
			cr_assert_leq(s.count, 4);
			symbols_format(&s, 0x1804, text, sizeof(text));
			symbols_fini(&s);
		}
	}
	for (size_t size = 0; size < sizeof(good); size++) {
		struct symbols s;

		if (!take(&s, &good, size))
			symbols_fini(&s);
	}
}

/* SPDX-License-Identifier: MIT */
/*
 * Code as text, by libcapstone; where there is none, as words. It is loaded when
 * it is needed: its tables are most of what starting hvtrace would take.
 */
#include "disassembly.h"

#include <inttypes.h>
#include <stdbool.h>

static void put_word(FILE *to, uint32_t word, uint64_t va, bool marked)
{
	fprintf(to, "  %s 0x%" PRIx64 "  %08" PRIx32, marked ? "->" : "  ", va,
			word);
}

#ifdef HVT_CAPSTONE
#include <capstone/capstone.h>
#include <dlfcn.h>

struct capstone {
	csh handle;
	__typeof__(cs_open) *open;
	__typeof__(cs_disasm) *disasm;
	__typeof__(cs_free) *free;
};

static struct capstone *load(void)
{
	static struct capstone found;
	static bool tried;
	void *library = tried ? NULL : dlopen(HVT_CAPSTONE, RTLD_NOW);

	tried = true;
	if (library) {
		found.open = (__typeof__(found.open))dlsym(library, "cs_open");
		found.disasm = (__typeof__(found.disasm))dlsym(
				library, "cs_disasm");
		found.free = (__typeof__(found.free))dlsym(library, "cs_free");
		if (!found.open || !found.disasm || !found.free ||
				found.open(CS_ARCH_ARM64, CS_MODE_ARM,
						&found.handle))
			found.handle = 0;
	}
	return found.handle ? &found : NULL;
}

static void put_instruction(FILE *to, uint32_t word, uint64_t va)
{
	uint8_t bytes[4] = { (uint8_t)word, (uint8_t)(word >> 8),
		(uint8_t)(word >> 16), (uint8_t)(word >> 24) };
	struct capstone *c = load();
	cs_insn *insn = NULL;

	if (!c)
		return;
	if (c->disasm(c->handle, bytes, sizeof(bytes), va, 1, &insn) == 1)
		fprintf(to, "  %s%s%s", insn->mnemonic, *insn->op_str ? " " : "",
				insn->op_str);
	else
		fprintf(to, "  (undefined)");
	if (insn)
		c->free(insn, 1);
}
#else
static void put_instruction(FILE *to, uint32_t word, uint64_t va)
{
	(void)to, (void)word, (void)va;
}
#endif

void disassemble(FILE *to, const uint32_t *words, unsigned count, uint64_t va,
		uint64_t mark)
{
	for (unsigned i = 0; i < count; i++, va += 4) {
		put_word(to, words[i], va, va == mark);
		put_instruction(to, words[i], va);
		fputc('\n', to);
	}
}

/* SPDX-License-Identifier: MIT */
/* Code as text, by libcapstone; where it was not built in, as words. */
#include "disassembly.h"

#include <inttypes.h>

#ifdef HVT_HAS_CAPSTONE
#include <capstone/capstone.h>

static void put_instruction(FILE *to, csh handle, uint32_t word, uint64_t va)
{
	uint8_t bytes[4] = { (uint8_t)word, (uint8_t)(word >> 8),
		(uint8_t)(word >> 16), (uint8_t)(word >> 24) };
	cs_insn *insn = NULL;

	if (cs_disasm(handle, bytes, sizeof(bytes), va, 1, &insn) == 1)
		fprintf(to, "%s %s\n", insn->mnemonic, insn->op_str);
	else
		fprintf(to, "(undefined)\n");
	if (insn)
		cs_free(insn, 1);
}

void disassemble(FILE *to, const uint32_t *words, unsigned count, uint64_t va,
		uint64_t mark)
{
	csh handle;

	if (cs_open(CS_ARCH_ARM64, CS_MODE_ARM, &handle))
		return;
	for (unsigned i = 0; i < count; i++, va += 4) {
		fprintf(to, "  %s 0x%" PRIx64 "  %08" PRIx32 "  ",
				va == mark ? "->" : "  ", va, words[i]);
		put_instruction(to, handle, words[i], va);
	}
	cs_close(&handle);
}
#else
void disassemble(FILE *to, const uint32_t *words, unsigned count, uint64_t va,
		uint64_t mark)
{
	for (unsigned i = 0; i < count; i++, va += 4)
		fprintf(to, "  %s 0x%" PRIx64 "  %08" PRIx32 "\n",
				va == mark ? "->" : "  ", va, words[i]);
}
#endif

/* SPDX-License-Identifier: MIT */
#ifndef HVTRACE_DISASSEMBLY_H
#define HVTRACE_DISASSEMBLY_H

#include <stdint.h>
#include <stdio.h>

/* A64 code at va, a line an instruction; that at mark has an arrow. */
void disassemble(FILE *to, const uint32_t *words, unsigned count, uint64_t va,
		uint64_t mark);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * A vCPU's registers as text, read through the API by the owning thread while
 * the vCPU exists.
 */
#ifndef HVRUN_FINAL_REGS_H
#define HVRUN_FINAL_REGS_H

#include <stdio.h>

struct cpu;

/*
 * One line "cpuN.name 0x..." for each register; a register that cannot be read
 * has the API's return code in place of its value. The caller frees the
 * string. NULL without memory.
 */
char *final_regs_read(struct cpu *cpu);

/* The registers that matter when a guest has gone astray. */
void final_regs_dump(struct cpu *cpu, FILE *out);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Guest virtual addresses: the stage 1 tables of the EL1&0 regime (Arm ARM
 * D8.2), walked in guest memory. They are hostile input: a walk has at most
 * five levels, and reads only what hv_vm_map has mapped. Where hardware may
 * choose (sizes out of range), there is no translation here: the caller then
 * has no instruction, and says so in the syndrome.
 */
#ifndef HVT_WALK_H
#define HVT_WALK_H

#include <stdint.h>

/* The registers that a translation depends on, as the guest has them. */
struct hvt_stage1 {
	uint64_t sctlr, tcr, ttbr0, ttbr1;
};

/*
 * Translates va, permissions apart: 0; -EFAULT, the tables have no
 * translation; -ENXIO, the entry at *ipa is where nothing is mapped.
 */
int hvt_walk(const struct hvt_stage1 *regs, uint64_t va, uint64_t *ipa);

/* The same as part of a look at guest memory (guest_memory.h). */
struct hvt_memory_look;
int hvt_walk_within(struct hvt_memory_look *look, const struct hvt_stage1 *regs,
	uint64_t va, uint64_t *ipa);

/*
 * The address that a pointer with a signature stands for. A signature takes
 * the bits between the address and its tag, or all above the address if it has
 * no tag (Arm ARM D8.8); bit 55 tells what they were.
 */
uint64_t hvt_walk_unsigned(uint64_t tcr, uint64_t pointer);

#endif

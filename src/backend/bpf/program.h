/* SPDX-License-Identifier: MIT */
/* The program that writes exit records. Private to the room. */
#ifndef HVT_BPF_PROGRAM_H
#define HVT_BPF_PROGRAM_H

#include <linux/bpf.h>
#include <stddef.h>
#include <stdint.h>

#include "kernel_layout.h"

#define HVT_PROGRAM_MAX 512u

struct hvt_program {
	struct bpf_insn insns[HVT_PROGRAM_MAX];
	size_t count;
};

void hvt_program_assemble(struct hvt_program *program,
		const struct hvt_kernel_layout *layout, int map,
		uint64_t cookie);

#endif

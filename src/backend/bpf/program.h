/* SPDX-License-Identifier: MIT */
/* The program that writes exit records. Private to the room. */
#ifndef HVT_BPF_PROGRAM_H
#define HVT_BPF_PROGRAM_H

#include <linux/bpf.h>
#include <stddef.h>
#include <stdint.h>

#include "kernel_layout.h"

#define HVT_PROGRAM_MAX 512u

/* Where a cookie has the number of the client, above that of the record. */
#define HVT_CLIENT_SHIFT 6u

struct hvt_program {
	struct bpf_insn insns[HVT_PROGRAM_MAX];
	size_t count;
};

/* For the records in map, of one source. */
void hvt_program_assemble(struct hvt_program *program,
		const struct hvt_kernel_layout *layout, int map,
		uint64_t cookie);

/* For those of many, as struct hvt_exit_service has them. */
void hvt_program_assemble_shared(struct hvt_program *program,
		const struct hvt_kernel_layout *layout, int clients,
		int cookies);

#endif

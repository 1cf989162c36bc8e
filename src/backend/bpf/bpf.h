/* SPDX-License-Identifier: MIT */
/*
 * The door of the bpf room: exit records. A vCPU's registers and the syndrome
 * of its last exit are in the kernel's memory when KVM_RUN returns, and KVM
 * gives them out by one ioctl each. A BPF program at the end of KVM_RUN copies
 * them into a map that the VMM has mapped (reference: fentry programs and BTF,
 * Documentation/bpf of Linux).
 *
 * It takes CAP_BPF and CAP_PERFMON to load it: of the VMM, or of a helper that
 * passes the descriptors over a socket (tools/hvtrace-bpf-helper).
 */
#ifndef HVT_BPF_H
#define HVT_BPF_H

#include <stddef.h>
#include <stdint.h>


/* One for each vCPU, this far from each other. */
#define HVT_RECORD_STRIDE 512u
#define HVT_RECORDS       64u

/*
 * A vCPU takes part if the last 8 bytes of the room for synced registers in
 * its struct kvm_run, which arm64 has no use for, hold the cookie of the
 * source plus the number of its record. A program of another process, which
 * sees this vCPU run, too, has another cookie.
 */
#define HVT_RECORD_COOKIE_OFFSET 2040u /* in kvm_run.s */

struct hvt_exit_source {
	uint64_t cookie; /* a multiple of HVT_RECORDS, random */
	int map;         /* to be mapped, HVT_RECORDS * HVT_RECORD_STRIDE */
	int link;        /* the program is attached while this is open */
	int helper;      /* connection to the helper that loaded it, or -1 */
};

/*
 * Loads and attaches the program. -EPERM: without the capabilities.
 * -EOPNOTSUPP: this kernel has no BTF, or not what the program looks for.
 */
int hvt_exit_source_load(struct hvt_exit_source *source);

/*
 * From a helper that listens at path. -ENOENT, -ECONNREFUSED, -EACCES: there
 * is none for this process; -ETIMEDOUT, -EPROTO: it does not answer right.
 */
int hvt_exit_source_ask(struct hvt_exit_source *source, const char *path);

/* The helper's side: answers the one who has connected. */
int hvt_exit_source_answer(int connection, const struct hvt_exit_source *source);

void hvt_exit_source_close(struct hvt_exit_source *source);

#endif

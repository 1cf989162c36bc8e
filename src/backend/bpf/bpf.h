/* SPDX-License-Identifier: MIT */
/*
 * The door of the bpf room: exit records. A vCPU's registers and the syndrome
 * of its last exit are in the kernel's memory when KVM_RUN returns, and KVM
 * gives them out by one ioctl each. A BPF program at the end of KVM_RUN copies
 * them into a map that the VMM has mapped (reference: fentry programs and BTF,
 * Documentation/bpf of Linux).
 *
 * It takes CAP_BPF and CAP_PERFMON to load it: of the VMM, or of a helper that
 * serves many over a socket (tools/hvtrace-bpf-helper).
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
 * source plus the number of its record. Nobody else knows the cookie: who did
 * could write into these records by vCPUs of his own.
 */
#define HVT_RECORD_COOKIE_OFFSET 2040u /* in kvm_run.s */

struct hvt_exit_source {
	uint64_t cookie; /* a multiple of HVT_RECORDS, random */
	int map;         /* to be mapped, HVT_RECORDS * HVT_RECORD_STRIDE */
	int link;        /* the program is attached while this is open, or -1 */
	int helper;      /* connection to the helper that has it, or -1 */
};

/*
 * Loads and attaches a program of one's own. -EPERM: without the capabilities.
 * -EOPNOTSUPP: this kernel has no BTF, or not what the program looks for.
 */
int hvt_exit_source_load(struct hvt_exit_source *source);

/*
 * From a helper that listens at path. -ENOENT, -ECONNREFUSED, -EACCES: there
 * is none for this process; -ETIMEDOUT, -EPROTO: it does not answer right.
 * When the helper ends no more records are written.
 */
int hvt_exit_source_ask(struct hvt_exit_source *source, const char *path);

void hvt_exit_source_close(struct hvt_exit_source *source);

/*
 * The helper's side: one program for all its clients. Each has records of its
 * own, which no other sees, and gets no more than those: the program goes with
 * the helper, whatever a client keeps.
 */
#define HVT_EXIT_CLIENTS 256u

struct hvt_exit_service {
	int clients; /* map: of client n the map of its records */
	int cookies; /* map: all of cookie[] */
	int link;
	uint64_t cookie[HVT_EXIT_CLIENTS];
};

/* As hvt_exit_source_load(). */
int hvt_exit_service_start(struct hvt_exit_service *service);
/* Makes records for client, and sends them to it. It does not wait for it. */
int hvt_exit_service_add(struct hvt_exit_service *service, uint32_t client,
		int connection);
/* Records are no longer written for it. */
void hvt_exit_service_remove(struct hvt_exit_service *service, uint32_t client);
void hvt_exit_service_stop(struct hvt_exit_service *service);

#endif

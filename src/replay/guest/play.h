/* SPDX-License-Identifier: MIT */
/* Calls of the API made again, from the events that a trace has of them. */
#ifndef HVT_GUEST_PLAY_H
#define HVT_GUEST_PLAY_H

#include <Hypervisor/Hypervisor.h>
#include <hvtrace/hvtrace.h>

#include "call_ids.h"
#include "space.h"

#define HVT_PLAYED_VCPUS 64u

/* What calls have to do with, besides their events. */
struct hvt_play {
	struct hvt_space *space;
	void **objects; /* by serial number of the recording */
	uint64_t object_count;
	uint64_t stale; /* those below are of before the keyframe: empty */
	hv_vcpu_exit_t *exits[HVT_PLAYED_VCPUS]; /* of vCPUs that there are */
	void *in;  /* the bytes that go into the call */
	void *out; /* room for those that come out of it */
	size_t out_size;
};

/*
 * Makes the call: result and outputs go to *got, whose bytes are valid until
 * the next one. 0; -EBADMSG: the event cannot be of that call; -ENOMEM. By the
 * thread that plays the one of the event.
 */
typedef int hvt_play_fn(struct hvt_play *p, const struct hvt_event *call,
		struct hvt_event *got);

/* NULL: it is not to be made again. */
extern hvt_play_fn *const hvt_plays[HVT_CALL_LIMIT];

hvt_play_fn hvt_play_vm_config_create, hvt_play_vcpu_config_create,
		hvt_play_gic_config_create, hvt_play_gic_state_create,
		hvt_play_gic_state_get_data, hvt_play_vcpu_create,
		hvt_play_vcpu_set_simd_fp_reg, hvt_play_vcpu_run;

/* The object that has had that number; NULL: none. */
void *hvt_play_object(const struct hvt_play *p, uint64_t serial);

/* Where the memory is now; NULL: it never was the guest's. */
void *hvt_play_host(const struct hvt_play *p, uint64_t addr, uint64_t size);

/* Room for size bytes as value i of *got; NULL: it cannot be so many. */
void *hvt_play_out(struct hvt_play *p, struct hvt_event *got, unsigned i,
		size_t size);

void hvt_play_fini(struct hvt_play *p);

#endif

/* SPDX-License-Identifier: MIT */
/* The process's one VM, as the functions behind the door share it. */
#ifndef HVT_VM_H
#define HVT_VM_H

#include <pthread.h>
#include <stdatomic.h>

#include "backend.h"

#define IPA_BITS_DEFAULT 36u /* as on every Mac so far */

struct hvt_vm {
	pthread_mutex_t lock;
	atomic_bool exists; /* changed under lock; all below is under it */
	uint32_t ipa_bits;
	bool el2;
	bool has_gic;
	struct hvt_gic_params gic; /* what it was created with */
	uint64_t gic_restored;     /* vCPUs to be, whose redistributor is set */
	unsigned vcpus;            /* that exist */
};

extern struct hvt_vm hvt_vm HVT_HIDDEN;
extern const struct hvt_engine *hvt_engine HVT_HIDDEN;

/* 0 if there is a VM, else -ENODEV. The lock is held. */
int hvt_vm_check(void);

/*
 * gic.c: takes the lock and keeps it if there is a GIC, for hvt_gic_leave();
 * else -ENODEV.
 */
int hvt_gic_enter(void);
void hvt_gic_leave(void);

/* Unmaps everything: the end of a VM. The lock is held. */
void hvt_memory_reset(void);

#endif

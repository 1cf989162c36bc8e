/* SPDX-License-Identifier: MIT */
/* The process's one VM, as the functions behind the door share it. */
#ifndef HVT_VM_H
#define HVT_VM_H

#include <pthread.h>

#include "backend.h"

#define IPA_BITS_DEFAULT 36u /* as on every Mac so far */

struct hvt_vm {
	pthread_mutex_t lock;
	bool exists;       /* under lock, as all below */
	uint32_t ipa_bits;
	bool has_gic;
	unsigned vcpus;    /* that exist */
};

extern struct hvt_vm hvt_vm;
extern const struct hvt_engine *hvt_engine;

/* 0 if there is a VM, else -ENODEV. The lock is held. */
int hvt_vm_check(void);

/* Unmaps everything: the end of a VM. The lock is held. */
void hvt_memory_reset(void);

#endif

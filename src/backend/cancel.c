/* SPDX-License-Identifier: MIT */
/*
 * hv_vcpus_exit. On a Mac it is a trap into the kernel, so a VMM may call it
 * from a signal handler, whatever that has interrupted: here it takes no lock
 * and touches nothing that a thread changes bit by bit. A vCPU that another
 * thread destroys meanwhile stays until the calls that may have found it are
 * through.
 */
#include "cancel.h"

#include <errno.h>
#include <sched.h>
#include <stdatomic.h>

#include "api.h"
#include "vm.h"

#define LIST_MAX (64u * HVT_VCPU_MAX)

static struct hvt_engine_vcpu *_Atomic targets[HVT_VCPU_MAX];

/* Calls under way, by the turn in which they began. */
static atomic_uint inside[2];
static atomic_uint turn;

void hvt_cancel_allow(hv_vcpu_t id, struct hvt_engine_vcpu *vcpu)
{
	atomic_store(&targets[id], vcpu);
}

/*
 * Calls that begin from now on are counted in the other turn: so this comes to
 * an end however many there are. A call may have read turn and not yet have
 * counted itself when the turn changes; what it finds then is none of what was
 * forbidden before, but may be forbidden in the next turn of that number. Hence
 * both.
 */
void hvt_cancel_forbid(hv_vcpu_t id)
{
	atomic_store(&targets[id], NULL);
	for (unsigned i = 0; i < 2; i++) {
		unsigned ending = atomic_fetch_xor(&turn, 1);

		while (atomic_load(&inside[ending]))
			sched_yield();
	}
}

static void cancel_all(const hv_vcpu_t *ids, uint32_t count)
{
	unsigned now = atomic_load(&turn);

	atomic_fetch_add(&inside[now], 1);
	for (uint32_t i = 0; i < count; i++) {
		/* Once: another thread may be writing the list. */
		hv_vcpu_t id = *(const volatile hv_vcpu_t *)&ids[i];
		struct hvt_engine_vcpu *vcpu = id < HVT_VCPU_MAX
				? atomic_load(&targets[id])
				: NULL;

		/* One that is gone already has nothing left to be ended. */
		if (vcpu)
			hvt_engine->vcpu_cancel(vcpu);
	}
	atomic_fetch_sub(&inside[now], 1);
}

int hvt_vcpus_exit(hv_vcpu_t *ids, uint32_t count)
{
	int before = errno;

	/* More than every vCPU many times over is no list of vCPUs. */
	if ((!ids && count) || count > LIST_MAX)
		return -EINVAL;
	if (!hvt_vm.exists)
		return -ENODEV;
	for (uint32_t i = 0; i < count; i++)
		if (ids[i] >= HVT_VCPU_MAX)
			return -EINVAL;
	cancel_all(ids, count);
	/* The code that was interrupted may be about to look at it. */
	errno = before;
	return 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * Affinities. KVM finds a vCPU by its MPIDR_EL1 for SGIs, for GICD_IROUTER and
 * for its own device attributes, and takes the first that has it. So no vCPU
 * may keep one that the VMM gives to another: those that the API does not have
 * are parked at an affinity that software does not use, and the one that a
 * vCPU is created with gives way to the VMM's.
 */
#include <errno.h>

#include "kvm.h"

#define MPIDR_AFFINITY 0xff00ffffffull
#define MPIDR_RES1     0x80000000ull
/* Aff3 to Aff1; Aff0 is the number of the vCPU. */
#define PARKED         0xff00ffff00ull

#define GICD_IROUTER   0x6000u

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static int set_affinity(struct hvt_engine_vcpu *v, uint64_t affinity)
{
	uint64_t mpidr = affinity | MPIDR_RES1;
	int err = hvt_kvm_one_reg(v->fast.fd, KVM_SET_ONE_REG,
			hvt_kvm_sys_id(HV_SYS_REG_MPIDR_EL1), &mpidr);

	if (!err)
		v->affinity = affinity;
	return err;
}

static int set_parked(struct hvt_engine_vcpu *v)
{
	return set_affinity(v, PARKED | v->id);
}

/* KVM's own choice: 16 in a group, as many as an SGI's list can name. */
static uint64_t first_affinity(uint32_t id)
{
	return (id & 0xf) | id >> 4 << 8;
}

int hvt_kvm_gic_park(struct hvt_engine_vcpu *v)
{
	int err;

	pthread_mutex_lock(&lock);
	atomic_store(&v->placed, false);
	err = set_parked(v);
	pthread_mutex_unlock(&lock);
	return err;
}

static struct hvt_engine_vcpu *other_with(
		const struct hvt_engine_vcpu *v, uint64_t affinity)
{
	for (uint32_t id = 0; id < HVT_VCPU_MAX; id++) {
		struct hvt_engine_vcpu *other = hvt_kvm.vcpus[id];

		if (other && other != v && other->affinity == affinity)
			return other;
	}
	return NULL;
}

int hvt_kvm_gic_unpark(struct hvt_engine_vcpu *v)
{
	uint64_t affinity = first_affinity(v->id);
	int err;

	pthread_mutex_lock(&lock);
	atomic_store(&v->placed, false);
	err = hvt_kvm.gic >= 0 && other_with(v, affinity)
			? set_parked(v)
			: set_affinity(v, affinity);
	pthread_mutex_unlock(&lock);
	return err;
}

/* One that runs would keep its descriptor busy: nobody does meanwhile. */
static int make_way(const struct hvt_engine_vcpu *v, uint64_t affinity)
{
	struct hvt_engine_vcpu *other = other_with(v, affinity);
	int err;

	if (!other || atomic_load(&other->placed))
		return 0;
	hvt_kvm_pause();
	err = set_parked(other);
	hvt_kvm_resume();
	return err;
}

/* KVM has now no vCPU, or not one for all, for what is routed there. */
static void forget_target(uint64_t route)
{
	for (uint32_t id = 0; id < hvt_kvm_vcpu_max(); id++)
		if (hvt_kvm.vcpus[id]->target == route)
			hvt_kvm.vcpus[id]->target = HVT_NO_TARGET;
}

void hvt_kvm_gic_routed(uint64_t route)
{
	for (uint32_t id = 0; id < hvt_kvm_vcpu_max(); id++) {
		const struct hvt_engine_vcpu *v = hvt_kvm.vcpus[id];

		if (atomic_load(&v->placed) && v->target == route)
			return;
	}
	forget_target(route);
}

/*
 * KVM looks for an SPI's target when its IROUTER is written: those that name
 * the old or the new affinity are written again. Until a guest or the VMM has
 * written one, all are 0.
 */
static int route_again(uint64_t was, uint64_t is)
{
	const struct hvt_gic_params *p = &hvt_kvm.gic_params;
	int err = 0;

	if (was && is && !atomic_load(&hvt_kvm.has_run) &&
			!atomic_load(&hvt_kvm.gic_written))
		return 0;
	hvt_kvm_pause();
	for (uint32_t i = 0; i < p->spi_count && !err; i++) {
		uint32_t reg = GICD_IROUTER + 8 * (p->spi_base + i);
		uint64_t value;

		err = hvt_kvm_gic_get(HVT_GIC_DISTRIBUTOR, 0, reg, &value);
		if (!err && (value == was || value == is))
			err = hvt_kvm_gic_set(
					HVT_GIC_DISTRIBUTOR, 0, reg, value);
	}
	hvt_kvm_resume();
	return err;
}

int hvt_kvm_gic_place(struct hvt_engine_vcpu *v, uint64_t mpidr)
{
	uint64_t was, is = mpidr & MPIDR_AFFINITY;
	int err;

	if ((is & PARKED) == PARKED)
		return -EINVAL;
	pthread_mutex_lock(&lock);
	was = v->target;
	err = make_way(v, is);
	if (!err) {
		v->affinity = is;
		atomic_store(&v->placed, true);
	}
	pthread_mutex_unlock(&lock);
	is &= IROUTER_MASK;
	/*
	 * What a guest has routed there while it was away is not found again:
	 * nobody tells, and to look at all routes each time would take long.
	 */
	if (err || was == is)
		return err;
	forget_target(is);
	v->target = is;
	return route_again(was, is);
}

/* SPDX-License-Identifier: MIT */
/*
 * The whole of the API under random calls of several threads, on the fake
 * engine: see api_model.h. Before a VM ends, the engine's slots must be what
 * the model has mapped; after it the engine must have nothing left.
 */
#include <criterion/criterion.h>

#include "api_model.h"
#include "fake_engine.h"

/* A page more than can be needed: a slot that is lost is missed. */
#define REGIONS (1 + MODEL_THREADS * MODEL_PAGES)

static unsigned canceled[HVT_VCPU_MAX];

/* The fake engine has one system register, which each shows in its way. */
static uint64_t sys_reg(const struct model_vcpu *cpu, unsigned n)
{
	return cpu->last_sys ^ model_sys_regs[n];
}

/* As a vCPU at an HVC #1 ends its run, or before it if it is told to. */
static void next_exit(struct hvt_engine_vcpu *vcpu, hv_vcpu_exit_t *exit)
{
	unsigned cancels = atomic_load(&vcpu->cancels);

	if (vcpu->runs == 1)
		canceled[vcpu->id] = 0;
	*exit = (hv_vcpu_exit_t){ .reason = HV_EXIT_REASON_CANCELED };
	if (cancels != canceled[vcpu->id]) {
		canceled[vcpu->id] = cancels;
		return;
	}
	exit->reason = HV_EXIT_REASON_EXCEPTION;
	exit->exception.syndrome = 0x5a000001;
}

static const struct fake_slot *slot_at(uint64_t ipa)
{
	for (unsigned i = 0; i < FAKE_SLOTS; i++) {
		const struct fake_slot *s = &fake.slots[i];

		if (s->used && ipa - s->ipa < s->size)
			return s;
	}
	return NULL;
}

static const char *check_page(const struct model_page *page, uint64_t ipa)
{
	const struct fake_slot *s = slot_at(ipa);

	if (!page->host || !(page->flags & HV_MEMORY_READ))
		return s ? "a slot where nothing is mapped" : NULL;
	if (!s)
		return "no slot where something is mapped";
	if (s->host + (ipa - s->ipa) != page->host)
		return "a slot of other memory";
	return (s->flags ^ page->flags) & HV_MEMORY_WRITE
		? "a slot with other flags"
		: NULL;
}

static const char *slots_are_what_is_mapped(void)
{
	const char *found = NULL;

	for (unsigned t = 0; t < MODEL_THREADS; t++)
		for (unsigned i = 0; i < MODEL_PAGES && !found; i++)
			found = check_page(&model.threads[t].pages[i],
				model_ipa(t, i));
	return found;
}

static const char *nothing_is_left(void)
{
	if (fake.vm || fake.gic || fake.paused)
		return "the engine has a VM";
	if (fake_engine_slots_used())
		return "the engine has a slot";
	for (unsigned i = 0; i < HVT_VCPU_MAX; i++)
		if (fake.vcpus[i].exists)
			return "the engine has a vCPU";
	return atomic_load(&fake.dead_cancels) ? "canceled what was gone"
					       : NULL;
}

Test(api_model, says_what_the_library_does, .timeout = 100)
{
	const struct model_world world = {
		.rounds = test_scale(40, 1000),
		.steps = 2000,
		.sys_reg = sys_reg,
		.before_vm_end = slots_are_what_is_mapped,
		.after_vm_end = nothing_is_left,
	};

	fake_engine_install();
	fake.slot_limit = REGIONS + 1;
	fake.next_exit = next_exit;
	cr_assert(model_run(&world));
	cr_assert_gt(model.vms, 10);
	cr_assert_not(hvt_backend_has_vm());
}

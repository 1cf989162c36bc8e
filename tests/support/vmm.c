/* SPDX-License-Identifier: MIT */
#include "vmm.h"

#include <Hypervisor/Hypervisor.h>
#include <mach/mach_time.h>
#include <os/object.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static _Atomic uint64_t clock_of_calls;

static void begin(struct vmm_thread *t)
{
	if (t->calls == VMM_CALLS_MAX)
		abort();
	t->stamps[t->calls].before = ++clock_of_calls;
}

static void end(struct vmm_thread *t)
{
	t->stamps[t->calls++].after = ++clock_of_calls;
}

static void mix(struct vmm_thread *t, uint64_t answer)
{
	struct rng r = rng_from(t->digest ^ answer);

	t->digest = rng_next(&r);
}

/* One call, its result mixed in. */
#define CALL(t, expression)                                                    \
	do {                                                                   \
		begin(t);                                                      \
		mix(t, (uint64_t)(expression));                                \
		end(t);                                                        \
	} while (0)

static void step_registers(struct vmm_thread *t, hv_vcpu_t vcpu)
{
	hv_reg_t reg = (hv_reg_t)(t->digest % (HV_REG_CPSR + 1));
	hv_simd_fp_uchar16_t v;
	uint64_t words[2], value = 0;

	CALL(t, hv_vcpu_set_reg(vcpu, reg, rng_next(&t->rng)));
	CALL(t, hv_vcpu_get_reg(vcpu, reg, &value));
	mix(t, value);
	rng_bytes(&t->rng, &v, sizeof(v));
	CALL(t, hv_vcpu_set_simd_fp_reg(vcpu, t->digest % 32, v));
	memset(&v, 0, sizeof(v));
	CALL(t, hv_vcpu_get_simd_fp_reg(vcpu, t->digest % 32, &v));
	memcpy(words, &v, sizeof(v));
	mix(t, words[0] ^ words[1]);
	CALL(t, hv_vcpu_get_sys_reg(vcpu, HV_SYS_REG_MPIDR_EL1, &value));
	mix(t, value);
}

static void step_run(
	struct vmm_thread *t, hv_vcpu_t vcpu, const hv_vcpu_exit_t *exit)
{
	CALL(t, hv_vcpu_set_pending_interrupt(vcpu, t->digest & 1, true));
	CALL(t, hv_vcpu_run(vcpu));
	mix(t, exit->reason);
	mix(t, exit->exception.syndrome);
	mix(t, exit->exception.virtual_address);
	mix(t, exit->exception.physical_address);
}

static void step_others(struct vmm_thread *t, hv_vcpu_t vcpu)
{
	hv_vcpu_t ids[2] = { t->digest % 4, t->digest / 4 % 4 };
	uint64_t offset = 0;

	CALL(t, hv_vcpus_exit(ids, 1 + (t->digest & 1)));
	CALL(t, mach_absolute_time());
	CALL(t, hv_vcpu_get_vtimer_offset(vcpu, &offset));
	mix(t, offset);
	CALL(t, hv_vcpu_set_vtimer_offset(vcpu, t->digest));
}

static void step_config(struct vmm_thread *t)
{
	hv_vm_config_t c;
	uint32_t bits = 0;

	begin(t);
	c = hv_vm_config_create();
	end(t);
	CALL(t, hv_vm_config_set_ipa_size(c, t->digest % 50));
	CALL(t, hv_vm_config_get_ipa_size(c, &bits));
	mix(t, bits);
	os_release(c);
}

static void *vcpu_thread(void *arg)
{
	struct vmm_thread *t = arg;
	hv_vcpu_exit_t *exit;
	hv_vcpu_t vcpu = 0;
	uint32_t intid = 0;

	CALL(t, hv_gic_get_intid(VMM_FIRST_INPUT(t->index), &intid));
	CALL(t, hv_vcpu_create(&vcpu, &exit, NULL));
	mix(t, vcpu);
	while (t->calls < t->steps) {
		switch (t->digest % 5) {
		case 0:
			step_registers(t, vcpu);
			break;
		case 1:
			step_config(t);
			break;
		case 2:
			step_others(t, vcpu);
			break;
		default:
			step_run(t, vcpu, exit);
		}
	}
	CALL(t, hv_vcpu_destroy(vcpu));
	return NULL;
}

void vmm_run(struct vmm *vmm, uint64_t seed, unsigned steps)
{
	struct vmm_thread *t = vmm->threads;
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	void *memory = aligned_alloc(page, page);
	uint32_t intid;

	memset(vmm, 0, sizeof(*vmm));
	for (unsigned i = 0; i < VMM_THREADS; i++) {
		t[i].index = i;
		t[i].steps = steps;
		t[i].rng = rng_from(seed + i);
	}
	CALL(t, hv_gic_get_intid(VMM_FIRST_INPUT(0), &intid));
	CALL(t, hv_vm_create(NULL));
	CALL(t, hv_vm_map(memory, 0x40000000, page, HV_MEMORY_READ));
	for (unsigned i = 1; i < VMM_THREADS; i++)
		pthread_create(&t[i].thread, NULL, vcpu_thread, &t[i]);
	for (unsigned i = 0; i < steps; i++)
		CALL(t, mach_absolute_time());
	for (unsigned i = 1; i < VMM_THREADS; i++)
		pthread_join(t[i].thread, NULL);
	CALL(t, hv_vm_unmap(0x40000000, page));
	CALL(t, hv_vm_destroy());
	free(memory);
}

/* SPDX-License-Identifier: MIT */
/*
 * Random accesses of all A64 forms by a random guest: each abort the VMM sees
 * is compared with what the CPU told KVM.
 *
 * HVT_ORACLE_ACCESSES says how many (20000). HVT_SEED repeats a run.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "conformance.h"
#include "fault_oracle.h"
#include "random_guest.h"

#define FORMS_MAX 1024

static struct rng rng;
static const volatile struct fault *oracle;

static struct {
	unsigned aborts, undefined;
	const char *name;
} forms[FORMS_MAX];
static unsigned compared, wrong, unpredictable;

static void tell(const struct random_access *a, const struct random_setting *s,
	const hv_vcpu_exit_exception_t *e)
{
	if (++wrong > 20)
		return;
	printf("# %08x %s: esr %" PRIx64 " far %" PRIx64 " ipa %" PRIx64
	       ", should be %" PRIx64 " %" PRIx64 " %" PRIx64 "\n",
		a->insn, a->name, e->syndrome, e->virtual_address,
		e->physical_address, oracle->esr, oracle->far,
		oracle->ipa | (oracle->far & 0xfff));
	printf("#   mmu %d el%d granules %d %d, bits %u %u, code %" PRIx64
	       " tbi %d far level %d\n",
		s->mmu, !s->el0, s->tables[0].granule, s->tables[1].granule,
		s->tables[0].va_bits, s->tables[1].va_bits, s->code, s->tbi,
		s->far_level);
}

/*
 * All bits but the fault status are the CPU's; its class is what the map says,
 * its level the CPU's where KVM hands it on, which it does without ISV.
 */
static bool agrees(const hv_vcpu_exit_exception_t *e)
{
	uint64_t ipa = oracle->ipa | (oracle->far & 0xfff);
	bool isv = e->syndrome >> 24 & 1;
	uint64_t status;

	status = (random_guest_has(ipa) ? 0x0c : 0x04) | (isv ? 3 : oracle->esr & 3);
	return !((e->syndrome ^ oracle->esr) & ~0x3full) &&
		(e->syndrome & 0x3f) == status &&
		e->virtual_address == oracle->far &&
		e->physical_address == ipa;
}

static void one(struct cpu *cpu, const struct random_setting *s, unsigned form)
{
	struct random_access a = access_make(form, &rng);
	const hv_vcpu_exit_exception_t *e = &cpu->exit->exception;
	uint64_t before = oracle->count;

	forms[form].name = a.name;
	if (!random_guest_aim(cpu, s, &a))
		return;
	cpu_run(cpu);
	if (EC(e->syndrome) == EC_DATA_ABORT) {
		compared++;
		forms[form].aborts++;
		if (oracle->count == before || !agrees(e))
			tell(&a, s, e);
	} else if (EC(e->syndrome) == EC_HVC && (e->syndrome & 0x100)) {
		uint64_t esr = 0;

		NEED(hv_vcpu_get_sys_reg(cpu->id, HV_SYS_REG_ESR_EL1, &esr));
		unpredictable++;
		forms[form].undefined += EC(esr) == 0;
	}
}

/* Of each form there must have been an abort, if this CPU has it at all. */
static void check_forms(void)
{
	unsigned seen = 0, absent = 0, missed = 0;

	for (unsigned i = 0; i < access_forms(); i++) {
		if (forms[i].aborts)
			seen++;
		else if (forms[i].undefined)
			absent++;
		else if (++missed)
			printf("# never aborted: %s\n", forms[i].name);
	}
	printf("# %u aborts of %u forms compared, %u forms not in this CPU\n",
		compared, seen, absent);
	claim(seen > 200, "most_forms_of_loads_and_stores_were_compared");
}

int main(void)
{
	const char *number = getenv("HVT_ORACLE_ACCESSES"), *why;
	uint64_t total = number ? strtoull(number, NULL, 0) : 20000;
	struct random_setting s;
	struct cpu cpu;

	oracle = fault_oracle(&why);
	if (!oracle) {
		printf("no tracepoint of KVM for a BPF program: %s\n", why);
		return 77;
	}
	rng_init(&rng);
	random_guest_start(&rng);
	cpu = cpu_start();
	for (uint64_t n = 0; n < total; n++) {
		if (n % (2 * access_forms()) == 0)
			random_guest_set(&cpu, &s);
		one(&cpu, &s, (unsigned)(n % access_forms()));
	}
	claim_equal(wrong, 0, "aborts_are_what_the_cpu_told");
	check_forms();
	cpu_end(&cpu);
	return verdict();
}

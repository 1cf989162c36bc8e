/* SPDX-License-Identifier: MIT */
/*
 * What an exit was is told by an exit record, or decoded from the instruction
 * (HVT_SYNDROME=decode). Two processes have the same random guests do the same
 * random accesses, one by each, and must see the same: syndrome, addresses, and
 * the registers that a record tells.
 *
 * HVT_SOURCES_ACCESSES says how many (6000, or 2000000 with HVT_TEST_FULL).
 */
#include <hvtrace/hvtrace.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conformance.h"
#include "random_guest.h"

struct seen {
	uint64_t number;
	uint32_t insn, reason;
	uint64_t syndrome, va, ipa, pc, cpsr;
	uint64_t regs; /* a hash */
};

static struct rng rng;

static uint64_t count(void)
{
	const char *number = getenv("HVT_SOURCES_ACCESSES");

	return number ? strtoull(number, NULL, 0)
		      : test_scale(6000, 2000000);
}

static bool has_records(void)
{
	struct hvt_host_fact fact;

	for (size_t i = 0; hvt_host_fact_at(i, &fact); i++)
		if (!strcmp(fact.name, "exit records"))
			return fact.present;
	return false;
}

static uint64_t mix(uint64_t hash, uint64_t value)
{
	return (hash ^ value) * 0x100000001b3;
}

/* All registers now and then; else those of calls, and some others. */
static uint64_t hash_regs(const struct cpu *cpu)
{
	bool all = !rng_below(&rng, 8);
	unsigned first = (unsigned)rng_below(&rng, 28);
	uint64_t hash = 0xcbf29ce484222325;

	for (unsigned n = 0; n < 31; n++)
		if (all || n < 4 || (n >= first && n < first + 4))
			hash = mix(hash, reg(cpu, HV_REG_X0 + n));
	return hash;
}

static void look(const struct cpu *cpu, struct seen *s)
{
	const hv_vcpu_exit_exception_t *e = &cpu->exit->exception;

	s->reason = cpu->exit->reason;
	s->syndrome = e->syndrome;
	s->va = e->virtual_address;
	s->ipa = e->physical_address;
	/* In an order that is no order of the library's. */
	s->regs = hash_regs(cpu);
	s->cpsr = reg(cpu, HV_REG_CPSR);
	s->pc = reg(cpu, HV_REG_PC);
}

/* Tells first whether it has records, then what it sees. */
static int child(uint64_t seed)
{
	struct random_setting setting;
	bool records = has_records();
	uint64_t total = count();
	struct cpu cpu;

	fwrite(&records, sizeof(records), 1, stdout);
	rng = rng_from(seed);
	random_guest_start(&rng);
	cpu = cpu_start();
	for (uint64_t n = 0; n < total; n++) {
		unsigned form = (unsigned)(n % access_forms());
		struct random_access a;
		struct seen seen = { .number = n };

		if (n % (2 * access_forms()) == 0)
			random_guest_set(&cpu, &setting);
		a = access_make(form, &rng);
		if (!random_guest_aim(&cpu, &setting, &a))
			continue;
		cpu_run(&cpu);
		seen.insn = a.insn;
		look(&cpu, &seen);
		if (fwrite(&seen, sizeof(seen), 1, stdout) != 1)
			return 1;
	}
	cpu_end(&cpu);
	vm_end();
	return 0;
}

static FILE *start(const char *self, const char *source, uint64_t seed,
	bool *has)
{
	char command[4200];
	FILE *f;

	snprintf(command, sizeof(command),
		"HVT_SYNDROME=%s exec '%s' %" PRIu64, source, self, seed);
	f = popen(command, "r");
	if (!f || fread(has, sizeof(*has), 1, f) != 1)
		need(HV_ERROR, command);
	return f;
}

static void show(const char *by, const struct seen *s)
{
	printf("# %s: %08" PRIx32 " reason %" PRIu32 " %" PRIx64 " %" PRIx64
	       " %" PRIx64 " pc %" PRIx64 " cpsr %" PRIx64 " x %" PRIx64 "\n",
		by, s->insn, s->reason, s->syndrome, s->va, s->ipa, s->pc,
		s->cpsr, s->regs);
}

/* How many exits were compared; the kinds of them are counted, too. */
static uint64_t compare(FILE *told, FILE *decoded, uint64_t *aborts,
	uint64_t *calls)
{
	struct seen a, b = { 0 };
	uint64_t n = 0;

	while (fread(&a, sizeof(a), 1, told) == 1) {
		if (fread(&b, sizeof(b), 1, decoded) != 1 ||
			memcmp(&a, &b, sizeof(a)) != 0) {
			printf("# access %" PRIu64 "\n", a.number);
			show("told", &a);
			show("decoded", &b);
			return 0;
		}
		*aborts += EC(a.syndrome) == EC_DATA_ABORT;
		*calls += EC(a.syndrome) == EC_HVC;
		n++;
	}
	return n;
}

int main(int argc, char **argv)
{
	uint64_t aborts = 0, calls = 0, seed, compared;
	FILE *told, *decoded;
	bool has, has_not;

	if (argc > 1)
		return child(strtoull(argv[1], NULL, 10));
	rng_init(&rng);
	seed = rng_next(&rng);
	told = start(argv[0], "", seed, &has);
	if (!has) {
		puts("no exit records to be had");
		return 77;
	}
	decoded = start(argv[0], "decode", seed, &has_not);
	claim(!has_not, "one_has_no_records");
	compared = compare(told, decoded, &aborts, &calls);
	printf("# %" PRIu64 " aborts and %" PRIu64 " calls compared\n", aborts,
		calls);
	claim(compared > count() / 2, "both_sources_tell_the_same");
	claim(aborts > count() / 5 && calls > count() / 5, "of_aborts_and_calls");
	claim(fgetc(told) == EOF && fgetc(decoded) == EOF, "to_the_end");
	claim(!pclose(told) && !pclose(decoded), "all_goes_well");
	return verdict();
}

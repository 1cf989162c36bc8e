/* SPDX-License-Identifier: MIT */
/*
 * What a vCPU says it is: ID registers, MIDR and MPIDR, caches. The VMM reads
 * back what it wrote; the guest reads the same, or the nearest that KVM takes.
 */
#include "conformance.h"

#include <stdio.h>
#include <sys/utsname.h>

/* All ID registers of the API, in the order of ids[]; the sum is not told. */
GUEST(guest_ids,
	"mrs x0, midr_el1\n mrs x1, mpidr_el1\n"
	".irp r, s3_0_c0_c4_0,s3_0_c0_c4_1,s3_0_c0_c4_2,s3_0_c0_c4_4,"
	"s3_0_c0_c4_5,s3_0_c0_c5_0,s3_0_c0_c5_1,s3_0_c0_c6_0,s3_0_c0_c6_1,"
	"s3_0_c0_c6_2,s3_0_c0_c7_0,s3_0_c0_c7_1,s3_0_c0_c7_2,s3_0_c0_c7_3,"
	"s3_0_c0_c7_4,ctr_el0,clidr_el1,dczid_el0\n"
	"mrs x2, \\r\n str x2, [x20], #8\n .endr\n hvc #0\n"
	/* Reads the cache that X0 selects. */
	"1: msr csselr_el1, x0\n isb\n mrs x1, ccsidr_el1\n hvc #1\n b 1b\n");

struct id {
	const char *name;
	hv_sys_reg_t sys; /* 0: none */
	hv_feature_reg_t feature;
};

#define NO_FEATURE ((hv_feature_reg_t)-1)

static const struct id ids[] = {
	{ "pfr0", HV_SYS_REG_ID_AA64PFR0_EL1, HV_FEATURE_REG_ID_AA64PFR0_EL1 },
	{ "pfr1", HV_SYS_REG_ID_AA64PFR1_EL1, HV_FEATURE_REG_ID_AA64PFR1_EL1 },
	{ "pfr2", HV_SYS_REG_ID_AA64PFR2_EL1, HV_FEATURE_REG_ID_AA64PFR2_EL1 },
	{ "zfr0", HV_SYS_REG_ID_AA64ZFR0_EL1, HV_FEATURE_REG_ID_AA64ZFR0_EL1 },
	{ "smfr0", HV_SYS_REG_ID_AA64SMFR0_EL1,
		HV_FEATURE_REG_ID_AA64SMFR0_EL1 },
	{ "dfr0", HV_SYS_REG_ID_AA64DFR0_EL1, HV_FEATURE_REG_ID_AA64DFR0_EL1 },
	{ "dfr1", HV_SYS_REG_ID_AA64DFR1_EL1, HV_FEATURE_REG_ID_AA64DFR1_EL1 },
	{ "isar0", HV_SYS_REG_ID_AA64ISAR0_EL1,
		HV_FEATURE_REG_ID_AA64ISAR0_EL1 },
	{ "isar1", HV_SYS_REG_ID_AA64ISAR1_EL1,
		HV_FEATURE_REG_ID_AA64ISAR1_EL1 },
	{ "isar2", HV_SYS_REG_ID_AA64ISAR2_EL1,
		HV_FEATURE_REG_ID_AA64ISAR2_EL1 },
	{ "mmfr0", HV_SYS_REG_ID_AA64MMFR0_EL1,
		HV_FEATURE_REG_ID_AA64MMFR0_EL1 },
	{ "mmfr1", HV_SYS_REG_ID_AA64MMFR1_EL1,
		HV_FEATURE_REG_ID_AA64MMFR1_EL1 },
	{ "mmfr2", HV_SYS_REG_ID_AA64MMFR2_EL1,
		HV_FEATURE_REG_ID_AA64MMFR2_EL1 },
	{ "mmfr3", HV_SYS_REG_ID_AA64MMFR3_EL1,
		HV_FEATURE_REG_ID_AA64MMFR3_EL1 },
	{ "mmfr4", HV_SYS_REG_ID_AA64MMFR4_EL1,
		HV_FEATURE_REG_ID_AA64MMFR4_EL1 },
	{ "ctr", 0, HV_FEATURE_REG_CTR_EL0 },
	{ "clidr", 0, HV_FEATURE_REG_CLIDR_EL1 },
	{ "dczid", 0, HV_FEATURE_REG_DCZID_EL0 },
};

#define IDS (sizeof(ids) / sizeof(ids[0]))
#define OUT (RAM + 0x10000)

static uint8_t *ram;

static void say(const char *name, const char *what, bool ok)
{
	char text[96];

	snprintf(text, sizeof(text), "%s_%s", name, what);
	claim(ok, text);
}

static uint64_t feature(hv_feature_reg_t reg)
{
	hv_vcpu_config_t config = hv_vcpu_config_create();
	uint64_t value = 0;

	NEED(hv_vcpu_config_get_feature_reg(config, reg, &value));
	os_release(config);
	return value;
}

static uint64_t sys(const struct cpu *cpu, hv_sys_reg_t reg)
{
	uint64_t value = 0;

	NEED(hv_vcpu_get_sys_reg(cpu->id, reg, &value));
	return value;
}

static const uint64_t *guest_reads(struct cpu *cpu)
{
	set_reg(cpu, HV_REG_X20, OUT);
	set_reg(cpu, HV_REG_PC, RAM);
	cpu_run(cpu);
	return (const uint64_t *)(const void *)(ram + (OUT - RAM));
}

/* A new vCPU: what the configuration says is what VMM and guest see. */
static void as_configured(void)
{
	uint64_t before[IDS];
	const uint64_t *seen;
	struct cpu cpu;

	for (size_t i = 0; i < IDS; i++)
		before[i] = feature(ids[i].feature);
	ram = VM_START(guest_ids);
	cpu = cpu_start();
	for (size_t i = 0; i < IDS; i++)
		if (ids[i].sys)
			say(ids[i].name, "is_as_configured",
				sys(&cpu, ids[i].sys) == before[i]);
	seen = guest_reads(&cpu);
	for (size_t i = 0; i < IDS; i++) {
		say(ids[i].name, "is_seen_as_configured", seen[i] == before[i]);
		if (seen[i] != before[i])
			printf("# 0x%llx, configured 0x%llx\n",
				(unsigned long long)seen[i],
				(unsigned long long)before[i]);
		if (ids[i].sys)
			say(ids[i].name, "is_read_as_seen",
				sys(&cpu, ids[i].sys) == seen[i]);
	}
	claim_equal(before[0] & 0xff, 0x11, "there_is_no_aarch32");
	claim_equal(before[0] >> 24 & 15, 0, "there_is_no_gic_by_itself");
	claim_equal(before[0] >> 32 & 15, 0, "there_is_no_sve");
	claim_equal(sys(&cpu, HV_SYS_REG_MIDR_EL1), reg(&cpu, HV_REG_X0),
		"midr_is_read_as_seen");
	claim_equal(sys(&cpu, HV_SYS_REG_MPIDR_EL1), reg(&cpu, HV_REG_X1),
		"mpidr_is_read_as_seen");
	cpu_end(&cpu);
	vm_end();
}

/* Field by field no more than asked for, and exactly that if less is asked. */
static bool is_near(uint64_t seen, uint64_t wanted, uint64_t original)
{
	for (unsigned low = 0; low < 64; low += 4) {
		unsigned s = seen >> low & 15, w = wanted >> low & 15;
		unsigned o = original >> low & 15;

		if (s != w && s != o && s > w)
			return false;
	}
	return true;
}

/* Since that version the guest's MIDR is the VMM's. */
static bool kernel_is_at_least(unsigned major, unsigned minor)
{
	struct utsname name;
	unsigned is[2] = { 0 };

	uname(&name);
	if (sscanf(name.release, "%u.%u", &is[0], &is[1]) != 2)
		return false;
	return is[0] > major || (is[0] == major && is[1] >= minor);
}

static void anything_goes(uint64_t wanted)
{
	struct cpu cpu;
	uint64_t original[IDS], midr;
	const uint64_t *seen;

	ram = VM_START(guest_ids);
	cpu = cpu_start();
	midr = sys(&cpu, HV_SYS_REG_MIDR_EL1);
	for (size_t i = 0; i < IDS && ids[i].sys; i++) {
		original[i] = sys(&cpu, ids[i].sys);
		claim_result(hv_vcpu_set_sys_reg(cpu.id, ids[i].sys, wanted),
			HV_SUCCESS, "any_value_is_taken");
		say(ids[i].name, "is_read_back",
			sys(&cpu, ids[i].sys) == wanted);
	}
	NEED(hv_vcpu_set_sys_reg(cpu.id, HV_SYS_REG_MIDR_EL1, 0x610f0000));
	NEED(hv_vcpu_set_sys_reg(cpu.id, HV_SYS_REG_MPIDR_EL1, 0x80010203));
	seen = guest_reads(&cpu);
	for (size_t i = 0; i < IDS && ids[i].sys; i++) {
		say(ids[i].name, "is_seen_as_near_as_kvm_lets_it",
			is_near(seen[i], wanted, original[i]));
		say(ids[i].name, "is_still_read_back",
			sys(&cpu, ids[i].sys) == wanted);
	}
	claim_equal(sys(&cpu, HV_SYS_REG_MIDR_EL1), 0x610f0000,
		"midr_is_read_back");
	claim_equal(reg(&cpu, HV_REG_X0),
		kernel_is_at_least(6, 15) ? 0x610f0000 : midr,
		"guest_sees_midr_as_the_kernel_can");
	claim_equal(reg(&cpu, HV_REG_X1), 0x80010203, "guest_sees_mpidr");
	/* Behind the first run they are kept for the VMM alone. */
	claim_result(hv_vcpu_set_sys_reg(cpu.id, HV_SYS_REG_ID_AA64PFR0_EL1, 7),
		HV_SUCCESS, "a_late_value_is_taken");
	claim_equal(sys(&cpu, HV_SYS_REG_ID_AA64PFR0_EL1), 7,
		"a_late_value_is_read_back");
	cpu_end(&cpu);
	vm_end();
}

/* As a VMM masks features: a bit less of what there is. */
static void less_is_seen(void)
{
	const hv_sys_reg_t isar0 = HV_SYS_REG_ID_AA64ISAR0_EL1;
	struct cpu cpu;
	uint64_t value;
	const uint64_t *seen;

	ram = VM_START(guest_ids);
	cpu = cpu_start();
	/* No random numbers, atomics, or CRC32. */
	value = sys(&cpu, isar0) & ~(15ull << 60 | 15ull << 20 | 15ull << 16);
	NEED(hv_vcpu_set_sys_reg(cpu.id, isar0, value));
	seen = guest_reads(&cpu);
	claim_equal(seen[7], value, "features_taken_away_are_not_seen");
	cpu_end(&cpu);
	vm_end();
}

/* Each level's CCSIDR_EL1 as the guest reads it. */
static void caches(void)
{
	hv_vcpu_config_t config = hv_vcpu_config_create();
	uint64_t values[2][8], clidr = feature(HV_FEATURE_REG_CLIDR_EL1);
	bool same = true, none = true;
	struct cpu cpu;

	for (hv_cache_type_t type = 0; type < 2; type++)
		claim_result(hv_vcpu_config_get_ccsidr_el1_sys_reg_values(
			config, type, values[type]), HV_SUCCESS, "ccsidr");
	claim_result(hv_vcpu_config_get_ccsidr_el1_sys_reg_values(config, 2,
		values[0]), HV_BAD_ARGUMENT, "ccsidr_of_no_type");
	os_release(config);
	ram = VM_START(guest_ids);
	cpu = cpu_start();
	guest_reads(&cpu);
	for (unsigned i = 0; i < 14; i++) {
		unsigned kind = clidr >> 3 * (i / 2) & 7;
		bool there = i & 1 ? kind == 1 || kind == 3
				   : kind >= 2 && kind <= 4;

		set_reg(&cpu, HV_REG_X0, i);
		cpu_run(&cpu);
		if (there)
			same &= values[i & 1][i / 2] == reg(&cpu, HV_REG_X1);
		else
			none &= !values[i & 1][i / 2];
	}
	claim(same, "ccsidr_is_as_the_guest_reads_it");
	claim(none, "ccsidr_of_no_cache_is_0");
	cpu_end(&cpu);
	vm_end();
}

static void arguments(void)
{
	hv_vcpu_config_t config = hv_vcpu_config_create();
	uint64_t value;

	claim_result(hv_vcpu_config_get_feature_reg(config, NO_FEATURE, &value),
		HV_BAD_ARGUMENT, "no_feature_register");
	claim_result(hv_vcpu_config_get_feature_reg(config,
		HV_FEATURE_REG_CTR_EL0, NULL), HV_BAD_ARGUMENT,
		"feature_register_into_nothing");
	claim_result(hv_vcpu_config_get_feature_reg(NULL,
		HV_FEATURE_REG_CTR_EL0, &value), HV_BAD_ARGUMENT,
		"feature_register_of_no_config");
	claim_result(hv_vcpu_config_get_ccsidr_el1_sys_reg_values(config,
		HV_CACHE_TYPE_DATA, NULL), HV_BAD_ARGUMENT,
		"ccsidr_into_nothing");
	os_release(config);
}

int main(void)
{
	as_configured();
	anything_goes(0);
	anything_goes(0xdeadbeefdeadbeef);
	anything_goes(0x1111111111111111);
	less_is_seen();
	caches();
	arguments();
	return verdict();
}

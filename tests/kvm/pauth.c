/* SPDX-License-Identifier: MIT */
/*
 * Pointer authentication: the keys that the VMM sets are those the guest signs
 * with. Where the CPU has none (the lab's, but for --cpu max,sve=off) the same
 * instructions do nothing, and the VMM's keys are kept for it.
 */
#include "conformance.h"

#define SCTLR_ENIA (1ull << 31)
/* 39 bits of addresses: signatures are above them. */
#define TCR_T0SZ_25 25ull
#define POINTER     0x12345678ull

/* X17: a pointer, X16: a modifier. Nothing but hints. */
GUEST(guest_sign, "1: hint #8\n hvc #1\n hint #12\n hvc #2\n b 1b");

/* APA and API in ISAR1, APA3 in ISAR2. */
static bool has_pauth(const struct cpu *cpu)
{
	return get_sys(cpu, HV_SYS_REG_ID_AA64ISAR1_EL1) & 0xff0 ||
		get_sys(cpu, HV_SYS_REG_ID_AA64ISAR2_EL1) & 0xf000;
}

static uint64_t sign(struct cpu *cpu, uint64_t key)
{
	set_sys(cpu, HV_SYS_REG_APIAKEYLO_EL1, key);
	set_sys(cpu, HV_SYS_REG_APIAKEYHI_EL1, ~key);
	set_reg(cpu, HV_REG_PC, RAM);
	set_reg(cpu, HV_REG_X17, POINTER);
	set_reg(cpu, HV_REG_X16, 0x99);
	cpu_run(cpu);
	return reg(cpu, HV_REG_X17);
}

static void keys(struct cpu *cpu)
{
	const uint64_t key = 0x1122334455667788;
	bool there = has_pauth(cpu);
	uint64_t signature = sign(cpu, key);

	claim(there == (signature != POINTER), "the_guest_signs_if_it_can");
	claim_equal(signature & 0x7fffffffff, POINTER, "the_address_stays");
	cpu_run(cpu);
	claim_equal(reg(cpu, HV_REG_X17), POINTER,
		"the_signature_is_accepted_with_the_same_key");
	claim(there == (sign(cpu, ~key) != signature),
		"another_key_is_another_signature");
	claim_equal(sign(cpu, key), signature,
		"the_first_key_is_the_first_signature");
	claim_equal(get_sys(cpu, HV_SYS_REG_APIAKEYLO_EL1), key,
		"the_key_is_read_back");
	claim_equal(get_sys(cpu, HV_SYS_REG_APIAKEYHI_EL1), ~key,
		"with_its_upper_half");
}

static struct cpu start(void)
{
	struct cpu cpu = cpu_start();

	set_sys(&cpu, HV_SYS_REG_TCR_EL1, TCR_T0SZ_25);
	set_sys(&cpu, HV_SYS_REG_SCTLR_EL1, SCTLR_ENIA);
	return cpu;
}

int main(void)
{
	struct cpu cpu;

	VM_START(guest_sign);
	cpu = start();
	keys(&cpu);
	cpu_end(&cpu);
	/* A vCPU's keys go with it. */
	cpu = start();
	claim_equal(get_sys(&cpu, HV_SYS_REG_APIAKEYLO_EL1), 0,
		"a_new_vcpu_has_no_key");
	keys(&cpu);
	cpu_end(&cpu);
	vm_end();
	return verdict();
}

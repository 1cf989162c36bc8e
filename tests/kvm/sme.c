/* SPDX-License-Identifier: MIT */
/* KVM has no SME for guests: every function of it says so, and stores nothing. */
#include "conformance.h"

#include <string.h>

GUEST(guest_none, "hvc #0");

#define UNTOUCHED 0xa5

static uint8_t bytes[64];

static bool untouched(void)
{
	for (size_t i = 0; i < sizeof(bytes); i++)
		if (bytes[i] != UNTOUCHED)
			return false;
	return true;
}

static void get_nothing(hv_vcpu_t id)
{
	hv_vcpu_sme_state_t state;
	hv_sme_zt0_uchar64_t zt0;
	size_t size = 7;

	claim_result(hv_sme_config_get_max_svl_bytes(&size), HV_UNSUPPORTED,
		"there_is_no_vector_length");
	claim_equal(size, 7, "nor_is_one_stored");
	claim_result(hv_vcpu_get_sme_state(id, &state), HV_UNSUPPORTED,
		"there_is_no_state");
	claim_result(hv_vcpu_get_sme_z_reg(id, 0, bytes, sizeof(bytes)),
		HV_UNSUPPORTED, "there_is_no_z_register");
	claim_result(hv_vcpu_get_sme_p_reg(id, 0, bytes, 8), HV_UNSUPPORTED,
		"there_is_no_p_register");
	claim_result(hv_vcpu_get_sme_za_reg(id, bytes, sizeof(bytes)),
		HV_UNSUPPORTED, "there_is_no_za");
	memset(&zt0, UNTOUCHED, sizeof(zt0));
	claim_result(hv_vcpu_get_sme_zt0_reg(id, &zt0), HV_UNSUPPORTED,
		"there_is_no_zt0");
	claim(!memcmp(&zt0, bytes, sizeof(zt0)) && untouched(),
		"no_register_is_stored");
}

static void set_nothing(hv_vcpu_t id)
{
	hv_vcpu_sme_state_t state;
	hv_sme_zt0_uchar64_t zt0;

	memset(&state, 0, sizeof(state));
	memset(&zt0, 0, sizeof(zt0));
	claim_result(hv_vcpu_set_sme_state(id, &state), HV_UNSUPPORTED,
		"no_state_is_taken");
	claim_result(hv_vcpu_set_sme_z_reg(id, 0, bytes, sizeof(bytes)),
		HV_UNSUPPORTED, "no_z_register_is_taken");
	claim_result(hv_vcpu_set_sme_p_reg(id, 0, bytes, 8), HV_UNSUPPORTED,
		"no_p_register_is_taken");
	claim_result(hv_vcpu_set_sme_za_reg(id, bytes, sizeof(bytes)),
		HV_UNSUPPORTED, "no_za_is_taken");
	claim_result(hv_vcpu_set_sme_zt0_reg(id, &zt0), HV_UNSUPPORTED,
		"no_zt0_is_taken");
}

int main(void)
{
	struct cpu cpu;

	memset(bytes, UNTOUCHED, sizeof(bytes));
	VM_START(guest_none);
	cpu = cpu_start();
	get_nothing(cpu.id);
	set_nothing(cpu.id);
	claim_equal(cpu_run(&cpu), HV_EXIT_REASON_EXCEPTION,
		"the_vcpu_runs_all_the_same");
	cpu_end(&cpu);
	vm_end();
	return verdict();
}

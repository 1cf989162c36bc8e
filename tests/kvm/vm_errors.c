/* SPDX-License-Identifier: MIT */
/* Creating and destroying the VM, its configuration, and what is refused. */
#include "conformance.h"

#include <os/object.h>
#include <unistd.h>

GUEST(guest_nothing, "hvc #0");

static void without_a_vm(void)
{
	hv_vcpu_exit_t *exit;
	hv_vcpu_t id;

	claim_result(hv_vm_destroy(), HV_NO_DEVICE, "destroy_without_a_vm");
	claim_result(hv_vm_unmap(RAM, RAM_SIZE), HV_NO_DEVICE,
		"unmap_without_a_vm");
	claim_result(hv_vcpu_create(&id, &exit, NULL), HV_NO_DEVICE,
		"vcpu_create_without_a_vm");
}

static void with_a_vm(void)
{
	struct cpu cpu;

	VM_START(guest_nothing);
	claim_result(hv_vm_create(NULL), HV_BUSY, "a_second_vm_is_busy");
	cpu = cpu_start();
	claim_result(hv_vm_destroy(), HV_BUSY, "destroy_with_a_vcpu_is_busy");
	claim_equal(cpu_run(&cpu), HV_EXIT_REASON_EXCEPTION,
		"the_vm_is_intact_after_that");
	cpu_end(&cpu);
	vm_end();
	VM_START(guest_nothing);
	cpu = cpu_start();
	claim_equal(cpu_run(&cpu), HV_EXIT_REASON_EXCEPTION,
		"a_vm_after_the_first_runs");
	cpu_end(&cpu);
	vm_end();
}

static void configuration(void)
{
	hv_vm_config_t config = hv_vm_config_create();
	uint32_t max = 0, size = 1, standard = 0;
	bool el2 = true;

	claim(config != NULL, "config_is_created");
	claim_result(hv_vm_config_get_max_ipa_size(&max), HV_SUCCESS,
		"max_ipa_size_is_told");
	claim(max >= 36 && max <= 52, "max_ipa_size_is_sensible");
	claim_result(hv_vm_config_get_default_ipa_size(&standard), HV_SUCCESS,
		"default_ipa_size_is_told");
	claim(standard <= max, "default_ipa_size_is_not_above_the_max");
	claim_result(hv_vm_config_set_ipa_size(config, max + 1),
		HV_UNSUPPORTED, "ipa_size_above_the_max_is_unsupported");
	claim_result(hv_vm_config_set_ipa_size(config, max), HV_SUCCESS,
		"ipa_size_is_set");
	claim_result(hv_vm_config_get_ipa_size(config, &size), HV_SUCCESS,
		"ipa_size_is_read_back");
	claim_equal(size, max, "ipa_size_is_what_was_set");
	claim_result(hv_vm_config_get_el2_supported(&el2), HV_SUCCESS,
		"el2_support_is_told");
	claim_result(hv_vm_create(config), HV_SUCCESS,
		"vm_with_the_largest_ipa_space");
	NEED(hv_vm_destroy());
	os_release(config);
}

/* Of the two granules, one may be smaller than the pages of the host. */
static void granule(void)
{
	hv_vm_config_t config = hv_vm_config_create();
	hv_ipa_granule_t standard = 7, value = 7;

	claim_result(hv_vm_config_get_default_ipa_granule(&standard),
		HV_SUCCESS, "default_granule_is_told");
	claim_result(hv_vm_config_get_ipa_granule(config, &value), HV_SUCCESS,
		"granule_is_told");
	claim_equal(value, standard, "granule_begins_as_the_default");
	claim_result(hv_vm_config_set_ipa_granule(config, 2), HV_BAD_ARGUMENT,
		"there_is_no_third_granule");
	claim_result(hv_vm_config_set_ipa_granule(config, HV_IPA_GRANULE_4KB),
		HV_SUCCESS, "granule_is_set");
	claim_result(hv_vm_config_get_ipa_granule(config, &value), HV_SUCCESS,
		"granule_is_read_back");
	claim_equal(value, HV_IPA_GRANULE_4KB, "granule_is_what_was_set");
	if (sysconf(_SC_PAGESIZE) > 4096) {
		claim_result(hv_vm_create(config), HV_UNSUPPORTED,
			"vm_with_less_than_the_pages_of_the_host");
	} else {
		claim_result(hv_vm_create(config), HV_SUCCESS,
			"vm_with_the_pages_of_the_host");
		NEED(hv_vm_destroy());
	}
	os_release(config);
}

static void mapping(void)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	uint8_t *ram = VM_START(guest_nothing);
	const hv_memory_flags_t rwx =
		HV_MEMORY_READ | HV_MEMORY_WRITE | HV_MEMORY_EXEC;
	const uint64_t free_ipa = RAM + RAM_SIZE;

	claim_result(hv_vm_map(ram + 1, free_ipa, page, rwx), HV_BAD_ARGUMENT,
		"map_of_an_unaligned_address");
	claim_result(hv_vm_map(ram, free_ipa + 1, page, rwx), HV_BAD_ARGUMENT,
		"map_at_an_unaligned_ipa");
	claim_result(hv_vm_map(ram, free_ipa, page - 1, rwx), HV_BAD_ARGUMENT,
		"map_of_an_unaligned_size");
	claim_result(hv_vm_map(ram, free_ipa, page, 1u << 7), HV_BAD_ARGUMENT,
		"map_with_unknown_flags");
	claim_result(hv_vm_map(ram, 1ull << 60, page, rwx), HV_BAD_ARGUMENT,
		"map_outside_the_ipa_space");
	claim(hv_vm_map(ram, RAM + page, page, rwx) != HV_SUCCESS,
		"map_over_a_mapping_fails");
	claim(hv_vm_unmap(free_ipa, page) != HV_SUCCESS,
		"unmap_of_nothing_fails");
	claim_result(hv_vm_unmap(RAM + 1, page), HV_BAD_ARGUMENT,
		"unmap_unaligned");
	claim_result(hv_vm_protect(RAM, page + 1, rwx), HV_BAD_ARGUMENT,
		"protect_unaligned");
	vm_end();
}

int main(void)
{
	without_a_vm();
	with_a_vm();
	configuration();
	granule();
	mapping();
	without_a_vm();
	return verdict();
}

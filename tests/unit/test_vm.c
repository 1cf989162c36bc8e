/* SPDX-License-Identifier: MIT */
/* The one VM of a process, and memory to lend to it. */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "fake_engine.h"

TestSuite(vm, .init = fake_engine_install);

Test(vm, is_one_per_process)
{
	cr_assert_eq(hv_vm_destroy(), HV_NO_DEVICE);
	cr_assert_eq(hv_vm_create(NULL), HV_SUCCESS);
	cr_assert_eq(hv_vm_create(NULL), HV_BUSY);
	cr_assert_eq(fake.calls[FAKE_VM_CREATE], 1);
	cr_assert_eq(hv_vm_destroy(), HV_SUCCESS);
	cr_assert_eq(hv_vm_destroy(), HV_NO_DEVICE);
	cr_assert_eq(hv_vm_create(NULL), HV_SUCCESS, "another one afterwards");
	cr_assert_eq(hv_vm_destroy(), HV_SUCCESS);
	cr_assert_eq(fake.calls[FAKE_VM_DESTROY], 2);
}

Test(vm, is_not_destroyed_while_a_vcpu_exists)
{
	hv_vcpu_exit_t *exit;
	hv_vcpu_t vcpu;

	cr_assert_eq(hv_vm_create(NULL), HV_SUCCESS);
	cr_assert_eq(hv_vcpu_create(&vcpu, &exit, NULL), HV_SUCCESS);
	cr_assert_eq(hv_vm_destroy(), HV_BUSY);
	cr_assert_eq(hv_vcpu_destroy(vcpu), HV_SUCCESS);
	cr_assert_eq(hv_vm_destroy(), HV_SUCCESS);
}

Test(vm, has_36_address_bits_unless_told_otherwise)
{
	hv_vm_config_t config = hv_vm_config_create();

	cr_assert_eq(hv_vm_create(NULL), HV_SUCCESS);
	cr_assert_eq(fake.vm_params.ipa_bits, 36);
	hv_vm_destroy();
	cr_assert_eq(hv_vm_create(config), HV_SUCCESS);
	cr_assert_eq(fake.vm_params.ipa_bits, 36);
	hv_vm_destroy();
	cr_assert_eq(hv_vm_config_set_ipa_size(config, 39), HV_SUCCESS);
	cr_assert_eq(hv_vm_create(config), HV_SUCCESS);
	cr_assert_eq(fake.vm_params.ipa_bits, 39);
	hv_vm_destroy();
	fake.max_ipa_bits = 33;
	cr_assert_eq(hv_vm_create(config), HV_UNSUPPORTED);
	cr_assert_eq(hv_vm_create(NULL), HV_SUCCESS);
	cr_assert_eq(fake.vm_params.ipa_bits, 33, "a host of fewer bits");
	os_release(config);
}

Test(vm, has_el2_where_the_engine_can)
{
	hv_vm_config_t config = hv_vm_config_create();

	fake.el2_supported = true;
	cr_assert_eq(hv_vm_create(NULL), HV_SUCCESS);
	cr_assert_not(fake.vm_params.el2, "not unless it is asked for");
	cr_assert_eq(hv_vm_destroy(), HV_SUCCESS);
	cr_assert_eq(hv_vm_config_set_el2_enabled(config, true), HV_SUCCESS);
	cr_assert_eq(hv_vm_create(config), HV_SUCCESS);
	cr_assert(fake.vm_params.el2);
	cr_assert_eq(hv_vm_destroy(), HV_SUCCESS);
	fake_engine_fail(FAKE_EL2_SUPPORTED, 1, -EACCES);
	cr_assert_eq(hv_vm_create(config), HV_DENIED);
	os_release(config);
}

Test(vm, refuses_el2_and_foreign_configurations)
{
	hv_vm_config_t config = hv_vm_config_create();
	hv_vcpu_config_t other = hv_vcpu_config_create();

	cr_assert_eq(hv_vm_config_set_el2_enabled(config, true), HV_SUCCESS);
	cr_assert_eq(hv_vm_create(config), HV_UNSUPPORTED);
	cr_assert_eq(
		hv_vm_create((hv_vm_config_t)(void *)other), HV_BAD_ARGUMENT);
	cr_assert_eq(fake.calls[FAKE_VM_CREATE], 0);
	os_release(config);
	os_release(other);
}

Test(vm, passes_on_why_the_engine_cannot)
{
	static const struct {
		int err;
		hv_return_t code;
	} rows[] = { { -EACCES, HV_DENIED }, { -ENOENT, HV_UNSUPPORTED },
		{ -ENOMEM, HV_NO_RESOURCES }, { -EIO, HV_ERROR } };

	for (unsigned i = 0; i < 4; i++) {
		fake_engine_fail(FAKE_VM_CREATE, 1, rows[i].err);
		cr_assert_eq(hv_vm_create(NULL), rows[i].code);
		cr_assert_eq(hv_vm_destroy(), HV_NO_DEVICE, "it is not there");
		fake_engine_fail(FAKE_MAX_IPA_BITS, 1, rows[i].err);
		cr_assert_eq(hv_vm_create(NULL), rows[i].code);
	}
	cr_assert_eq(hv_vm_create(NULL), HV_SUCCESS);
}

Test(vm, needs_an_engine)
{
	struct hvt_host_fact fact;
	uint32_t bits;

	cr_assert(hvt_host_fact_at(0, &fact));
	cr_assert_str_eq(fact.name, "fake");
	cr_assert_not(hvt_host_lacks(&fact));
	hvt_backend_set_engine(NULL);
	cr_assert_eq(hv_vm_create(NULL), HV_UNSUPPORTED);
	cr_assert_eq(hv_vm_destroy(), HV_NO_DEVICE);
	cr_assert_eq(hv_vm_config_get_max_ipa_size(&bits), HV_UNSUPPORTED);
	cr_assert_eq(hv_vm_map(&fact, 0, 4096, 7), HV_NO_DEVICE);
	cr_assert(hvt_host_fact_at(0, &fact));
	cr_assert_not(fact.present);
	cr_assert(fact.required);
	cr_assert_not(hvt_host_fact_at(1, &fact));
	fact.name = "";
	cr_assert(hvt_host_lacks(&fact));
	cr_assert_str_eq(fact.name, "arm64 host");
}

Test(vm, has_64_vcpus_at_most)
{
	uint32_t n = 0;

	cr_assert_eq(hv_vm_get_max_vcpu_count(&n), HV_SUCCESS);
	cr_assert_eq(n, 64);
	cr_assert_eq(hv_vm_get_max_vcpu_count(NULL), HV_BAD_ARGUMENT);
}

Test(vm, lends_zeroed_aligned_memory)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	void *p = NULL;
	uint8_t *bytes;

	cr_assert_eq(
		hv_vm_allocate(&p, 3 * page, HV_ALLOCATE_DEFAULT), HV_SUCCESS);
	cr_assert_eq((uintptr_t)p % page, 0);
	bytes = p;
	for (size_t i = 0; i < 3 * page; i++)
		cr_assert_eq(bytes[i], 0);
	memset(p, 1, 3 * page);
	cr_assert_eq(hv_vm_deallocate(p, 3 * page), HV_SUCCESS);
	cr_assert_eq(hv_vm_deallocate(p, 3 * page), HV_BAD_ARGUMENT);
}

Test(vm, lends_no_memory_of_odd_sizes)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	void *p = NULL;

	cr_assert_eq(hv_vm_allocate(NULL, page, 0), HV_BAD_ARGUMENT);
	cr_assert_eq(hv_vm_allocate(&p, 0, 0), HV_BAD_ARGUMENT);
	cr_assert_eq(hv_vm_allocate(&p, page + 1, 0), HV_BAD_ARGUMENT);
	cr_assert_eq(hv_vm_allocate(&p, page, 1), HV_BAD_ARGUMENT);
	cr_assert_eq(hv_vm_allocate(&p, (size_t)0 - page, 0), HV_NO_RESOURCES);
	cr_assert_null(p);
	cr_assert_eq(hv_vm_allocate(&p, page, 0), HV_SUCCESS);
	cr_assert_eq(hv_vm_deallocate(NULL, page), HV_BAD_ARGUMENT);
	cr_assert_eq(hv_vm_deallocate((char *)p + 1, page), HV_BAD_ARGUMENT);
	cr_assert_eq(hv_vm_deallocate(p, page - 1), HV_BAD_ARGUMENT);
	cr_assert_eq(hv_vm_deallocate(p, 0), HV_BAD_ARGUMENT);
	cr_assert_eq(hv_vm_deallocate(p, page), HV_SUCCESS);
}

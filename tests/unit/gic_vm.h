/* SPDX-License-Identifier: MIT */
/* A VM with a GIC on the fake engine, for the suites of the GIC. */
#ifndef HVT_TEST_GIC_VM_H
#define HVT_TEST_GIC_VM_H

#include <criterion/criterion.h>
#include <os/object.h>

#include "fake_engine.h"

#define GICD 0x08000000ull
#define GICR 0x0a000000ull
#define GICM 0x08080000ull

#define MSI_FIRST 64u
#define MSI_COUNT 32u

static inline hv_gic_config_t gic_config_at(uint64_t gicd, uint64_t gicr)
{
	hv_gic_config_t c = hv_gic_config_create();

	cr_assert_not_null(c);
	cr_assert_eq(hv_gic_config_set_distributor_base(c, gicd), HV_SUCCESS);
	cr_assert_eq(hv_gic_config_set_redistributor_base(c, gicr), HV_SUCCESS);
	return c;
}

static inline hv_return_t gic_create_at(uint64_t gicd, uint64_t gicr)
{
	hv_gic_config_t c = gic_config_at(gicd, gicr);
	hv_return_t ret = hv_gic_create(c);

	os_release(c);
	return ret;
}

/* With EL2 or without; its GIC with MSIs. */
static inline void gic_vm_create(bool el2)
{
	hv_vm_config_t v = hv_vm_config_create();
	hv_gic_config_t c = gic_config_at(GICD, GICR);

	fake_engine_install();
	fake.el2_supported = el2;
	cr_assert_eq(hv_vm_config_set_el2_enabled(v, el2), HV_SUCCESS);
	cr_assert_eq(hv_vm_create(v), HV_SUCCESS);
	cr_assert_eq(hv_gic_config_set_msi_region_base(c, GICM), HV_SUCCESS);
	cr_assert_eq(hv_gic_config_set_msi_interrupt_range(
			     c, MSI_FIRST, MSI_COUNT),
		HV_SUCCESS);
	cr_assert_eq(hv_gic_create(c), HV_SUCCESS);
	os_release(c);
	os_release(v);
}

/* The calling thread's vCPU. */
static inline hv_vcpu_t gic_vcpu_create(void)
{
	hv_vcpu_exit_t *exit;
	hv_vcpu_t id;

	cr_assert_eq(hv_vcpu_create(&id, &exit, NULL), HV_SUCCESS);
	return id;
}

#endif

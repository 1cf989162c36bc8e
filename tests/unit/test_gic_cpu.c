/* SPDX-License-Identifier: MIT */
/*
 * CPU interfaces: the guest's, what its hypervisor controls of the virtual
 * one, and that one. Figures are those of Arm IHI 0069, chapter 12.
 */
#include <errno.h>
#include <pthread.h>

#include "gic_vm.h"

#define VMCR HV_GIC_ICH_REG_VMCR_EL2
#define HCR  HV_GIC_ICH_REG_HCR_EL2
#define LR0  HV_GIC_ICH_REG_LR0_EL2

static hv_vcpu_t vcpu;

static void with_el2(void)
{
	gic_vm_create(true);
	vcpu = gic_vcpu_create();
}

TestSuite(gic_cpu, .init = with_el2);

static uint64_t icc(hv_gic_icc_reg_t reg)
{
	uint64_t v;

	cr_assert_eq(hv_gic_get_icc_reg(vcpu, reg, &v), HV_SUCCESS);
	return v;
}

static uint64_t ich(uint32_t reg)
{
	uint64_t v;

	cr_assert_eq(hv_gic_get_ich_reg(vcpu, (hv_gic_ich_reg_t)reg, &v),
		HV_SUCCESS);
	return v;
}

static void set_ich(uint32_t reg, uint64_t value)
{
	cr_assert_eq(hv_gic_set_ich_reg(vcpu, (hv_gic_ich_reg_t)reg, value),
		HV_SUCCESS);
}

static uint64_t icv(hv_gic_icv_reg_t reg)
{
	uint64_t v;

	cr_assert_eq(hv_gic_get_icv_reg(vcpu, reg, &v), HV_SUCCESS);
	return v;
}

static void set_icv(hv_gic_icv_reg_t reg, uint64_t value)
{
	cr_assert_eq(hv_gic_set_icv_reg(vcpu, reg, value), HV_SUCCESS);
}

/* What of the numbers around the API's is a register. */
static const uint16_t icc_regs[] = { 0xc230, 0xc643, 0xc644, 0xc648, 0xc65b,
	0xc663, 0xc664, 0xc665, 0xc666, 0xc667, 0xe64d };

#define ICC_REGS (sizeof(icc_regs) / sizeof(icc_regs[0]))

static bool is_in(uint32_t reg, const uint16_t *regs, unsigned count)
{
	while (count--)
		if (regs[count] == reg)
			return true;
	return false;
}

Test(gic_cpu, has_the_registers_that_the_api_names)
{
	for (uint32_t reg = 0; reg <= UINT16_MAX; reg++) {
		bool is_icc = is_in(reg, icc_regs, ICC_REGS);
		bool is_icv = is_icc && reg != 0xe64d;
		bool is_ich = reg == 0xe640 || reg == 0xe648 ||
			(reg >= 0xe658 && reg <= 0xe65f && reg != 0xe65c &&
				reg != 0xe65e) ||
			(reg >= 0xe660 && reg <= 0xe663);
		uint64_t v;

		cr_assert_eq(hv_gic_get_icc_reg(vcpu, (uint16_t)reg, &v),
			is_icc ? HV_SUCCESS : HV_BAD_ARGUMENT, "0x%x", reg);
		cr_assert_eq(hv_gic_get_icv_reg(vcpu, (uint16_t)reg, &v),
			is_icv ? HV_SUCCESS : HV_BAD_ARGUMENT, "0x%x", reg);
		cr_assert_eq(hv_gic_get_ich_reg(vcpu, (uint16_t)reg, &v),
			is_ich ? HV_SUCCESS : HV_BAD_ARGUMENT, "0x%x", reg);
		if (!is_icc && !is_ich)
			cr_assert(hv_gic_set_icc_reg(vcpu, (uint16_t)reg, 0) ==
					HV_BAD_ARGUMENT &&
				hv_gic_set_ich_reg(vcpu, (uint16_t)reg, 0) ==
					HV_BAD_ARGUMENT &&
				hv_gic_set_icv_reg(vcpu, (uint16_t)reg, 0) ==
					HV_BAD_ARGUMENT);
	}
}

Test(gic_cpu, keeps_what_is_set)
{
	static const uint16_t kept[] = { 0xc230, 0xc643, 0xc644, 0xc648, 0xc663,
		0xc666, 0xc667 };

	for (unsigned i = 0; i < sizeof(kept) / sizeof(kept[0]); i++) {
		cr_assert_eq(hv_gic_set_icc_reg(vcpu, kept[i], i + 1),
			HV_SUCCESS);
		cr_assert_eq(icc(kept[i]), i + 1);
	}
}

Test(gic_cpu, lets_only_two_bits_of_its_control_be_changed)
{
	uint64_t was = icc(HV_GIC_ICC_REG_CTLR_EL1);

	cr_assert_eq(
		hv_gic_set_icc_reg(vcpu, HV_GIC_ICC_REG_CTLR_EL1, UINT64_MAX),
		HV_SUCCESS);
	cr_assert_eq(icc(HV_GIC_ICC_REG_CTLR_EL1), was | 3);
	cr_assert_eq(hv_gic_set_icc_reg(vcpu, HV_GIC_ICC_REG_CTLR_EL1, 0),
		HV_SUCCESS);
	cr_assert_eq(icc(HV_GIC_ICC_REG_CTLR_EL1), was);
}

Test(gic_cpu, has_no_other_interface_than_system_registers)
{
	cr_assert_eq(icc(HV_GIC_ICC_REG_SRE_EL1), 7);
	cr_assert_eq(icc(HV_GIC_ICC_REG_SRE_EL2), 15);
	cr_assert_eq(icv(HV_GIC_ICV_REG_SRE_EL1), 7);
	for (uint64_t v = 0; v < 4; v++) {
		hv_return_t want = v & 1 ? HV_SUCCESS : HV_BAD_ARGUMENT;

		cr_assert_eq(hv_gic_set_icc_reg(
				     vcpu, HV_GIC_ICC_REG_SRE_EL1, v),
			want);
		cr_assert_eq(hv_gic_set_icc_reg(
				     vcpu, HV_GIC_ICC_REG_SRE_EL2, v),
			want);
		cr_assert_eq(hv_gic_set_icv_reg(
				     vcpu, HV_GIC_ICV_REG_SRE_EL1, v),
			want);
	}
	cr_assert_eq(icc(HV_GIC_ICC_REG_SRE_EL2), 15);
}

Test(gic_cpu, tells_the_highest_active_priority)
{
	cr_assert_eq(icc(HV_GIC_ICC_REG_RPR_EL1), 0xff, "idle");
	/* Five bits of priority: bit n is priority 8 n. */
	(void)hv_gic_set_icc_reg(vcpu, HV_GIC_ICC_REG_AP1R0_EL1, 1u << 20);
	cr_assert_eq(icc(HV_GIC_ICC_REG_RPR_EL1), 160);
	(void)hv_gic_set_icc_reg(vcpu, HV_GIC_ICC_REG_AP0R0_EL1, 1u << 9);
	cr_assert_eq(icc(HV_GIC_ICC_REG_RPR_EL1), 72);
	(void)hv_gic_set_icc_reg(vcpu, HV_GIC_ICC_REG_AP1R0_EL1, 3);
	cr_assert_eq(icc(HV_GIC_ICC_REG_RPR_EL1), 0);
	cr_assert_eq(icv(HV_GIC_ICV_REG_RPR_EL1), 0xff, "another interface");
	set_icv(HV_GIC_ICV_REG_AP0R0_EL1, 1u << 31);
	cr_assert_eq(icv(HV_GIC_ICV_REG_RPR_EL1), 248);
	cr_assert_eq(hv_gic_set_icc_reg(vcpu, HV_GIC_ICC_REG_RPR_EL1, 0),
		HV_BAD_ARGUMENT, "read-only");
	cr_assert_eq(hv_gic_set_icv_reg(vcpu, HV_GIC_ICV_REG_RPR_EL1, 0),
		HV_BAD_ARGUMENT);
}

Test(gic_cpu, shows_virtual_fields_as_registers)
{
	static const struct {
		hv_gic_icv_reg_t reg;
		uint64_t value, vmcr;
	} rows[] = {
		{ HV_GIC_ICV_REG_PMR_EL1, 0xa8, 0xa8000000 },
		{ HV_GIC_ICV_REG_BPR0_EL1, 5, 5u << 21 },
		{ HV_GIC_ICV_REG_BPR1_EL1, 3, 3u << 18 },
		{ HV_GIC_ICV_REG_IGRPEN0_EL1, 1, 1 },
		{ HV_GIC_ICV_REG_IGRPEN1_EL1, 1, 2 },
	};
	uint64_t all = 0;

	for (unsigned i = 0; i < 5; i++) {
		set_ich(VMCR, 0);
		set_icv(rows[i].reg, rows[i].value);
		cr_assert_eq(ich(VMCR), rows[i].vmcr, "%u", i);
		set_icv(rows[i].reg, 0);
		cr_assert_eq(ich(VMCR), 0);
		all |= rows[i].vmcr;
	}
	set_ich(VMCR, all);
	for (unsigned i = 0; i < 5; i++)
		cr_assert_eq(icv(rows[i].reg), rows[i].value);
	/* What a field has no room for does not spill into the next. */
	set_icv(HV_GIC_ICV_REG_BPR0_EL1, 0xff);
	cr_assert_eq(ich(VMCR), all | 7u << 21);
}

Test(gic_cpu, has_one_virtual_binary_point_if_told_so)
{
	set_icv(HV_GIC_ICV_REG_BPR0_EL1, 3);
	set_icv(HV_GIC_ICV_REG_BPR1_EL1, 1);
	set_icv(HV_GIC_ICV_REG_CTLR_EL1, 1);
	cr_assert_eq(icv(HV_GIC_ICV_REG_BPR1_EL1), 4);
	set_icv(HV_GIC_ICV_REG_BPR1_EL1, 6);
	cr_assert_eq(icv(HV_GIC_ICV_REG_BPR1_EL1), 4, "ignored");
	set_icv(HV_GIC_ICV_REG_BPR0_EL1, 7);
	cr_assert_eq(icv(HV_GIC_ICV_REG_BPR1_EL1), 7, "saturated");
	set_icv(HV_GIC_ICV_REG_CTLR_EL1, 0);
	cr_assert_eq(icv(HV_GIC_ICV_REG_BPR1_EL1), 1, "as it was");
}

Test(gic_cpu, tells_in_virtual_control_what_the_implementation_has)
{
	/* PRIbits is 5 in the fake's ICH_VTR_EL2. */
	cr_assert_eq(icv(HV_GIC_ICV_REG_CTLR_EL1), 4u << 8);
	set_icv(HV_GIC_ICV_REG_CTLR_EL1, UINT64_MAX);
	cr_assert_eq(icv(HV_GIC_ICV_REG_CTLR_EL1), 4u << 8 | 3);
	cr_assert_eq(ich(VMCR), 1u << 4 | 1u << 9);
}

Test(gic_cpu, keeps_virtual_active_priorities_with_the_hypervisors)
{
	set_icv(HV_GIC_ICV_REG_AP0R0_EL1, 0x10);
	set_icv(HV_GIC_ICV_REG_AP1R0_EL1, 0x20);
	cr_assert_eq(ich(HV_GIC_ICH_REG_AP0R0_EL2), 0x10);
	cr_assert_eq(ich(HV_GIC_ICH_REG_AP1R0_EL2), 0x20);
	cr_assert_eq(icc(HV_GIC_ICC_REG_AP0R0_EL1), 0);
	set_ich(HV_GIC_ICH_REG_AP1R0_EL2, 0x40);
	cr_assert_eq(icv(HV_GIC_ICV_REG_AP1R0_EL1), 0x40);
	cr_assert_eq(icv(HV_GIC_ICV_REG_AP0R0_EL1), 0x10);
}

#define PENDING (1ull << 62)
#define ACTIVE	(2ull << 62)
#define HW	(1ull << 61)
#define EOI	(1ull << 41)

Test(gic_cpu, tells_which_list_registers_are_free_or_ask)
{
	cr_assert_eq(ich(HV_GIC_ICH_REG_ELRSR_EL2), 0xf);
	cr_assert_eq(ich(HV_GIC_ICH_REG_EISR_EL2), 0);
	set_ich(LR0, PENDING | 40);
	set_ich(LR0 + 1, EOI | 41);
	set_ich(LR0 + 2, HW | EOI | 42); /* where EOI is of the INTID */
	set_ich(LR0 + 3, ACTIVE | EOI | 43);
	cr_assert_eq(ich(HV_GIC_ICH_REG_ELRSR_EL2), 0x4);
	cr_assert_eq(ich(HV_GIC_ICH_REG_EISR_EL2), 0x2);
}

Test(gic_cpu, tells_why_maintenance_is_due)
{
	const hv_gic_ich_reg_t misr = HV_GIC_ICH_REG_MISR_EL2;

	cr_assert_eq(ich(misr), 0, "nothing is enabled");
	set_ich(HCR, 0xfe);
	/* Fewer than two valid, none pending, both groups disabled. */
	cr_assert_eq(ich(misr), 0xaa);
	set_ich(VMCR, 3);
	cr_assert_eq(ich(misr), 0x5a);
	set_ich(LR0, PENDING | 40);
	cr_assert_eq(ich(misr), 0x52);
	set_ich(LR0 + 1, ACTIVE | 41);
	cr_assert_eq(ich(misr), 0x50);
	set_ich(HCR, 1u << 27 | 0x4);
	cr_assert_eq(ich(misr), 0x4, "an EOI that found no list register");
	set_ich(HCR, 0);
	set_ich(LR0 + 2, EOI | 42);
	cr_assert_eq(ich(misr), 0x1);
}

Test(gic_cpu, has_virtual_registers_that_are_read_only)
{
	static const hv_gic_ich_reg_t regs[] = { HV_GIC_ICH_REG_VTR_EL2,
		HV_GIC_ICH_REG_MISR_EL2, HV_GIC_ICH_REG_EISR_EL2,
		HV_GIC_ICH_REG_ELRSR_EL2 };

	for (unsigned i = 0; i < 4; i++)
		cr_assert_eq(hv_gic_set_ich_reg(vcpu, regs[i], ich(regs[i])),
			HV_BAD_ARGUMENT);
	cr_assert_eq(ich(HV_GIC_ICH_REG_VTR_EL2) & 0x1f, 3);
}

Test(gic_cpu, has_no_virtual_one_without_el2)
{
	uint64_t v;

	cr_assert_eq(hv_vcpu_destroy(vcpu), HV_SUCCESS);
	cr_assert_eq(hv_vm_destroy(), HV_SUCCESS);
	gic_vm_create(false);
	vcpu = gic_vcpu_create();
	cr_assert_eq(hv_gic_get_ich_reg(vcpu, HCR, &v), HV_BAD_ARGUMENT);
	cr_assert_eq(hv_gic_set_ich_reg(vcpu, HCR, 0), HV_BAD_ARGUMENT);
	cr_assert_eq(hv_gic_get_ich_reg(vcpu, LR0, &v), HV_BAD_ARGUMENT);
	cr_assert_eq(hv_gic_get_icv_reg(vcpu, HV_GIC_ICV_REG_PMR_EL1, &v),
		HV_BAD_ARGUMENT);
	cr_assert_eq(hv_gic_set_icv_reg(vcpu, HV_GIC_ICV_REG_PMR_EL1, 0),
		HV_BAD_ARGUMENT);
	cr_assert_eq(hv_gic_get_icc_reg(vcpu, HV_GIC_ICC_REG_SRE_EL2, &v),
		HV_BAD_ARGUMENT);
	cr_assert_eq(hv_gic_get_icc_reg(vcpu, HV_GIC_ICC_REG_PMR_EL1, &v),
		HV_SUCCESS);
}

static void *elsewhere(void *arg)
{
	uint64_t v;

	(void)arg;
	cr_assert_eq(hv_gic_get_icc_reg(vcpu, HV_GIC_ICC_REG_PMR_EL1, &v),
		HV_BAD_ARGUMENT);
	cr_assert_eq(hv_gic_set_ich_reg(vcpu, HCR, 0), HV_BAD_ARGUMENT);
	cr_assert_eq(hv_gic_get_icv_reg(vcpu, HV_GIC_ICV_REG_PMR_EL1, &v),
		HV_BAD_ARGUMENT);
	return NULL;
}

Test(gic_cpu, is_its_own_threads)
{
	pthread_t t;

	pthread_create(&t, NULL, elsewhere, NULL);
	pthread_join(t, NULL);
}

Test(gic_cpu, needs_a_place_for_the_value_and_a_gic)
{
	uint64_t v;

	cr_assert_eq(hv_gic_get_icc_reg(vcpu, HV_GIC_ICC_REG_PMR_EL1, NULL),
		HV_BAD_ARGUMENT);
	cr_assert_eq(hv_gic_get_ich_reg(vcpu, HCR, NULL), HV_BAD_ARGUMENT);
	cr_assert_eq(hv_gic_get_icv_reg(vcpu, HV_GIC_ICV_REG_PMR_EL1, NULL),
		HV_BAD_ARGUMENT);
	cr_assert_eq(hv_vcpu_destroy(vcpu), HV_SUCCESS);
	cr_assert_eq(hv_vm_destroy(), HV_SUCCESS);
	cr_assert_eq(hv_gic_get_icc_reg(vcpu, HV_GIC_ICC_REG_PMR_EL1, &v),
		HV_NO_DEVICE);
	cr_assert_eq(hv_vm_create(NULL), HV_SUCCESS);
	vcpu = gic_vcpu_create();
	cr_assert_eq(hv_gic_get_icc_reg(vcpu, HV_GIC_ICC_REG_PMR_EL1, &v),
		HV_NO_DEVICE);
	cr_assert_eq(hv_gic_set_ich_reg(vcpu, HCR, 0), HV_NO_DEVICE);
}

Test(gic_cpu, passes_on_why_the_engine_cannot)
{
	uint64_t v;

	for (unsigned n = 1; n <= 3; n++) {
		fake_engine_fail(FAKE_GIC_GET, n, -EIO);
		cr_assert_eq(hv_gic_get_icc_reg(
				     vcpu, HV_GIC_ICC_REG_RPR_EL1, &v),
			HV_ERROR);
		fake_engine_fail(FAKE_GIC_GET, n, -EIO);
		cr_assert_eq(hv_gic_get_ich_reg(
				     vcpu, HV_GIC_ICH_REG_MISR_EL2, &v),
			HV_ERROR);
	}
	for (unsigned n = 1; n <= 2; n++) {
		fake_engine_fail(FAKE_GIC_GET, n, -EIO);
		cr_assert_eq(hv_gic_get_ich_reg(vcpu, LR0, &v), HV_ERROR);
		fake_engine_fail(FAKE_GIC_GET, n, -EIO);
		cr_assert_eq(hv_gic_get_icv_reg(
				     vcpu, HV_GIC_ICV_REG_PMR_EL1, &v),
			HV_ERROR);
	}
	fake_engine_fail(FAKE_GIC_GET, 1, -EIO);
	cr_assert_eq(hv_gic_set_icv_reg(vcpu, HV_GIC_ICV_REG_PMR_EL1, 1),
		HV_ERROR);
	fake_engine_fail(FAKE_GIC_GET, 1, -EIO);
	cr_assert_eq(hv_gic_set_icc_reg(vcpu, HV_GIC_ICC_REG_CTLR_EL1, 1),
		HV_ERROR);
	fake_engine_fail(FAKE_GIC_SET, 1, -EIO);
	cr_assert_eq(hv_gic_set_ich_reg(vcpu, HCR, 1), HV_ERROR);
}

Test(gic_cpu, is_as_new_for_a_new_vcpu)
{
	static const uint16_t regs[] = { 0xc230, 0xc643, 0xc644, 0xc648, 0xc663,
		0xc666, 0xc667 };
	uint64_t ctlr = icc(HV_GIC_ICC_REG_CTLR_EL1);

	for (unsigned i = 0; i < 7; i++)
		(void)hv_gic_set_icc_reg(vcpu, regs[i], 1);
	(void)hv_gic_set_icc_reg(vcpu, HV_GIC_ICC_REG_CTLR_EL1, 3);
	cr_assert_eq(hv_vcpu_destroy(vcpu), HV_SUCCESS);
	vcpu = gic_vcpu_create();
	for (unsigned i = 0; i < 7; i++)
		cr_assert_eq(icc(regs[i]), 0, "0x%x", regs[i]);
	cr_assert_eq(icc(HV_GIC_ICC_REG_CTLR_EL1), ctlr);
}

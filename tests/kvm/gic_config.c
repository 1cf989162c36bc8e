/* SPDX-License-Identifier: MIT */
/* The parameters of a GIC, its configuration, and when it can be created. */
#include "gic_machine.h"

#include <os/object.h>

static void parameters(void)
{
	size_t size = 0;
	uint32_t first = 0, count = 0, intid = 0;

	NEED(hv_gic_get_distributor_size(&size));
	claim_equal(size, 0x10000, "size_of_the_distributor");
	NEED(hv_gic_get_redistributor_size(&size));
	claim_equal(size, 0x20000, "size_of_a_redistributor");
	NEED(hv_gic_get_redistributor_region_size(&size));
	claim_equal(size, 0x2000000, "size_of_all_redistributors");
	NEED(hv_gic_get_msi_region_size(&size));
	claim_equal(size, 0x10000, "size_of_the_msi_frame");
	NEED(hv_gic_get_distributor_base_alignment(&size));
	claim_equal(size, 0x10000, "alignment_of_the_distributor");
	NEED(hv_gic_get_redistributor_base_alignment(&size));
	claim_equal(size, 0x10000, "alignment_of_the_redistributors");
	NEED(hv_gic_get_msi_region_base_alignment(&size));
	claim_equal(size, 0x10000, "alignment_of_the_msi_frame");
	NEED(hv_gic_get_spi_interrupt_range(&first, &count));
	claim_equal(first, 32, "the_first_spi_is_told");
	claim_equal(count, 960, "their_number_is_told");
	NEED(hv_gic_get_intid(HV_GIC_INT_MAINTENANCE, &intid));
	claim_equal(intid, 25, "intid_of_the_maintenance_interrupt");
	claim_result(hv_gic_get_intid(24, &intid), HV_BAD_ARGUMENT,
		"intid_of_none");
	claim_result(hv_gic_get_distributor_size(NULL), HV_BAD_ARGUMENT,
		"no_place_for_a_size");
}

static void configuration(void)
{
	hv_gic_config_t c = hv_gic_config_create();

	claim(c != NULL, "a_configuration_needs_no_vm");
	claim_result(hv_gic_config_set_distributor_base(c, GICD + 4),
		HV_BAD_ARGUMENT, "a_misaligned_distributor");
	claim_result(hv_gic_config_set_distributor_base(c, -0x8000ull),
		HV_BAD_ARGUMENT, "a_distributor_that_wraps");
	claim_result(hv_gic_config_set_redistributor_base(c, GICR + 0x1000),
		HV_BAD_ARGUMENT, "misaligned_redistributors");
	claim_result(hv_gic_config_set_msi_region_base(c, GICM + 1),
		HV_BAD_ARGUMENT, "a_misaligned_msi_frame");
	claim_result(hv_gic_config_set_msi_interrupt_range(c, 31, 2),
		HV_BAD_ARGUMENT, "msis_below_the_spis");
	claim_result(hv_gic_config_set_msi_interrupt_range(c, 990, 3),
		HV_BAD_ARGUMENT, "msis_beyond_the_spis");
	os_release(c);
}

static hv_return_t create_at(uint64_t gicd, uint64_t gicr)
{
	hv_gic_config_t c = hv_gic_config_create();
	hv_return_t result;

	NEED(hv_gic_config_set_distributor_base(c, gicd));
	NEED(hv_gic_config_set_redistributor_base(c, gicr));
	result = hv_gic_create(c);
	os_release(c);
	return result;
}

static void creation(void)
{
	hv_gic_config_t untouched = hv_gic_config_create();
	struct cpu cpu;

	claim_result(create_at(GICD, GICR), HV_NO_DEVICE, "without_a_vm");
	claim_result(hv_gic_set_spi(40, true), HV_NO_DEVICE,
		"an_interrupt_without_a_vm");
	vm_start(NULL, 0);
	claim_result(hv_gic_set_spi(40, true), HV_NO_DEVICE,
		"an_interrupt_without_a_gic");
	claim_result(hv_gic_reset(), HV_NO_DEVICE, "reset_without_a_gic");
	claim(hv_gic_state_create() == NULL, "no_state_without_a_gic");
	claim_result(hv_gic_create(untouched), HV_BAD_ARGUMENT,
		"an_untouched_configuration");
	os_release(untouched);
	claim_result(create_at(GICD, GICD), HV_BAD_ARGUMENT, "frames_overlap");
	claim_result(create_at(1ull << 40, GICR), HV_BAD_ARGUMENT,
		"frames_outside_the_address_space");
	cpu = cpu_start();
	claim_result(create_at(GICD, GICR), HV_BUSY, "after_a_vcpu");
	cpu_end(&cpu);
	claim_result(create_at(GICD, GICR), HV_SUCCESS,
		"after_a_vcpu_that_has_gone");
	claim_result(create_at(GICD, GICR), HV_EXISTS, "a_second_one");
	vm_end();
}

/* Wherever the frames are, the guest finds them there. */
static void placed(uint64_t gicd_at, uint64_t gicr_at, const char *name)
{
	struct cpu cpu;

	gic_guest_start();
	claim_result(create_at(gicd_at, gicr_at), HV_SUCCESS, name);
	cpu = gic_cpu_start(0x80000000);
	claim_equal(guest_read(&cpu, gicd_at + GIC_PIDR2) >> 4 & 15, 3,
		"the_distributor_is_there");
	claim_equal(guest_read(&cpu, gicr_at + GIC_PIDR2) >> 4 & 15, 3,
		"the_redistributor_is_there");
	op_exits(&cpu, OP_LDR32, gicr_at + GICR_SIZE, 0);
	claim_equal(cpu.exit->exception.physical_address, gicr_at + GICR_SIZE,
		"behind_it_is_the_vmm");
	cpu_end(&cpu);
	vm_end();
}

/* A VM with a GIC is made again and again in a process. */
static void again(void)
{
	int good = 0;

	for (int i = 0; i < 8; i++) {
		struct cpu cpu;

		gic_vm_start(WITH_MSIS);
		cpu = gic_cpu_start(0x80000000);
		spi_enable(40, true);
		NEED(hv_gic_set_spi(40, true));
		good += take_irq(&cpu, OP_SPIN) == 40;
		cpu_end(&cpu);
		vm_end();
	}
	claim_equal((uint64_t)good, 8, "8_vms_with_a_gic_in_a_process");
}

int main(void)
{
	parameters();
	configuration();
	creation();
	placed(0x08000000, 0x08010000, "redistributors_right_behind");
	placed(0x10000000, 0x00010000, "redistributors_below");
	placed(RAM + (1ull << 30), 0xfffff0000ull - 0x20000,
		"redistributors_at_the_end_of_the_address_space");
	again();
	return verdict();
}

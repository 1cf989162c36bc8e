/* SPDX-License-Identifier: MIT */
/* Rows of the GIC: where there is none, while it is made, and of one. */
#include "errors.h"
#include "gic_machine.h"

#include <os/object.h>
#include <string.h>

#define MPIDR 0x80000000ull
#define SET_SPI (GICM + HV_GIC_REG_GICM_SET_SPI_NSR)

static const uint8_t no_state[64];

void no_gic_rows(void)
{
	ROW(hv_gic_set_spi(40, true), HV_NO_DEVICE, "no_gic");
	ROW(hv_gic_send_msi(SET_SPI, MSI_FIRST), HV_NO_DEVICE, "no_gic");
	ROW(hv_gic_get_distributor_reg(GICD_CTLR, &out.u64), HV_NO_DEVICE,
		"no_gic");
	ROW(hv_gic_set_distributor_reg(GICD_CTLR, 2), HV_NO_DEVICE, "no_gic");
	ROW(hv_gic_get_redistributor_base(0, &out.ipa), HV_NO_DEVICE, "no_gic");
	ROW(hv_gic_get_msi_reg(HV_GIC_REG_GICM_TYPER, &out.u64), HV_NO_DEVICE,
		"no_gic");
	ROW(hv_gic_set_msi_reg(HV_GIC_REG_GICM_SET_SPI_NSR, MSI_FIRST),
		HV_NO_DEVICE, "no_gic");
	ROW(hv_gic_set_state(no_state, sizeof(no_state)), HV_NO_DEVICE,
		"no_gic");
	ROW(hv_gic_reset(), HV_NO_DEVICE, "no_gic");
	ROW_NULL(hv_gic_state_create(), "no_gic");
}

void no_gic_vcpu_rows(hv_vcpu_t id, hv_return_t code)
{
	ROW(hv_gic_get_redistributor_reg(id, HV_GIC_REDISTRIBUTOR_REG_GICR_TYPER,
		    &out.u64), code, "not_to_be_had");
	ROW(hv_gic_set_redistributor_reg(id,
		    HV_GIC_REDISTRIBUTOR_REG_GICR_ISPENDR0, 1), code,
		"not_to_be_had");
	ROW(hv_gic_get_icc_reg(id, HV_GIC_ICC_REG_PMR_EL1, &out.u64), code,
		"not_to_be_had");
	ROW(hv_gic_set_icc_reg(id, HV_GIC_ICC_REG_PMR_EL1, 1), code,
		"not_to_be_had");
	ROW(hv_gic_get_ich_reg(id, HV_GIC_ICH_REG_HCR_EL2, &out.u64), code,
		"not_to_be_had");
	ROW(hv_gic_set_ich_reg(id, HV_GIC_ICH_REG_HCR_EL2, 1), code,
		"not_to_be_had");
	ROW(hv_gic_get_icv_reg(id, HV_GIC_ICV_REG_PMR_EL1, &out.u64), code,
		"not_to_be_had");
	ROW(hv_gic_set_icv_reg(id, HV_GIC_ICV_REG_PMR_EL1, 1), code,
		"not_to_be_had");
}

static void create_rows(void)
{
	hv_gic_config_t config = hv_gic_config_create();
	hv_vm_config_t other = hv_vm_config_create();

	ROW(hv_gic_create(NULL), HV_BAD_ARGUMENT, "null");
	ROW(hv_gic_create((hv_gic_config_t)(void *)other), HV_BAD_ARGUMENT,
		"object_of_another_kind");
	ROW(hv_gic_create(config), HV_BAD_ARGUMENT, "no_base");
	NEED(hv_gic_config_set_distributor_base(config, GICD));
	ROW(hv_gic_create(config), HV_BAD_ARGUMENT, "one_base");
	NEED(hv_gic_config_set_redistributor_base(config, GICD));
	ROW(hv_gic_create(config), HV_BAD_ARGUMENT, "overlap");
	NEED(hv_gic_config_set_redistributor_base(config, 1ull << 36));
	ROW(hv_gic_create(config), HV_BAD_ARGUMENT, "beyond_the_address_space");
	NEED(hv_gic_config_set_redistributor_base(config, GICR));
	NEED(hv_gic_config_set_msi_region_base(config, GICR));
	NEED(hv_gic_config_set_msi_interrupt_range(config, MSI_FIRST, 1));
	ROW(hv_gic_create(config), HV_BAD_ARGUMENT, "msi_frame_overlaps");
	os_release(other);
	os_release(config);
}

static void interrupt_rows(void)
{
	static const uint32_t no_spi[] = { 0, 31, 992, UINT32_MAX };

	for (size_t i = 0; i < sizeof(no_spi) / sizeof(no_spi[0]); i++)
		ROW(hv_gic_set_spi(no_spi[i], true), HV_BAD_ARGUMENT,
			"no_spi");
	ROW(hv_gic_set_spi(MSI_FIRST, true), HV_BAD_ARGUMENT, "an_msi");
	ROW(hv_gic_send_msi(SET_SPI, MSI_FIRST - 1), HV_BAD_ARGUMENT, "no_msi");
	ROW(hv_gic_send_msi(SET_SPI + 4, MSI_FIRST), HV_BAD_ARGUMENT,
		"another_address");
	ROW(hv_gic_get_msi_reg(4, &out.u64), HV_BAD_ARGUMENT,
		"no_such_register");
	ROW(hv_gic_set_msi_reg(4, MSI_FIRST), HV_BAD_ARGUMENT,
		"no_such_register");
	ROW(hv_gic_get_msi_reg(HV_GIC_REG_GICM_TYPER, NULL), HV_BAD_ARGUMENT,
		"null");
}

static void distributor_rows(void)
{
	static const uint16_t none[] = { 0x8, 0xc, 0x10, 2, 0x60f8, 0x7fe0,
		0xffff };

	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		ROW(hv_gic_get_distributor_reg(none[i], &out.u64),
			HV_BAD_ARGUMENT, "no_such_register");
		ROW(hv_gic_set_distributor_reg(none[i], 0), HV_BAD_ARGUMENT,
			"no_such_register");
	}
	ROW(hv_gic_get_distributor_reg(GICD_CTLR, NULL), HV_BAD_ARGUMENT,
		"null");
	ROW(hv_gic_set_distributor_reg(GICD_TYPER, 0), HV_SUCCESS,
		"read_only_is_ignored");
	ROW(hv_gic_set_distributor_reg(GIC_PIDR2, 0), HV_SUCCESS,
		"read_only_is_ignored");
}

static void state_rows(void)
{
	static uint8_t bytes[16384];
	hv_gic_state_t state = hv_gic_state_create();
	hv_vm_config_t other = hv_vm_config_create();
	hv_gic_state_t not_a_state = (hv_gic_state_t)(void *)other;
	size_t size = 0;

	NEED(hv_gic_state_get_size(state, &size));
	claim(size <= sizeof(bytes), "a_state_is_not_that_large");
	NEED(hv_gic_state_get_data(state, bytes));
	ROW(hv_gic_state_get_size(NULL, &out.size), HV_BAD_ARGUMENT, "null");
	ROW(hv_gic_state_get_size(not_a_state, &out.size), HV_BAD_ARGUMENT,
		"object_of_another_kind");
	ROW(hv_gic_state_get_size(state, NULL), HV_BAD_ARGUMENT, "null_result");
	ROW(hv_gic_state_get_data(NULL, out.bytes), HV_BAD_ARGUMENT, "null");
	ROW(hv_gic_state_get_data(not_a_state, out.bytes), HV_BAD_ARGUMENT,
		"object_of_another_kind");
	ROW(hv_gic_state_get_data(state, NULL), HV_BAD_ARGUMENT, "null_result");
	ROW(hv_gic_set_state(NULL, size), HV_BAD_ARGUMENT, "null");
	ROW(hv_gic_set_state(bytes, 0), HV_BAD_ARGUMENT, "nothing");
	ROW(hv_gic_set_state(bytes, size - 1), HV_BAD_ARGUMENT, "cut_short");
	bytes[0] ^= 1;
	ROW(hv_gic_set_state(bytes, size), HV_BAD_ARGUMENT, "first_byte");
	bytes[0] ^= 1;
	bytes[8]++;
	ROW(hv_gic_set_state(bytes, size), HV_BAD_ARGUMENT, "of_the_future");
	bytes[8]--;
	ROW(hv_gic_set_state(bytes, size), HV_SUCCESS, "as_it_was");
	os_release(other);
	os_release(state);
}

/* Its MPIDR_EL1 is not set yet. */
static void unplaced_rows(hv_vcpu_t id)
{
	ROW(hv_gic_get_redistributor_base(id, &out.ipa), HV_BAD_ARGUMENT,
		"no_affinity");
	ROW(hv_gic_get_redistributor_reg(id,
		    HV_GIC_REDISTRIBUTOR_REG_GICR_TYPER, &out.u64), HV_DENIED,
		"no_affinity");
	ROW(hv_gic_set_redistributor_reg(id,
		    HV_GIC_REDISTRIBUTOR_REG_GICR_ISPENDR0, 1), HV_DENIED,
		"no_affinity");
}

static void redistributor_rows(hv_vcpu_t id)
{
	static const uint32_t none[] = { 0, 4, 0x10000, 0x10084, 0x10420,
		UINT32_MAX };

	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		ROW(hv_gic_get_redistributor_reg(id, none[i], &out.u64),
			HV_BAD_ARGUMENT, "no_such_register");
		ROW(hv_gic_set_redistributor_reg(id, none[i], 0),
			HV_BAD_ARGUMENT, "no_such_register");
	}
	ROW(hv_gic_get_redistributor_reg(id,
		    HV_GIC_REDISTRIBUTOR_REG_GICR_TYPER, NULL), HV_BAD_ARGUMENT,
		"null");
	ROW(hv_gic_get_redistributor_base(id, NULL), HV_BAD_ARGUMENT, "null");
	ROW(hv_gic_get_redistributor_base(id + 1, &out.ipa), HV_BAD_ARGUMENT,
		"no_such_vcpu");
	ROW(hv_gic_get_redistributor_base(64, &out.ipa), HV_BAD_ARGUMENT,
		"no_such_vcpu");
}

static void cpu_interface_rows(hv_vcpu_t id)
{
	static const uint16_t none[] = { 0, 0xffff, HV_GIC_ICC_REG_SRE_EL2,
		HV_GIC_ICH_REG_HCR_EL2 };

	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		ROW(hv_gic_get_icc_reg(id, none[i], &out.u64), HV_BAD_ARGUMENT,
			"no_such_register");
		ROW(hv_gic_set_icc_reg(id, none[i], 1), HV_BAD_ARGUMENT,
			"no_such_register");
	}
	ROW(hv_gic_set_icc_reg(id, HV_GIC_ICC_REG_RPR_EL1, 0), HV_BAD_ARGUMENT,
		"read_only");
	ROW(hv_gic_set_icc_reg(id, HV_GIC_ICC_REG_SRE_EL1, 0), HV_BAD_ARGUMENT,
		"there_is_nothing_but_system_registers");
	ROW(hv_gic_get_icc_reg(id, HV_GIC_ICC_REG_PMR_EL1, NULL),
		HV_BAD_ARGUMENT, "null");
	ROW(hv_gic_get_ich_reg(id, HV_GIC_ICH_REG_HCR_EL2, NULL),
		HV_BAD_ARGUMENT, "null");
	ROW(hv_gic_get_icv_reg(id, HV_GIC_ICV_REG_PMR_EL1, NULL),
		HV_BAD_ARGUMENT, "null");
	ROW(hv_gic_get_ich_reg(id, HV_GIC_ICH_REG_HCR_EL2, &out.u64),
		HV_BAD_ARGUMENT, "no_el2");
	ROW(hv_gic_set_ich_reg(id, HV_GIC_ICH_REG_HCR_EL2, 1), HV_BAD_ARGUMENT,
		"no_el2");
	ROW(hv_gic_get_icv_reg(id, HV_GIC_ICV_REG_PMR_EL1, &out.u64),
		HV_BAD_ARGUMENT, "no_el2");
	ROW(hv_gic_set_icv_reg(id, HV_GIC_ICV_REG_PMR_EL1, 1), HV_BAD_ARGUMENT,
		"no_el2");
}

static void line_rows(hv_vcpu_t id)
{
	ROW(hv_vcpu_get_pending_interrupt(id, HV_INTERRUPT_TYPE_IRQ, &out.flag),
		HV_UNSUPPORTED, "the_gic_has_the_lines");
	ROW(hv_vcpu_set_pending_interrupt(id, HV_INTERRUPT_TYPE_IRQ, true),
		HV_UNSUPPORTED, "the_gic_has_the_lines");
	ROW(hv_vcpu_get_sys_reg(id, HV_SYS_REG_CNTHP_CTL_EL2, &out.u64),
		HV_BAD_ARGUMENT, "no_el2");
	ROW(hv_vcpu_set_sys_reg(id, HV_SYS_REG_CNTHP_CTL_EL2, 0),
		HV_BAD_ARGUMENT, "no_el2");
}

static void gic_rows(void)
{
	interrupt_rows();
	distributor_rows();
	state_rows();
}

static void vcpu_in_a_vm_with_a_gic(void)
{
	struct cpu cpu = cpu_start();

	now("vcpu_without_an_affinity");
	unplaced_rows(cpu.id);
	gic_cpu_place(&cpu, MPIDR);
	now("vcpu_with_a_gic");
	gic_rows();
	redistributor_rows(cpu.id);
	cpu_interface_rows(cpu.id);
	line_rows(cpu.id);
	claim(!irq_is_pending(&cpu), "no_wrong_call_has_made_one_pending");
	spi_enable(40, true);
	NEED(hv_gic_set_spi(40, true));
	claim_equal(take_irq(&cpu, OP_SPIN), 40, "interrupts_come_all_the_same");
	now("vcpu_with_a_gic_that_has_run");
	gic_rows();
	ROW_OF(hv_gic_create, gic_create(), HV_EXISTS, "a_second_one");
	cpu_end(&cpu);
	now("destroyed_vcpu_with_a_gic");
	owner_rows(cpu.id, HV_BAD_ARGUMENT);
	no_gic_vcpu_rows(cpu.id, HV_BAD_ARGUMENT);
}

/* docs/COVERAGE.md, hv_gic_create: KVM keeps a vCPU that has run. */
static void after_a_run(void)
{
	struct cpu cpu;

	gic_guest_start();
	cpu = cpu_start();
	cpu_run(&cpu);
	cpu_end(&cpu);
	now("vm_in_which_a_vcpu_has_run");
	ROW_OF(hv_gic_create, gic_create(), HV_BUSY, "it_is_destroyed");
	no_gic_rows();
	cpu = cpu_start();
	claim_equal(cpu_run(&cpu), HV_EXIT_REASON_EXCEPTION,
		"it_goes_on_without_a_gic");
	cpu_end(&cpu);
	vm_end();
}

static void without_msis(void)
{
	gic_vm_start(0);
	now("gic_without_msis");
	ROW(hv_gic_send_msi(SET_SPI, MSI_FIRST), HV_BAD_ARGUMENT, "no_msi");
	ROW(hv_gic_get_msi_reg(HV_GIC_REG_GICM_TYPER, &out.u64), HV_NO_DEVICE,
		"no_frame");
	ROW(hv_gic_set_msi_reg(HV_GIC_REG_GICM_SET_SPI_NSR, MSI_FIRST),
		HV_NO_DEVICE, "no_frame");
	vm_end();
}

/* What is refused leaves the VM as it was: the last configuration is taken. */
void gic_errors(void)
{
	struct cpu cpu;

	gic_guest_start();
	now("vm_without_a_gic");
	create_rows();
	no_gic_rows();
	cpu = cpu_start();
	ROW_OF(hv_gic_create, gic_create(), HV_BUSY, "after_a_vcpu");
	cpu_end(&cpu);
	NEED(gic_create());
	now("gic_without_vcpus");
	ROW_OF(hv_gic_create, gic_create(), HV_EXISTS, "a_second_one");
	gic_rows();
	owner_rows(0, HV_BAD_ARGUMENT);
	no_gic_vcpu_rows(0, HV_BAD_ARGUMENT);
	vcpu_in_a_vm_with_a_gic();
	vm_end();
	after_a_run();
	without_msis();
}

/* SPDX-License-Identifier: MIT */
/* Message-signalled interrupts: the VMM's call, the bus, the frame. */
#include "gic_machine.h"

#define SET_SPI (GICM + HV_GIC_REG_GICM_SET_SPI_NSR)
#define FIRST	MSI_FIRST
#define LAST	(MSI_FIRST + MSI_COUNT - 1)

static bool comes(struct cpu *cpu, uint32_t intid)
{
	bool came = take_irq(cpu, OP_SPIN) == intid;

	op(cpu, OP_EOIR, intid, 0);
	return came;
}

static void calls(struct cpu *cpu)
{
	NEED(hv_gic_send_msi(SET_SPI, FIRST));
	claim(comes(cpu, FIRST), "the_first_msi_comes");
	NEED(hv_gic_send_msi(SET_SPI, LAST));
	claim(comes(cpu, LAST), "the_last_msi_comes");
	claim(!irq_is_pending(cpu), "each_comes_once");
	claim_result(hv_gic_send_msi(SET_SPI, FIRST - 1), HV_BAD_ARGUMENT,
		"an_intid_below_the_msis");
	claim_result(hv_gic_send_msi(SET_SPI, LAST + 1), HV_BAD_ARGUMENT,
		"an_intid_beyond_the_msis");
	claim_result(hv_gic_send_msi(GICM, FIRST), HV_BAD_ARGUMENT,
		"an_address_that_is_not_the_doorbell");
	claim_result(hv_gic_set_spi(FIRST, true), HV_BAD_ARGUMENT,
		"an_msi_has_no_line");
}

static void registers(struct cpu *cpu)
{
	uint64_t value = 0;

	NEED(hv_gic_get_msi_reg(HV_GIC_REG_GICM_TYPER, &value));
	claim_equal(value, FIRST << 16 | MSI_COUNT, "typer_tells_the_range");
	NEED(hv_gic_set_msi_reg(HV_GIC_REG_GICM_TYPER, 0));
	NEED(hv_gic_get_msi_reg(HV_GIC_REG_GICM_TYPER, &value));
	claim_equal(value, FIRST << 16 | MSI_COUNT, "typer_ignores_writes");
	NEED(hv_gic_set_msi_reg(HV_GIC_REG_GICM_SET_SPI_NSR, FIRST + 7));
	claim(comes(cpu, FIRST + 7), "the_register_raises_an_msi");
	NEED(hv_gic_set_msi_reg(HV_GIC_REG_GICM_SET_SPI_NSR, LAST + 1));
	claim(!irq_is_pending(cpu), "it_ignores_others");
	claim_result(hv_gic_get_msi_reg(4, &value), HV_BAD_ARGUMENT,
		"no_such_register");
	claim_result(hv_gic_get_msi_reg(HV_GIC_REG_GICM_TYPER, NULL),
		HV_BAD_ARGUMENT, "no_place_for_the_value");
}

/* A guest that writes to the doorbell itself. */
static void bus(struct cpu *cpu)
{
	claim_equal(guest_read(cpu, GICM + HV_GIC_REG_GICM_TYPER),
		FIRST << 16 | MSI_COUNT, "the_guest_reads_typer");
	guest_write(cpu, SET_SPI, FIRST + 3);
	claim(comes(cpu, FIRST + 3), "the_guest_rings_the_doorbell");
	op(cpu, OP_STR16, SET_SPI, FIRST + 4);
	claim(comes(cpu, FIRST + 4), "in_16_bits_too");
	guest_write(cpu, SET_SPI, LAST + 1);
	claim(!irq_is_pending(cpu), "what_is_no_msi_is_nothing");
	claim_equal(guest_read(cpu, SET_SPI), 0, "the_doorbell_reads_as_zero");
	claim_equal(guest_read(cpu, GICM + 0xfcc), 0, "the_rest_reads_as_zero");
	guest_write(cpu, GICM + 0x8000, FIRST);
	claim(!irq_is_pending(cpu), "the_rest_takes_no_interrupt");
	op_exits(cpu, OP_LDR32, GICM + 0x10000, 0);
	claim_equal(cpu->exit->exception.physical_address, GICM + 0x10000,
		"behind_the_frame_is_the_vmm");
}

static void without(void)
{
	struct cpu cpu;
	uint64_t value;

	gic_vm_start(0);
	claim_result(hv_gic_send_msi(SET_SPI, FIRST), HV_BAD_ARGUMENT,
		"without_msis_none_is_sent");
	claim_result(hv_gic_get_msi_reg(HV_GIC_REG_GICM_TYPER, &value),
		HV_NO_DEVICE, "without_msis_no_register");
	claim_result(hv_gic_set_spi(FIRST, false), HV_SUCCESS,
		"without_msis_all_spis_have_lines");
	cpu = gic_cpu_start(0x80000000);
	op_exits(&cpu, OP_LDR32, GICM + HV_GIC_REG_GICM_TYPER, 0);
	claim_equal(cpu.exit->exception.physical_address,
		GICM + HV_GIC_REG_GICM_TYPER, "without_msis_no_frame");
	cpu_end(&cpu);
	vm_end();
}

int main(void)
{
	struct cpu cpu;

	gic_vm_start(WITH_MSIS);
	cpu = gic_cpu_start(0x80000000);
	for (uint32_t intid = FIRST; intid <= LAST; intid++)
		spi_enable(intid, true);
	calls(&cpu);
	registers(&cpu);
	bus(&cpu);
	cpu_end(&cpu);
	vm_end();
	without();
	return verdict();
}

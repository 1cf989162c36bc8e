/* SPDX-License-Identifier: MIT */
#include "gic_machine.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <os/object.h>

/* Each in a slot of its own, from the start of RAM. */
#define SLOT	  32u
/* Some values of X0 make an HVC one that KVM answers itself. */
#define OP_CODE(name, code) \
	".balign 32\n" code "\n mov x3, x0\n mov x0, #0\n hvc #0\n"
#define VECTORS	  0x800u
#define SYNC_AT	  "0x800 + 0x200"
#define IRQ_AT	  "0x800 + 0x280"

GUEST(guest_ops,
	OPS(OP_CODE)
	".org guest_ops + " SYNC_AT "\n hvc #2\n"
	/* An IRQ leaves them masked. */
	".org guest_ops + " IRQ_AT "\n mrs x0, s3_0_c12_c12_0\n dsb sy\n"
	" hvc #1\n");

_Static_assert(OP_COUNT * SLOT <= VECTORS, "the operations overrun the vectors");

hv_gic_config_t gic_config(unsigned with)
{
	hv_gic_config_t config = hv_gic_config_create();

	NEED(hv_gic_config_set_distributor_base(config, GICD));
	NEED(hv_gic_config_set_redistributor_base(config, GICR));
	if (!(with & WITH_MSIS))
		return config;
	NEED(hv_gic_config_set_msi_region_base(config, GICM));
	NEED(hv_gic_config_set_msi_interrupt_range(config, MSI_FIRST,
		MSI_COUNT));
	return config;
}

hv_return_t gic_create(void)
{
	hv_gic_config_t config = gic_config(WITH_MSIS);
	hv_return_t result = hv_gic_create(config);

	os_release(config);
	return result;
}

void gic_guest_start(void)
{
	(void)VM_START(guest_ops);
}

void gic_vm_start(unsigned with)
{
	hv_gic_config_t config = gic_config(with);

	gic_guest_start();
	NEED(hv_gic_create(config));
	os_release(config);
}

struct cpu gic_el2_start(const uint8_t *code, size_t size)
{
	hv_vm_config_t vm = hv_vm_config_create();
	hv_gic_config_t gic = gic_config(0);
	struct cpu cpu;

	NEED(hv_vm_config_set_el2_enabled(vm, true));
	vm_start_as(vm, code, size);
	NEED(hv_gic_create(gic));
	os_release(gic);
	os_release(vm);
	NEED(hv_vcpu_create(&cpu.id, &cpu.exit, NULL));
	NEED(hv_vcpu_set_sys_reg(cpu.id, HV_SYS_REG_MPIDR_EL1, 0x80000000));
	return cpu;
}

void gic_cpu_place(struct cpu *cpu, uint64_t mpidr)
{
	NEED(hv_vcpu_set_sys_reg(cpu->id, HV_SYS_REG_MPIDR_EL1, mpidr));
	NEED(hv_vcpu_set_sys_reg(cpu->id, HV_SYS_REG_VBAR_EL1, RAM + VECTORS));
	op(cpu, OP_SET_UP, 0xf0, 1);
}

struct cpu gic_cpu_start(uint64_t mpidr)
{
	struct cpu cpu = cpu_start();

	gic_cpu_place(&cpu, mpidr);
	return cpu;
}

void op_exits(struct cpu *cpu, enum op op, uint64_t x1, uint64_t x2)
{
	set_reg(cpu, HV_REG_PC, RAM + SLOT * op);
	set_reg(cpu, HV_REG_X1, x1);
	set_reg(cpu, HV_REG_X2, x2);
	cpu_run(cpu);
}

/* The immediate of the HVC that ended the run, which must be wanted. */
static void expect_hvc(struct cpu *cpu, unsigned wanted, const char *doing)
{
	const hv_vcpu_exit_exception_t *e = &cpu->exit->exception;
	uint64_t esr = 0, elr = 0;

	if (cpu->exit->reason == HV_EXIT_REASON_EXCEPTION &&
		EC(e->syndrome) == EC_HVC && (e->syndrome & 0xffff) == wanted)
		return;
	printf("not ok guest_comes_back_from_%s\n# reason %u, syndrome 0x%" PRIx64
	       ", ipa 0x%" PRIx64 ", pc 0x%" PRIx64 "\n",
		doing, cpu->exit->reason, e->syndrome, e->physical_address,
		reg(cpu, HV_REG_PC));
	(void)hv_vcpu_get_sys_reg(cpu->id, HV_SYS_REG_ESR_EL1, &esr);
	(void)hv_vcpu_get_sys_reg(cpu->id, HV_SYS_REG_ELR_EL1, &elr);
	printf("# esr_el1 0x%" PRIx64 ", elr_el1 0x%" PRIx64 "\n", esr, elr);
	exit(1);
}

#define OP_NAME(name, code) #name,
static const char *const op_names[] = { OPS(OP_NAME) };

uint64_t op(struct cpu *cpu, enum op op, uint64_t x1, uint64_t x2)
{
	op_exits(cpu, op, x1, x2);
	expect_hvc(cpu, OP_DONE, op_names[op]);
	return reg(cpu, HV_REG_X3);
}

uint64_t take_irq(struct cpu *cpu, enum op how)
{
	op_exits(cpu, how, 0, 0);
	expect_hvc(cpu, IRQ_TAKEN, op_names[how]);
	return reg(cpu, HV_REG_X0);
}

bool irq_is_pending(struct cpu *cpu)
{
	return op(cpu, OP_ISR, 0, 0) & 1u << 7;
}

uint32_t guest_read(struct cpu *cpu, uint64_t ipa)
{
	return (uint32_t)op(cpu, OP_LDR32, ipa, 0);
}

void guest_write(struct cpu *cpu, uint64_t ipa, uint32_t value)
{
	op(cpu, OP_STR32, ipa, value);
}

uint64_t gicd(uint32_t reg)
{
	uint64_t value = 0;

	NEED(hv_gic_get_distributor_reg((hv_gic_distributor_reg_t)reg, &value));
	return value;
}

void set_gicd(uint32_t reg, uint64_t value)
{
	NEED(hv_gic_set_distributor_reg((hv_gic_distributor_reg_t)reg, value));
}

uint64_t gicr(struct cpu *cpu, uint32_t reg)
{
	uint64_t value = 0;

	NEED(hv_gic_get_redistributor_reg(cpu->id, reg, &value));
	return value;
}

void set_gicr(struct cpu *cpu, uint32_t reg, uint64_t value)
{
	NEED(hv_gic_set_redistributor_reg(cpu->id, reg, value));
}

void spi_enable(uint32_t intid, bool edge)
{
	uint64_t config = gicd(GICD_ICFGR(intid)) & ~(uint64_t)EDGE(intid);
	uint32_t shift = intid % 4 * 8;
	uint32_t priority = GICD_IPRIORITYR(intid & ~3u);

	set_gicd(GICD_CTLR, 2);
	set_gicd(GICD_ICFGR(intid), config | (edge ? EDGE(intid) : 0));
	set_gicd(priority, (gicd(priority) & ~(0xffull << shift)) |
				0x80ull << shift);
	set_gicd(GICD_IROUTER(intid), 0);
	set_gicd(GICD_ISENABLER(intid), BIT(intid));
}

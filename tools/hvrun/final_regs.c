/* SPDX-License-Identifier: MIT */
/*
 * Register dumps. ID registers and the breakpoint registers are left out: the
 * former cannot change and the latter are no part of a guest's result.
 */
#include "final_regs.h"

#include <inttypes.h>
#include <string.h>

#include "cpu.h"
#include "hv_error.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct named_reg {
	hv_reg_t reg;
	const char *name;
};

struct named_sys_reg {
	hv_sys_reg_t reg;
	const char *name;
};

static const struct named_reg other_regs[] = {
	{ HV_REG_PC, "pc" },
	{ HV_REG_CPSR, "cpsr" },
	{ HV_REG_FPCR, "fpcr" },
	{ HV_REG_FPSR, "fpsr" },
};

/* Those that a dump shows come first. */
#define DUMPED_SYS_REGS 7

static const struct named_sys_reg sys_regs[] = {
	{ HV_SYS_REG_SP_EL0, "sp_el0" },
	{ HV_SYS_REG_SP_EL1, "sp_el1" },
	{ HV_SYS_REG_ELR_EL1, "elr_el1" },
	{ HV_SYS_REG_SPSR_EL1, "spsr_el1" },
	{ HV_SYS_REG_ESR_EL1, "esr_el1" },
	{ HV_SYS_REG_FAR_EL1, "far_el1" },
	{ HV_SYS_REG_SCTLR_EL1, "sctlr_el1" },
	{ HV_SYS_REG_MPIDR_EL1, "mpidr_el1" },
	{ HV_SYS_REG_CPACR_EL1, "cpacr_el1" },
	{ HV_SYS_REG_TTBR0_EL1, "ttbr0_el1" },
	{ HV_SYS_REG_TTBR1_EL1, "ttbr1_el1" },
	{ HV_SYS_REG_TCR_EL1, "tcr_el1" },
	{ HV_SYS_REG_MAIR_EL1, "mair_el1" },
	{ HV_SYS_REG_AMAIR_EL1, "amair_el1" },
	{ HV_SYS_REG_VBAR_EL1, "vbar_el1" },
	{ HV_SYS_REG_AFSR0_EL1, "afsr0_el1" },
	{ HV_SYS_REG_AFSR1_EL1, "afsr1_el1" },
	{ HV_SYS_REG_PAR_EL1, "par_el1" },
	{ HV_SYS_REG_CONTEXTIDR_EL1, "contextidr_el1" },
	{ HV_SYS_REG_TPIDR_EL0, "tpidr_el0" },
	{ HV_SYS_REG_TPIDRRO_EL0, "tpidrro_el0" },
	{ HV_SYS_REG_TPIDR_EL1, "tpidr_el1" },
	{ HV_SYS_REG_CSSELR_EL1, "csselr_el1" },
	{ HV_SYS_REG_CNTKCTL_EL1, "cntkctl_el1" },
	{ HV_SYS_REG_CNTV_CTL_EL0, "cntv_ctl_el0" },
	{ HV_SYS_REG_CNTV_CVAL_EL0, "cntv_cval_el0" },
	{ HV_SYS_REG_MDSCR_EL1, "mdscr_el1" },
};

static void print(FILE *out, const struct cpu *cpu, const char *name,
	hv_return_t ret, uint64_t value)
{
	fprintf(out, "cpu%u.%s ", cpu->index, name);
	if (ret == HV_SUCCESS)
		fprintf(out, "0x%016" PRIx64 "\n", value);
	else
		fprintf(out, "%s\n", hv_error_name(ret));
}

static void print_reg(
	FILE *out, struct cpu *cpu, hv_reg_t reg, const char *name)
{
	uint64_t value = 0;
	hv_return_t ret = hv_vcpu_get_reg(cpu->vcpu, reg, &value);

	print(out, cpu, name, ret, value);
}

static void print_sys_reg(
	FILE *out, struct cpu *cpu, const struct named_sys_reg *reg)
{
	uint64_t value = 0;
	hv_return_t ret = hv_vcpu_get_sys_reg(cpu->vcpu, reg->reg, &value);

	print(out, cpu, reg->name, ret, value);
}

static void print_general(FILE *out, struct cpu *cpu)
{
	char name[8];
	unsigned int i;

	for (i = 0; i <= 30; i++) {
		snprintf(name, sizeof(name), "x%u", i);
		print_reg(out, cpu, (hv_reg_t)(HV_REG_X0 + i), name);
	}
	for (i = 0; i < COUNT(other_regs); i++)
		print_reg(out, cpu, other_regs[i].reg, other_regs[i].name);
}

/* As one number: byte 15 is the most significant. */
static void print_vector(FILE *out, struct cpu *cpu, unsigned int n)
{
	hv_simd_fp_uchar16_t vector;
	uint8_t bytes[16];
	hv_return_t ret;
	int i;

	ret = hv_vcpu_get_simd_fp_reg(
		cpu->vcpu, (hv_simd_fp_reg_t)(HV_SIMD_FP_REG_Q0 + n), &vector);
	fprintf(out, "cpu%u.q%u ", cpu->index, n);
	if (ret != HV_SUCCESS) {
		fprintf(out, "%s\n", hv_error_name(ret));
		return;
	}
	memcpy(bytes, &vector, sizeof(bytes));
	fprintf(out, "0x");
	for (i = 15; i >= 0; i--)
		fprintf(out, "%02x", bytes[i]);
	fprintf(out, "\n");
}

char *final_regs_read(struct cpu *cpu)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	unsigned int i;

	if (!out)
		return NULL;
	print_general(out, cpu);
	for (i = 0; i < COUNT(sys_regs); i++)
		print_sys_reg(out, cpu, &sys_regs[i]);
	for (i = 0; i < 32; i++)
		print_vector(out, cpu, i);
	fclose(out);
	return text;
}

void final_regs_dump(struct cpu *cpu, FILE *out)
{
	unsigned int i;

	print_general(out, cpu);
	for (i = 0; i < DUMPED_SYS_REGS; i++)
		print_sys_reg(out, cpu, &sys_regs[i]);
}

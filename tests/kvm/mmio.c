/* SPDX-License-Identifier: MIT */
/*
 * Loads and stores where nothing is mapped: syndrome, virtual and physical
 * address, with the MMU off and on with each granule. VMM and guest then agree
 * on the access as on a Mac: the VMM sets Xt and steps PC itself.
 */
#include "conformance.h"

#include <stdio.h>
#include <string.h>

/* Away from page boundaries, as some offsets are negative. */
#define BASE (DEVICE + 0x1800)

/* X1: BASE, X11: 0x40, W13: 2, SP: BASE too. */
GUEST(guest_access,
	"ldrb w2, [x1, #1]\n ldrh w2, [x1, #2]\n ldr w3, [x1, #4]\n"
	"ldr x4, [x1, #8]\n ldrsb x5, [x1, #1]\n ldrsb w5, [x1, #1]\n"
	"ldrsh w6, [x1, #2]\n ldrsw x7, [x1, #4]\n ldur x8, [x1, #-8]\n"
	"strb w9, [x1]\n strh wzr, [x1, #2]\n str w10, [x1, #4]\n"
	"str x12, [x1, x11]\n ldr x14, [x1, w13, uxtw #3]\n str xzr, [sp, #16]\n"
	"ldr x30, [x1]\n ldar w15, [x1]\n stlr x16, [x1]\n"
	"ldr w17, [x1], #4\n str w17, [x1, #-4]!\n hvc #0");

struct access {
	const char *name;
	bool write;
	unsigned sas, sse, srt, sf, ar;
	int offset;
};

static const struct access accesses[] = {
	{ "ldrb_w", false, 0, 0, 2, 0, 0, 1 },
	{ "ldrh_w", false, 1, 0, 2, 0, 0, 2 },
	{ "ldr_w", false, 2, 0, 3, 0, 0, 4 },
	{ "ldr_x", false, 3, 0, 4, 1, 0, 8 },
	{ "ldrsb_x", false, 0, 1, 5, 1, 0, 1 },
	{ "ldrsb_w", false, 0, 1, 5, 0, 0, 1 },
	{ "ldrsh_w", false, 1, 1, 6, 0, 0, 2 },
	{ "ldrsw_x", false, 2, 1, 7, 1, 0, 4 },
	{ "ldur_x", false, 3, 0, 8, 1, 0, -8 },
	{ "strb_w", true, 0, 0, 9, 0, 0, 0 },
	{ "strh_wzr", true, 1, 0, 31, 0, 0, 2 },
	{ "str_w", true, 2, 0, 10, 0, 0, 4 },
	{ "str_x_register", true, 3, 0, 12, 1, 0, 0x40 },
	{ "ldr_x_extended", false, 3, 0, 14, 1, 0, 16 },
	{ "str_xzr_sp", true, 3, 0, 31, 1, 0, 16 },
	{ "ldr_x30", false, 3, 0, 30, 1, 0, 0 },
	{ "ldar_w", false, 2, 0, 15, 0, 1, 0 },
	{ "stlr_x", true, 3, 0, 16, 1, 1, 0 },
};
#define ACCESSES (sizeof(accesses) / sizeof(accesses[0]))

static uint64_t syndrome(const struct access *a)
{
	return (uint64_t)EC_DATA_ABORT << 26 | 1u << 25 | 1u << 24 |
		a->sas << 22 | a->sse << 21 | a->srt << 16 | a->sf << 15 |
		a->ar << 14 | (unsigned)a->write << 6 | 4;
}

static void say(const char *setting, const char *name, const char *what, bool ok)
{
	char text[128];

	snprintf(text, sizeof(text), "%s_%s_%s", setting, name, what);
	claim(ok, text);
}

/* Status bits 1:0 are the level of the table walk that ended. */
static void one(struct cpu *cpu, const char *setting, const struct access *a,
	uint64_t va)
{
	const hv_vcpu_exit_exception_t *e = &cpu->exit->exception;
	uint64_t pc;

	cpu_run(cpu);
	pc = reg(cpu, HV_REG_PC);
	say(setting, a->name, "syndrome", (e->syndrome & ~3ull) == syndrome(a));
	if ((e->syndrome & ~3ull) != syndrome(a))
		printf("# 0x%llx, should be 0x%llx\n",
			(unsigned long long)e->syndrome,
			(unsigned long long)syndrome(a));
	say(setting, a->name, "addresses",
		e->virtual_address == va + (uint64_t)a->offset &&
			e->physical_address == BASE + (uint64_t)a->offset);
	if (!a->write)
		set_reg(cpu, HV_REG_X0 + a->srt, 0x99);
	set_reg(cpu, HV_REG_PC, pc + 4);
}

/* Write-back forms have no syndrome; that must be said, not made up. */
static void without_syndrome(struct cpu *cpu, const char *setting)
{
	bool honest = true;

	for (int i = 0; i < 2; i++) {
		cpu_run(cpu);
		honest &= EC(cpu->exit->exception.syndrome) == EC_DATA_ABORT &&
			!(cpu->exit->exception.syndrome >> 24 & 1);
		set_reg(cpu, HV_REG_PC, reg(cpu, HV_REG_PC) + 4);
	}
	say(setting, "writeback", "has_no_syndrome", honest);
}

static void all(struct cpu *cpu, const char *setting, uint64_t va)
{
	set_reg(cpu, HV_REG_X1, va);
	set_reg(cpu, HV_REG_X11, 0x40);
	set_reg(cpu, HV_REG_X13, 0xffffffff00000002);
	NEED(hv_vcpu_set_sys_reg(cpu->id, HV_SYS_REG_SP_EL1, va));
	for (size_t i = 0; i < ACCESSES; i++)
		one(cpu, setting, &accesses[i], va);
	claim_equal(reg(cpu, HV_REG_X4), 0x99, "loads_get_what_the_vmm_set");
	without_syndrome(cpu, setting);
	cpu_run(cpu);
	say(setting, "guest", "came_to_its_end",
		EC(cpu->exit->exception.syndrome) == EC_HVC);
}

struct granule {
	const char *name;
	unsigned shift, tg0;
};

/*
 * Translation tables for 48-bit addresses, from 1 MiB of RAM on: descriptors
 * down to the leaf level, made as the walk goes.
 */
static uint8_t *tables;
static unsigned tables_used;

static void map(const struct granule *g, uint64_t va, uint64_t ipa,
	unsigned leaf, unsigned attribute)
{
	unsigned stride = g->shift - 3;
	unsigned start = 4 - (48 - g->shift + stride - 1) / stride;
	uint8_t *table = tables;

	for (unsigned level = start;; level++) {
		unsigned low = g->shift + stride * (3 - level);
		uint64_t index = va >> low & ((1u << stride) - 1), entry;

		if (level == leaf) {
			entry = (ipa >> low << low) | 1u << 10 | 3u << 8 |
				attribute << 2 | (level == 3 ? 3 : 1);
			memcpy(table + 8 * index, &entry, 8);
			return;
		}
		memcpy(&entry, table + 8 * index, 8);
		if (!entry)
			entry = (RAM + (1u << 20) +
				((uint64_t)++tables_used << g->shift)) | 3;
		memcpy(table + 8 * index, &entry, 8);
		table = tables + ((entry & ~0xfffull) - RAM - (1u << 20));
	}
}

static void mmu_on(struct cpu *cpu, const struct granule *g)
{
	const struct { hv_sys_reg_t reg; uint64_t value; } settings[] = {
		{ HV_SYS_REG_MAIR_EL1, 0xff00 },
		{ HV_SYS_REG_TTBR0_EL1, RAM + (1u << 20) },
		/* T0SZ 16, cacheable inner shareable, EPD1, IPS 40 bits */
		{ HV_SYS_REG_TCR_EL1, 16 | 1u << 8 | 1u << 10 | 3u << 12 |
			(uint64_t)g->tg0 << 14 | 1u << 23 | 2ull << 32 },
		{ HV_SYS_REG_SCTLR_EL1, 0xc50078 | 1 | 1u << 2 | 1u << 12 },
	};

	for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++)
		NEED(hv_vcpu_set_sys_reg(cpu->id, settings[i].reg,
			settings[i].value));
}

static void with_mmu(const struct granule *g, bool blocks)
{
	const uint64_t code_va = 0x7654ull << 32, device_va = 0x1234ull << 32;
	unsigned leaf = blocks ? 2 : 3;
	uint64_t low = (1ull << (g->shift + (g->shift - 3) * (3 - leaf))) - 1;
	char setting[32];
	struct cpu cpu;

	snprintf(setting, sizeof(setting), "%s_%s", g->name,
		blocks ? "blocks" : "pages");
	tables = VM_START(guest_access) + (1u << 20);
	tables_used = 0;
	cpu = cpu_start();
	map(g, code_va, RAM, leaf, 1);
	map(g, device_va, BASE, leaf, 0);
	mmu_on(&cpu, g);
	set_reg(&cpu, HV_REG_PC, code_va + (RAM & low));
	all(&cpu, setting, device_va + (BASE & low));
	cpu_end(&cpu);
	vm_end();
}

int main(void)
{
	static const struct granule granules[] = {
		{ "4k", 12, 0 }, { "16k", 14, 2 }, { "64k", 16, 1 },
	};
	struct cpu cpu;

	VM_START(guest_access);
	cpu = cpu_start();
	all(&cpu, "mmu_off", BASE);
	cpu_end(&cpu);
	vm_end();
	for (size_t i = 0; i < 3; i++) {
		with_mmu(&granules[i], false);
		with_mmu(&granules[i], true);
	}
	return verdict();
}

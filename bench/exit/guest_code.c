/* SPDX-License-Identifier: MIT */
/* Instructions as words, so that every assembler and object format does. */
#include "guest_code.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include <Hypervisor/Hypervisor.h>

#include "bench.h"

#define TABLE 0x100000u /* in RAM */

static const uint32_t store[] = {
	0xb9000022, /* str w2, [x1] */
	0x17ffffff, /* b */
};
static const uint32_t load[] = {
	0xb9400022, /* ldr w2, [x1] */
	0x17ffffff, /* b */
};
static const uint32_t call[] = {
	0xd4000022, /* hvc #1 */
	0x17ffffff, /* b */
};
static const uint32_t trap[] = {
	0xd2800003 | GUEST_TRAPS << 5, /* mov x3, #GUEST_TRAPS */
	0xd5380402, /* 1: mrs x2, id_aa64pfr0_el1 */
	0xf1000463, /* subs x3, x3, #1 */
	0x54ffffc1, /* b.ne 1b */
	0xd4000022, /* hvc #1 */
	0x17fffffb, /* b */
};
static const uint32_t timer[] = {
	0xd51be305, /* msr cntv_tval_el0, x5 */
	0xd2800023, /* mov x3, #1 */
	0xd51be323, /* msr cntv_ctl_el0, x3 */
	0xd5033fdf, /* isb */
	0xb94000c4, /* 1: ldr w4, [x6] */
	0x34ffffe4, /* cbz w4, 1b */
	0xd51be33f, /* msr cntv_ctl_el0, xzr */
	0xd5033fdf, /* isb */
	0xb90000df, /* str wzr, [x6] */
	0xd4000022, /* hvc #1 */
	0x17fffff6, /* b */
};
static const uint32_t sleep[] = {
	0xd51be305, /* msr cntv_tval_el0, x5 */
	0xd2800023, /* mov x3, #1 */
	0xd51be323, /* msr cntv_ctl_el0, x3 */
	0xd5033fdf, /* isb */
	0xd53be347, /* mrs x7, cntv_cval_el0 */
	0xd503207f, /* 1: wfi */
	0xb94000c4, /* ldr w4, [x6] */
	0x34ffffc4, /* cbz w4, 1b */
	0xd51be33f, /* msr cntv_ctl_el0, xzr */
	0xd5033fdf, /* isb */
	0xb90000df, /* str wzr, [x6] */
	0xd4000022, /* hvc #1 */
	0x17fffff4, /* b */
};
static const uint32_t spin[] = {
	0xf94004c4, /* ldr x4, [x6, #8] */
	0x91000484, /* add x4, x4, #1 */
	0xf90004c4, /* str x4, [x6, #8] */
	0x17fffffd, /* b */
};
static const uint32_t doze[] = {
	0xf94004c4, /* ldr x4, [x6, #8] */
	0x91000484, /* add x4, x4, #1 */
	0xf90004c4, /* str x4, [x6, #8] */
	0xd503207f, /* wfi */
	0x17fffffc, /* b */
};

#define LOOP(code) { code, sizeof(code) }

static const struct {
	const uint32_t *code;
	size_t size;
} loops[GUEST_LOOPS] = {
	[GUEST_STORE] = LOOP(store),
	[GUEST_LOAD] = LOOP(load),
	[GUEST_CALL] = LOOP(call),
	[GUEST_TRAP] = LOOP(trap),
	[GUEST_TIMER] = LOOP(timer),
	[GUEST_SLEEP] = LOOP(sleep),
	[GUEST_SPIN] = LOOP(spin),
	[GUEST_DOZE] = LOOP(doze),
};

/* Stage 1: 39 bits, 4 KiB granule (Arm ARM D8.2, D19.2). */
const struct guest_reg guest_regs[] = {
	{ true, HV_SYS_REG_MAIR_EL1, 0xff00 },
	{ true, HV_SYS_REG_TCR_EL1, 1ull << 32 | 1u << 23 | 3u << 12 |
					1u << 10 | 1u << 8 | 25 },
	{ true, HV_SYS_REG_TTBR0_EL1, GUEST_RAM + TABLE },
	{ true, HV_SYS_REG_SCTLR_EL1, 0x30d01805 },
	{ false, 1, GUEST_DEVICE },
	{ false, 6, GUEST_RAM + GUEST_FLAGS },
};
const size_t guest_reg_count = sizeof(guest_regs) / sizeof(guest_regs[0]);

/* A cache line apart from each other. */
uint64_t guest_pc(enum guest_loop loop)
{
	return GUEST_RAM + 64 * (uint64_t)loop;
}

uint8_t *guest_make_ram(void)
{
	uint8_t *ram = mmap(NULL, GUEST_RAM_SIZE, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANON, -1, 0);
	/* Blocks of a GiB: a device, then memory (Arm ARM D8.3). */
	const uint64_t table[] = { 0x401, GUEST_RAM | 0x705 };

	bench_check(ram == MAP_FAILED ? -errno : 0, "RAM");
	for (unsigned i = 0; i < GUEST_LOOPS; i++)
		memcpy(ram + guest_pc((enum guest_loop)i) - GUEST_RAM,
				loops[i].code, loops[i].size);
	memcpy(ram + TABLE, table, sizeof(table));
	return ram;
}

volatile struct guest_flags *guest_flags_in(uint8_t *ram)
{
	return (volatile struct guest_flags *)(void *)(ram + GUEST_FLAGS);
}

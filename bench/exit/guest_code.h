/* SPDX-License-Identifier: MIT */
/*
 * The guest of the exit benchmarks: a page of loops that each cause one kind
 * of exit again and again, at EL1 with the MMU on, as guests have it. Shared
 * by what runs it through hv_* and what runs it by ioctls alone.
 */
#ifndef HVT_BENCH_GUEST_CODE_H
#define HVT_BENCH_GUEST_CODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GUEST_RAM      0x40000000ull
#define GUEST_RAM_SIZE 0x200000ull
#define GUEST_FLAGS    0x110000u /* in RAM: a struct guest_flags */
#define GUEST_DEVICE   0x09000000ull
#define GUEST_CPSR     0x3c5u /* EL1h, all masked */
#define GUEST_TRAPS    64u /* in a round of GUEST_TRAP */

/* The loops. X1 is the device, X5 a time in ticks, X6 the flags. */
enum guest_loop {
	GUEST_STORE, /* W2 to the device */
	GUEST_LOAD,  /* W2 from there */
	GUEST_CALL,  /* HVC #1 */
	GUEST_TRAP,  /* reads an ID register GUEST_TRAPS times, then HVC #1 */
	/*
	 * Sets the timer, waits until the VMM has raised the flag, takes flag
	 * and timer back, HVC #1.
	 */
	GUEST_TIMER,
	GUEST_SLEEP, /* the same, waiting in WFI; X7: when the timer is due */
	GUEST_SPIN,  /* counts its rounds */
	GUEST_DOZE,  /* counts, WFI */
	GUEST_LOOPS
};

/* What guest and VMM tell each other. */
struct guest_flags {
	uint32_t flag;
	uint32_t unused;
	uint64_t rounds;
};

/* A register that a vCPU must have before it runs. */
struct guest_reg {
	bool is_system;
	uint16_t reg; /* hv_sys_reg_t, or n of Xn */
	uint64_t value;
};
extern const struct guest_reg guest_regs[];
extern const size_t guest_reg_count;

/* GUEST_RAM_SIZE bytes with code and tables. Trouble ends the program. */
uint8_t *guest_make_ram(void);

/* IPA, and the same virtual address, of a loop. */
uint64_t guest_pc(enum guest_loop loop);

/* The flags in that RAM. */
volatile struct guest_flags *guest_flags_in(uint8_t *ram);

#endif

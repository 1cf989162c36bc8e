/* SPDX-License-Identifier: MIT */
/*
 * A machine with a GIC, and a guest that does one thing at a time: the VMM
 * chooses what, and reads what came of it. So a test says step by step what
 * happens on either side.
 */
#ifndef HVT_TEST_GIC_MACHINE_H
#define HVT_TEST_GIC_MACHINE_H

#include "conformance.h"

#define GICD 0x08000000ull
#define GICM 0x08020000ull
#define GICR 0x080a0000ull

#define GICR_SIZE 0x20000ull
#define GICR_SGI  0x10000ull

#define MSI_FIRST 64u
#define MSI_COUNT 32u

/* Registers that the tests name. */
#define GICD_CTLR	  0x0000u
#define GICD_TYPER	  0x0004u
#define GICD_IGROUPR(n)	  (0x0080u + (n) / 32 * 4)
#define GICD_ISENABLER(n) (0x0100u + (n) / 32 * 4)
#define GICD_ICENABLER(n) (0x0180u + (n) / 32 * 4)
#define GICD_ISPENDR(n)	  (0x0200u + (n) / 32 * 4)
#define GICD_ICPENDR(n)	  (0x0280u + (n) / 32 * 4)
#define GICD_ISACTIVER(n) (0x0300u + (n) / 32 * 4)
#define GICD_ICACTIVER(n) (0x0380u + (n) / 32 * 4)
#define GICD_IPRIORITYR(n) (0x0400u + (n))
#define GICD_ICFGR(n)	  (0x0c00u + (n) / 16 * 4)
#define GICD_IROUTER(n)	  (0x6000u + 8 * (n))
#define GIC_PIDR2	  0xffe8u
#define BIT(n)		  (1u << (n) % 32)
#define EDGE(n)		  (2u << (n) % 16 * 2) /* in an ICFGR */

#define SPURIOUS 1023u

/*
 * What the guest can do, with X1 and X2; the answer is its X0. In a guest's
 * code a system register is named by its number, as assemblers differ.
 */
#define OPS(X) \
	X(LDR32, "ldr w0, [x1]") \
	X(STR32, "str w2, [x1]") \
	X(LDR64, "ldr x0, [x1]") \
	X(STR64, "str x2, [x1]") \
	X(LDR8, "ldrb w0, [x1]") \
	X(STR8, "strb w2, [x1]") \
	X(STR16, "strh w2, [x1]") \
	/* PMR to X1, group 1 to X2 */ \
	X(SET_UP, "msr s3_0_c4_c6_0, x1\n msr s3_0_c12_c12_7, x2\n isb") \
	X(IAR, "mrs x0, s3_0_c12_c12_0\n dsb sy") \
	X(EOIR, "msr s3_0_c12_c12_1, x1\n isb") \
	X(DIR, "msr s3_0_c12_c11_1, x1\n isb") \
	X(HPPIR, "mrs x0, s3_0_c12_c12_2") \
	X(RPR, "mrs x0, s3_0_c12_c11_3") \
	X(GET_PMR, "mrs x0, s3_0_c4_c6_0") \
	X(GET_CTLR, "mrs x0, s3_0_c12_c12_4") \
	X(SET_CTLR, "msr s3_0_c12_c12_4, x1\n isb") \
	X(GET_BPR1, "mrs x0, s3_0_c12_c12_3") \
	X(SET_BPR1, "msr s3_0_c12_c12_3, x1\n isb") \
	X(SGI1R, "msr s3_0_c12_c11_5, x1\n isb") \
	/* bit 7: an IRQ is pending */ \
	X(ISR, "dsb sy\n isb\n mrs x0, isr_el1") \
	X(MPIDR, "mrs x0, mpidr_el1") \
	/* ends by an IRQ alone: see IRQ_TAKEN */ \
	X(SPIN, "msr daifclr, #2\n 1: b 1b") \
	X(SLEEP, "msr daifclr, #2\n 1: wfi\n b 1b") \
	/* the timers: X1 ticks from now */ \
	X(VTIMER, "msr cntv_tval_el0, x1\n mov x0, #1\n" \
		  " msr cntv_ctl_el0, x0\n isb") \
	X(VTIMER_OFF, "msr cntv_ctl_el0, xzr\n isb") \
	X(PTIMER, "msr cntp_tval_el0, x1\n mov x0, #1\n" \
		  " msr cntp_ctl_el0, x0\n isb") \
	X(PTIMER_OFF, "msr cntp_ctl_el0, xzr\n isb")

#define OP_ENUM(name, code) OP_##name,
enum op { OPS(OP_ENUM) OP_COUNT };

/* Immediates of the HVC by which the guest comes back. */
enum { OP_DONE = 0, IRQ_TAKEN = 1, SYNC_TAKEN = 2 };

/* What the machine has beside the GIC. */
enum { WITH_MSIS = 1 };

/* A configuration as the tests use it, to be released. */
hv_gic_config_t gic_config(unsigned with);

/* hv_gic_create() with all that there can be. */
hv_return_t gic_create(void);

/* A VM with RAM, the guest in it; and with a GIC. */
void gic_guest_start(void);
void gic_vm_start(unsigned with);

/* A VM with EL2 and a GIC, RAM beginning with code; and its vCPU, at EL2h. */
struct cpu gic_el2_start(const uint8_t *code, size_t size);

/* A vCPU of the calling thread, at mpidr, its CPU interface ready. */
struct cpu gic_cpu_start(uint64_t mpidr);
/* The same with one that has been created. */
void gic_cpu_place(struct cpu *cpu, uint64_t mpidr);

/* Has the guest do it; the answer. It must come back by OP_DONE. */
uint64_t op(struct cpu *cpu, enum op op, uint64_t x1, uint64_t x2);

/* The same, but it may come back in any way: the exit is left to look at. */
void op_exits(struct cpu *cpu, enum op op, uint64_t x1, uint64_t x2);

/* Runs with interrupts on until one is taken: its INTID; it is active then. */
uint64_t take_irq(struct cpu *cpu, enum op how);

/* Is an IRQ on its way to the vCPU? */
bool irq_is_pending(struct cpu *cpu);

/* The guest's loads and stores of 32 bits. */
uint32_t guest_read(struct cpu *cpu, uint64_t ipa);
void guest_write(struct cpu *cpu, uint64_t ipa, uint32_t value);

/* The VMM's registers; those of the redistributor are the calling thread's. */
uint64_t gicd(uint32_t reg);
void set_gicd(uint32_t reg, uint64_t value);
uint64_t gicr(struct cpu *cpu, uint32_t reg);
void set_gicr(struct cpu *cpu, uint32_t reg, uint64_t value);

/* SPI intid, enabled, of priority 0x80, for the vCPU at affinity 0. */
void spi_enable(uint32_t intid, bool edge);

/*
 * Another thread with a vCPU of its own: it does what it is asked to, one
 * after the other.
 */
struct mate;
struct mate *mate_start(uint64_t mpidr);
void mate_end(struct mate *mate);
/* Calls f(cpu, arg) there, and waits for its end. */
void mate_do(struct mate *mate, void (*f)(struct cpu *cpu, void *arg), void *arg);
/* The same without waiting: mate_wait() does. */
void mate_begin(struct mate *mate, void (*f)(struct cpu *cpu, void *arg),
	void *arg);
void mate_wait(struct mate *mate);
uint64_t mate_op(struct mate *mate, enum op op, uint64_t x1, uint64_t x2);

#endif

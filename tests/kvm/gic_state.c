/* SPDX-License-Identifier: MIT */
/*
 * The state of a GIC, saved by one process and restored by another: interrupts
 * that were pending, active, enabled and routed are so there.
 */
#include "gic_machine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <os/object.h>

#define BLOB_MAX 65536u

struct blob {
	size_t size;
	uint8_t bytes[BLOB_MAX];
};

static void save(struct blob *b)
{
	hv_gic_state_t state = hv_gic_state_create();

	b->size = 0;
	if (!state)
		need(HV_ERROR, "hv_gic_state_create");
	NEED(hv_gic_state_get_size(state, &b->size));
	if (b->size > BLOB_MAX)
		need(HV_ERROR, "a state that fits");
	NEED(hv_gic_state_get_data(state, b->bytes));
	os_release(state);
}

static bool same(const struct blob *a, const struct blob *b)
{
	return a->size == b->size && !memcmp(a->bytes, b->bytes, a->size);
}

/* The CPU interface, which the state leaves to the VMM. */
static const hv_gic_icc_reg_t icc_regs[] = { HV_GIC_ICC_REG_PMR_EL1,
	HV_GIC_ICC_REG_BPR0_EL1, HV_GIC_ICC_REG_BPR1_EL1,
	HV_GIC_ICC_REG_CTLR_EL1, HV_GIC_ICC_REG_IGRPEN0_EL1,
	HV_GIC_ICC_REG_IGRPEN1_EL1, HV_GIC_ICC_REG_AP0R0_EL1,
	HV_GIC_ICC_REG_AP1R0_EL1 };
#define ICC_REGS (sizeof(icc_regs) / sizeof(icc_regs[0]))

struct saved {
	struct blob gic;
	uint64_t icc[ICC_REGS];
};

static void set_up(struct cpu *cpu, struct mate *mate)
{
	(void)mate;
	for (uint32_t intid = 40; intid < 45; intid++)
		spi_enable(intid, intid != 42);
	set_gicd(GICD_IPRIORITYR(44), 0x40);
	NEED(hv_gic_set_spi(40, true));  /* an edge, pending */
	NEED(hv_gic_set_spi(42, true));  /* a line that is up */
	set_gicd(GICD_ICENABLER(41), BIT(41));
	NEED(hv_gic_set_spi(41, true));  /* pending, disabled */
	set_gicd(GICD_IROUTER(43), 1);
	NEED(hv_gic_set_spi(43, true));  /* for the other */
	NEED(hv_gic_set_spi(44, true));
	claim_equal(take_irq(cpu, OP_SPIN), 44, "one_is_active");
	op(cpu, OP_SGI1R, 6ull << 24 | 2, 0); /* pending at the other */
	set_gicr(cpu, GICR_SGI + GICD_ISENABLER(0), BIT(30));
}

/* The first process: sends what it has saved. */
static int saver(int to)
{
	static struct saved s;
	struct cpu cpu;
	struct mate *mate;

	gic_vm_start(WITH_MSIS);
	cpu = gic_cpu_start(0x80000000);
	mate = mate_start(0x80000001);
	set_up(&cpu, mate);
	save(&s.gic);
	for (size_t i = 0; i < ICC_REGS; i++)
		NEED(hv_gic_get_icc_reg(cpu.id, icc_regs[i], &s.icc[i]));
	for (size_t done = 0; done < sizeof(s);) {
		ssize_t n = write(to, (char *)&s + done, sizeof(s) - done);

		if (n <= 0)
			return 1;
		done += (size_t)n;
	}
	mate_end(mate);
	cpu_end(&cpu);
	vm_end();
	return verdict();
}

static void check_registers(struct cpu *cpu)
{
	claim_equal(gicd(GICD_ISACTIVER(44)), BIT(44), "it_is_active_again");
	claim_equal(gicd(GICD_IROUTER(43)), 1, "the_route_is_back");
	claim_equal(gicd(GICD_ICFGR(40)) & EDGE(42), 0, "the_level_is_one");
	claim_equal(gicd(GICD_ISENABLER(40)) & (BIT(40) | BIT(41)), BIT(40),
		"enabled_and_disabled_are_as_they_were");
	claim_equal(gicr(cpu, GICR_SGI + GICD_ISENABLER(0)) & BIT(30), BIT(30),
		"the_ppi_is_enabled");
}

/* What is pending comes, and only that; the other's is the other's. */
static void check_interrupts(struct cpu *cpu, struct mate *mate)
{
	claim_equal(op(cpu, OP_RPR, 0, 0), 0x40, "its_priority_runs");
	op(cpu, OP_EOIR, 44, 0);
	claim_equal(take_irq(cpu, OP_SPIN), 40, "the_edge_comes");
	op(cpu, OP_EOIR, 40, 0);
	claim_equal(take_irq(cpu, OP_SPIN), 42, "the_line_comes");
	op(cpu, OP_EOIR, 42, 0);
	claim_equal(take_irq(cpu, OP_SPIN), 42, "it_is_up_still");
	NEED(hv_gic_set_spi(42, false));
	op(cpu, OP_EOIR, 42, 0);
	claim(!irq_is_pending(cpu), "nothing_else_comes");
	set_gicd(GICD_ISENABLER(41), BIT(41));
	claim_equal(take_irq(cpu, OP_SPIN), 41, "the_disabled_one_has_waited");
	op(cpu, OP_EOIR, 41, 0);
	claim_equal(mate_op(mate, OP_IAR, 0, 0), 6, "the_sgi_comes_there");
	mate_op(mate, OP_EOIR, 6, 0);
	claim_equal(mate_op(mate, OP_IAR, 0, 0), 43, "the_routed_spi_too");
	mate_op(mate, OP_EOIR, 43, 0);
	claim_equal(mate_op(mate, OP_IAR, 0, 0), SPURIOUS, "and_no_more");
}

static void restored(const struct saved *s, bool early)
{
	static struct blob again;
	struct cpu cpu;
	struct mate *mate;

	gic_vm_start(WITH_MSIS);
	/* It may come before the vCPUs. */
	if (early)
		NEED(hv_gic_set_state(s->gic.bytes, s->gic.size));
	cpu = gic_cpu_start(0x80000000);
	mate = mate_start(0x80000001);
	if (!early)
		NEED(hv_gic_set_state(s->gic.bytes, s->gic.size));
	for (size_t i = 0; i < ICC_REGS; i++)
		NEED(hv_gic_set_icc_reg(cpu.id, icc_regs[i], s->icc[i]));
	save(&again);
	claim(same(&again, &s->gic), early ?
		"restored_before_the_vcpus_it_is_the_same" :
		"restored_it_is_the_same");
	check_registers(&cpu);
	check_interrupts(&cpu, mate);
	mate_end(mate);
	cpu_end(&cpu);
	vm_end();
}

static void damaged(const struct blob *good)
{
	static struct blob bad;

	claim_result(hv_gic_set_state(NULL, good->size), HV_BAD_ARGUMENT,
		"no_state_at_all");
	claim_result(hv_gic_set_state(good->bytes, good->size - 1),
		HV_BAD_ARGUMENT, "a_state_cut_short");
	for (unsigned i = 0; i < 28; i++) {
		bad = *good;
		bad.bytes[i] ^= 0x41;
		if (hv_gic_set_state(bad.bytes, bad.size) == HV_BAD_ARGUMENT)
			continue;
		printf("# byte %u\n", i);
		claim(false, "a_damaged_header_is_refused");
	}
}

/* Reset brings back what a GIC has been created with. */
static void reset(void)
{
	static struct blob before, after;
	struct cpu cpu;
	struct mate *mate;

	gic_vm_start(WITH_MSIS);
	cpu = gic_cpu_start(0x80000000);
	mate = mate_start(0x80000001);
	save(&before);
	damaged(&before);
	save(&after);
	claim(same(&before, &after), "a_refused_state_changes_nothing");
	set_up(&cpu, mate);
	op(&cpu, OP_EOIR, 44, 0);
	save(&after);
	claim(!same(&before, &after), "the_state_has_changed");
	NEED(hv_gic_reset());
	save(&after);
	claim(same(&before, &after), "reset_is_as_created");
	claim(!irq_is_pending(&cpu), "nothing_is_pending_after_reset");
	claim_equal(mate_op(mate, OP_IAR, 0, 0), SPURIOUS, "nor_there");
	/* It goes on. */
	spi_enable(40, true);
	NEED(hv_gic_set_spi(40, true));
	claim_equal(take_irq(&cpu, OP_SPIN), 40, "and_interrupts_come_again");
	op(&cpu, OP_EOIR, 40, 0);
	mate_end(mate);
	cpu_end(&cpu);
	vm_end();
}

static bool receive(int from, struct saved *s)
{
	for (size_t done = 0; done < sizeof(*s);) {
		ssize_t n = read(from, (char *)s + done, sizeof(*s) - done);

		if (n <= 0)
			return false;
		done += (size_t)n;
	}
	return true;
}

int main(void)
{
	static struct saved s;
	int ends[2], status = -1;
	pid_t child;

	if (pipe(ends))
		need(HV_ERROR, "pipe");
	fflush(stdout);
	child = fork();
	if (!child) {
		close(ends[0]);
		exit(saver(ends[1]));
	}
	close(ends[1]);
	claim(receive(ends[0], &s), "another_process_saves_its_state");
	waitpid(child, &status, 0);
	claim(WIFEXITED(status) && !WEXITSTATUS(status), "and_comes_to_its_end");
	restored(&s, false);
	restored(&s, true);
	reset();
	return verdict();
}

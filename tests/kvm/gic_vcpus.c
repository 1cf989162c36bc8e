/* SPDX-License-Identifier: MIT */
/*
 * vCPUs of a VM with a GIC: where their redistributors are, and that they come
 * and go without end, also after vCPUs have run.
 */
#include "gic_machine.h"

#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#define MANY	64u
#define THREADS 4u
#define ALONE	1000u
#define TURNS	5u
#define PAIRS	3u

/* 16 in a group of Aff0, as SGIs can name. */
static uint64_t affinity(unsigned n)
{
	return (n & 15) | (uint64_t)(n >> 4) << 8;
}

static uint64_t sgi(unsigned intid, unsigned n)
{
	return (uint64_t)intid << 24 | affinity(n) >> 8 << 16 | 1u << (n & 15);
}

static void before_the_affinity(void)
{
	struct cpu cpu = cpu_start();
	hv_ipa_t base = 0;
	uint64_t value;

	claim_result(hv_gic_get_redistributor_base(cpu.id, &base),
		HV_BAD_ARGUMENT, "no_base_before_the_affinity");
	claim_result(hv_gic_get_redistributor_reg(cpu.id, 8, &value), HV_DENIED,
		"no_redistributor_before_the_affinity");
	op_exits(&cpu, OP_LDR32, GICR + 8, 0);
	claim_equal(EC(cpu.exit->exception.syndrome), EC_DATA_ABORT,
		"the_guest_finds_none");
	claim_equal(cpu.exit->exception.physical_address, GICR + 8,
		"it_is_the_vmms");
	NEED(hv_vcpu_set_sys_reg(cpu.id, HV_SYS_REG_MPIDR_EL1, 0x80000001));
	NEED(hv_gic_get_redistributor_base(cpu.id, &base));
	claim_equal(base, GICR, "the_first_vcpu_has_the_first_one");
	claim_equal(op(&cpu, OP_LDR64, GICR + 8, 0) >> 32, 1,
		"the_guest_finds_it_with_its_affinity");
	cpu_end(&cpu);
	claim_result(hv_gic_get_redistributor_base(cpu.id, &base),
		HV_BAD_ARGUMENT, "with_the_vcpu_it_goes");
}

/* Affinities are the VMM's choice, in whatever order. */
static void swapped(void)
{
	struct cpu cpu = gic_cpu_start(0x80000001);
	struct mate *mate = mate_start(0x80000000);
	struct mate *third = mate_start(0x80020000);
	uint64_t typer;

	set_gicd(GICD_CTLR, 2);
	claim_equal(op(&cpu, OP_MPIDR, 0, 0) & 0xffffff, 1, "mpidr_as_set");
	claim_equal(mate_op(mate, OP_MPIDR, 0, 0) & 0xffffff, 0,
		"mpidr_of_the_other_as_set");
	typer = op(&cpu, OP_LDR64, GICR + 8, 0);
	claim(typer >> 32 == 1 && !(typer & 0x10), "the_first_redistributor");
	typer = op(&cpu, OP_LDR64, GICR + GICR_SIZE + 8, 0);
	claim(typer >> 32 == 0 && !(typer & 0x10), "the_second_one");
	typer = op(&cpu, OP_LDR64, GICR + 2 * GICR_SIZE + 8, 0);
	claim(typer >> 32 == 0x20000 && typer & 0x10, "the_last_one");
	op(&cpu, OP_SGI1R, 3ull << 24 | 1, 0);
	claim(mate_op(mate, OP_ISR, 0, 0) & 0x80, "an_sgi_finds_the_affinity");
	claim(!irq_is_pending(&cpu), "and_no_other");
	op(&cpu, OP_SGI1R, 3ull << 24 | 2ull << 32 | 1, 0);
	claim(mate_op(third, OP_ISR, 0, 0) & 0x80, "aff2_is_looked_at");
	/* Whatever the first vCPU was when the SPI was set up. */
	spi_enable(40, true);
	set_gicd(GICD_IROUTER(40), 0x20000);
	claim_equal(mate_op(third, OP_IAR, 0, 0), 3, "the_sgi_it_is");
	mate_op(third, OP_EOIR, 3, 0);
	NEED(hv_gic_set_spi(40, true));
	claim_equal(mate_op(third, OP_IAR, 0, 0), 40, "so_does_an_spi");
	mate_op(third, OP_EOIR, 40, 0);
	set_gicd(GICD_ICENABLER(40), BIT(40));
	mate_end(third);
	mate_end(mate);
	cpu_end(&cpu);
}

/* A vCPU that comes when others have run, gets SPIs that were routed to it. */
static void late(void)
{
	struct cpu cpu = gic_cpu_start(0x80000000);
	struct mate *mate;

	spi_enable(41, true);
	set_gicd(GICD_IROUTER(41), 5);
	NEED(hv_gic_set_spi(41, true));
	claim(!irq_is_pending(&cpu), "an_spi_for_a_vcpu_to_come_waits");
	mate = mate_start(0x80000005);
	claim_equal(mate_op(mate, OP_IAR, 0, 0), 41, "it_gets_it_when_it_comes");
	mate_op(mate, OP_EOIR, 41, 0);
	set_gicd(GICD_IROUTER(41), 0);
	mate_end(mate);
	cpu_end(&cpu);
}

static atomic_uint good, fresh, routed;

/* Takes an SGI of its own, and leaves it active, and another one pending. */
static void live(struct cpu *cpu, unsigned n)
{
	bool clean = !irq_is_pending(cpu);

	clean &= gicr(cpu, GICR_SGI + GICD_ISACTIVER(0)) == 0;
	clean &= gicr(cpu, GICR_SGI + GICD_ISPENDR(0)) == 0;
	clean &= op(cpu, OP_RPR, 0, 0) == 0xff;
	atomic_fetch_add(&fresh, clean);
	set_gicr(cpu, GICR_SGI + GICD_IPRIORITYR(8), 0xa0a0);
	op(cpu, OP_SGI1R, sgi(9, n), 0);
	atomic_fetch_add(&good, op(cpu, OP_IAR, 0, 0) == 9);
	set_gicr(cpu, GICR_SGI + GICD_ISPENDR(0), 1u << 8);
}

static void *turn(void *arg)
{
	struct cpu cpu = cpu_start();

	(void)arg;
	gic_cpu_place(&cpu, 0x80000000 | affinity((unsigned)cpu.id));
	live(&cpu, (unsigned)cpu.id);
	cpu_end(&cpu);
	return NULL;
}

static void turns_alone(void)
{
	for (unsigned i = 0; i < ALONE; i++)
		turn(NULL);
}

static void *turns(void *arg)
{
	for (unsigned i = 0; i < TURNS; i++)
		turn(arg);
	return NULL;
}

/* Each turn in a thread of its own. */
static void *fresh_threads(void *arg)
{
	for (unsigned i = 0; i < TURNS; i++) {
		pthread_t thread;

		pthread_create(&thread, NULL, turn, arg);
		pthread_join(thread, NULL);
	}
	return NULL;
}

/* The affinity is the thread's, the vCPU any: they are paired anew. */
static void *pairs(void *arg)
{
	unsigned n = (unsigned)(uintptr_t)arg;

	for (unsigned i = 0; i < PAIRS; i++) {
		struct cpu cpu = gic_cpu_start(0x80000000 | affinity(n));

		live(&cpu, n);
		NEED(hv_gic_set_spi(40 + n, true));
		atomic_fetch_add(&routed, op(&cpu, OP_IAR, 0, 0) == 40 + n);
		op(&cpu, OP_EOIR, 40 + n, 0);
		cpu_end(&cpu);
	}
	return NULL;
}

static void run_threads(void *(*even)(void *), void *(*odd)(void *))
{
	pthread_t threads[THREADS];

	for (uintptr_t i = 0; i < THREADS; i++)
		pthread_create(&threads[i], NULL, i % 2 ? odd : even,
			(void *)i);
	for (unsigned i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
}

static void without_end(void)
{
	unsigned files = count_entries("/proc/self/fd");
	unsigned tasks = count_entries("/proc/self/task");
	unsigned all = ALONE + THREADS * TURNS;

	turns_alone();
	claim_equal(atomic_load(&good), ALONE, "1000_vcpus_of_a_thread");
	run_threads(turns, fresh_threads);
	claim_equal(atomic_load(&good), all, "vcpus_of_changing_threads");
	claim_equal(atomic_load(&fresh), all, "each_of_them_starts_fresh");
	for (unsigned n = 0; n < THREADS; n++) {
		spi_enable(40 + n, true);
		set_gicd(GICD_IROUTER(40 + n), affinity(n));
	}
	run_threads(pairs, pairs);
	claim_equal(atomic_load(&good), all + THREADS * PAIRS,
		"whatever_their_affinities");
	claim_equal(atomic_load(&routed), THREADS * PAIRS,
		"spis_find_whoever_has_the_affinity");
	claim_equal(count_entries("/proc/self/fd"), files, "no_descriptor_is_left");
	/* A thread that was joined may be there for a moment. */
	for (int i = 0; i < 1000 && count_entries("/proc/self/task") > tasks; i++)
		usleep(10000);
	claim(count_entries("/proc/self/task") <= tasks, "no_thread_is_left");
}

static pthread_barrier_t all_there;
static atomic_uint told;

/* The n-th tells the next one. */
static void *one_of_many(void *arg)
{
	unsigned n = (unsigned)(uintptr_t)arg, next = (n + 1) % MANY;
	struct cpu cpu = gic_cpu_start(0x80000000 | affinity(n));

	pthread_barrier_wait(&all_there);
	op(&cpu, OP_SGI1R, sgi(7, next), 0);
	if (take_irq(&cpu, OP_SLEEP) == 7)
		atomic_fetch_add(&told, 1);
	op(&cpu, OP_EOIR, 7, 0);
	pthread_barrier_wait(&all_there);
	cpu_end(&cpu);
	return NULL;
}

static void *one_more(void *arg)
{
	hv_vcpu_exit_t *exit;
	hv_vcpu_t id;

	pthread_barrier_wait(&all_there);
	*(hv_return_t *)arg = hv_vcpu_create(&id, &exit, NULL);
	pthread_barrier_wait(&all_there);
	return NULL;
}

static void many_at_once(void)
{
	pthread_t threads[MANY + 1];
	hv_return_t result = HV_SUCCESS;

	NEED(hv_gic_reset());
	set_gicd(GICD_CTLR, 2);
	pthread_barrier_init(&all_there, NULL, MANY + 1);
	for (uintptr_t i = 0; i < MANY; i++)
		pthread_create(&threads[i], NULL, one_of_many, (void *)i);
	pthread_create(&threads[MANY], NULL, one_more, &result);
	for (unsigned i = 0; i <= MANY; i++)
		pthread_join(threads[i], NULL);
	claim_equal(atomic_load(&told), MANY, "64_vcpus_interrupt_one_another");
	claim_result(result, HV_NO_RESOURCES, "the_65th_is_refused");
}

int main(void)
{
	gic_vm_start(0);
	before_the_affinity();
	swapped();
	late();
	without_end();
	many_at_once();
	vm_end();
	return verdict();
}

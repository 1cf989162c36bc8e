/* SPDX-License-Identifier: MIT */
/*
 * What an exit costs a VMM, until the guest runs again: through hv_* as VMMs
 * for the Mac handle it; by the ioctls that do the same, one for one (naive);
 * and by KVM_RUN alone, which no VMM can do with less (bare). All in one run.
 * The guest has its MMU on, as guests have.
 *
 * Run it in the lab with --icount: nanoseconds are instructions then, of
 * kernel and user space together, and the best round repeats to the last one.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <Hypervisor/Hypervisor.h>

#include "backend.h"
#include "bench.h"
#include "raw_kvm.h"

#define RAM      0x40000000ull
#define RAM_SIZE 0x200000ull
#define TABLE    0x100000u /* in RAM */
#define DEVICE   0x09000000ull
#define SLICE    200u
#define SLICES   10u

/* Where in the guest's code its loops are, in words. */
enum loop { STORE, LOAD, CALL };

/* X1: a device. */
static const uint32_t code[] = {
	0xb9000022, /* str w2, [x1] */
	0x17ffffff, /* b */
	0xb9400022, /* ldr w2, [x1] */
	0x17ffffff,
	0xd4000022, /* hvc #1 */
	0x17ffffff,
};

static struct raw_kvm raw;
static hv_vcpu_t vcpu;
static const hv_vcpu_exit_t *record;

static uint64_t pc_of(enum loop loop)
{
	return RAM + 8 * (uint64_t)loop;
}

/* A table of blocks of a GiB: a device, then memory (Arm ARM D8.3). */
static uint8_t *make_ram(void)
{
	uint8_t *ram = mmap(NULL, RAM_SIZE, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	const uint64_t table[] = { 0x401, RAM | 0x705 };

	bench_check(ram == MAP_FAILED ? -errno : 0, "RAM");
	memcpy(ram, code, sizeof(code));
	memcpy(ram + TABLE, table, sizeof(table));
	return ram;
}

/* Stage 1 of a guest, 39 bits. */
static const struct {
	uint16_t reg;
	uint64_t value;
} stage1[] = {
	{ HV_SYS_REG_MAIR_EL1, 0xff00 },
	{ HV_SYS_REG_TCR_EL1, 1ull << 32 | 1u << 23 | 3u << 12 | 1u << 10 |
					1u << 8 | 25 },
	{ HV_SYS_REG_TTBR0_EL1, RAM + TABLE },
	{ HV_SYS_REG_SCTLR_EL1, 0x30d01805 },
};
#define STAGE1 (sizeof(stage1) / sizeof(stage1[0]))

static void start_raw(void)
{
	raw_kvm_start(&raw, make_ram(), RAM, RAM_SIZE);
	for (size_t i = 0; i < STAGE1; i++)
		raw_kvm_set_sys(&raw, stage1[i].reg, stage1[i].value);
	raw_kvm_set(&raw, 1, DEVICE);
}

static void start_hv(void)
{
	hv_vcpu_exit_t *exit;

	hvt_backend_set_engine(hvt_kvm_engine());
	bench_check(hv_vm_create(NULL), "hv_vm_create");
	bench_check(hv_vm_map(make_ram(), RAM, RAM_SIZE,
				    HV_MEMORY_READ | HV_MEMORY_WRITE |
						    HV_MEMORY_EXEC),
			"hv_vm_map");
	bench_check(hv_vcpu_create(&vcpu, &exit, NULL), "hv_vcpu_create");
	record = exit;
	for (size_t i = 0; i < STAGE1; i++)
		bench_check(hv_vcpu_set_sys_reg(vcpu, stage1[i].reg,
					    stage1[i].value),
				"hv_vcpu_set_sys_reg");
	bench_check(hv_vcpu_set_reg(vcpu, HV_REG_CPSR, 0x3c5), "CPSR");
	bench_check(hv_vcpu_set_reg(vcpu, HV_REG_X1, DEVICE), "X1");
}

static void expect(bool right, const char *what)
{
	bench_check(right ? 0 : EIO, what);
}

/* Each row prepares its guest, and its first exit is not timed. */
static void raw_at(void *loop)
{
	raw_kvm_set(&raw, RAW_PC, pc_of((enum loop)(uintptr_t)loop));
	raw_kvm_set(&raw, 0, 0);
	(void)raw_kvm_run(&raw);
}

static void hv_at(void *loop)
{
	bench_check(hv_vcpu_set_reg(vcpu, HV_REG_PC,
				    pc_of((enum loop)(uintptr_t)loop)),
			"PC");
	bench_check(hv_vcpu_set_reg(vcpu, HV_REG_X0, 0), "X0");
	bench_check(hv_vcpu_run(vcpu), "hv_vcpu_run");
	if ((enum loop)(uintptr_t)loop != CALL)
		bench_check(hv_vcpu_set_reg(vcpu, HV_REG_PC,
					    pc_of((enum loop)(uintptr_t)loop) +
							    4),
				"PC");
}

static void bare(void *loop, uint64_t count)
{
	(void)loop;
	while (count--)
		(void)raw_kvm_run(&raw);
}

static void naive_store(void *loop, uint64_t count)
{
	(void)loop;
	for (uint64_t pc; count--; raw_kvm_set(&raw, RAW_PC, pc)) {
		(void)raw_kvm_run(&raw);
		(void)raw_kvm_get(&raw, 2);
		pc = raw_kvm_get(&raw, RAW_PC);
	}
}

static void naive_load(void *loop, uint64_t count)
{
	(void)loop;
	for (uint64_t pc; count--; raw_kvm_set(&raw, RAW_PC, pc)) {
		(void)raw_kvm_run(&raw);
		raw_kvm_set(&raw, 2, count);
		pc = raw_kvm_get(&raw, RAW_PC);
	}
}

static void naive_call(void *loop, uint64_t count)
{
	(void)loop;
	while (count--) {
		(void)raw_kvm_run(&raw);
		for (unsigned i = 0; i < 4; i++)
			(void)raw_kvm_get(&raw, i);
		raw_kvm_set(&raw, 0, 0);
	}
}

static void run(uint64_t syndrome, uint64_t mask)
{
	bench_check(hv_vcpu_run(vcpu), "hv_vcpu_run");
	expect((record->exception.syndrome & mask) == syndrome, "another exit");
}

static void skip(void)
{
	uint64_t pc = 0;

	(void)hv_vcpu_get_reg(vcpu, HV_REG_PC, &pc);
	(void)hv_vcpu_set_reg(vcpu, HV_REG_PC, pc + 4);
}

/* ISV, size, register and direction of the guest's own instructions. */
#define ACCESS(wnr) (0x93820007ull | (uint64_t)(wnr) << 6)
#define ACCESS_MASK 0xffff0047ull

static void hv_store(void *loop, uint64_t count)
{
	uint64_t value = 0;

	(void)loop;
	while (count--) {
		run(ACCESS(1), ACCESS_MASK);
		(void)hv_vcpu_get_reg(vcpu, HV_REG_X2, &value);
		skip();
	}
}

static void hv_load(void *loop, uint64_t count)
{
	(void)loop;
	while (count--) {
		run(ACCESS(0), ACCESS_MASK);
		(void)hv_vcpu_set_reg(vcpu, HV_REG_X2, count);
		skip();
	}
}

static void hv_call(void *loop, uint64_t count)
{
	uint64_t value;

	(void)loop;
	while (count--) {
		run(0x5a000001, UINT32_MAX);
		for (unsigned i = 0; i < 4; i++)
			(void)hv_vcpu_get_reg(vcpu, HV_REG_X0 + i, &value);
		(void)hv_vcpu_set_reg(vcpu, HV_REG_X0, 0);
	}
}

static void hv_cancel(void *loop, uint64_t count)
{
	(void)loop;
	while (count--) {
		(void)hv_vcpus_exit(&vcpu, 1);
		bench_check(hv_vcpu_run(vcpu), "hv_vcpu_run");
	}
}

/* 200 events or so a round: the thread that writes them has its turn between. */
static void recorded_at(void *loop)
{
	usleep(30000);
	hv_at(loop);
}

/* bare, naive and hv follow each other: they are compared. */
struct task {
	const char *name;
	struct bench_contender bare, naive, hv, recorded;
};

#define TASK(name, loop, naive, hv) { name,                                    \
	{ "bare", raw_at, bare, (void *)(loop), 0, 0 },                        \
	{ "naive", raw_at, naive, (void *)(loop), 0, 0 },                      \
	{ "hv_*", hv_at, hv, (void *)(loop), 0, 0 },                           \
	{ "recorded", recorded_at, hv, (void *)(loop), 0, 0 } }

static struct task tasks[] = {
	TASK("MMIO store", STORE, naive_store, hv_store),
	TASK("MMIO load", LOAD, naive_load, hv_load),
	TASK("HVC, 4 registers", CALL, naive_call, hv_call),
};
#define TASKS (sizeof(tasks) / sizeof(tasks[0]))

static void rows(struct bench *b, const struct task *t)
{
	const struct bench_contender *all[] = { &t->bare, &t->naive, &t->hv };
	char name[64];

	for (size_t i = 0; i < 3; i++) {
		snprintf(name, sizeof(name), "%s, %s", t->name, all[i]->name);
		bench_row(b, name, "ns", all[i]->best, all[i]->median,
				BENCH_FREE, 0);
		if (i)
			bench_row(b, "  / bare", "", all[i]->best / t->bare.best,
					all[i]->median / t->bare.median,
					BENCH_FREE, 0);
	}
	bench_row(b, "  recorded / not", "", t->recorded.best / t->hv.best,
			t->recorded.median / t->hv.median, BENCH_FREE, 0);
}

/* A recording cannot be had twice in a process: all of them are in one. */
static void record_all(struct bench *b)
{
	const char *path = bench_path(b, "exit.hvt");

	bench_check(hvt_recording_start(path), path);
	for (size_t i = 0; i < TASKS; i++)
		bench_compare(b, &tasks[i].recorded, 1, SLICE);
	bench_check(hvt_recording_stop(), "stop");
	(void)unlink(path);
}

int main(int argc, char **argv)
{
	struct bench b;
	struct bench_contender cancel = { .name = "cancel", .run = hv_cancel };

	bench_begin(&b, "exit", argc, argv);
	if (!b.smoke)
		b.rounds *= SLICES;
	/* What the library loads into the kernel is not for the others to pay. */
	start_raw();
	for (size_t i = 0; i < TASKS; i++)
		bench_compare(&b, &tasks[i].bare, 2, SLICE);
	raw_kvm_stop(&raw);
	start_hv();
	for (size_t i = 0; i < TASKS; i++)
		bench_compare(&b, &tasks[i].hv, 1, SLICE);
	bench_compare(&b, &cancel, 1, SLICE);
	record_all(&b);
	for (size_t i = 0; i < TASKS; i++)
		rows(&b, &tasks[i]);
	bench_row(&b, "hv_vcpus_exit, hv_vcpu_run", "ns", cancel.best,
			cancel.median, BENCH_FREE, 0);
	return bench_end(&b);
}

/* SPDX-License-Identifier: MIT */
/*
 * What the short way of a run costs (fastpath/run.h), in C and in assembly, in
 * two parts, for which it takes no KVM: to the ioctl and back, which a descriptor
 * that is none ends at once; and showing the abort that a run ended with. What
 * the same loop costs with the ioctl alone, or a function that returns, is taken
 * off.
 */
#include "bench_run.h"

#include <linux/kvm.h>
#include <stdio.h>

#include "fastpath.h"

/* Those that the library calls. */
#ifdef HVT_ASM
#define RUN  hvt_run_asm
#define SHOW hvt_run_show_asm
#else
#define RUN  hvt_run_c
#define SHOW hvt_run_show_c
#endif

#define COUNT 16384u
#define PC    (1ull << HVT_RECORD_PC)
#define IPA   0x9000018ull

static struct hvt_run_watch watch;
static struct kvm_run page;
static struct hvt_exit_record record;
static hv_vcpu_exit_t shown;

static int go_on(struct hvt_run *r, enum hvt_run_end end)
{
	(void)end;
	r->busy = false;
	return 1;
}

/* A store of W2 that the VMM has handled, and will be run again. */
static struct hvt_run run = { .fd = -1, .page = &page, .record = &record,
	.exit = &shown, .values = record.regs, .watch = &watch, .go_on = go_on,
	.fold_pc = 0x1004,
	.extent = { .start = IPA & ~0xfffull, .size = 0x1000,
		.fsc = HVT_FSC_TRANSLATION | HVT_FSC_LEVEL3 } };

static void set_up(void)
{
	page.exit_reason = KVM_EXIT_MMIO;
	page.mmio.phys_addr = record.far = IPA;
	page.mmio.len = 4;
	page.mmio.is_write = 1;
	record.regs[HVT_RECORD_PC] = run.fold_pc;
	record.esr = HVT_ESR_EC(HVT_EC_DABT_LOWER) | HVT_ESR_IL | HVT_ESR_ISV |
			2u << 22 | 2u << 16 | HVT_ESR_WNR;
}

/* Either a run or the showing of one, or neither. */
struct part {
	int (*run)(uint64_t id, struct hvt_run *r);
	int (*show)(struct hvt_run *r);
};

static void go(void *context, uint64_t count)
{
	const struct part *part = context;

	for (uint64_t i = 0; i < count; i++) {
		run.dirty = run.fold = PC;
		run.valid = HVT_TOLD_ESR | HVT_TOLD_ABORT;
		if (part->show)
			part->show(&run);
		else
			part->run(0, &run);
	}
}

static int only_ioctl(uint64_t id, struct hvt_run *r)
{
	(void)id;
	return hvt_ioctl(r->fd, KVM_RUN, 0);
}

static __attribute__((noinline)) int show_nothing(struct hvt_run *r)
{
	__asm__ volatile("" : : "r"(r) : "memory");
	return 0;
}

static void row(struct bench *b, const char *what, const char *who,
		const struct bench_contender *c,
		const struct bench_contender *off)
{
	char name[80];

	snprintf(name, sizeof(name), "%s, %s", what, who);
	bench_row(b, name, "ns", c->best - off->best, c->median - off->median,
			BENCH_FREE, 0);
}

static void compare(struct bench *b, const char *what, struct part parts[3])
{
	struct bench_contender c[] = { { .name = "neither", .run = go },
		{ .name = "C", .run = go }, { .name = "assembly", .run = go } };

	for (size_t i = 0; i < 3; i++)
		c[i].context = &parts[i];
	bench_compare(b, c, 3, b->smoke ? 64 : COUNT);
	row(b, what, "C", &c[1], &c[0]);
#ifdef HVT_ASM
	row(b, what, "assembly", &c[2], &c[0]);
	bench_row(b, "  assembly / C", "",
			(c[2].best - c[0].best) / (c[1].best - c[0].best),
			(c[2].median - c[0].median) /
					(c[1].median - c[0].median),
			BENCH_AT_MOST, 0.99);
#else
	bench_missing(b, "  assembly / C", "assembly is for arm64");
#endif
}

void bench_run_rows(struct bench *b)
{
	struct part whole[] = { { .run = only_ioctl }, { .run = hvt_run_c },
		{ .run = RUN } };
	struct part show[] = { { .show = show_nothing },
		{ .show = hvt_run_show_c }, { .show = SHOW } };

	set_up();
	compare(b, "run, to the ioctl and back", whole);
	compare(b, "run, an abort shown", show);
}

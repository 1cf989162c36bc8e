/* SPDX-License-Identifier: MIT */
/* hvt_run() and hvt_run_show(): the assembly against the C. */
#include <linux/kvm.h>
#include <string.h>

#include "checkasm.h"
#include "fastpath.h"

/* All that a run looks at and writes. */
struct state {
	struct hvt_run run;
	struct kvm_run page;
	struct hvt_exit_record record;
	hv_vcpu_exit_t exit;
};

static struct state want, got;
static struct hvt_run_watch watch;
static int ended;

static int go_on(struct hvt_run *r, enum hvt_run_end end)
{
	(void)r;
	ended = (int)end;
	return 1000 + (int)end;
}

/* Mostly yes: what is more often true in a run that is not out of the way. */
static bool mostly(struct checkasm *c)
{
	return rng_below(&c->rng, 16);
}

static void make_abort(struct checkasm *c, struct state *s)
{
	uint64_t esr = rng_next(&c->rng);

	esr = (esr & ~(0x3full << 26)) | HVT_ESR_EC(HVT_EC_DABT_LOWER);
	if (mostly(c))
		esr |= HVT_ESR_ISV;
	s->record.esr = esr;
	s->page.exit_reason = KVM_EXIT_MMIO;
	s->page.mmio.is_write = esr >> 6 & 1;
	s->page.mmio.len = 1u << HVT_ESR_SAS(esr);
	if (mostly(c))
		s->page.mmio.phys_addr = (s->page.mmio.phys_addr & ~0xfffull) |
			(s->record.far & 0xfff);
	if (mostly(c))
		s->run.extent = (struct hvt_extent){
			.start = s->page.mmio.phys_addr & ~0xffffull,
			.size = 0x10000, .changes = atomic_load(&watch.changes),
			.fsc = HVT_FSC_PERMISSION | HVT_FSC_LEVEL3 };
	if (!mostly(c))
		s->page.mmio.is_write ^= 1;
	if (!mostly(c))
		s->page.mmio.len = rng_below(&c->rng, 9);
}

static void make_call(struct checkasm *c, struct state *s)
{
	unsigned ec = mostly(c) ? HVT_EC_HVC64 : rng_below(&c->rng, 64);

	s->record.esr = (s->record.esr & ~(0x3full << 26)) | HVT_ESR_EC(ec);
	s->page.exit_reason = KVM_EXIT_HYPERCALL;
	if (mostly(c))
		s->page.hypercall.longmode &= ~1u;
}

/* The VMM has done what it does behind an access, or nearly. */
static void make_handled(struct checkasm *c, struct state *s)
{
	unsigned rt = HVT_ESR_SRT(s->record.esr);
	unsigned bits = 8u << HVT_ESR_SAS(s->record.esr);
	uint64_t *x = &s->record.regs[rt];

	s->run.dirty = 1ull << HVT_RECORD_PC;
	if (!(s->record.esr & HVT_ESR_WNR) && mostly(c))
		s->run.dirty |= 1ull << rt;
	if (mostly(c) && bits < 64 && rt < HVT_RECORD_PC)
		*x &= (1ull << (bits - rng_below(&c->rng, 2))) - 1;
	if (mostly(c))
		s->run.fold = hvt_fold_of(s->record.esr);
	if (mostly(c))
		s->run.fold_pc = s->record.regs[HVT_RECORD_PC];
	if (mostly(c))
		s->record.regs[HVT_RECORD_CPSR] &= ~0x200c10ull;
	if (mostly(c))
		s->record.sctlr &= ~(3ull << 24);
	if (!mostly(c))
		s->run.dirty ^= 1ull << rng_below(&c->rng, 64);
}

/* Flags are 0 or 1; what is atomic or points somewhere is as in an engine. */
static void make_run(struct checkasm *c, struct state *s)
{
	struct hvt_run *r = &s->run;

	r->attention = mostly(c) ? 0 : (uint8_t)rng_next(&c->rng);
	r->busy = !mostly(c);
	r->fd = -1;
	if (rng_bool(&c->rng))
		r->fold = 0;
	r->vtimer_masked = rng_bool(&c->rng);
	atomic_init(&r->in_run, false);
	atomic_init(&r->cancel, !mostly(c));
	r->watch = &watch;
	r->go_on = go_on;
	r->valid |= mostly(c) ? HVT_TOLD_ESR | HVT_TOLD_ABORT : 0;
	if (mostly(c))
		r->dirty = 0;
	if (mostly(c))
		s->page.s.regs.device_irq_level &= ~1ull;
}

static void make(struct checkasm *c, struct state *s)
{
	rng_bytes(&c->rng, s, sizeof(*s));
	atomic_store(&watch.pauses, !mostly(c));
	make_run(c, s);
	/* Padding is no part of it. */
	s->exit = (hv_vcpu_exit_t){ 0 };
	if (rng_bool(&c->rng))
		make_abort(c, s);
	else if (rng_bool(&c->rng))
		make_call(c, s);
	if (rng_bool(&c->rng))
		make_handled(c, s);
}

static void aim(struct state *s)
{
	s->run.page = &s->page;
	s->run.record = &s->record;
	s->run.values = s->record.regs;
	s->run.exit = &s->exit;
}

static int show_c(uint64_t unused, struct hvt_run *r)
{
	(void)unused;
	return hvt_run_show_c(r);
}

typedef int twin_function(uint64_t id, struct hvt_run *r);

static uint64_t run_twin(twin_function *twin, int *end)
{
	uint64_t result;

	ended = -1;
	result = (uint32_t)twin(0, &want.run);
	*end = ended;
	return result;
}

/* What differs on purpose: where things are, and how long it took. */
static bool same(void)
{
	aim(&got);
	aim(&want);
	got.run.page = want.run.page;
	got.run.record = want.run.record;
	got.run.values = want.run.values;
	got.run.exit = want.run.exit;
	got.run.ticks = want.run.ticks;
	return !memcmp(&got, &want, sizeof(got));
}

static void check(struct checkasm *c, twin_function *twin, const void *function)
{
	/* Each takes one of them. */
	uint64_t args[8] = { (uintptr_t)&got.run, (uintptr_t)&got.run };
	uint64_t expected, result;
	int end;

	make(c, &want);
	got = want;
	aim(&want);
	aim(&got);
	expected = run_twin(twin, &end);
	ended = -1;
	result = (uint32_t)checkasm_call(c, function, args);
	if (result != expected || ended != end)
		checkasm_fail(c, "it ends with %d, and its twin with %d",
			(int)result, (int)expected);
	else if (!same())
		checkasm_fail(c, "it leaves something else behind, end %d", end);
}

void checkasm_run(struct checkasm *c)
{
	unsigned rounds = test_scale(200000, 20000000);

	c->name = "run/shows_what_its_twin_shows";
	for (unsigned i = 0; i < rounds; i++)
		check(c, show_c,
			(const void *)(uintptr_t)hvt_run_show_asm);
	checkasm_claim(c);
	/* The kernel refuses the descriptor: a run is over at once. */
	c->name = "run/runs_and_ends_as_its_twin_does";
	for (unsigned i = 0; i < rounds; i++)
		check(c, hvt_run_c, (const void *)(uintptr_t)hvt_run_asm);
	checkasm_claim(c);
}

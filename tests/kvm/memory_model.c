/* SPDX-License-Identifier: MIT */
/*
 * Random maps, unmaps and protects of overlapping ranges against a model, and
 * a guest that reads, writes and executes to tell what is there. The same host
 * page may be at several addresses.
 */
#include "conformance.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "rng.h"

/* Loads from X1, or stores X0 behind it. */
GUEST(guest_probe, "ldr x0, [x1]\n hvc #1\n str x0, [x1, #8]\n hvc #2");

#define READ_PC  RAM
#define WRITE_PC (RAM + 8)
#define CODE_AT  64u         /* of each page */
#define HVC_7    0xd40000e2u /* the code */

#define PAGES      48u
#define HOST_PAGES (3 * PAGES)
#define MODEL      0x80000000ull

struct page {
	unsigned host; /* 0: not mapped, else its number + 1 */
	hv_memory_flags_t flags;
};

static struct page model[PAGES];
static uint8_t *host;
static size_t page_size;
static struct rng rng;
static unsigned wrong;

static uint64_t *host_page(unsigned n)
{
	return (uint64_t *)(host + n * page_size);
}

static uint64_t ipa_of(unsigned page)
{
	return MODEL + page * page_size;
}

struct request {
	enum { MAP, UNMAP, PROTECT } what;
	unsigned page, count, host;
	hv_memory_flags_t flags;
};

static struct request random_request(void)
{
	struct request q = { .what = (unsigned)rng_below(&rng, 3),
		.page = (unsigned)rng_below(&rng, PAGES),
		.host = (unsigned)rng_below(&rng, HOST_PAGES - PAGES),
		.flags = rng_below(&rng, 8) };

	q.count = 1 + (unsigned)rng_below(&rng, rng_bool(&rng) ? 4 : PAGES);
	if (q.count > PAGES - q.page)
		q.count = PAGES - q.page;
	if (q.what == MAP && model[q.page].host)
		q.what = rng_bool(&rng) ? UNMAP : PROTECT;
	/* Half of what is mapped side by side goes on in the host, too. */
	if (rng_bool(&rng))
		q.host = q.page;
	return q;
}

static hv_return_t ask(const struct request *q)
{
	uint64_t ipa = ipa_of(q->page), size = q->count * page_size;

	switch (q->what) {
	case MAP:
		return hv_vm_map(host_page(q->host), ipa, size, q->flags);
	case UNMAP:
		return hv_vm_unmap(ipa, size);
	default:
		return hv_vm_protect(ipa, size, q->flags);
	}
}

static bool allowed(const struct request *q)
{
	for (unsigned i = 0; i < q->count; i++)
		if (!model[q->page + i].host != (q->what == MAP))
			return false;
	return true;
}

static void apply(const struct request *q)
{
	for (unsigned i = 0; i < q->count; i++) {
		struct page *p = &model[q->page + i];

		if (q->what == MAP)
			p->host = q->host + i + 1;
		if (q->what == UNMAP)
			p->host = 0;
		else
			p->flags = q->flags;
	}
}

/* What the guest does from pc: the immediate of its HVC, or 0 for an abort. */
static unsigned outcome(struct cpu *cpu, uint64_t pc, uint64_t ipa)
{
	uint64_t esr;

	set_reg(cpu, HV_REG_PC, pc);
	set_reg(cpu, HV_REG_X1, ipa);
	cpu_run(cpu);
	esr = cpu->exit->exception.syndrome;
	if (EC(esr) == EC_DATA_ABORT)
		return 0;
	return EC(esr) == EC_HVC ? esr & 0xffff : ~0u;
}

static void expect(uint64_t got, uint64_t wanted, const char *what, unsigned page)
{
	if (got == wanted)
		return;
	if (!wrong++)
		printf("# %s of page %u: 0x%" PRIx64 ", should be 0x%" PRIx64
		       "\n",
			what, page, got, wanted);
}

static void probe(struct cpu *cpu, unsigned page)
{
	const struct page *p = &model[page];
	bool readable = p->host && p->flags & HV_MEMORY_READ;
	bool writable = readable && p->flags & HV_MEMORY_WRITE;
	/* W0 as no call that KVM keeps for itself: this guest's come here. */
	uint64_t value = rng_next(&rng) & ~(1ull << 31);

	expect(outcome(cpu, READ_PC, ipa_of(page)), readable ? 1 : 0, "load",
		page);
	if (readable)
		expect(reg(cpu, HV_REG_X0), host_page(p->host - 1)[0],
			"value", page);
	set_reg(cpu, HV_REG_X0, value);
	expect(outcome(cpu, WRITE_PC, ipa_of(page)), writable ? 2 : 0, "store",
		page);
	if (writable)
		expect(host_page(p->host - 1)[1], value, "stored", page);
	/* What cannot be read cannot be executed: EXEC is not looked at. */
	if (readable)
		expect(outcome(cpu, ipa_of(page) + CODE_AT, 0), 7, "code",
			page);
}

static void fill_host(void)
{
	uint32_t code = HVC_7;

	host = mmap(NULL, HOST_PAGES * page_size, PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (host == MAP_FAILED)
		need(HV_NO_RESOURCES, "mmap");
	for (unsigned i = 0; i < HOST_PAGES; i++) {
		host_page(i)[0] = 0x1000 + i;
		memcpy(host + i * page_size + CODE_AT, &code, sizeof(code));
	}
}

int main(void)
{
	unsigned steps = test_scale(600, 20000), refused = 0;
	struct cpu cpu;

	page_size = (size_t)sysconf(_SC_PAGESIZE);
	rng_init(&rng);
	fill_host();
	VM_START(guest_probe);
	cpu = cpu_start();
	for (unsigned i = 0; i < steps && !wrong; i++) {
		struct request q = random_request();
		bool ok = allowed(&q);

		expect((uint32_t)ask(&q),
			(uint32_t)(ok ? HV_SUCCESS : HV_BAD_ARGUMENT), "change",
			q.page);
		if (ok)
			apply(&q);
		refused += !ok;
		/* At its edges, and anywhere. */
		probe(&cpu, q.page);
		probe(&cpu, q.page + q.count - 1);
		probe(&cpu, (unsigned)rng_below(&rng, PAGES));
	}
	claim(!wrong, "guest_finds_what_the_model_holds");
	claim(refused > steps / 10 && refused < steps - steps / 10,
		"some_changes_are_refused_and_some_are_not");
	cpu_end(&cpu);
	vm_end();
	return verdict();
}

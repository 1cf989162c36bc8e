/* SPDX-License-Identifier: MIT */
/*
 * The BPF program that writes exit records, run here by an interpreter with
 * vCPUs of all kinds: those of the source, of others, and of VMMs that write
 * what they like where the cookie is. It must read nothing but the vCPU and
 * write nothing but the record, whose content is compared with a model.
 * That the kernel takes it is for the lab (tests/kvm/records.c).
 */
#include <criterion/criterion.h>
#include <string.h>

#include "bpf.h"
#include "program.h"
#include "fastpath.h"
#include "rng.h"

#define ROUNDS test_scale(20000, 2000000)

/* Descriptors of the maps, as the program names them. */
enum { RECORDS = 11, CLIENTS, COOKIES };

#define CLIENTS_MET 3u /* of them there are records */

static struct rng rng;
static struct hvt_kernel_layout layout;
static uint64_t vcpu[512], run[512];
static uint64_t cookies[HVT_EXIT_CLIENTS];
static const uint32_t met[CLIENTS_MET] = { 0, 77, HVT_EXIT_CLIENTS - 1 };
static uint8_t records[CLIENTS_MET][HVT_RECORDS * HVT_RECORD_STRIDE];
static uint8_t model[CLIENTS_MET][HVT_RECORDS * HVT_RECORD_STRIDE];

struct machine {
	uint64_t r[11];
	uint64_t context[1];
	uint8_t stack[512];
	bool shared;
};

struct range {
	const void *start;
	size_t size;
	bool writable;
};

static bool is_allowed(const struct machine *m, uint64_t at, size_t size,
	bool write)
{
	const struct range ranges[] = { { vcpu, sizeof(vcpu), false },
		{ run, sizeof(run), false },
		{ cookies, sizeof(cookies), false },
		{ records, sizeof(records), true },
		{ m->context, sizeof(m->context), false },
		{ m->stack, sizeof(m->stack), true } };

	for (unsigned i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
		uint64_t start = (uintptr_t)ranges[i].start;

		if (at >= start && at + size <= start + ranges[i].size)
			return !write || ranges[i].writable;
	}
	return false;
}

static size_t width(uint8_t code)
{
	switch (BPF_SIZE(code)) {
	case BPF_B:
		return 1;
	case BPF_W:
		return 4;
	case BPF_DW:
		return 8;
	default:
		cr_assert_fail("no access of this kind is expected");
		return 0;
	}
}

static void access_memory(struct machine *m, const struct bpf_insn *i)
{
	bool write = BPF_CLASS(i->code) == BPF_STX;
	uint64_t at = m->r[write ? i->dst_reg : i->src_reg] + (uint64_t)i->off;
	size_t size = width(i->code);

	cr_assert_eq(BPF_MODE(i->code), BPF_MEM);
	cr_assert(is_allowed(m, at, size, write), "%s of %zu bytes",
		write ? "store" : "load", size);
	if (write) {
		memcpy((void *)(uintptr_t)at, &m->r[i->src_reg], size);
	} else {
		m->r[i->dst_reg] = 0;
		memcpy(&m->r[i->dst_reg], (void *)(uintptr_t)at, size);
	}
}

static void calculate(struct machine *m, const struct bpf_insn *i)
{
	uint64_t *to = &m->r[i->dst_reg];
	uint64_t by = BPF_SRC(i->code) == BPF_X ? m->r[i->src_reg]
						: (uint64_t)i->imm;

	switch (BPF_OP(i->code)) {
	case BPF_MOV:
		*to = by;
		break;
	case BPF_ADD:
		*to += by;
		break;
	case BPF_MUL:
		*to *= by;
		break;
	case BPF_AND:
		*to &= by;
		break;
	case BPF_OR:
		*to |= by;
		break;
	case BPF_XOR:
		*to ^= by;
		break;
	case BPF_LSH:
		*to <<= by;
		break;
	case BPF_RSH:
		*to >>= by;
		break;
	default:
		cr_assert_fail("operation %02x", i->code);
	}
}

/* Of the lower halves, the upper one of the result being 0. */
static void calculate_short(struct machine *m, const struct bpf_insn *i)
{
	cr_assert(BPF_OP(i->code) == BPF_MOV || BPF_OP(i->code) == BPF_RSH);
	m->r[i->dst_reg] = (uint32_t)m->r[i->dst_reg];
	calculate(m, i);
	m->r[i->dst_reg] = (uint32_t)m->r[i->dst_reg];
}

static uint64_t map_value(const struct machine *m, int fd)
{
	cr_assert_eq(fd, m->shared ? COOKIES : RECORDS);
	return (uintptr_t)(m->shared ? (void *)cookies : (void *)records);
}

static uint64_t load_wide(const struct machine *m, const struct bpf_insn *i)
{
	switch (i->src_reg) {
	case 0:
		return (uint32_t)i->imm | (uint64_t)(uint32_t)i[1].imm << 32;
	case BPF_PSEUDO_MAP_FD:
		return (uint64_t)i->imm;
	case BPF_PSEUDO_MAP_VALUE:
		return map_value(m, i->imm);
	default:
		cr_assert_fail("pseudo register %u", i->src_reg);
		return 0;
	}
}

/* bpf_map_lookup_elem(): of the clients their records, whose key is 0. */
static void look_up(struct machine *m)
{
	uint64_t map = m->r[1], found = 0;
	uint32_t key;

	cr_assert(m->shared && is_allowed(m, m->r[2], sizeof(key), false));
	memcpy(&key, (void *)(uintptr_t)m->r[2], sizeof(key));
	for (unsigned n = 0; n < CLIENTS_MET; n++) {
		uint64_t inner = 1000 + n;

		if (map == CLIENTS && key == met[n])
			found = inner;
		else if (map == inner && key == 0)
			found = (uintptr_t)records[n];
	}
	/* As the kernel has it: these are lost. */
	for (unsigned r = 0; r < 6; r++)
		m->r[r] = 0xdead000000000000;
	m->r[0] = found;
}

static bool jumps(const struct machine *m, const struct bpf_insn *i)
{
	uint64_t a = m->r[i->dst_reg], b = (uint64_t)i->imm;

	cr_assert_eq(BPF_SRC(i->code), BPF_K);
	switch (BPF_OP(i->code)) {
	case BPF_JA:
		return true;
	case BPF_JEQ:
		return a == b;
	case BPF_JSET:
		return a & b;
	case BPF_JGE:
		return a >= b;
	default:
		cr_assert_fail("jump %02x", i->code);
		return false;
	}
}

static void execute(const struct hvt_program *p, bool shared)
{
	struct machine m = { .context = { (uintptr_t)vcpu }, .shared = shared };
	size_t at = 0;

	m.r[1] = (uintptr_t)m.context;
	m.r[10] = (uintptr_t)(m.stack + sizeof(m.stack));
	for (;;) {
		const struct bpf_insn *i = &p->insns[at++];

		cr_assert_leq(at, p->count);
		if (i->code == (BPF_JMP | BPF_EXIT))
			break;
		if (i->code == (BPF_JMP | BPF_CALL)) {
			cr_assert_eq(i->imm, BPF_FUNC_map_lookup_elem);
			look_up(&m);
		} else if (BPF_CLASS(i->code) == BPF_JMP) {
			/* Forward only: it comes to its end. */
			cr_assert_geq(i->off, 0);
			at += jumps(&m, i) ? (size_t)i->off : 0;
		} else if (i->code == (BPF_LD | BPF_DW | BPF_IMM)) {
			m.r[i->dst_reg] = load_wide(&m, i);
			at++;
		} else if (BPF_CLASS(i->code) == BPF_ALU64) {
			calculate(&m, i);
		} else if (BPF_CLASS(i->code) == BPF_ALU) {
			calculate_short(&m, i);
		} else {
			access_memory(&m, i);
		}
	}
	cr_assert_eq(m.r[0], 0);
}

static uint64_t *field(int16_t offset)
{
	return (uint64_t *)((uint8_t *)vcpu + offset);
}

static void make_layout(void)
{
	/* Some place for each, none in another's. */
	int16_t base = (int16_t)(8 * rng_below(&rng, 64));

	layout = (struct hvt_kernel_layout){ .regs = base };
	layout.run = (int16_t)(base + 8 * 40);
	layout.esr = (int16_t)(base + 8 * 42);
	layout.far = (int16_t)(base + 8 * 43);
	layout.pc = (int16_t)(base + 8 * 44);
	layout.pstate = (int16_t)(base + 8 * 45);
	layout.sctlr = (int16_t)(base + 8 * (46 + rng_below(&rng, 300)));
	layout.run_s = (int16_t)(8 * rng_below(&rng, 200));
}

/* One of the classes that matter, or any. */
static uint64_t make_esr(void)
{
	static const uint8_t classes[] = { 0x24, 0x24, 0x24, 0x16, 0x17, 0x20,
		0x25, 0x15 };
	uint64_t esr = rng_next(&rng);

	if (rng_below(&rng, 8))
		esr = (esr & ~(0x3full << 26)) |
			(uint64_t)classes[rng_below(&rng, 8)] << 26;
	return esr;
}

static void make_vcpu(uint64_t cookie)
{
	rng_bytes(&rng, vcpu, sizeof(vcpu));
	rng_bytes(&rng, run, sizeof(run));
	*field(layout.run) = (uintptr_t)run;
	*field(layout.esr) = make_esr();
	memcpy((uint8_t *)run + layout.run_s + HVT_RECORD_COOKIE_OFFSET,
		&cookie, sizeof(cookie));
}

static void model_record(struct hvt_exit_record *r)
{
	uint64_t esr = *field(layout.esr);
	unsigned ec = esr >> 26 & 0x3f, rt = esr >> 16 & 31, x = 0, end = 0;

	r->esr = esr;
	r->regs[HVT_RECORD_PC] = *field(layout.pc);
	r->regs[HVT_RECORD_CPSR] = *field(layout.pstate);
	r->told = HVT_TOLD_ESR | 1ull << HVT_RECORD_PC | 1ull << HVT_RECORD_CPSR;
	if (ec == 0x24) {
		r->told |= HVT_TOLD_ABORT;
		r->far = *field(layout.far);
		x = end = rt;
		if (!(esr >> 6 & 1))
			r->sctlr = *field(layout.sctlr);
		else if (esr >> 24 & 1 && rt < 31)
			end = rt + 1;
	} else if (ec == 0x16 || ec == 0x17) {
		end = 8;
	}
	for (; x < end; x++) {
		r->regs[x] = field(layout.regs)[x];
		r->told |= 1ull << x;
	}
}

/* Client is that in met[]; CLIENTS_MET: there is none for this cookie. */
static void expect(const struct hvt_program *p, bool shared, unsigned client,
	uint64_t number)
{
	memcpy(model, records, sizeof(model));
	if (client < CLIENTS_MET && number < HVT_RECORDS)
		model_record((void *)(model[client] +
			number * HVT_RECORD_STRIDE));
	execute(p, shared);
	cr_assert(!memcmp(model, records, sizeof(model)),
		"esr %lx, client %u, number %lu",
		(unsigned long)*field(layout.esr), client,
		(unsigned long)number);
}

Test(program, copies_what_the_exit_of_its_own_vcpu_is_about)
{
	struct hvt_program p;

	rng_init(&rng);
	for (unsigned i = 0; i < ROUNDS; i++) {
		uint64_t cookie = rng_next(&rng) & ~63ull;
		uint64_t has = cookie + rng_below(&rng, HVT_RECORDS);

		/* Another's, by a bit or altogether. */
		if (!rng_below(&rng, 4))
			has ^= 1ull << rng_below(&rng, 64);
		else if (!rng_below(&rng, 8))
			has = rng_any(&rng);
		make_layout();
		make_vcpu(has);
		hvt_program_assemble(&p, &layout, RECORDS, cookie);
		expect(&p, false, 0, has ^ cookie);
	}
}

static void make_cookies(void)
{
	for (unsigned n = 0; n < HVT_EXIT_CLIENTS; n++)
		cookies[n] = rng_next(&rng) >> 14 << 14 |
			n << HVT_CLIENT_SHIFT;
}

Test(program, gives_each_client_its_own)
{
	struct hvt_program p;

	rng_init(&rng);
	for (unsigned i = 0; i < ROUNDS; i++) {
		unsigned client = (unsigned)rng_below(&rng, CLIENTS_MET);
		uint64_t number = rng_below(&rng, HVT_RECORDS), has;

		make_cookies();
		make_layout();
		has = cookies[met[client]] + number;
		if (!rng_below(&rng, 4)) {
			/* With the number of another it is nobody's. */
			has ^= 1ull << (6 + rng_below(&rng, 58));
			client = CLIENTS_MET;
		} else if (!rng_below(&rng, 8)) {
			/* A cookie whose client has left. */
			has = cookies[1] + number;
			client = CLIENTS_MET;
		}
		make_vcpu(has);
		hvt_program_assemble_shared(&p, &layout, CLIENTS, COOKIES);
		expect(&p, true, client, number);
	}
}

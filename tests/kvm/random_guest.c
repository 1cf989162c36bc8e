/* SPDX-License-Identifier: MIT */
#include "random_guest.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Guest physical memory: 64 KiB each for code and vectors, then tables. */
#define CODE      RAM
#define VECTORS   (RAM + 0x10000)
#define TABLES    (RAM + 0x100000)
#define TABLES_SIZE 0x200000
#define WINDOW    0x60000000ull
#define VOID_MIN  0x100000000ull /* nothing is mapped from there on */
#define IPA_END   (1ull << 36)
GUEST(guest_vectors,
	".set n, 0\n .rept 16\n hvc #(0x100 + n)\n .balign 128\n"
	".set n, n + 1\n .endr\n");

static struct rng *rng;
static uint8_t *ram;
static uint64_t host_page, window_size;
static unsigned slot; /* of the code page */

/* Window pages take turns: all, read-only, hole, nothing allowed. */
static hv_memory_flags_t window_flags(uint64_t ipa, bool *mapped)
{
	unsigned page = (unsigned)((ipa - WINDOW) / host_page);
	static const hv_memory_flags_t flags[4] = {
		HV_MEMORY_READ | HV_MEMORY_WRITE, HV_MEMORY_READ, 0, 0 };

	*mapped = ipa >= WINDOW && ipa < WINDOW + window_size && page % 4 != 2;
	return *mapped ? flags[page % 4] : 0;
}

static void map_window(void)
{
	uint8_t *memory = mmap(NULL, window_size, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		need(HV_NO_RESOURCES, "mmap");
	for (uint64_t at = 0; at < window_size; at += host_page) {
		bool mapped;
		hv_memory_flags_t flags = window_flags(WINDOW + at, &mapped);

		if (mapped)
			NEED(hv_vm_map(memory + at, WINDOW + at, host_page,
				flags));
	}
}

static struct stage1 random_tables(unsigned half)
{
	struct stage1 s = { .granule = (enum stage1_granule)rng_below(rng, 3),
		.memory = ram + (TABLES - RAM) + half * TABLES_SIZE,
		.ipa = TABLES + half * TABLES_SIZE,
		.size = TABLES_SIZE };
	uint64_t mmfr0 = 0, mmfr2 = 0;
	hv_vcpu_config_t config = hv_vcpu_config_create();
	bool has_52;

	NEED(hv_vcpu_config_get_feature_reg(config,
		HV_FEATURE_REG_ID_AA64MMFR0_EL1, &mmfr0));
	NEED(hv_vcpu_config_get_feature_reg(config,
		HV_FEATURE_REG_ID_AA64MMFR2_EL1, &mmfr2));
	os_release(config);
	/* TGran4 and TGran16 tell of 52 bits, VARange for 64 KiB. */
	has_52 = s.granule == STAGE1_4K ? (mmfr0 >> 28 & 15) == 1
		: s.granule == STAGE1_16K ? (mmfr0 >> 20 & 15) == 2
					  : (mmfr2 >> 16 & 15) >= 1;
	/* DS needs both; the other half takes it from this one then. */
	s.va_bits = 36 + (unsigned)rng_below(rng, 13);
	if (has_52 && s.granule == STAGE1_64K && rng_bool(rng))
		s.va_bits = 49 + (unsigned)rng_below(rng, 4);
	if (has_52 && s.granule != STAGE1_64K && rng_bool(rng)) {
		s.wide = true;
		s.va_bits = 36 + (unsigned)rng_below(rng, 17);
	}
	return s;
}

static uint64_t place(const struct random_setting *s, bool high, uint64_t offset)
{
	const struct stage1 *t = &s->tables[high];
	uint64_t va = (rng_next(rng) & ((1ull << t->va_bits) - 1)) >> 33 << 33;

	return (high ? va | ~0ull << t->va_bits : va) + offset;
}

static uint64_t granule_size(const struct stage1 *t)
{
	return 1ull << stage1_shift(t->granule, 3);
}

/* Descriptor bits: AF, inner shareable, MAIR index 1, AP, UXN. */
#define NORMAL  (1ull << 10 | 3ull << 8 | 1ull << 2)
#define EL0_RW  (1ull << 6)
#define EL0_RX  (3ull << 6)
#define EL1_RX  (2ull << 6 | 1ull << 54)
#define NEVER_X (1ull << 54 | 1ull << 53)
#define CONTIGUOUS (1ull << 52)
/* NSTable, UXNTable, PXNTable. */
#define DATA_TABLE (1ull << 63 | 1ull << 60 | 1ull << 59)

static void map_page(struct stage1 *t, uint64_t va, uint64_t ipa, int level,
	uint64_t attributes)
{
	/* With DS shareability is not in the descriptor. */
	if (t->wide && t->granule != STAGE1_64K)
		attributes &= ~(3ull << 8);
	if (!stage1_map(t, va, ipa, level, attributes))
		need(HV_NO_RESOURCES, "stage1_map");
}

static void map_near(struct random_setting *s)
{
	struct stage1 *t = &s->tables[s->code_high];
	uint64_t size = granule_size(t);

	map_page(t, s->code, CODE, 3, NORMAL | (s->el0 ? EL0_RX : EL1_RX));
	map_page(t, s->code + size, VECTORS, 3, NORMAL | EL1_RX);
	for (unsigned i = 0; i < WINDOW_PAGES; i++)
		map_page(t, s->near + i * size, WINDOW + s->order[i] * size, 3,
			NORMAL | EL0_RW | NEVER_X);
}

static void map_far(struct random_setting *s)
{
	static const uint8_t contiguous[3] = { 4, 7, 5 };
	struct stage1 *t = &s->tables[s->data_high];
	unsigned low;

	do {
		s->far_level = 3 - (int)rng_below(rng, 3);
		low = stage1_shift(t->granule, s->far_level);
	} while (!stage1_has_leaf(t, s->far_level) || low >= 33 ||
		s->far_level < stage1_first_level(t));
	/* Pages come as many together as the contiguous bit is about. */
	if (s->far_level == 3)
		low += contiguous[t->granule];
	s->far_size = 1ull << low;
	s->far_ipa = VOID_MIN + ((rng_next(rng) % (IPA_END - VOID_MIN)) >>
		low << low);
	if (s->far_ipa + s->far_size > IPA_END)
		s->far_ipa = IPA_END - s->far_size;
	s->far_ipa = s->far_ipa >> low << low;
	if (s->data_high != s->code_high)
		t->table_attributes = DATA_TABLE;
	for (uint64_t at = 0; at < s->far_size;
		at += 1ull << stage1_shift(t->granule, s->far_level))
		map_page(t, s->far + at, s->far_ipa + at, s->far_level,
			NORMAL | EL0_RW | NEVER_X |
				(s->far_level == 3 ? CONTIGUOUS : 0));
}

static void make_tables(struct random_setting *s)
{
	memset(ram + (TABLES - RAM), 0, 2 * TABLES_SIZE);
	s->tables[0] = random_tables(0);
	s->tables[1] = random_tables(1);
	/* DS is for both halves, and for 64 KiB it means nothing. */
	for (unsigned n = 0; n < 2; n++)
		if (s->tables[n].granule != STAGE1_64K)
			s->tables[n].wide = s->tables[0].granule !=
				STAGE1_64K && s->tables[1].granule !=
				STAGE1_64K && s->tables[0].wide &&
				s->tables[1].wide;
	for (unsigned n = 0; n < 2; n++)
		if (!s->tables[n].wide && s->tables[n].va_bits > 48 &&
			s->tables[n].granule != STAGE1_64K)
			s->tables[n].va_bits = 48;
	s->tables[0].big_endian = s->tables[1].big_endian = rng_bool(rng);
	s->code = place(s, s->code_high, 0x10000000);
	s->near = s->code + 2 * granule_size(&s->tables[s->code_high]);
	s->far = place(s, s->data_high, 0x100000000);
	map_near(s);
	map_far(s);
}

/* UCI, DZE, EOS, EIS, SPAN, nTWE, nTWI, UCT, C, I; no alignment checks. */
#define SCTLR (1ull << 26 | 1ull << 14 | 1ull << 11 | 1ull << 22 |     \
	1ull << 23 | 1ull << 18 | 1ull << 16 | 1ull << 15 | 1ull << 2 | \
	1ull << 12 | 1ull << 29 | 1ull << 28)

static void apply(struct cpu *cpu, const struct random_setting *s)
{
	uint64_t sctlr = SCTLR, vectors = VECTORS, tcr = 0;

	if (s->mmu) {
		tcr = stage1_tcr(&s->tables[0], false) |
			stage1_tcr(&s->tables[1], true) |
			1ull << 8 | 1ull << 10 | 3ull << 12 | 1ull << 24 |
			1ull << 26 | 3ull << 28;
		if (s->tbi)
			tcr |= 3ull << 37;
		/* One IPS for both: 48 bits unless 52 are meant. */
		if (s->tables[0].wide != s->tables[1].wide)
			tcr = (tcr & ~(7ull << 32)) | 5ull << 32;
		sctlr |= 1 | (s->tables[0].big_endian ? 1ull << 25 : 0);
		vectors = s->code + granule_size(&s->tables[s->code_high]);
	}
	set_sys(cpu, HV_SYS_REG_MAIR_EL1, 0xff00);
	set_sys(cpu, HV_SYS_REG_TTBR0_EL1, stage1_ttbr(&s->tables[0]));
	set_sys(cpu, HV_SYS_REG_TTBR1_EL1, stage1_ttbr(&s->tables[1]));
	set_sys(cpu, HV_SYS_REG_TCR_EL1, tcr);
	set_sys(cpu, HV_SYS_REG_VBAR_EL1, vectors);
	set_sys(cpu, HV_SYS_REG_SCTLR_EL1, sctlr);
	set_sys(cpu, HV_SYS_REG_CPACR_EL1, 3ull << 20);
	for (unsigned n = 0; n < 31; n++)
		set_reg(cpu, HV_REG_X0 + n, rng_any(rng));
}

void random_guest_set(struct cpu *cpu, struct random_setting *s)
{
	memset(s, 0, sizeof(*s));
	s->mmu = rng_below(rng, 8);
	s->el0 = rng_bool(rng);
	s->sp_el0 = rng_bool(rng);
	s->tbi = rng_bool(rng);
	s->code_high = rng_bool(rng);
	s->data_high = rng_bool(rng);
	for (unsigned i = 0; i < WINDOW_PAGES; i++) {
		unsigned other = (unsigned)rng_below(rng, i + 1);

		s->order[i] = s->order[other];
		s->order[other] = i;
	}
	if (s->mmu) {
		make_tables(s);
	} else {
		s->code = CODE;
		s->near = WINDOW;
		s->far = s->far_ipa = VOID_MIN + (rng_next(rng) % (1u << 30));
		s->far_size = 0x1000;
	}
	apply(cpu, s);
}

/* Somewhere in the windows: by the edges of pages more often than not. */
static uint64_t random_target(const struct random_setting *s, bool near, unsigned bytes)
{
	uint64_t size = s->far_size, at, edge;

	if (near)
		size = s->mmu ? WINDOW_PAGES *
			granule_size(&s->tables[s->code_high]) : window_size;
	at = rng_next(rng) % (size - 64);
	edge = near ? host_page : 4096;
	if (near && rng_bool(rng) && at >= edge)
		at = at / edge * edge - rng_below(rng, 40);
	if (rng_below(rng, 4) || !s->mmu)
		at = at / 16 * 16;
	else if (rng_bool(rng))
		at = at / bytes * bytes;
	return (near ? s->near : s->far) + at;
}

static void write_insn(uint64_t offset, uint32_t insn)
{
	memcpy(ram + (CODE - RAM) + offset, &insn, 4);
}

static void put_registers(struct cpu *cpu, const struct random_setting *s,
	const struct random_access *a, uint64_t base, uint64_t index)
{
	bool sp_el0 = s->el0 || s->sp_el0;

	if (a->rn < 31)
		set_reg(cpu, HV_REG_X0 + a->rn, base);
	else if (a->sp)
		set_sys(cpu, sp_el0 ? HV_SYS_REG_SP_EL0 : HV_SYS_REG_SP_EL1,
			base);
	if (a->index && a->rm < 31)
		set_reg(cpu, HV_REG_X0 + a->rm, index);
}

/* Writes the instruction and one behind it; false: it cannot be aimed. */
bool random_guest_aim(struct cpu *cpu, const struct random_setting *s,
	struct random_access *a)
{
	bool near = a->literal || rng_bool(rng);
	uint64_t target = random_target(s, near, a->bytes);
	uint64_t pc, base = 0, index = 0;

	slot = (slot + 8) % 0x1000;
	pc = s->code + slot;
	if (s->tbi && s->mmu && !a->literal)
		target ^= rng_below(rng, 256) << 56;
	if (a->literal ? !access_aim_literal(a, target & ~3ull, pc)
		       : !access_aim(a, target, rng, &base, &index))
		return false;
	put_registers(cpu, s, a, base, index);
	write_insn(slot, a->insn);
	/* svc #0, or hvc with some number below those of the vectors. */
	write_insn(slot + 4, s->el0 ? 0xd4000001u
		: 0xd4000002u | (uint32_t)rng_below(rng, 256) << 5);
	__builtin___clear_cache((char *)ram + (CODE - RAM) + slot,
		(char *)ram + (CODE - RAM) + slot + 8);
	set_reg(cpu, HV_REG_PC, pc);
	set_reg(cpu, HV_REG_CPSR,
		0x3c0 | (s->el0 ? 0 : s->sp_el0 ? 4 : 5));
	return true;
}

bool random_guest_has(uint64_t ipa)
{
	bool mapped;

	(void)window_flags(ipa, &mapped);
	return mapped;
}

void random_guest_start(struct rng *random)
{
	rng = random;
	host_page = (uint64_t)sysconf(_SC_PAGESIZE);
	window_size = WINDOW_PAGES * 65536;
	ram = VM_START(guest_vectors);
	memmove(ram + (VECTORS - RAM), ram, 0x800);
	map_window();
}

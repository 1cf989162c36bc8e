/* SPDX-License-Identifier: MIT */
/*
 * What the assembly costs against its twins in C: the short way of a run
 * (bench_run.c), and here the decoder of instructions, over instructions of
 * several kinds, in turns. What calling one and returning costs, which is the
 * same for both, is taken off.
 *
 * Run it in the lab with --icount: nanoseconds are instructions then, and the
 * best round repeats to a part of one. Elsewhere than on arm64 there is only
 * the one in C.
 */
#include <stdio.h>
#include <string.h>

#include "bench.h"
#include "bench_run.h"
#include "fastpath.h"

#define WORDS 256u /* of a mix; a power of 2 */
#define COUNT (WORDS * 64)

typedef bool decode(uint32_t insn, struct hvt_access *access);

/*
 * What kernels and firmware access devices with. readl() and writel() of Linux
 * and EDK2's are the first two, with and without an offset; others come from
 * compiled accesses to volatile structures.
 */
static const uint32_t accessors[] = {
	0xb9400020, /* ldr w0, [x1] */
	0xb9000020, /* str w0, [x1] */
	0xb9401062, /* ldr w2, [x3, #16] */
	0xb900107f, /* str wzr, [x3, #16] */
	0x39400020, /* ldrb w0, [x1] */
	0x39000020, /* strb w0, [x1] */
	0x79400c41, /* ldrh w1, [x2, #6] */
	0x79000c41, /* strh w1, [x2, #6] */
	0xf9400020, /* ldr x0, [x1] */
	0xf9000020, /* str x0, [x1] */
	0xb9400020, /* the first two are most of what there is */
	0xb9000020,
	0xb8616840, /* ldr w0, [x2, x1] */
	0xb8216840, /* str w0, [x2, x1] */
	0xb85fc020, /* ldur w0, [x1, #-4] */
	0x88dffc20, /* ldar w0, [x1] */
};
/* Without a syndrome: pairs, write-back, SIMD, exclusives, atomics. */
static const uint32_t others[] = {
	0xa9400440, /* ldp x0, x1, [x2] */
	0xa8c10440, /* ldp x0, x1, [x2], #16 */
	0xb8404420, /* ldr w0, [x1], #4 */
	0xb8004c20, /* str w0, [x1, #4]! */
	0x3dc00020, /* ldr q0, [x1] */
	0x885f7c20, /* ldxr w0, [x1] */
	0xb8200041, /* ldadd w0, w1, [x2] */
	0xd50b7420, /* dc zva, x0 */
};

struct mix {
	const char *name;
	uint32_t words[WORDS];
};

struct work {
	const struct mix *mix;
	decode *decode;
	uint64_t accesses;
};

/* Calling and returning, and no more: both CPUs call it ret. */
bool nothing(uint32_t insn, struct hvt_access *access);
__asm__(".text\n.balign 64\nnothing:\n\tret\n.previous");

static void run(void *context, uint64_t count)
{
	struct work *w = context;
	struct hvt_access a;

	for (uint64_t i = 0; i < count; i++)
		w->accesses += w->decode(w->mix->words[i % WORDS], &a);
}

static void repeat(struct mix *mix, const uint32_t *words, size_t count)
{
	for (size_t i = 0; i < WORDS; i++)
		mix->words[i] = words[i % count];
}

/* Any words, and those that are loads and stores or near (bits 27 and 25). */
static void make_up(struct mix *any, struct mix *near)
{
	uint64_t state = 1;

	for (size_t i = 0; i < WORDS; i++) {
		state = state * 6364136223846793005u + 1442695040888963407u;
		any->words[i] = (uint32_t)(state >> 32);
		near->words[i] = (any->words[i] | 1u << 27) & ~(1u << 25);
	}
}

static void row(struct bench *b, const char *mix, const char *what,
		const struct bench_contender *c,
		const struct bench_contender *off)
{
	char name[80];

	snprintf(name, sizeof(name), "%s, %s", mix, what);
	bench_row(b, name, "ns", c->best - off->best, c->median - off->median,
			BENCH_FREE, 0);
}

static void compare(struct bench *b, const struct mix *mix)
{
	struct work work[] = { { .mix = mix, .decode = nothing },
		{ .mix = mix, .decode = hvt_decode_access_c },
		{ .mix = mix, .decode = hvt_decode_access } };
	struct bench_contender c[] = { { .name = "call", .run = run },
		{ .name = "C", .run = run },
		{ .name = "assembly", .run = run } };

	for (size_t i = 0; i < 3; i++)
		c[i].context = &work[i];
	bench_compare(b, c, 3, b->smoke ? WORDS : COUNT);
	row(b, mix->name, "C", &c[1], &c[0]);
#ifdef HVT_ASM
	row(b, mix->name, "assembly", &c[2], &c[0]);
	bench_row(b, "  assembly / C", "",
			(c[2].best - c[0].best) / (c[1].best - c[0].best),
			(c[2].median - c[0].median) /
					(c[1].median - c[0].median),
			BENCH_AT_MOST, 0.99);
#else
	bench_missing(b, "  assembly / C", "assembly is for arm64");
#endif
}

int main(int argc, char **argv)
{
	static struct mix mixes[] = { { .name = "accessors of devices" },
		{ .name = "without a syndrome" }, { .name = "any words" },
		{ .name = "loads, stores and near" } };
	struct bench b;

	bench_begin(&b, "decode", argc, argv);
	repeat(&mixes[0], accessors, sizeof(accessors) / sizeof(accessors[0]));
	repeat(&mixes[1], others, sizeof(others) / sizeof(others[0]));
	make_up(&mixes[2], &mixes[3]);
	for (size_t i = 0; i < sizeof(mixes) / sizeof(mixes[0]); i++)
		compare(&b, &mixes[i]);
	bench_run_rows(&b);
	return bench_end(&b);
}

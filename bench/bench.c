/* SPDX-License-Identifier: MIT */
/* Options, rounds, tables. */
#include "bench.h"

#include <getopt.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ROUNDS       31u
#define ROUNDS_SMOKE 2u

struct bench_row {
	char what[64];
	const char *unit;
	double best, median, target;
	bool spread; /* these, too: */
	double p99, p999, mean;
	enum bench_bound bound;
	const char *missing;
};

uint64_t bench_now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

void bench_check(int err, const char *what)
{
	if (!err)
		return;
	fprintf(stderr, "bench: %s: %s\n", what, strerror(abs(err)));
	exit(1);
}

static void usage(const char *name)
{
	fprintf(stderr, "usage: bench_%s [--json FILE] [--dir DIR] "
			"[--rounds N] [--smoke] [--steps] [OPERAND]\n", name);
	exit(2);
}

void bench_begin(struct bench *b, const char *name, int argc, char **argv)
{
	static const struct option options[] = {
		{ "json", required_argument, NULL, 'j' },
		{ "dir", required_argument, NULL, 'd' },
		{ "rounds", required_argument, NULL, 'r' },
		{ "smoke", no_argument, NULL, 's' },
		{ "steps", no_argument, NULL, 'n' },
		{ 0 },
	};
	int c;

	*b = (struct bench){ .name = name, .dir = "." };
	while ((c = getopt_long(argc, argv, "", options, NULL)) >= 0) {
		if (c == 'j')
			b->json = optarg;
		else if (c == 'd')
			b->dir = optarg;
		else if (c == 'r')
			b->rounds = (unsigned)strtoul(optarg, NULL, 10);
		else if (c == 's')
			b->smoke = true;
		else if (c == 'n')
			b->steps = true;
		else
			usage(name);
	}
	if (optind + 1 < argc)
		usage(name);
	b->operand = argv[optind];
	if (!b->rounds)
		b->rounds = b->smoke ? ROUNDS_SMOKE : ROUNDS;
}

const char *bench_path(const struct bench *b, const char *file)
{
	static char paths[4][PATH_MAX];
	static unsigned next;
	char *path = paths[next++ % 4];

	snprintf(path, PATH_MAX, "%s/%s", b->dir, file);
	return path;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

double bench_quantile(double *values, size_t n, double q)
{
	qsort(values, n, sizeof(*values), by_value);
	return values[(size_t)((double)(n - 1) * q + 0.5)];
}

static double run_once(struct bench_contender *c, uint64_t count)
{
	uint64_t start;

	if (c->prepare)
		c->prepare(c->context);
	start = bench_now_ns();
	c->run(c->context, count);
	return (double)(bench_now_ns() - start) / (double)count;
}

void bench_compare(struct bench *b, struct bench_contender *contenders,
		size_t n, uint64_t count)
{
	double *times = calloc(n * b->rounds, sizeof(*times));

	bench_check(times ? 0 : -1, "no memory");
	for (size_t i = 0; i < n; i++) /* warm up */
		(void)run_once(&contenders[i], count);
	for (unsigned round = 0; round < b->rounds; round++)
		for (size_t i = 0; i < n; i++)
			times[i * b->rounds + round] =
					run_once(&contenders[i], count);
	for (size_t i = 0; i < n; i++) {
		double *mine = times + i * b->rounds;

		contenders[i].median = bench_quantile(mine, b->rounds, 0.5);
		contenders[i].best = mine[0];
	}
	free(times);
}

static struct bench_row *add(struct bench *b, const char *what)
{
	struct bench_row *r;

	b->rows = realloc(b->rows, (b->row_count + 1) * sizeof(*b->rows));
	bench_check(b->rows ? 0 : -1, "no memory");
	r = &b->rows[b->row_count++];
	*r = (struct bench_row){ .unit = "" };
	snprintf(r->what, sizeof(r->what), "%s", what);
	return r;
}

void bench_row(struct bench *b, const char *what, const char *unit, double best,
		double median, enum bench_bound bound, double target)
{
	struct bench_row *r = add(b, what);

	r->unit = unit;
	r->best = best;
	r->median = median;
	r->bound = bound;
	r->target = target;
}

void bench_spread(struct bench *b, const char *what, const char *unit,
		double *values, size_t n)
{
	struct bench_row *r = add(b, what);
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += values[i];
	r->unit = unit;
	r->spread = true;
	r->median = bench_quantile(values, n, 0.5);
	r->p99 = bench_quantile(values, n, 0.99);
	r->p999 = bench_quantile(values, n, 0.999);
	r->best = values[0];
	r->mean = sum / (double)n;
}

void bench_missing(struct bench *b, const char *what, const char *why)
{
	add(b, what)->missing = why;
}

static const char *verdict(const struct bench_row *r)
{
	if (r->bound == BENCH_FREE)
		return "";
	if (r->missing)
		return "missing";
	return (r->bound == BENCH_AT_MOST ? r->median <= r->target
					  : r->median >= r->target)
			? "met" : "MISSED";
}

/* As many digits as mean something. */
static void format(char text[24], double v)
{
	int digits = fabs(v) >= 1000 ? 0 : fabs(v) >= 100 ? 1
			: fabs(v) >= 10 ? 2 : 3;

	snprintf(text, 24, "%.*f", digits, v);
}

static void print_row(const struct bench_row *r)
{
	char best[24], median[24], target[24] = "";

	if (r->missing) {
		printf("  %-44s %s\n", r->what, r->missing);
		return;
	}
	format(best, r->best);
	format(median, r->median);
	if (r->bound != BENCH_FREE) {
		char number[24];

		format(number, r->target);
		snprintf(target, sizeof(target), "%s %.20s",
				r->bound == BENCH_AT_MOST ? "<=" : ">=",
				number);
	}
	printf("  %-44s %10s %10s %-11s %-12s %s\n", r->what, best, median,
			r->unit, target, verdict(r));
	if (r->spread) {
		format(best, r->p99);
		format(median, r->p999);
		printf("  %-44s %10s %10s\n", "    of 100, of 1000", best,
				median);
	}
}

static void write_json(const struct bench *b)
{
	FILE *f = fopen(b->json, "w");

	bench_check(f ? 0 : -1, b->json);
	fprintf(f, "{\"bench\": \"%s\", \"rounds\": %u, \"rows\": [", b->name,
			b->rounds);
	for (size_t i = 0; i < b->row_count; i++) {
		const struct bench_row *r = &b->rows[i];

		fprintf(f, "%s\n  {\"what\": \"%s\"", i ? "," : "", r->what);
		if (r->missing)
			fprintf(f, ", \"missing\": \"%s\"", r->missing);
		else
			fprintf(f, ", \"unit\": \"%s\", \"best\": %.6g, "
					"\"median\": %.6g", r->unit, r->best,
					r->median);
		if (r->spread)
			fprintf(f, ", \"mean\": %.6g, \"p99\": %.6g, "
					"\"p999\": %.6g", r->mean, r->p99,
					r->p999);
		if (r->bound != BENCH_FREE)
			fprintf(f, ", \"%s\": %.6g, \"verdict\": \"%s\"",
					r->bound == BENCH_AT_MOST ? "at_most"
								  : "at_least",
					r->target, verdict(r));
		fputc('}', f);
	}
	fputs("\n]}\n", f);
	bench_check(fclose(f), b->json);
}

int bench_end(struct bench *b)
{
	printf("  %-44s %10s %10s %-11s %-12s\n", b->name, "best", "median",
			"", "target");
	for (size_t i = 0; i < b->row_count; i++)
		print_row(&b->rows[i]);
	if (b->json)
		write_json(b);
	free(b->rows);
	return 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * The harness that every benchmark shares. Contenders run in one process and
 * one run, in turns, so that what else the machine does befalls all of them;
 * of the rounds the best and the median are kept. What is found out becomes
 * rows, which are printed as a table and, on request, as JSON. Single-threaded;
 * trouble ends the program with a message and status 1.
 */
#ifndef HVT_BENCH_H
#define HVT_BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bench {
	const char *name;
	const char *json;  /* file to write, or NULL */
	const char *dir;   /* where files may be made; "." unless told */
	const char *operand; /* a trace to measure with, a path; or NULL */
	bool smoke;        /* only to see that it runs: tiny counts */
	bool steps;        /* one round, for who counts instructions */
	unsigned rounds;
	struct bench_row *rows;
	size_t row_count;
};

struct bench_contender {
	const char *name;
	void (*prepare)(void *context);             /* untimed; or NULL */
	void (*run)(void *context, uint64_t count); /* timed as a whole */
	void *context;
	double best, median; /* set: ns for one of count */
};

enum bench_bound { BENCH_FREE, BENCH_AT_MOST, BENCH_AT_LEAST };

/*
 * Options: --json FILE, --dir DIR, --rounds N, --smoke, --steps, and an
 * operand. name is that of the benchmark.
 */
void bench_begin(struct bench *b, const char *name, int argc, char **argv);

/* Runs all of them rounds times, in turns, count operations each time. */
void bench_compare(struct bench *b, struct bench_contender *contenders,
		size_t n, uint64_t count);

/*
 * Adds a row. Whether the target is met is decided by the median; of a figure
 * that is no measurement of time, best and median are the same.
 */
void bench_row(struct bench *b, const char *what, const char *unit, double best,
		double median, enum bench_bound bound, double target);

/*
 * Adds a row of n values that are sorted by it: the least, the median, and what
 * 99 of 100 and 999 of 1000 of them do not exceed.
 */
void bench_spread(struct bench *b, const char *what, const char *unit,
		double *values, size_t n);

/* Adds a row that says why there is no figure. */
void bench_missing(struct bench *b, const char *what, const char *why);

/* Prints and writes what there is; returns the status to exit with. */
int bench_end(struct bench *b);

/* 1/n of the way through n sorted values; sorts them. */
double bench_quantile(double *values, size_t n, double q);

uint64_t bench_now_ns(void);

/* The full path of a file in b->dir; a few of them are kept, then reused. */
const char *bench_path(const struct bench *b, const char *file);

/* Ends the program unless err is 0. */
void bench_check(int err, const char *what);

#endif

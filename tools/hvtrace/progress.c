/* SPDX-License-Identifier: MIT */
#include "progress.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define STRIDE 32768u /* events between two looks at the clock */

static bool shown;

/* A terminal that cannot overwrite a line is left alone. */
static bool can_show(void)
{
	const char *term = getenv("TERM");

	return isatty(STDERR_FILENO) && term && strcmp(term, "dumb") != 0;
}

static double seconds_since(const struct timespec *then,
		const struct timespec *now)
{
	return (double)(now->tv_sec - then->tv_sec) +
			(double)(now->tv_nsec - then->tv_nsec) / 1e9;
}

void progress_begin(struct progress *p, const char *what, uint64_t total,
		bool quiet)
{
	*p = (struct progress){ .what = what, .total = total,
		.look_at = STRIDE, .on = !quiet && can_show() };
	if (!p->on)
		p->look_at = UINT64_MAX;
	clock_gettime(CLOCK_MONOTONIC, &p->began);
	p->shown = p->began;
}

/* Seconds between two lines; a test has them all. */
static double interval(void)
{
	const char *text = getenv("HVT_PROGRESS_MS");

	return text ? strtod(text, NULL) / 1000 : 0.25;
}

static void put_count(double n, const char *of)
{
	if (n < 999500)
		fprintf(stderr, ", %.0f thousand %s", n / 1e3, of);
	else
		fprintf(stderr, ", %.1f million %s", n / 1e6, of);
}

static void put_size(const char *path)
{
	struct stat st;

	if (path && !stat(path, &st))
		fprintf(stderr, ", %.1f MB", (double)st.st_size / 1e6);
}

void progress_show(struct progress *p, uint64_t done)
{
	p->look_at = done + STRIDE;
	progress_note(p, done, NULL);
}

void progress_note(struct progress *p, uint64_t done, const char *path)
{
	struct timespec now;
	double seconds;

	clock_gettime(CLOCK_MONOTONIC, &now);
	if (!p->on || seconds_since(&p->shown, &now) < interval())
		return;
	p->shown = now;
	seconds = seconds_since(&p->began, &now);
	fprintf(stderr, "\r\033[Khvtrace: %s", p->what);
	if (p->total)
		fprintf(stderr, " %3.0f %%", done < p->total
				? 100 * (double)done / (double)p->total : 100);
	put_count((double)done, "events");
	put_count((double)done / seconds, "a second");
	put_size(path);
	if (path)
		fprintf(stderr, ", %.0f s", seconds);
	fflush(stderr);
	shown = true;
}

void progress_clear(void)
{
	if (shown)
		fputs("\r\033[K", stderr);
	shown = false;
}

void progress_end(struct progress *p)
{
	progress_clear();
	p->look_at = UINT64_MAX;
}

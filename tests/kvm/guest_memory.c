/* SPDX-License-Identifier: MIT */
/*
 * Guest memory in recordings of a real KVM. VMMs are this program again, with
 * an argument; the library in them records, and what it wrote is judged here.
 */
#include "guest_memory.h"

#include <hvtrace/hvtrace.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "conformance.h"

#define TRACE "/tmp/hvt-guest-memory.hvt"
#define IMAGE "/tmp/hvt-guest-memory.image"

/* Of the scribbler's memory: the guest's part of a page, and all of it. */
#define GUESTS_PART 8u
#define SIZE	    (SCRIBBLE_PAGES * page)

static size_t page;

/* "mapped" events by kind, and others. */
struct tally {
	unsigned kinds[5], touched, changed, written, turns, taken, surprises;
};

struct judge {
	struct hvt_trace *trace;
	struct tally tally;
	uint8_t **pages; /* by their numbers */
	uint64_t page_count, base;
	uint8_t *model; /* of the memory at base, NULL: none */
};

static uint8_t *page_numbered(const struct judge *j, uint64_t number)
{
	if (number > j->page_count || !j->pages[number])
		need(HV_ERROR, "a page the trace has");
	return j->pages[number];
}

static void add_page(struct judge *j, const struct hvt_event *e)
{
	j->pages = realloc(j->pages, (e->values[0] + 1) * sizeof(*j->pages));
	while (j->page_count < e->values[0])
		j->pages[++j->page_count] = NULL;
	j->pages[e->values[0]] = malloc(page);
	memcpy(j->pages[e->values[0]], e->data, page);
}

static uint8_t *model_at(const struct judge *j, uint64_t addr)
{
	return j->model && addr - j->base < SIZE ? j->model + (addr - j->base)
						 : NULL;
}

/*
 * What is found in a page is what the VMM left behind, but for what the guest
 * did: a write that was missed would be here.
 */
static void find_page(struct judge *j, const struct hvt_event *e)
{
	uint8_t *at = model_at(j, e->values[0]);
	const uint8_t *found = page_numbered(j, e->values[1]);

	if (!at)
		return;
	j->tally.surprises += memcmp(at + GUESTS_PART, found + GUESTS_PART,
			page - GUESTS_PART) != 0;
	memcpy(at, found, page);
}

static void on_touched(struct judge *j, const struct hvt_event *e)
{
	j->tally.touched++;
	find_page(j, e);
}

static void on_stored(struct judge *j, const struct hvt_event *e)
{
	uint8_t *at = model_at(j, e->values[0]);

	j->tally.changed++;
	if (at)
		memcpy(at, page_numbered(j, e->values[1]), page);
}

static void on_changed(struct judge *j, const struct hvt_event *e)
{
	uint8_t *at = model_at(j, e->values[0]);

	j->tally.changed++;
	if (at)
		memcpy(at, e->data, e->data_size);
}

static void on_guest_stored(struct judge *j, const struct hvt_event *e)
{
	j->tally.written++;
	find_page(j, e);
}

static void on_guest_changed(struct judge *j, const struct hvt_event *e)
{
	uint8_t *at = model_at(j, e->values[0]);

	j->tally.written++;
	if (!at)
		return;
	j->tally.surprises += e->values[0] % page + e->data_size > GUESTS_PART;
	memcpy(at, e->data, e->data_size);
}

static void on_mapped(struct judge *j, const struct hvt_event *e)
{
	j->tally.kinds[e->values[2] < 5 ? e->values[2] : 0]++;
}

static void on_turn(struct judge *j, const struct hvt_event *e)
{
	j->tally.turns++;
	j->tally.taken += e->values[0] == 3;
}

static void on_map(struct judge *j, const struct hvt_event *e)
{
	if (e->kind != HVT_EVENT_ENTER || e->values[1] != SCRIBBLE_IPA ||
			e->values[2] != SIZE)
		return;
	j->base = e->values[0];
	j->model = calloc(1, SIZE);
}

static void take(struct judge *j, const struct hvt_event *e)
{
	static const struct {
		const char *name;
		void (*take)(struct judge *j, const struct hvt_event *e);
	} takers[] = {
		{ "memory_page", add_page },
		{ "memory_touched", on_touched },
		{ "memory_stored", on_stored },
		{ "memory_changed", on_changed },
		{ "memory_guest_stored", on_guest_stored },
		{ "memory_guest_changed", on_guest_changed },
		{ "memory_mapped", on_mapped },
		{ "memory_turn", on_turn },
		{ "hv_vm_map", on_map },
	};
	const char *name = hvt_trace_call(j->trace, e->call)->name;

	for (size_t i = 0; i < sizeof(takers) / sizeof(takers[0]); i++)
		if (!strcmp(name, takers[i].name))
			takers[i].take(j, e);
}

static struct judge read_trace(const char *mode)
{
	struct judge j = { .pages = calloc(1, sizeof(*j.pages)) };
	struct hvt_event e;
	struct hvt_error error = { 0 };
	int got;

	j.pages[0] = calloc(1, page);
	if (hvt_trace_open(&j.trace, TRACE, &error))
		need(HV_ERROR, "a trace");
	claim(!strcmp(hvt_trace_info(j.trace, "memory"), mode),
		"memory_can_be_recorded_here");
	while ((got = hvt_trace_next(j.trace, &e, &error)) == 1)
		take(&j, &e);
	claim_equal((unsigned)got, 0, "trace_is_sound");
	printf("# %u touched, %u changed, %u by guests, %u turns, %u of them "
		"taken\n", j.tally.touched, j.tally.changed, j.tally.written,
		j.tally.turns, j.tally.taken);
	hvt_trace_close(j.trace);
	return j;
}

static void forget(struct judge *j)
{
	for (uint64_t i = 0; i <= j->page_count; i++)
		free(j->pages[i]);
	free(j->pages);
	free(j->model);
}

/* This program again, recorded with memory in that mode. */
static void record(const char *what, const char *mode)
{
	char *argv[] = { "guest_memory", (char *)what, NULL };
	pid_t child = fork();
	int status = 0;

	if (!child) {
		setenv(HVT_ENV_RECORD, TRACE, 1);
		setenv(HVT_ENV_MEMORY, mode, 1);
		execv("/proc/self/exe", argv);
		_exit(127);
	}
	waitpid(child, &status, 0);
	claim_equal((unsigned)status, 0, "recorded_vmm_ends_well");
}

static bool is_image(const uint8_t *model)
{
	uint8_t *image = malloc(SIZE);
	FILE *in = fopen(IMAGE, "re");
	bool same = in && fread(image, 1, SIZE, in) == SIZE &&
			!memcmp(image, model, SIZE);

	if (in)
		fclose(in);
	free(image);
	return same;
}

static void judge_look(const char *mode)
{
	struct judge j;

	record("look", mode);
	j = read_trace(mode);
	claim(j.tally.kinds[1] >= 3, "private_memory_is_followed");
	claim_equal(j.tally.kinds[2], 1, "shared_memory_is_followed");
	claim_equal(j.tally.kinds[3], 1, "trace_says_what_is_not_followed");
	claim(j.tally.kinds[4] >= 2, "trace_says_what_is_gone");
	forget(&j);
}

static void judge_scribble(const char *mode)
{
	struct judge j;

	record("scribble", mode);
	j = read_trace(mode);
	claim_equal(j.tally.surprises, 0, "no_write_is_missed");
	claim(!j.tally.written == !strcmp(mode, "touched"),
		"guests_are_told_of_where_that_is_wanted");
	claim(j.tally.turns > 10, "vmm_and_guest_take_turns");
	claim(j.model && is_image(j.model), "trace_has_all_of_memory");
	forget(&j);
}

int main(int argc, char **argv)
{
	page = (size_t)sysconf(_SC_PAGESIZE);
	if (argc > 1 && !strcmp(argv[1], "look"))
		return vmm_that_looks();
	if (argc > 1)
		return vmm_that_scribbles(IMAGE);
	judge_look("touched");
	judge_look("full");
	for (unsigned n = getenv("HVT_TEST_FULL") ? 500 : 1; n; n--) {
		judge_scribble("touched");
		judge_scribble("full");
	}
	return verdict();
}

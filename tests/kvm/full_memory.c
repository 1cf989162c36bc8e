/* SPDX-License-Identifier: MIT */
/*
 * Recordings with all of guest memory, of a real KVM: at every exit the trace
 * alone says what memory held. VMMs are this program again; what their guests
 * had written by then is known here by the same computation.
 */
#include "full_memory.h"

#include <hvtrace/hvtrace.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "conformance.h"

#define TRACE "/tmp/hvt-full-memory.hvt"

/* A vCPU and its VMM as they must be: words by page. */
struct side {
	uint64_t x;
	uint64_t words[FULL_PAGES][LANE_WORDS];
};

struct writer {
	struct side guest, vmm;
	unsigned rounds;
};

struct judge {
	struct hvt_trace *trace;
	struct hvt_image *image;
	struct writer writers[FULL_CPUS];
	uint64_t exits, wrong, strange;
	uint8_t *memory; /* as the trace has it */
};

static size_t page;

static void store(struct side *s)
{
	s->x = full_next(s->x);
	s->words[full_page(s->x)][full_word(s->x)] = s->x;
}

/* What it has done when the run of its vCPU returns once more. */
static void advance(struct writer *w)
{
	if (w->rounds++)
		store(&w->vmm);
	for (unsigned i = 0; i < FULL_STORES; i++)
		store(&w->guest);
}

static bool is_lane(const struct judge *j, const struct side *s, unsigned lane)
{
	for (unsigned i = 0; i < FULL_PAGES; i++)
		if (memcmp(j->memory + i * page + lane, s->words[i], LANE_SIZE))
			return false;
	return true;
}

/*
 * Some of what it stores in the run that is under way may be there: what it had
 * stored when the log was taken, and more of a page that the VMM came to since.
 */
static bool may_be_lane(const struct judge *j, const struct side *s,
		unsigned lane)
{
	static struct side now;
	bool may[FULL_PAGES][LANE_WORDS] = { 0 };

	now = *s;
	for (unsigned i = 0; i < FULL_PAGES; i++)
		memcpy(now.words[i], j->memory + i * page + lane, LANE_SIZE);
	for (unsigned i = 0; i < FULL_STORES; i++) {
		unsigned p, w;

		now.x = full_next(now.x);
		p = full_page(now.x);
		w = full_word(now.x);
		may[p][w] |= now.words[p][w] == now.x;
	}
	for (unsigned i = 0; i < FULL_PAGES; i++)
		for (unsigned n = 0; n < LANE_WORDS; n++)
			if (now.words[i][n] != s->words[i][n] && !may[i][n])
				return false;
	return true;
}

/* The run of vCPU n has returned, by the event. */
static void on_exit_of(struct judge *j, unsigned n, uint64_t event)
{
	uint64_t failed;

	advance(&j->writers[n]);
	j->exits++;
	if (hvt_image_go(j->image, event, NULL) ||
			hvt_image_read(j->image, FULL_IPA, j->memory,
				FULL_PAGES * page, &failed))
		need(HV_ERROR, "memory at an event");
	if (!is_lane(j, &j->writers[n].guest, GUEST_LANE(n)) ||
			!is_lane(j, &j->writers[n].vmm, VMM_LANE(n))) {
		printf("# event %llu, round %u of vCPU %u\n",
			(unsigned long long)event, j->writers[n].rounds, n);
		j->wrong++;
	}
	for (unsigned i = 0; i < FULL_CPUS; i++)
		j->strange += i != n && !may_be_lane(j, &j->writers[i].guest,
				GUEST_LANE(i));
}

/* vCPUs are known by the register that says what is theirs. */
static void judge_events(struct judge *j)
{
	const struct hvt_call_schema *call;
	unsigned cpus[64] = { 0 };
	uint64_t vcpus[64] = { 0 }; /* by thread */
	struct hvt_event e;
	int got;

	while ((got = hvt_trace_next(j->trace, &e, NULL)) == 1) {
		call = hvt_trace_call(j->trace, e.call);
		if (!strcmp(call->name, "hv_vcpu_set_reg") &&
				e.values[1] == HV_REG_X0 + 22)
			cpus[e.values[0] % 64] = (unsigned)(e.values[2] /
					GUEST_LANE(1));
		if (strcmp(call->name, "hv_vcpu_run") != 0)
			continue;
		if (e.kind == HVT_EVENT_ENTER)
			vcpus[e.thread % 64] = e.values[0];
		else
			on_exit_of(j, cpus[vcpus[e.thread % 64] % 64], e.number);
	}
	claim_equal((unsigned)got, 0, "trace_is_sound");
}

static void judge(unsigned cpus)
{
	static struct judge j;
	struct hvt_error error;

	memset(&j, 0, sizeof(j));
	j.memory = malloc(FULL_PAGES * page);
	for (unsigned i = 0; i < FULL_CPUS; i++) {
		j.writers[i].guest.x = full_seed(i);
		j.writers[i].vmm.x = full_seed(i + FULL_CPUS);
	}
	if (hvt_trace_open(&j.trace, TRACE, &error) ||
			hvt_image_open(&j.image, TRACE, &error))
		need(HV_ERROR, error.text);
	judge_events(&j);
	claim_equal(j.exits, cpus * FULL_ROUNDS, "all_exits_are_there");
	claim_equal(j.wrong, 0, "memory_at_an_exit_has_what_its_vcpu_and_vmm_wrote");
	claim_equal(j.strange, 0, "memory_at_an_exit_has_nothing_else");
	hvt_image_close(j.image);
	hvt_trace_close(j.trace);
	free(j.memory);
}

/* This program again, recorded. */
static void record(const char *cpus)
{
	char *argv[] = { "full_memory", (char *)cpus, NULL };
	pid_t child = fork();
	int status = 0;

	if (!child) {
		setenv(HVT_ENV_RECORD, TRACE, 1);
		setenv(HVT_ENV_MEMORY, "full", 1);
		execv("/proc/self/exe", argv);
		_exit(127);
	}
	waitpid(child, &status, 0);
	claim_equal((unsigned)status, 0, "recorded_vmm_ends_well");
}

int main(int argc, char **argv)
{
	unsigned times = getenv("HVT_TEST_FULL") ? 50 : 1;

	page = (size_t)sysconf(_SC_PAGESIZE);
	if (argc > 1)
		return vmm_of_writers((unsigned)atoi(argv[1]));
	for (unsigned i = 0; i < times; i++) {
		record("1");
		judge(1);
		record("4");
		judge(4);
	}
	return verdict();
}

/* SPDX-License-Identifier: MIT */
#include "vmm_cause.h"

#include <hvtrace/hvtrace.h>
#include <inttypes.h>
#include <string.h>

#include "guest_replay.h"

/* Of a file it is the name that counts: it may lie elsewhere here. */
static const char *last_part(const char *word, size_t *size)
{
	const char *slash = memrchr(word, '/', *size);

	if (!slash)
		return word;
	*size -= (size_t)(slash + 1 - word);
	return slash + 1;
}

static bool same_word(const char *a, size_t a_size, const char *b)
{
	size_t b_size = strlen(b);

	a = last_part(a, &a_size);
	b = last_part(b, &b_size);
	return a_size == b_size && !memcmp(a, b, a_size);
}

static void guess_argument(struct guesses *g, const char *then, size_t size,
		const char *now)
{
	if (!size)
		guesses_add(g, "arguments", 80, "it was recorded without its "
				"argument %s", now);
	else if (!*now)
		guesses_add(g, "arguments", 80, "it was recorded with one more "
				"argument, %.*s", (int)size, then);
	else
		guesses_add(g, "arguments", 80, "it was recorded with other "
				"arguments: %.*s, and now %s",
				(int)size, then, now);
}

/* then: words, by blanks, which may have been within words, too. */
static void guess_arguments(struct guesses *g, const char *then, char **vmm)
{
	for (unsigned n = 0; *then || vmm[n]; n++) {
		const char *now = vmm[n] ? vmm[n] : "";
		size_t size = strcspn(then, " ");

		/* An argument with blanks in it. */
		if (strchr(now, ' ') && !strncmp(then, now, strlen(now)))
			size = strlen(now);
		if (n && !same_word(then, size, now)) {
			guess_argument(g, then, size, now);
			return;
		}
		then += size;
		then += strspn(then, " ");
		if (!vmm[n])
			return;
	}
}

#define TURN_TAKEN 3u /* docs/FORMAT.md, memory_turn */

/* What there is in the trace up to the event that lets threads race. */
static void guess_threads(struct guesses *g, struct hvt_trace *trace,
		uint64_t until)
{
	struct hvt_event event;
	uint32_t threads = 0;

	while (hvt_trace_next(trace, &event, NULL) == 1 && event.number <= until) {
		const struct hvt_call_schema *call =
				hvt_trace_call(trace, event.call);

		if (event.thread >= threads)
			threads = event.thread + 1;
		if (!call || strcmp(call->name, "memory_turn") != 0 ||
				event.values[0] != TURN_TAKEN)
			continue;
		guesses_add(g, "thread-order", 60, "at event %" PRIu64 " a "
				"thread was in the middle of guest memory when "
				"the guest had its turn: what races with it may "
				"come in another order", event.number);
		return;
	}
	if (threads > 1)
		guesses_add(g, "thread-order", 20, "%" PRIu32 " threads had "
				"made calls by then: what they do to each other "
				"by other means than calls is not in the trace",
				threads);
}

static void guess_memory(struct guesses *g, const struct hvt_trace *trace)
{
	if (!guest_has_memory(trace))
		guesses_add(g, "guest-memory", 40, "the trace has no guest "
				"memory: what the VMM reads of it (virtio, page "
				"tables) is not what it was");
}

void vmm_guess(const char *path, char **vmm, uint64_t event, struct guesses *g)
{
	struct hvt_trace *trace;
	struct hvt_error e;
	const char *command;

	guesses_add_damage(g, path);
	guesses_add(g, "input", 30, "the VMM decides by something that is not in "
			"the trace: a clock, random numbers, standard input, a "
			"file that has changed");
	guesses_add(g, "vmm", 25, "it is another build of the VMM than the one "
			"that was recorded");
	if (hvt_trace_open(&trace, path, &e))
		return;
	command = hvt_trace_info(trace, "command");
	if (command)
		guess_arguments(g, command, vmm);
	guess_memory(g, trace);
	guess_threads(g, trace, event);
	hvt_trace_close(trace);
}

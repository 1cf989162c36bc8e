/* SPDX-License-Identifier: MIT */
/* The first divergence of a guest from its recording, explained. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "guest_cause.h"
#include "guest_replay.h"
#include "guest_view.h"

#define LAST  32u /* events shown before it */
#define BYTES 16u /* of a buffer or page, from where it differs */
#define LINE  512

static const char *const what_differs[] = {
	[HVT_DIFFERS_RESULT] = "the call had another result",
	[HVT_DIFFERS_OUTPUT] = "the call told something else",
	[HVT_DIFFERS_MEMORY] = "the VMM had found something else in a page",
	[HVT_DIFFERS_NO_EXIT] = "the guest did not come to this exit",
};

static const char *const differ_names[] = {
	[HVT_DIFFERS_RESULT] = "result", [HVT_DIFFERS_OUTPUT] = "output",
	[HVT_DIFFERS_MEMORY] = "memory", [HVT_DIFFERS_NO_EXIT] = "no-exit",
};

static const char *param_name(const struct hvt_guest_divergence *d)
{
	const struct hvt_call_schema *schema = hvt_call_schema(d->recorded.call);

	return d->param >= 0 ? schema->params[d->param].name : NULL;
}

static bool in_bytes(const struct hvt_guest_divergence *d)
{
	return d->what == HVT_DIFFERS_MEMORY ||
			(d->what == HVT_DIFFERS_OUTPUT &&
				hvt_call_schema(d->recorded.call)
					->params[d->param].role ==
					HVT_ROLE_OUTBUF);
}

static void put_call(FILE *to, const char *label, const struct hvt_event *event)
{
	char line[LINE];

	hvt_event_format(event, line, sizeof(line));
	fprintf(to, "  %-9s%s\n", label, line);
}

static void put_bytes(FILE *to, const char *label, const struct hvt_event *event,
		size_t offset)
{
	fprintf(to, "  %-9s", label);
	for (size_t i = offset; i < event->data_size && i < offset + BYTES; i++)
		fprintf(to, " %02x", event->data[i]);
	fputc('\n', to);
}

static void put_difference(FILE *to, const struct hvt_guest_divergence *d)
{
	if (d->what == HVT_DIFFERS_MEMORY) {
		fprintf(to, "  page at IPA 0x%" PRIx64 " (0x%" PRIx64 " of the "
				"VMM)\n", d->ipa, d->recorded.values[0]);
	} else {
		put_call(to, "recorded", &d->recorded);
		if (d->what != HVT_DIFFERS_NO_EXIT)
			put_call(to, "now", &d->found);
	}
	if (in_bytes(d)) {
		fprintf(to, "  %zu bytes differ, the first at %zu\n",
				d->differing, d->offset);
		put_bytes(to, "recorded", &d->recorded, d->offset);
		put_bytes(to, "now", &d->found, d->offset);
	} else if (d->what == HVT_DIFFERS_OUTPUT) {
		fprintf(to, "  differs: %s, 0x%" PRIx64 " recorded, 0x%" PRIx64
				" now\n", param_name(d),
				d->recorded.values[d->param],
				d->found.values[d->param]);
	} else if (d->what == HVT_DIFFERS_NO_EXIT) {
		fprintf(to, "  it ran on for %u ms\n", d->ms);
	}
}

static void put_last_events(FILE *to, const char *path, uint64_t end)
{
	uint64_t first = end > LAST ? end - LAST : 0;
	struct hvt_event event;
	struct hvt_trace *trace;
	char line[LINE];

	if (hvt_trace_open(&trace, path, NULL))
		return;
	fprintf(to, "The events before it, alike on both sides:\n");
	if (!hvt_trace_seek(trace, HVT_SEEK_EVENT, first, NULL))
		while (hvt_trace_next(trace, &event, NULL) == 1 &&
				event.number < end) {
			hvt_event_format(&event, line, sizeof(line));
			fprintf(to, "  %9" PRIu64 " t%-3" PRIu32 " %s\n",
					event.number, event.thread, line);
		}
	hvt_trace_close(trace);
}

/* A page is told of by the VMM's look at it, or by what the guest wrote to it. */
static const char *in_words(const struct hvt_guest_divergence *d)
{
	const struct hvt_call_schema *call = hvt_call_schema(d->recorded.call);

	return call && !strncmp(call->name, "memory_guest_", 13)
			? "the guest had written something else to a page"
			: what_differs[d->what];
}

void guest_report(FILE *to, struct hvt_guest *guest, const char *path)
{
	const struct hvt_guest_divergence *d = hvt_guest_divergence(guest);
	struct guesses guesses = { 0 };

	fprintf(to, "hvtrace: the guest diverged at event %" PRIu64 ", thread %"
			PRIu32 ": %s\n", d->recorded.number, d->recorded.thread,
			in_words(d));
	put_difference(to, d);
	if (d->vcpu >= 0) {
		fprintf(to, "vCPU %d now:\n", d->vcpu);
		if (guest_view_regs(to, guest, (unsigned)d->vcpu))
			guest_view_code(to, guest, (unsigned)d->vcpu);
	}
	put_last_events(to, path, d->recorded.number);
	guest_guess(guest, path, &guesses);
	guesses_put(to, &guesses);
}

static void put_hex(FILE *to, const struct hvt_event *event, size_t offset)
{
	fputc('"', to);
	for (size_t i = offset; i < event->data_size && i < offset + BYTES; i++)
		fprintf(to, "%02x", event->data[i]);
	fputc('"', to);
}

static void put_difference_json(FILE *to, const struct hvt_guest_divergence *d)
{
	if (param_name(d))
		fprintf(to, ",\"parameter\":\"%s\"", param_name(d));
	if (d->what == HVT_DIFFERS_MEMORY)
		fprintf(to, ",\"ipa\":\"0x%" PRIx64 "\"", d->ipa);
	if (in_bytes(d)) {
		fprintf(to, ",\"offset\":%zu,\"differing\":%zu,\"recorded\":",
				d->offset, d->differing);
		put_hex(to, &d->recorded, d->offset);
		fprintf(to, ",\"now\":");
		put_hex(to, &d->found, d->offset);
	} else if (d->what == HVT_DIFFERS_OUTPUT) {
		fprintf(to, ",\"recorded\":\"0x%" PRIx64 "\",\"now\":\"0x%"
				PRIx64 "\"", d->recorded.values[d->param],
				d->found.values[d->param]);
	} else if (d->what == HVT_DIFFERS_RESULT) {
		fprintf(to, ",\"recorded\":%" PRId64 ",\"now\":%" PRId64,
				d->recorded.result, d->found.result);
	} else {
		fprintf(to, ",\"ms\":%u", d->ms);
	}
}

void guest_report_json(FILE *to, struct hvt_guest *guest, const char *path)
{
	const struct hvt_guest_divergence *d = hvt_guest_divergence(guest);
	struct guesses guesses = { 0 };

	fprintf(to, "{\"same\":false,\"event\":%" PRIu64 ",\"thread\":%" PRIu32
			",\"call\":\"%s\",\"differs\":\"%s\"",
			d->recorded.number, d->recorded.thread,
			hvt_call_schema(d->recorded.call)->name,
			differ_names[d->what]);
	put_difference_json(to, d);
	if (d->vcpu >= 0) {
		fprintf(to, ",\"vcpu\":%d,\"registers\":{", d->vcpu);
		(void)guest_view_regs_json(to, guest, (unsigned)d->vcpu);
		fprintf(to, "}");
	}
	fprintf(to, ",\"level\":%u,\"causes\":[", hvt_guest_level(guest)->level);
	guest_guess(guest, path, &guesses);
	guesses_put_json(to, &guesses);
	fprintf(to, "]}\n");
}

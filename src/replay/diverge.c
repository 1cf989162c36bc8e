/* SPDX-License-Identifier: MIT */
/* The texts of divergences. */
#include "diverge.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define CALL_MAX 512

struct text {
	FILE *f;
	char *p;
	size_t size;
};

static bool begin(struct text *t)
{
	t->p = NULL;
	t->f = open_memstream(&t->p, &t->size);
	return t->f;
}

static char *end(struct text *t)
{
	if (fclose(t->f)) {
		free(t->p);
		return NULL;
	}
	return t->p;
}

static void put_call(struct text *t, const char *label,
		const struct hvt_event *event)
{
	char line[CALL_MAX];

	hvt_event_format(event, line, sizeof(line));
	fprintf(t->f, "  %-7s%s\n", label, line);
}

/* Where two buffers of one length differ. */
static void put_byte(struct text *t, const char *name,
		const struct hvt_event *event, const struct hvt_event *call)
{
	size_t i = 0;

	while (i < event->data_size && event->data[i] == call->data[i])
		i++;
	if (i < event->data_size)
		fprintf(t->f, "  differs: %s, at byte %zu: 0x%02x in the "
				"trace, 0x%02x from the VMM\n", name, i,
				event->data[i], call->data[i]);
}

static bool same_length(const struct hvt_event *event,
		const struct hvt_event *call, int param)
{
	enum hvt_role role = hvt_call_schema(event->call)->params[param].role;

	return (role == HVT_ROLE_INBUF || role == HVT_ROLE_VEC) &&
			event->values[param] == call->values[param] &&
			event->data_size == call->data_size;
}

char *hvt_diverge_call(const struct hvt_event *event,
		const struct hvt_event *call, int param)
{
	const struct hvt_call_schema *schema = hvt_call_schema(event->call);
	struct hvt_event got = *call;
	struct text t;

	if (!begin(&t))
		return NULL;
	fprintf(t.f, "event %" PRIu64 ", thread %" PRIu32 ": the VMM made "
			"another call than it did when recorded\n",
			event->number, event->thread);
	put_call(&t, "trace", event);
	got.kind = HVT_EVENT_ENTER;
	put_call(&t, "VMM", &got);
	if (param < 0)
		fprintf(t.f, "  differs: the function\n");
	else if (same_length(event, call, param))
		put_byte(&t, schema->params[param].name, event, call);
	else
		fprintf(t.f, "  differs: %s, 0x%" PRIx64 " in the trace, "
				"0x%" PRIx64 " from the VMM\n",
				schema->params[param].name,
				event->values[param], call->values[param]);
	return end(&t);
}

char *hvt_diverge_beyond(const struct hvt_event *call, uint64_t events)
{
	struct text t;

	if (!begin(&t))
		return NULL;
	fprintf(t.f, "event %" PRIu64 ": the trace ends here, the VMM goes "
			"on\n", events);
	put_call(&t, "VMM", call);
	return end(&t);
}

char *hvt_diverge_stall(const struct hvt_event *due,
		const struct hvt_event *waiting, unsigned ms)
{
	struct text t;

	if (!begin(&t))
		return NULL;
	fprintf(t.f, "event %" PRIu64 ", thread %" PRIu32 ": the VMM did not "
			"make this call within %u ms\n", due->number,
			due->thread, ms);
	put_call(&t, "trace", due);
	if (waiting)
		put_call(&t, "VMM", waiting);
	if (waiting)
		fprintf(t.f, "  the call of the VMM waits in another thread, "
				"which has nothing of the kind due\n");
	return end(&t);
}

char *hvt_diverge_short(const struct hvt_event *due)
{
	struct text t;

	if (!begin(&t))
		return NULL;
	fprintf(t.f, "event %" PRIu64 ", thread %" PRIu32 ": the VMM ended, "
			"the trace goes on\n", due->number, due->thread);
	put_call(&t, "trace", due);
	return end(&t);
}

char *hvt_diverge_memory(const struct hvt_memory_difference *d)
{
	struct text t;

	if (!begin(&t))
		return NULL;
	fprintf(t.f, "event %" PRIu64 ": the VMM has not done with guest memory "
			"what it did when recorded\n", d->event);
	fprintf(t.f, "  page    IPA 0x%" PRIx64 ", at 0x%" PRIx64 " then\n",
			d->ipa, d->addr);
	if (d->what == HVT_MEMORY_NOT_READ)
		fprintf(t.f, "  differs: the VMM did not read or write it\n");
	else
		fprintf(t.f, "  differs: byte %zu, 0x%02x in the trace, 0x%02x "
				"from the VMM\n",
				d->offset, d->recorded, d->found);
	return end(&t);
}

char *hvt_diverge_after_guess(char *text, const struct hvt_memory_guess *g)
{
	struct text t;

	if (!g->made || !text || !begin(&t))
		return text;
	fprintf(t.f, "%s  before  after %" PRIu64 " events the VMM was given "
			"the page at IPA 0x%" PRIx64 ", at 0x%" PRIx64 " then, "
			"which it had not come to: what it found is a guess\n",
			text, g->events, g->ipa, g->addr);
	free(text);
	return end(&t);
}

/* SPDX-License-Identifier: MIT */
#include "taps.h"

#include <string.h>

struct seen_call seen;
size_t answer_size = 16;
hv_vcpu_t answer_vcpu = 5;

static uint8_t counting[4096];

uint64_t answer_at(unsigned index)
{
	return 0x0807060504030201u * (index + 1);
}

static void see(const struct hvt_event *event)
{
	seen.enters++;
	seen.entered = *event;
	if (event->data && event->data_size <= sizeof(seen.bytes))
		memcpy(seen.bytes, event->data, event->data_size);
}

static bool watch_enter(const struct hvt_tap *tap, struct hvt_event *event)
{
	(void)tap;
	see(event);
	return true;
}

static void watch_leave(const struct hvt_tap *tap, struct hvt_event *event)
{
	(void)tap;
	seen.leaves++;
	seen.left = *event;
}

const struct hvt_tap watching_tap = { .enter = watch_enter,
	.leave = watch_leave };

static bool answer_enter(const struct hvt_tap *tap, struct hvt_event *event)
{
	const struct hvt_call_schema *s = hvt_call_schema(event->call);

	(void)tap;
	see(event);
	for (unsigned i = 0; i < sizeof(counting); i++)
		counting[i] = (uint8_t)(i + 1);
	event->result = 0;
	event->data = NULL;
	event->data_size = 0;
	for (unsigned i = 0; i < s->param_count; i++) {
		if (hvt_role_is_input(s->params[i].role))
			continue;
		event->values[i] = answer_at(i);
		if (!strcmp(s->params[i].type, "bool"))
			event->values[i] = 1;
		if (s->params[i].role != HVT_ROLE_OUTBUF)
			continue;
		event->values[i] = event->data_size = answer_size;
		event->data = counting;
	}
	if (!strcmp(s->name, "hv_gic_state_get_size"))
		event->values[1] = answer_size;
	if (!strcmp(s->name, "hv_vcpu_create"))
		event->values[0] = answer_vcpu;
	if (strcmp(s->result, "hv_return_t"))
		event->result = 77;
	return false;
}

const struct hvt_tap answering_tap = { .enter = answer_enter,
	.leave = watch_leave };

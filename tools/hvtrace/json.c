/* SPDX-License-Identifier: MIT */
/* Events as JSON lines: numbers as they are in the trace, no names of values. */
#include "json.h"

#include <inttypes.h>
#include <stdio.h>

void json_string(const char *text)
{
	putchar('"');
	for (const unsigned char *p = (const unsigned char *)text; *p; p++) {
		if (*p == '"' || *p == '\\')
			printf("\\%c", *p);
		else if (*p < 0x20 || *p > 0x7e)
			printf("\\u%04x", *p);
		else
			putchar(*p);
	}
	putchar('"');
}

static const char *kind_name(uint32_t kind)
{
	return kind == HVT_EVENT_CALL    ? "call"
	       : kind == HVT_EVENT_ENTER ? "enter"
					 : "leave";
}

static bool is_buffer(enum hvt_role role)
{
	return role == HVT_ROLE_INBUF || role == HVT_ROLE_OUTBUF ||
			role == HVT_ROLE_VEC;
}

static bool carries(uint32_t kind, enum hvt_role role)
{
	return kind == HVT_EVENT_CALL ||
			hvt_role_is_input(role) == (kind == HVT_EVENT_ENTER);
}

static void put_bytes(const struct hvt_event *e)
{
	printf(",\"bytes\":\"");
	for (size_t i = 0; i < e->data_size; i++)
		printf("%02x", e->data[i]);
	putchar('"');
}

void json_event(const struct hvt_trace *trace, const struct hvt_event *e)
{
	const struct hvt_call_schema *schema = hvt_trace_call(trace, e->call);
	bool bytes = false;

	printf("{\"event\":%" PRIu64 ",\"kind\":\"%s\",\"thread\":%" PRIu32
	       ",\"tick\":%" PRIu64 ",\"call\":", e->number,
			kind_name(e->kind), e->thread, e->tick);
	json_string(schema->name);
	if (e->kind != HVT_EVENT_ENTER)
		printf(",\"result\":%" PRId64, e->result);
	for (unsigned i = 0; i < schema->param_count; i++) {
		const struct hvt_param_schema *param = &schema->params[i];

		if (!carries(e->kind, param->role))
			continue;
		printf(",\"%s\":%" PRIu64, param->name, e->values[i]);
		bytes |= is_buffer(param->role);
	}
	if (bytes)
		put_bytes(e);
	puts("}");
}

/* SPDX-License-Identifier: MIT */
/* Events as JSON lines: numbers as they are in the trace, no names of values. */
#include "json.h"

#include <string.h>

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

static void put_key(struct out *o, const char *key)
{
	out_text(o, ",\"");
	out_text(o, key);
	out_text(o, "\":");
}

/* A parameter that has the name of a key of all events gets another one. */
static void put_param(struct out *o, const char *name, uint64_t value)
{
	static const char *const taken[] = { "event", "kind", "thread", "tick",
		"call", "result", "bytes" };
	bool is_taken = false;

	for (size_t i = 0; i < sizeof(taken) / sizeof(taken[0]); i++)
		is_taken |= !strcmp(taken[i], name);
	out_text(o, ",\"");
	out_text(o, name);
	out_text(o, is_taken ? "_\":" : "\":");
	out_u64(o, value);
}

static void put_number(struct out *o, const char *key, uint64_t value)
{
	put_key(o, key);
	out_u64(o, value);
}

static void put_params(struct out *o, const struct hvt_call_schema *schema,
		const struct hvt_event *e)
{
	bool bytes = false;

	for (unsigned i = 0; i < schema->param_count; i++) {
		const struct hvt_param_schema *param = &schema->params[i];

		if (!carries(e->kind, param->role))
			continue;
		put_param(o, param->name, e->values[i]);
		bytes |= is_buffer(param->role);
	}
	if (!bytes)
		return;
	put_key(o, "bytes");
	out_char(o, '"');
	out_hex_bytes(o, e->data, e->data_size);
	out_char(o, '"');
}

void json_event(struct out *o, const struct hvt_trace *trace,
		const struct hvt_event *e)
{
	const struct hvt_call_schema *schema = hvt_trace_call(trace, e->call);

	out_text(o, "{\"event\":");
	out_u64(o, e->number);
	put_key(o, "kind");
	out_char(o, '"');
	out_text(o, kind_name(e->kind));
	out_char(o, '"');
	put_number(o, "thread", e->thread);
	put_number(o, "tick", e->tick);
	put_key(o, "call");
	out_json_string(o, schema->name);
	if (e->kind != HVT_EVENT_ENTER) {
		put_key(o, "result");
		out_i64(o, e->result);
	}
	put_params(o, schema, e);
	out_text(o, "}\n");
}

/* SPDX-License-Identifier: MIT */
/* Events as one line of text: what dump shows and a divergence quotes. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "schema.h"

#define BYTES_SHOWN 16u

struct line {
	char *p;
	size_t size, used;
};

__attribute__((format(printf, 2, 3)))
static void put(struct line *l, const char *format, ...)
{
	size_t left = l->used < l->size ? l->size - l->used : 0;
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(left ? l->p + l->used : NULL, left, format, args);
	va_end(args);
	if (n > 0)
		l->used += (size_t)n;
}

static void put_bytes(struct line *l, const struct hvt_event *e, unsigned i)
{
	size_t shown = e->data_size < BYTES_SHOWN ? e->data_size : BYTES_SHOWN;

	put(l, "%" PRIu64 " bytes", e->values[i]);
	for (size_t k = 0; k < shown; k++)
		put(l, "%s%02x", k ? "" : " ", e->data[k]);
	if (shown < e->data_size)
		put(l, "...");
}

static void put_value(struct line *l, const struct hvt_event *e, unsigned i,
		const struct hvt_param_schema *param)
{
	const char *name = hvt_value_name(param->type, e->values[i]);

	if (name)
		put(l, "%s", name);
	else if (param->role == HVT_ROLE_INBUF ||
			param->role == HVT_ROLE_OUTBUF ||
			param->role == HVT_ROLE_VEC)
		put_bytes(l, e, i);
	else if (param->role == HVT_ROLE_OBJ)
		put(l, e->values[i] ? "#%" PRIu64 : "NULL", e->values[i]);
	else if (e->values[i] < 10)
		put(l, "%" PRIu64, e->values[i]);
	else
		put(l, "0x%" PRIx64, e->values[i]);
}

/* Parameters of one direction, "name=value" each, separators between. */
static void put_values(struct line *l, const struct hvt_event *e,
		const struct hvt_call_schema *schema, bool inputs,
		const char *first, const char *separator)
{

	for (unsigned i = 0; i < schema->param_count; i++) {
		const struct hvt_param_schema *param = &schema->params[i];

		if (hvt_role_is_input(param->role) != inputs)
			continue;
		put(l, "%s%s=", first, param->name);
		put_value(l, e, i, param);
		first = separator;
	}
}

static void put_result(struct line *l, const struct hvt_event *e,
		const struct hvt_call_schema *schema)
{
	const char *name = hvt_value_name(
			schema->result, (uint64_t)e->result & UINT32_MAX);

	if (name)
		put(l, " = %s", name);
	else if (!strcmp(schema->result, "hv_return_t"))
		put(l, " = 0x%08" PRIx32, (uint32_t)e->result);
	else if (!strcmp(schema->result, "uint64_t") ||
			!strcmp(schema->result, "int"))
		put(l, " = %" PRId64, e->result);
	else
		put(l, e->result ? " = #%" PRId64 : " = NULL", e->result);
}

size_t hvt_event_format(const struct hvt_event *e, char *text, size_t size)
{
	const struct hvt_call_schema *schema = hvt_call_schema(e->call);
	struct line l = { text, size, 0 };

	if (size)
		text[0] = 0;
	if (!schema) {
		put(&l, "call %" PRIu32, e->call);
		return l.used;
	}
	put(&l, "%s(", schema->name);
	if (e->kind != HVT_EVENT_LEAVE)
		put_values(&l, e, schema, true, "", ", ");
	else
		put(&l, "...");
	put(&l, ")");
	if (e->kind == HVT_EVENT_ENTER) {
		put(&l, " ...");
		return l.used;
	}
	put_result(&l, e, schema);
	/* A failed call has set nothing. */
	if (e->result == 0)
		put_values(&l, e, schema, false, " ", " ");
	return l.used;
}

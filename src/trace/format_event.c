/* SPDX-License-Identifier: MIT */
/* Events as one line of text: what dump shows and a divergence quotes. */
#include <string.h>

#include "schema.h"

#define BYTES_SHOWN 16u

struct line {
	char *p;
	size_t size, used;
};

/* What fits, and a zero behind it; used counts all, as of snprintf(). */
static void put_chars(struct line *l, const char *p, size_t count)
{
	size_t left = l->used < l->size ? l->size - l->used - 1 : 0;
	size_t fits = count < left ? count : left;

	if (l->used < l->size) {
		memcpy(l->p + l->used, p, fits);
		l->p[l->used + fits] = 0;
	}
	l->used += count;
}

static void put(struct line *l, const char *text)
{
	put_chars(l, text, strlen(text));
}

static void put_digits(struct line *l, uint64_t value, unsigned base,
		unsigned least)
{
	char digits[20], *p = digits + sizeof(digits);

	do {
		*--p = "0123456789abcdef"[value % base];
		value /= base;
	} while (value || digits + sizeof(digits) - p < (ptrdiff_t)least);
	put_chars(l, p, (size_t)(digits + sizeof(digits) - p));
}

static void put_number(struct line *l, uint64_t value)
{
	put_digits(l, value, 10, 1);
}

static void put_signed(struct line *l, int64_t value)
{
	if (value < 0)
		put(l, "-");
	put_number(l, value < 0 ? -(uint64_t)value : (uint64_t)value);
}

static void put_hex(struct line *l, uint64_t value, unsigned least)
{
	put(l, "0x");
	put_digits(l, value, 16, least);
}

static void put_bytes(struct line *l, const struct hvt_event *e, unsigned i)
{
	size_t shown = e->data_size < BYTES_SHOWN ? e->data_size : BYTES_SHOWN;

	put_number(l, e->values[i]);
	put(l, shown ? " bytes " : " bytes");
	for (size_t k = 0; k < shown; k++)
		put_digits(l, e->data[k], 16, 2);
	if (shown < e->data_size)
		put(l, "...");
}

static void put_object(struct line *l, uint64_t serial)
{
	put(l, serial ? "#" : "NULL");
	if (serial)
		put_number(l, serial);
}

static void put_value(struct line *l, const struct hvt_event *e, unsigned i,
		const struct hvt_param_schema *param)
{
	const char *name = hvt_value_name(param->type, e->values[i]);

	if (name)
		put(l, name);
	else if (param->role == HVT_ROLE_INBUF ||
			param->role == HVT_ROLE_OUTBUF ||
			param->role == HVT_ROLE_VEC)
		put_bytes(l, e, i);
	else if (param->role == HVT_ROLE_OBJ)
		put_object(l, e->values[i]);
	else if (e->values[i] < 10)
		put_number(l, e->values[i]);
	else
		put_hex(l, e->values[i], 1);
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
		put(l, first);
		put(l, param->name);
		put(l, "=");
		put_value(l, e, i, param);
		first = separator;
	}
}

static void put_result(struct line *l, const struct hvt_event *e,
		const struct hvt_call_schema *schema)
{
	const char *name = hvt_value_name(
			schema->result, (uint64_t)e->result & UINT32_MAX);

	put(l, " = ");
	if (name)
		put(l, name);
	else if (!strcmp(schema->result, "hv_return_t"))
		put_hex(l, (uint32_t)e->result, 8);
	else if (!strcmp(schema->result, "uint64_t") ||
			!strcmp(schema->result, "int"))
		put_signed(l, e->result);
	else
		put_object(l, (uint64_t)e->result);
}

size_t hvt_event_format(const struct hvt_event *e, char *text, size_t size)
{
	const struct hvt_call_schema *schema = hvt_call_schema(e->call);
	struct line l = { text, size, 0 };

	if (size)
		text[0] = 0;
	if (!schema) {
		put(&l, "call ");
		put_number(&l, e->call);
		return l.used;
	}
	put(&l, schema->name);
	put(&l, "(");
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

/* SPDX-License-Identifier: MIT */
/* What fields events have. */
#include <string.h>

#include "known.h"
#include "syndrome.h"
#include "where_parts.h"

#define CALLS 65536u /* numbers of functions are below this */

static const struct {
	const char *name;
	enum where_field field;
} fields[] = {
	{ "kind", FIELD_KIND },
	{ "event", FIELD_EVENT },
	{ "tick", FIELD_TICK },
	{ "time", FIELD_TIME },
	{ "thread", FIELD_THREAD },
	{ "call", FIELD_CALL },
	{ "result", FIELD_RESULT },
	{ "vcpu", FIELD_VCPU },
	{ "bytes", FIELD_BYTES },
	{ "ec", FIELD_EC },
	{ "iss", FIELD_ISS },
	{ "device", FIELD_DEVICE },
	{ "write", FIELD_WRITE },
	{ "size", FIELD_SIZE },
	{ "ipa", FIELD_PARAM },
	{ "va", FIELD_PARAM },
};

static const struct hvt_call_schema *schema_of(const struct hvt_trace *trace,
		uint32_t call)
{
	return trace ? hvt_trace_call(trace, call) : hvt_call_schema(call);
}

bool where_field_find(const char *name, const struct hvt_trace *trace,
		enum where_field *field)
{
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		*field = fields[i].field;
		if (!strcmp(fields[i].name, name))
			return true;
	}
	*field = FIELD_PARAM;
	for (uint32_t call = 0; call < CALLS; call++) {
		const struct hvt_call_schema *s = schema_of(trace, call);

		for (unsigned i = 0; s && i < s->param_count; i++)
			if (!strcmp(s->params[i].name, name))
				return true;
	}
	return false;
}

static const char *const kinds[] = { "call", "enter", "leave", "exit", "run",
	"reg", "irq", "memory", "time", "vcpu", "vm" };

bool where_is_kind(const char *word)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (!strcmp(kinds[i], word))
			return true;
	for (unsigned c = 0; c < EXIT_CLASSES; c++)
		if (!strcmp(exit_class_word((enum exit_class)c), word))
			return true;
	return false;
}

static bool is_exit(const struct hvt_event *e)
{
	return e->call == known_calls()->run && e->kind == HVT_EVENT_LEAVE;
}

bool where_kind_is(const struct where_event *what, const struct hvt_event *e,
		const char *word)
{
	const struct hvt_call_schema *s;

	if (!strcmp(word, "call"))
		return e->kind == HVT_EVENT_CALL;
	if (!strcmp(word, "enter"))
		return e->kind == HVT_EVENT_ENTER;
	if (!strcmp(word, "leave"))
		return e->kind == HVT_EVENT_LEAVE;
	if (is_exit(e) && (!strcmp(word, "exit") ||
			!strcmp(word, exit_class_word(exit_classify(e)))))
		return true;
	s = schema_of(what->trace, e->call);
	return s && !strcmp(word, call_sort(s->name));
}

/* The parameter, if the event carries it. */
static void get_param(const struct where_event *what, const struct hvt_event *e,
		const char *name, struct where_value *v)
{
	const struct hvt_call_schema *s = schema_of(what->trace, e->call);

	for (unsigned i = 0; s && i < s->param_count; i++) {
		bool input = hvt_role_is_input(s->params[i].role);

		if (strcmp(s->params[i].name, name) != 0)
			continue;
		v->has = e->kind == HVT_EVENT_CALL ||
				input == (e->kind == HVT_EVENT_ENTER);
		v->number = e->values[i];
		v->type = s->params[i].type;
		return;
	}
}

static void get_vcpu(const struct where_event *what, const struct hvt_event *e,
		struct where_value *v)
{
	get_param(what, e, "vcpu", v);
	if (!v->has)
		v->has = exit_tracker_vcpu(&what->tracker, e->thread,
				&v->number);
	v->type = NULL;
}

static void get_device(const struct where_event *what,
		const struct hvt_event *e, struct where_value *v)
{
	const struct device *d = what->devices
			? device_map_find(what->devices, e->values[RUN_IPA])
			: NULL;

	v->has = d;
	v->name = d ? d->name : NULL;
}

/* Of the returns of hv_vcpu_run; false: it has no such field. */
static bool get_of_exit(enum where_field field, const struct where_event *what,
		const struct hvt_event *e, struct where_value *v)
{
	enum exit_class class = exit_classify(e);
	uint64_t esr = e->values[RUN_SYNDROME];
	bool exception = class < EXIT_VTIMER, mmio = class <= EXIT_MMIO_WRITE;

	v->has = exception;
	switch (field) {
	case FIELD_EC:
		v->number = syndrome_class(esr);
		return true;
	case FIELD_ISS:
		v->number = esr & 0x1ffffff;
		return true;
	case FIELD_DEVICE:
		if (mmio || class == EXIT_ABORT)
			get_device(what, e, v);
		else
			v->has = false;
		return true;
	case FIELD_WRITE:
		v->has = mmio;
		v->number = class == EXIT_MMIO_WRITE;
		return true;
	case FIELD_SIZE:
		v->has = mmio;
		v->number = (uint64_t)1 << (esr >> 22 & 3);
		return true;
	default:
		v->has = false;
		return false;
	}
}

static void get_result(const struct where_event *what,
		const struct hvt_event *e, struct where_value *v)
{
	const struct hvt_call_schema *s = schema_of(what->trace, e->call);

	v->has = e->kind != HVT_EVENT_ENTER;
	v->number = (uint64_t)e->result;
	v->is_signed = true;
	v->type = s ? s->result : NULL;
}

static void get_time(const struct where_event *what, const struct hvt_event *e,
		struct where_value *v)
{
	double ns = what->hz > 0 ? (double)(e->tick - what->first_tick) * 1e9 /
					what->hz
				 : 0;

	v->has = what->hz > 0;
	v->number = ns < 1.8e19 ? (uint64_t)ns : UINT64_MAX;
}

/* Short names that stand for those in the exit record. */
static const char *param_name(const char *name)
{
	return !strcmp(name, "ipa")  ? "physical_address"
	       : !strcmp(name, "va") ? "virtual_address"
				     : name;
}

void where_field_get(const struct where_node *node, struct where_event *what,
		const struct hvt_event *e, struct where_value *v)
{
	const struct hvt_call_schema *s;
	const char *param = node->param;

	switch (node->field) {
	case FIELD_EVENT:
		v->number = e->number;
		break;
	case FIELD_TICK:
		v->number = e->tick;
		break;
	case FIELD_THREAD:
		v->number = e->thread;
		break;
	case FIELD_BYTES:
		v->number = e->data_size;
		break;
	case FIELD_CALL:
		s = schema_of(what->trace, e->call);
		v->name = s ? s->name : NULL;
		v->number = e->call;
		break;
	case FIELD_TIME:
		get_time(what, e, v);
		return;
	case FIELD_RESULT:
		get_result(what, e, v);
		return;
	case FIELD_VCPU:
		get_vcpu(what, e, v);
		return;
	default:
		if (is_exit(e) && get_of_exit(node->field, what, e, v))
			return;
		get_param(what, e, is_exit(e) ? param_name(param) : param, v);
		return;
	}
	v->has = true;
}

/* SPDX-License-Identifier: MIT */
/* Lines "call NUMBER NAME KIND RESULT TRACK TYPE [ROLE:PART:TYPE:NAME ...]". */
#include "calls_text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define NUMBER_MAX 65535u

static const char *const role_names[] = {
	[HVT_ROLE_IN] = "in",
	[HVT_ROLE_HOST] = "host",
	[HVT_ROLE_OBJ] = "obj",
	[HVT_ROLE_OUT] = "out",
	[HVT_ROLE_OUTHOST] = "outhost",
	[HVT_ROLE_INBUF] = "inbuf",
	[HVT_ROLE_OUTBUF] = "outbuf",
	[HVT_ROLE_VEC] = "vec",
	[HVT_ROLE_EXIT] = "exit",
};

static bool parse_number(const char *word, uint32_t *number)
{
	char *end;
	unsigned long n;

	if (!word || *word < '0' || *word > '9')
		return false;
	n = strtoul(word, &end, 10);
	*number = (uint32_t)n;
	return !*end && n <= NUMBER_MAX;
}

/* 1 the word is yes, 0 it is no, -1 neither. */
static int parse_either(const char *word, const char *no, const char *yes)
{
	return !word ? -1 : !strcmp(word, yes) ? 1 : !strcmp(word, no) ? 0 : -1;
}

static bool parse_param(char *word, struct hvt_param_schema *p)
{
	char *rest, *role = strtok_r(word, ":", &rest);
	int shape = parse_either(strtok_r(NULL, ":", &rest), "value", "shape");

	p->type = strtok_r(NULL, ":", &rest);
	p->name = strtok_r(NULL, ":", &rest);
	if (shape < 0 || !p->type || !p->name)
		return false;
	p->in_shape = shape;
	for (unsigned i = HVT_ROLE_IN; i <= HVT_ROLE_EXIT; i++)
		if (!strcmp(role, role_names[i]))
			p->role = (enum hvt_role)i;
	return p->role != 0;
}

static bool parse_call(char *line, struct hvt_foreign_call *c)
{
	struct hvt_call_schema *s = &c->schema;
	char *word, *rest;
	int wide, varies;

	if (!parse_number(strtok_r(line, " ", &rest), &c->number))
		return false;
	s->since = "";
	s->name = strtok_r(NULL, " ", &rest);
	wide = parse_either(strtok_r(NULL, " ", &rest), "own", "wide");
	varies = parse_either(strtok_r(NULL, " ", &rest), "code", "varies");
	if (wide < 0 || varies < 0 ||
			!parse_number(strtok_r(NULL, " ", &rest), &s->track))
		return false;
	s->wide = wide;
	s->result = strtok_r(NULL, " ", &rest);
	if (!s->result || varies != !strcmp(s->result, "uint64_t"))
		return false;
	s->varies = varies;
	while ((word = strtok_r(NULL, " ", &rest)))
		if (s->param_count == HVT_VALUES_MAX ||
				!parse_param(word, &s->params[s->param_count++]))
			return false;
	return true;
}

static int take_line(struct hvt_calls_text *c, char *line)
{
	struct hvt_foreign_call call = { 0 }, *more;

	if (strncmp(line, "call ", 5) != 0 || !parse_call(line + 5, &call) ||
			hvt_calls_text_find(c, call.number))
		return 0;
	more = realloc(c->list, (c->count + 1) * sizeof(*more));
	if (!more)
		return -ENOMEM;
	c->list = more;
	c->list[c->count++] = call;
	return 0;
}

int hvt_calls_text_init(
		struct hvt_calls_text *c, const uint8_t *text, size_t size)
{
	char *line, *end;
	int err = 0;

	*c = (struct hvt_calls_text){ .text = malloc(size + 1) };
	if (!c->text)
		return -ENOMEM;
	memcpy(c->text, text, size);
	c->text[size] = 0;
	for (line = c->text; !err && (end = strchr(line, '\n'));
			line = end + 1) {
		*end = 0;
		err = take_line(c, line);
	}
	if (err)
		hvt_calls_text_fini(c);
	return err;
}

void hvt_calls_text_fini(struct hvt_calls_text *c)
{
	free(c->text);
	free(c->list);
	*c = (struct hvt_calls_text){ 0 };
}

const struct hvt_call_schema *hvt_calls_text_find(
		const struct hvt_calls_text *c, uint32_t call)
{
	const struct hvt_call_schema *ours = hvt_call_schema(call);

	for (size_t i = 0; !ours && c && i < c->count; i++)
		if (c->list[i].number == call)
			return &c->list[i].schema;
	return ours;
}

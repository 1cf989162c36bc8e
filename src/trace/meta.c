/* SPDX-License-Identifier: MIT */
/* Facts and schema as lines of text. */
#include "meta.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "schema.h"
#include "shape.h"

/* A value is one line: what would end it is escaped, and so is the escape. */
static void put_value(FILE *f, const char *p)
{
	for (; *p; p++) {
		if (*p == '\n' || *p == '\\')
			fprintf(f, "\\%c", *p == '\n' ? 'n' : '\\');
		else
			fputc(*p, f);
	}
}

static const char *role_name(enum hvt_role role)
{
	switch (role) {
	case HVT_ROLE_IN:
		return "in";
	case HVT_ROLE_HOST:
		return "host";
	case HVT_ROLE_OBJ:
		return "obj";
	case HVT_ROLE_OUT:
		return "out";
	case HVT_ROLE_OUTHOST:
		return "outhost";
	case HVT_ROLE_INBUF:
		return "inbuf";
	case HVT_ROLE_OUTBUF:
		return "outbuf";
	case HVT_ROLE_VEC:
		return "vec";
	case HVT_ROLE_EXIT:
		return "exit";
	}
	return "";
}

static void put_call(FILE *f, uint32_t number, const struct hvt_call_schema *s)
{
	fprintf(f, "call %" PRIu32 " %s %s %s %" PRIu32 " %s", number, s->name,
			s->wide ? "wide" : "own",
			s->varies ? "varies" : "code",
			s->track, s->result);
	for (unsigned i = 0; i < s->param_count; i++)
		fprintf(f, " %s:%s:%s:%s", role_name(s->params[i].role),
				s->params[i].in_shape ? "shape" : "value",
				s->params[i].type, s->params[i].name);
	fputc('\n', f);
}

static void put_facts(FILE *f, const struct hvt_info *facts, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		fprintf(f, "fact %s ", facts[i].key);
		put_value(f, facts[i].value);
		fputc('\n', f);
	}
}

static char *finish(FILE *f, char **text)
{
	if (!fclose(f))
		return *text;
	free(*text);
	return NULL;
}

char *hvt_meta_encode_facts(
		const struct hvt_info *facts, size_t count, size_t *size)
{
	char *text = NULL;
	FILE *f = open_memstream(&text, size);

	if (!f)
		return NULL;
	put_facts(f, facts, count);
	return finish(f, &text);
}

char *hvt_meta_encode(const struct hvt_info *facts, size_t count, size_t *size)
{
	char *text = NULL;
	FILE *f = open_memstream(&text, size);

	if (!f)
		return NULL;
	put_facts(f, facts, count);
	for (uint32_t i = 0; i < hvt_call_limit(); i++)
		if (hvt_call_schema(i))
			put_call(f, i, hvt_call_schema(i));
	return finish(f, &text);
}

/* SPDX-License-Identifier: MIT */
/* Tokens to nodes, by recursive descent; and what an event makes of these. */
#include "where.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "register_names.h"
#include "where_parts.h"

struct parser {
	struct where *w;
	const char *text;
	const struct hvt_trace *trace;
	size_t at;                /* behind the token */
	struct where_token token; /* the one to be looked at */
	unsigned depth;
	struct where_error *e;
};

__attribute__((format(printf, 2, 3)))
static bool fail(struct parser *p, const char *format, ...)
{
	va_list args;

	p->e->column = p->token.at;
	va_start(args, format);
	vsnprintf(p->e->text, sizeof(p->e->text), format, args);
	va_end(args);
	return false;
}

static bool advance(struct parser *p)
{
	return where_lex(p->text, &p->at, &p->token, p->e);
}

static bool new_node(struct parser *p, enum where_token_kind op,
		uint16_t *index)
{
	if (p->w->count == WHERE_NODES_MAX)
		return fail(p, "this is too long");
	*index = (uint16_t)p->w->count++;
	p->w->nodes[*index] = (struct where_node){ .op = op };
	return true;
}

/* A copy of the token's text; there is room for that of all tokens. */
static const char *keep_word(struct parser *p)
{
	char *word = p->w->words + p->w->words_used;

	memcpy(word, p->text + p->token.at, p->token.length);
	word[p->token.length] = 0;
	p->w->words_used += p->token.length + 1;
	return word;
}

static bool parse_field(struct parser *p, struct where_node *node)
{
	if (p->token.kind != TOKEN_WORD)
		return fail(p, "the name of a field has to stand here");
	node->param = keep_word(p);
	if (!where_field_find(node->param, p->trace, &node->field))
		return fail(p, "no event has a field `%.60s`", node->param);
	return advance(p);
}

static bool is_step(enum where_token_kind kind)
{
	return kind == TOKEN_BITS || kind == TOKEN_RIGHT || kind == TOKEN_LEFT;
}

static bool parse_steps(struct parser *p, struct where_node *node)
{
	while (is_step(p->token.kind)) {
		unsigned i = node->step_count;

		if (i == WHERE_STEPS_MAX)
			return fail(p, "these are too many");
		node->steps[i].op = p->token.kind;
		if (!advance(p))
			return false;
		if (p->token.kind != TOKEN_NUMBER)
			return fail(p, "a number has to stand here");
		if (node->steps[i].op != TOKEN_BITS && p->token.number > 63)
			return fail(p, "there are but 64 bits");
		node->steps[i].number = p->token.number;
		node->step_count++;
		if (!advance(p))
			return false;
	}
	return true;
}

static bool parse_value(struct parser *p, struct where_node *node)
{
	bool kind = node->field == FIELD_KIND;

	switch (p->token.kind) {
	case TOKEN_NUMBER:
		if (kind || node->op == TOKEN_LIKE)
			return fail(p, "a word has to stand here");
		node->number = p->token.number;
		return advance(p);
	case TOKEN_WORD:
	case TOKEN_STRING:
		node->word = keep_word(p);
		if (kind && !where_is_kind(node->word))
			return fail(p, "there is no kind `%.60s`", node->word);
		if (node->op != TOKEN_EQ && node->op != TOKEN_NE &&
				node->op != TOKEN_LIKE)
			return fail(p, "words are the same or not, none is "
				       "less");
		if (node->step_count)
			return fail(p, "bits are compared with a number");
		return advance(p);
	default:
		return fail(p, "a number or a word has to stand here");
	}
}

static bool parse_comparison(struct parser *p, uint16_t *index)
{
	struct where_node *node;

	if (!new_node(p, TOKEN_END, index))
		return false;
	node = &p->w->nodes[*index];
	if (!parse_field(p, node) || !parse_steps(p, node))
		return false;
	if (p->token.kind < TOKEN_EQ)
		return node->field != FIELD_KIND ||
				fail(p, "kind is compared by = or !=");
	node->op = p->token.kind;
	if (node->field == FIELD_KIND && node->op != TOKEN_EQ &&
			node->op != TOKEN_NE)
		return fail(p, "kind is compared by = or !=");
	return advance(p) && parse_value(p, node);
}

static bool parse_or(struct parser *p, uint16_t *index);

static bool parse_not(struct parser *p, uint16_t *index)
{
	bool ok;

	if (p->token.kind != TOKEN_NOT && p->token.kind != TOKEN_OPEN)
		return parse_comparison(p, index);
	if (++p->depth > WHERE_DEPTH_MAX)
		return fail(p, "this is too deep");
	if (p->token.kind == TOKEN_NOT) {
		uint16_t inner = 0;

		ok = advance(p) && parse_not(p, &inner) &&
				new_node(p, TOKEN_NOT, index);
		if (ok)
			p->w->nodes[*index].left = inner;
	} else {
		ok = advance(p) && parse_or(p, index);
		if (ok && p->token.kind != TOKEN_CLOSE)
			ok = fail(p, "a ) has to stand here");
		ok = ok && advance(p);
	}
	p->depth--;
	return ok;
}

/* Operands of one operator, the left ones first. */
static bool parse_row(struct parser *p, enum where_token_kind op,
		bool (*operand)(struct parser *p, uint16_t *index),
		uint16_t *index)
{
	*index = 0;
	if (!operand(p, index))
		return false;
	while (p->token.kind == op) {
		uint16_t left = *index, right = 0;

		if (!advance(p) || !operand(p, &right) ||
				!new_node(p, op, index))
			return false;
		p->w->nodes[*index].left = left;
		p->w->nodes[*index].right = right;
	}
	return true;
}

static bool parse_and(struct parser *p, uint16_t *index)
{
	return parse_row(p, TOKEN_AND, parse_not, index);
}

static bool parse_or(struct parser *p, uint16_t *index)
{
	return parse_row(p, TOKEN_OR, parse_and, index);
}

struct where *where_compile(const char *text, const struct hvt_trace *trace,
		struct where_error *e)
{
	struct parser p = { .text = text, .trace = trace, .e = e };
	bool ok;

	*e = (struct where_error){ .text = "out of memory" };
	p.w = calloc(1, sizeof(*p.w));
	if (!p.w)
		return NULL;
	if (strlen(text) > WHERE_TEXT_MAX)
		ok = fail(&p, "this is too long");
	else
		ok = advance(&p) && parse_or(&p, &p.w->root);
	if (ok && p.token.kind != TOKEN_END)
		ok = fail(&p, "&&, || or the end has to stand here");
	if (ok)
		return p.w;
	free(p.w);
	return NULL;
}

void where_free(struct where *w)
{
	free(w);
}

static bool compare(const struct where_node *n, const struct where_value *v)
{
	int64_t a = (int64_t)v->number, b = (int64_t)n->number;
	int order = v->is_signed ? (a > b) - (a < b)
				 : (v->number > n->number) -
					   (v->number < n->number);

	switch (n->op) {
	case TOKEN_EQ:
		return !order;
	case TOKEN_NE:
		return order;
	case TOKEN_LT:
		return order < 0;
	case TOKEN_LE:
		return order <= 0;
	case TOKEN_GT:
		return order > 0;
	case TOKEN_GE:
		return order >= 0;
	default: /* TOKEN_END: a name is there, too */
		return v->number || v->name;
	}
}

/* A name that is not there is none that a word could be. */
static bool compare_word(const struct where_node *n, struct where_value *v)
{
	const char *name = v->name;
	bool same;

	if (!name && v->type)
		name = hvt_value_name(v->type, v->is_signed
				? v->number & UINT32_MAX : v->number);
	if (!name && v->type) {
		gic_value_name(v->type, v->number, v->text, sizeof(v->text));
		name = v->text;
	}
	if (n->op == TOKEN_LIKE)
		return name && strcasestr(name, n->word);
	same = name && !strcasecmp(name, n->word);
	return same == (n->op == TOKEN_EQ);
}

static bool holds(const struct where *w, uint16_t index,
		struct where_event *what, const struct hvt_event *e)
{
	const struct where_node *n = &w->nodes[index];
	struct where_value value = { 0 };

	switch (n->op) {
	case TOKEN_AND:
		return holds(w, n->left, what, e) && holds(w, n->right, what, e);
	case TOKEN_OR:
		return holds(w, n->left, what, e) || holds(w, n->right, what, e);
	case TOKEN_NOT:
		return !holds(w, n->left, what, e);
	default:
		break;
	}
	if (n->field == FIELD_KIND)
		return where_kind_is(what, e, n->word) == (n->op == TOKEN_EQ);
	where_field_get(n, what, e, &value);
	if (!value.has)
		return false;
	if (n->word)
		return compare_word(n, &value);
	for (unsigned i = 0; i < n->step_count; i++) {
		uint64_t by = n->steps[i].number;

		value.number = n->steps[i].op == TOKEN_BITS ? value.number & by
			: n->steps[i].op == TOKEN_RIGHT ? value.number >> by
							: value.number << by;
	}
	return compare(n, &value);
}

bool where_holds(const struct where *w, struct where_event *what,
		const struct hvt_event *event)
{
	const struct exit *done;

	/* Without memory for it the vCPU of a thread is not known. */
	(void)exit_tracker_add(&what->tracker, event, &done);
	return holds(w, w->root, what, event);
}

void where_event_fini(struct where_event *what)
{
	exit_tracker_fini(&what->tracker);
}

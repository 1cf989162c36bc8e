/* SPDX-License-Identifier: MIT */
/* The insides of where.h: tokens, nodes, fields. */
#ifndef HVTRACE_WHERE_PARTS_H
#define HVTRACE_WHERE_PARTS_H

#include "where.h"

enum where_token_kind {
	TOKEN_END,
	TOKEN_NUMBER,
	TOKEN_WORD,
	TOKEN_STRING,
	TOKEN_AND, /* && */
	TOKEN_OR,
	TOKEN_NOT,
	TOKEN_OPEN,
	TOKEN_CLOSE,
	TOKEN_BITS, /* & */
	TOKEN_RIGHT,
	TOKEN_LEFT,
	TOKEN_EQ,
	TOKEN_NE,
	TOKEN_LT,
	TOKEN_LE,
	TOKEN_GT,
	TOKEN_GE,
	TOKEN_LIKE,
};

struct where_token {
	enum where_token_kind kind;
	size_t at, length; /* in the text; of a string without its quotes */
	uint64_t number;   /* of a time, nanoseconds */
};

/* The token at *at, which is moved behind it. False: *e says what is wrong. */
bool where_lex(const char *text, size_t *at, struct where_token *token,
		struct where_error *e);

enum where_field {
	FIELD_KIND,
	FIELD_EVENT,
	FIELD_TICK,
	FIELD_TIME,
	FIELD_THREAD,
	FIELD_CALL,
	FIELD_RESULT,
	FIELD_VCPU,
	FIELD_BYTES,
	FIELD_EC,
	FIELD_ISS,
	FIELD_DEVICE,
	FIELD_WRITE,
	FIELD_SIZE,
	FIELD_PARAM, /* of that name */
};

#define WHERE_STEPS_MAX 4u

struct where_node {
	enum where_token_kind op; /* AND, OR, NOT, or that of a comparison */
	uint16_t left, right;     /* nodes of AND, OR; left of NOT */
	/* Of a comparison; TOKEN_END: is it there and not 0? */
	enum where_field field;
	const char *param; /* its name */
	struct {
		enum where_token_kind op;
		uint64_t number;
	} steps[WHERE_STEPS_MAX];
	unsigned step_count;
	const char *word; /* NULL: number */
	uint64_t number;
};

struct where {
	struct where_node nodes[WHERE_NODES_MAX];
	unsigned count;
	uint16_t root;
	char words[2 * WHERE_TEXT_MAX]; /* each with a 0 behind it */
	size_t words_used;
};

/* False: neither the reader's nor a parameter of any function. */
bool where_field_find(const char *name, const struct hvt_trace *trace,
		enum where_field *field);

/* Is it one that kind= can have? */
bool where_is_kind(const char *word);

/* What an event has of a field. */
struct where_value {
	bool has;
	bool is_signed;
	uint64_t number;
	const char *type; /* C type, whose values have names; or NULL */
	const char *name; /* it has but a name; or NULL */
	char text[64];    /* which may be here */
};

void where_field_get(const struct where_node *node, struct where_event *what,
		const struct hvt_event *event, struct where_value *value);

/* Is the event of that kind? */
bool where_kind_is(const struct where_event *what, const struct hvt_event *event,
		const char *word);

#endif

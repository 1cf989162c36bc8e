/* SPDX-License-Identifier: MIT */
/* Text to tokens. */
#include <stdio.h>
#include <string.h>

#include "where_parts.h"

static bool fail(struct where_error *e, size_t at, const char *text)
{
	e->column = at;
	snprintf(e->text, sizeof(e->text), "%s", text);
	return false;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/* Device names have dashes and dots in them. */
static bool is_in_word(char c)
{
	return is_letter(c) || is_digit(c) || c == '-' || c == '.' || c == '+';
}

static int digit_value(char c, unsigned base)
{
	int v = is_digit(c)		  ? c - '0'
		: c >= 'a' && c <= 'f' ? c - 'a' + 10
		: c >= 'A' && c <= 'F' ? c - 'A' + 10
					 : 99;

	return v < (int)base ? v : -1;
}

/* Digits from *p on; false: there are none, or too many. */
static bool take_digits(const char **p, unsigned base, uint64_t *value)
{
	const char *first = *p;

	*value = 0;
	for (; digit_value(**p, base) >= 0; (*p)++) {
		unsigned digit = (unsigned)digit_value(**p, base);

		if (__builtin_mul_overflow(*value, base, value) ||
				__builtin_add_overflow(*value, digit, value))
			return false;
	}
	return *p > first;
}

/* A fraction in billionths, to nine digits. */
static uint64_t take_fraction(const char **p)
{
	uint64_t value = 0, place = 1000000000;

	for (; is_digit(**p); (*p)++) {
		place /= 10;
		value += place * (uint64_t)(**p - '0');
	}
	return value;
}

/* What the letters behind a number make of it; of times nanoseconds. */
static bool apply_suffix(struct where_token *t, const char *suffix,
		size_t length, uint64_t fraction)
{
	static const struct {
		const char *name;
		uint64_t factor;
		bool time;
	} suffixes[] = {
		{ "", 1, false },
		{ "K", 1u << 10, false },
		{ "M", 1u << 20, false },
		{ "G", 1u << 30, false },
		{ "ns", 1, true },
		{ "us", 1000, true },
		{ "ms", 1000000, true },
		{ "s", 1000000000, true },
	};

	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
		uint64_t factor = suffixes[i].factor;

		if (strlen(suffixes[i].name) != length ||
				strncmp(suffixes[i].name, suffix, length) != 0)
			continue;
		if (fraction && !suffixes[i].time)
			return false;
		return !__builtin_mul_overflow(t->number, factor, &t->number) &&
			!__builtin_add_overflow(t->number,
				(uint64_t)((unsigned __int128)fraction *
						factor / 1000000000),
				&t->number);
	}
	return false;
}

static bool lex_number(const char *text, size_t *at, struct where_token *t,
		struct where_error *e)
{
	const char *p = text + *at, *suffix;
	bool minus = *p == '-';
	uint64_t fraction = 0;
	bool hex;

	p += minus;
	hex = p[0] == '0' && (p[1] == 'x' || p[1] == 'X');
	p += hex ? 2 : 0;
	if (!take_digits(&p, hex ? 16 : 10, &t->number))
		return fail(e, *at, "this is no number of 64 bits");
	if (*p == '.' && !hex) {
		p++;
		fraction = take_fraction(&p);
	}
	suffix = p;
	while (is_in_word(*p))
		p++;
	if (!apply_suffix(t, suffix, (size_t)(p - suffix), fraction))
		return fail(e, *at, "this is no number: it may have K, M or G "
				    "behind it, or s, ms, us or ns");
	if (minus)
		t->number = -t->number;
	t->kind = TOKEN_NUMBER;
	t->at = *at;
	t->length = (size_t)(p - text) - *at;
	*at = (size_t)(p - text);
	return true;
}

static bool lex_string(const char *text, size_t *at, struct where_token *t,
		struct where_error *e)
{
	const char *begin = text + *at + 1;
	const char *end = strchr(begin, text[*at]);

	if (!end)
		return fail(e, *at, "this string has no end");
	t->kind = TOKEN_STRING;
	t->at = *at + 1;
	t->length = (size_t)(end - begin);
	*at += t->length + 2;
	return true;
}

/* The longest first. */
static bool lex_operator(const char *text, size_t *at, struct where_token *t,
		struct where_error *e)
{
	static const struct {
		const char *text;
		enum where_token_kind kind;
	} operators[] = {
		{ "&&", TOKEN_AND }, { "||", TOKEN_OR }, { ">>", TOKEN_RIGHT },
		{ "<<", TOKEN_LEFT }, { "==", TOKEN_EQ }, { "!=", TOKEN_NE },
		{ "<=", TOKEN_LE }, { ">=", TOKEN_GE }, { "=", TOKEN_EQ },
		{ "<", TOKEN_LT }, { ">", TOKEN_GT }, { "~", TOKEN_LIKE },
		{ "!", TOKEN_NOT }, { "(", TOKEN_OPEN }, { ")", TOKEN_CLOSE },
		{ "&", TOKEN_BITS },
	};

	for (size_t i = 0; i < sizeof(operators) / sizeof(operators[0]); i++) {
		size_t length = strlen(operators[i].text);

		if (strncmp(text + *at, operators[i].text, length) != 0)
			continue;
		t->kind = operators[i].kind;
		t->at = *at;
		t->length = length;
		*at += length;
		return true;
	}
	return fail(e, *at, "this means nothing here");
}

bool where_lex(const char *text, size_t *at, struct where_token *t,
		struct where_error *e)
{
	char c;

	*at += strspn(text + *at, " \t\n");
	c = text[*at];
	*t = (struct where_token){ .kind = TOKEN_END, .at = *at };
	if (!c)
		return true;
	if (is_digit(c) || (c == '-' && is_digit(text[*at + 1])))
		return lex_number(text, at, t, e);
	if (c == '"' || c == '\'')
		return lex_string(text, at, t, e);
	if (!is_letter(c))
		return lex_operator(text, at, t, e);
	t->kind = TOKEN_WORD;
	while (is_in_word(text[*at]))
		(*at)++;
	t->length = *at - t->at;
	return true;
}

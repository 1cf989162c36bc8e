/* SPDX-License-Identifier: MIT */
/* Facts to lines of text and back, whatever is in them. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "facts_text.h"
#include "meta.h"
#include "rng.h"

static struct hvt_facts_text read_text(const char *text)
{
	struct hvt_facts_text f;

	cr_assert_eq(hvt_facts_text_init(&f, (const uint8_t *)text,
					strlen(text)), 0);
	return f;
}

static void check_value(const char *value)
{
	struct hvt_info facts[] = { { "before", "b" }, { "key", value },
		{ "after", "a" } };
	struct hvt_facts_text f;
	size_t size;
	char *text = hvt_meta_encode(facts, 3, &size);

	cr_assert_not_null(text);
	cr_assert_eq(hvt_facts_text_init(&f, (const uint8_t *)text, size), 0);
	cr_assert_eq(f.count, 3);
	cr_assert_str_eq(f.list[0].value, "b");
	cr_assert_str_eq(f.list[1].key, "key");
	cr_assert_str_eq(f.list[1].value, value);
	cr_assert_str_eq(f.list[2].key, "after");
	hvt_facts_text_fini(&f);
	free(text);
}

Test(facts_text, brings_back_any_value)
{
	struct rng r;

	check_value("");
	check_value(" ");
	check_value("\n");
	check_value("\\");
	check_value("\\n");
	check_value("\\\\\n\n\\n");
	check_value("fact key other\nfact key third\n");
	check_value("call 1 x own code 0 y");
	check_value("ends with \\");
	rng_init(&r);
	for (int i = 0; i < 5000; i++) {
		static const char some[] = "\n\\n \tfact\x01\xff";
		char value[40];
		size_t n = rng_below(&r, sizeof(value));

		for (size_t k = 0; k < n; k++)
			value[k] = some[rng_below(&r, sizeof(some) - 1)];
		value[n < sizeof(value) ? n : n - 1] = 0;
		check_value(value);
	}
}

Test(facts_text, passes_over_what_it_does_not_know)
{
	struct hvt_facts_text f = read_text("hello\nfacts x y\n\n"
					    "fact a 1\ncall 3\nfact b  2\n"
					    "fact c not ended");

	cr_assert_eq(f.count, 2);
	cr_assert_str_eq(f.list[0].key, "a");
	cr_assert_str_eq(f.list[1].value, " 2");
	hvt_facts_text_fini(&f);
}

Test(facts_text, refuses_a_fact_without_a_value)
{
	struct hvt_facts_text f;

	cr_assert_eq(hvt_facts_text_init(&f, (const uint8_t *)"fact a\n", 7),
			-EBADMSG);
}

Test(facts_text, of_random_bytes_never_crashes)
{
	struct rng r;

	rng_init(&r);
	for (int i = 0; i < 20000; i++) {
		struct hvt_facts_text f;
		size_t size = rng_below(&r, 60);
		uint8_t *text = malloc(size ? size : 1);

		rng_bytes(&r, text, size);
		for (size_t k = 0; k + 6 < size; k += 6 + rng_below(&r, 9))
			memcpy(text + k, "\nfact ", 6);
		if (!hvt_facts_text_init(&f, text, size))
			hvt_facts_text_fini(&f);
		free(text);
	}
}

/* One line for each function, as FORMAT.md says. */
Test(facts_text, has_the_schema_of_every_call)
{
	size_t size;
	char *text = hvt_meta_encode(NULL, 0, &size), line[64];
	unsigned lines = 0;

	for (size_t i = 0; i < size; i++)
		lines += text[i] == '\n';
	for (uint32_t i = 0; i < hvt_call_limit(); i++) {
		const struct hvt_call_schema *s = hvt_call_schema(i);

		if (!s)
			continue;
		lines--;
		snprintf(line, sizeof(line), "call %u %s %s ", i, s->name,
				s->wide ? "wide" : "own");
		cr_assert_not_null(strstr(text, line), "%s", line);
	}
	cr_assert_eq(lines, 0);
	cr_assert_not_null(strstr(text, "call 49 hv_vcpu_run wide code "));
	cr_assert_not_null(strstr(text, " exit:shape:hv_exit_reason_t:reason"));
	free(text);
}

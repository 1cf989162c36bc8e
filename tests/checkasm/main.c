/* SPDX-License-Identifier: MIT */
/*
 * usage: checkasm [TEST]...
 *
 * Holds each function in assembly to its twin in C. Prints "ok NAME" lines;
 * exit status 1 if one is not ok. HVT_TEST_FULL=1: every input, where they can
 * be counted.
 */
#include <stdio.h>
#include <string.h>

#include "checkasm.h"

static const struct {
	const char *name;
	void (*run)(struct checkasm *c);
} tests[] = {
	{ "harness", checkasm_self },
	{ "decode", checkasm_decode },
	{ "run", checkasm_run },
};

static bool wanted(const char *name, int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (!strcmp(argv[i], name))
			return true;
	return argc < 2;
}

int main(int argc, char **argv)
{
	struct checkasm c = { 0 };
	unsigned ran = 0;

	rng_init(&c.rng);
	for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
		if (!wanted(tests[i].name, argc, argv))
			continue;
		tests[i].run(&c);
		ran++;
	}
	return c.failed || !ran;
}

/* SPDX-License-Identifier: MIT */
#include "errors.h"

#include <stdio.h>
#include <string.h>

#define UNTOUCHED 0xa5

union out out;
static const char *state = "";

void now(const char *name)
{
	state = name;
}

void row_begin(void)
{
	memset(&out, UNTOUCHED, sizeof(out));
}

static bool is_untouched(void)
{
	const uint8_t *bytes = (const uint8_t *)&out;

	for (size_t i = 0; i < sizeof(out); i++)
		if (bytes[i] != UNTOUCHED)
			return false;
	return true;
}

/* The name of the function, what is wrong with the call, and when. */
static const char *name_of(const char *call, const char *why)
{
	static char name[160];

	snprintf(name, sizeof(name), "%.*s/%s/%s", (int)strcspn(call, "("),
		call, why, state);
	return name;
}

void row(hv_return_t got, hv_return_t wanted, const char *call,
	const char *why)
{
	bool untouched = wanted == HV_SUCCESS || is_untouched();

	if (got == wanted && !untouched)
		printf("# it has stored something\n");
	if (got == wanted)
		claim(untouched, name_of(call, why));
	else
		claim_result(got, wanted, name_of(call, why));
}

void row_null(const void *got, const char *call, const char *why)
{
	claim(!got, name_of(call, why));
}

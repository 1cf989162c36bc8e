/* SPDX-License-Identifier: MIT */
/* Options that stat and top have in common. */
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "stat_view.h"

int stat_parse_by(struct stats_by_list *by, const char *text)
{
	by->count = 0;
	for (;;) {
		size_t length = strcspn(text, ",");
		enum stats_by word = stats_by_parse(text, length);

		if (word == BY_COUNT)
			return trouble("exits are not grouped by `%.*s`; "
				       "`hvtrace stat --help` tells by what",
					(int)length, text);
		if (by->count == STATS_PARTS_MAX)
			return trouble("exits are grouped by at most %u keys",
					STATS_PARTS_MAX);
		by->list[by->count++] = word;
		if (!text[length])
			return EXIT_SAME;
		text += length + 1;
	}
}

static int parse_number(const char *option, uint32_t *number, uint32_t least,
		uint32_t most, const char *text)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	if (*text < '0' || *text > '9' || *end || n < least || n > most)
		return trouble("%s is a number %s %u, not %s", option,
				least ? "from 1 to" : "up to", most, text);
	*number = (uint32_t)n;
	return EXIT_SAME;
}

int stat_parse_top(uint32_t *top, const char *text)
{
	return parse_number("--top", top, 0, STATS_TOP_MAX, text);
}

int stat_parse_threads(uint32_t *threads, const char *text)
{
	return parse_number("--threads", threads, 1, 8, text);
}

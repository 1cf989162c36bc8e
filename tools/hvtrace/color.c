/* SPDX-License-Identifier: MIT */
#include "color.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd.h"

static bool terminal_has_colors(bool paged)
{
	const char *term = getenv("TERM"), *no = getenv("NO_COLOR");

	return (paged || isatty(STDOUT_FILENO)) && !(no && *no) && term &&
			strcmp(term, "dumb") != 0;
}

int color_parse(const char *when, bool paged, bool *color)
{
	*color = !strcmp(when, "always");
	if (!strcmp(when, "auto"))
		*color = terminal_has_colors(paged);
	else if (!*color && strcmp(when, "never") != 0)
		return trouble("--color is auto, always or never, not %s",
				when);
	return EXIT_SAME;
}

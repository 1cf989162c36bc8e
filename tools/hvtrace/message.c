/* SPDX-License-Identifier: MIT */
/* What the command says on stderr. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "cmd.h"
#include "look/where.h"
#include "progress.h"

static void say(const char *format, va_list args)
{
	progress_clear();
	fflush(stdout);
	fputs("hvtrace: ", stderr);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
}

int trouble(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(format, args);
	va_end(args);
	return EXIT_TROUBLE;
}

void remark(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(format, args);
	va_end(args);
}

int trouble_in_trace(const char *path, const struct hvt_error *e)
{
	/* Before the first block there is no place worth naming. */
	if (!e->offset)
		return trouble("%s: %s", path, e->text);
	return trouble("%s: offset %" PRIu64 ", event %" PRIu64 ": %s", path,
			e->offset, e->event, e->text);
}

int where_trouble(const char *expression, const struct where_error *e)
{
	return trouble("--where: %s\n  %s\n  %*s^", e->text, expression,
			(int)e->column, "");
}

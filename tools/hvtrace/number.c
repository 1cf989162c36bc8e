/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>

#include "cmd.h"

bool number_parse(const char *text, uint64_t *number)
{
	char *end;

	errno = 0;
	*number = strtoull(text, &end, 0);
	return *text >= '0' && *text <= '9' && !*end && !errno;
}

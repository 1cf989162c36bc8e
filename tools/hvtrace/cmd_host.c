/* SPDX-License-Identifier: MIT */
/* hvtrace host: can this machine run guests, and if not, what is missing? */
#include <stdio.h>
#include <string.h>

#include "cmd.h"

static const char help[] =
"usage: hvtrace host\n"
"\n"
"Lists what libhypervisor needs of this machine to run guests, and whether it\n"
"is there. Recording on a machine without arm64 KVM goes through the lab;\n"
"reading and replaying traces needs none of this.\n"
"\n"
"Exit status: 0 all that is required is there, 2 something is missing.\n";

int cmd_host(int argc, char **argv)
{
	struct hvt_host_fact fact;
	int code = EXIT_SAME;

	if (argc > 1) {
		if (strcmp(argv[1], "--help") != 0 && strcmp(argv[1], "-h") != 0)
			return trouble("host takes no arguments");
		fputs(help, stdout);
		return EXIT_SAME;
	}
	for (size_t i = 0; hvt_host_fact_at(i, &fact); i++) {
		printf("%-8s %-26s %s\n", fact.present ? "yes"
				: fact.required ? "MISSING" : "no",
				fact.name, fact.purpose);
		if (fact.required && !fact.present)
			code = EXIT_TROUBLE;
	}
	return code;
}

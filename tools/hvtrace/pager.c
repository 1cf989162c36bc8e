/* SPDX-License-Identifier: MIT */
#include "pager.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *pager_command(void)
{
	const char *command = getenv("PAGER");

	if (!command)
		command = "less";
	return *command && strcmp(command, "cat") != 0 ? command : NULL;
}

/* In the child. less: colours, no page of blanks, leave if it fits the screen. */
static void run(const char *command, int in)
{
	dup2(in, STDIN_FILENO);
	close(in);
	setenv("LESS", "FRX", 0);
	execl("/bin/sh", "sh", "-c", command, (char *)NULL);
	_exit(127);
}

void pager_start(struct pager *p)
{
	const char *command = pager_command();
	int ends[2];

	p->pid = 0;
	if (!command || !isatty(STDOUT_FILENO) || pipe2(ends, O_CLOEXEC))
		return;
	fflush(stdout);
	p->pid = fork();
	if (!p->pid)
		run(command, ends[0]);
	if (p->pid > 0) {
		dup2(ends[1], STDOUT_FILENO);
		/* Its keys are its own: ^C is not for us meanwhile. */
		signal(SIGINT, SIG_IGN);
	}
	close(ends[0]);
	close(ends[1]);
	if (p->pid < 0)
		p->pid = 0;
}

void pager_wait(struct pager *p)
{
	if (!p->pid)
		return;
	fclose(stdout);
	close(STDOUT_FILENO);
	while (waitpid(p->pid, NULL, 0) < 0)
		;
	p->pid = 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * Machines without arm64 KVM: the command starts itself again, built for
 * arm64, in the lab (scripts/lab), where the same files are at the same paths.
 */
#include <errno.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd.h"

#define LAB       HVT_SOURCE_DIR "/scripts/lab"
#ifdef __aarch64__
#define ARM64_CMD HVT_SOURCE_DIR "/build/dev/tools/hvtrace/hvtrace"
#else
#define ARM64_CMD HVT_SOURCE_DIR "/build/arm64/tools/hvtrace/hvtrace"
#endif

/* Words for the lab itself, e.g. "--kernel 7.2 --smp 4". */
#define ENV_LAB_OPTIONS "HVT_LAB_OPTIONS"

bool lab_is_needed(void)
{
#ifdef __aarch64__
	return access("/dev/kvm", F_OK) && !getenv("HVT_IN_LAB") &&
			!access(LAB, X_OK);
#else
	return true;
#endif
}

struct words {
	char **list;
	size_t count;
};

static bool add(struct words *w, const char *word)
{
	char **more = realloc(w->list, (w->count + 2) * sizeof(*more));
	char *copy = word ? strdup(word) : NULL;

	if (more)
		w->list = more;
	if (!more || !copy) {
		free(copy);
		return false;
	}
	w->list[w->count++] = copy;
	w->list[w->count] = NULL;
	return true;
}

/* Shares the folder that holds path, if there is one. */
static bool share_folder_of(struct words *w, const char *path)
{
	char *copy = strdup(path);
	char *folder = copy ? realpath(dirname(copy), NULL) : NULL;
	bool ok = copy != NULL;

	if (folder && strcmp(folder, "/") != 0)
		ok = add(w, "--share") && add(w, folder);
	free(folder);
	free(copy);
	return ok;
}

/* The path in WORD or --option=WORD, also of a file that is to be made. */
static const char *path_in(const char *word)
{
	const char *value = word[0] == '-' ? strchr(word, '=') : NULL;

	word = value ? value + 1 : word;
	return strchr(word, '/') ? word : NULL;
}

static bool add_options(struct words *w)
{
	const char *options = getenv(ENV_LAB_OPTIONS);
	char *copy = options ? strdup(options) : NULL, *state = NULL;
	bool ok = true;

	if (!copy)
		return true;
	for (char *p = strtok_r(copy, " ", &state); p && ok;
			p = strtok_r(NULL, " ", &state))
		ok = add(w, p);
	free(copy);
	return ok;
}

static bool build(struct words *w, const char *command, int argc,
		char **argv, const char *trace)
{
	bool ok = add(w, LAB) && add(w, "run") && add_options(w) &&
			share_folder_of(w, trace);

	for (int i = 1; i < argc && ok; i++)
		if (path_in(argv[i]))
			ok = share_folder_of(w, path_in(argv[i]));
	ok = ok && add(w, "--") && add(w, ARM64_CMD) && add(w, command);
	for (int i = 1; i < argc && ok; i++)
		ok = add(w, argv[i]);
	return ok;
}

static void free_words(struct words *w)
{
	for (size_t i = 0; i < w->count; i++)
		free(w->list[i]);
	free(w->list);
}

/* Would the trace go to the root folder, which the lab has its own of? */
static bool names_root(const char *trace)
{
	char *copy = strdup(trace);
	char *folder = copy ? realpath(dirname(copy), NULL) : NULL;
	bool root = folder && !strcmp(folder, "/");

	free(folder);
	free(copy);
	return root;
}

int lab_rerun(const char *command, int argc, char **argv, const char *trace)
{
	struct words w = { 0 };
	int code;

	if (access(LAB, X_OK))
		return trouble("this machine cannot run arm64 guests, and "
			       "there is no lab to do it in at %s", LAB);
	if (names_root(trace))
		return trouble("the lab cannot share /: name a file in another "
			       "folder with -o");
	if (access(ARM64_CMD, X_OK))
		return trouble("this machine cannot run arm64 guests, and the "
			       "arm64 build for the lab is missing: cmake "
			       "--workflow --preset arm64 makes it");
	if (!build(&w, command, argc, argv, trace)) {
		free_words(&w);
		return trouble("out of memory");
	}
	remark("no arm64 KVM on this machine: running in the lab");
	execv(w.list[0], w.list);
	code = trouble("cannot start the lab: %s", strerror(errno));
	free_words(&w);
	return code;
}

/* SPDX-License-Identifier: MIT */
/*
 * hvtrace-bpf-helper: its command line, what it takes to run it, its socket,
 * and how it ends.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conformance.h"
#include "helper_process.h"

#define NOBODY 65534u

static const struct helper_user nobody = { .uid = NOBODY, .gid = NOBODY };

static bool says(const char *text)
{
	bool found = strstr(helper_said(), text);

	if (!found)
		printf("# it said: %s\n", helper_said());
	return found;
}

/* With up to three arguments. */
static int run(const char *a, const char *b, const char *c,
	const struct helper_user *user)
{
	const char *const arguments[] = { a, b, c, NULL };

	return helper_wait(helper_spawn(arguments, user));
}

static void usage(void)
{
	claim_equal((uint64_t)run("--help", NULL, NULL, &nobody), 0, "help");
	claim(says("usage: hvtrace-bpf-helper ["), "help_says_how_it_is_used");
	claim_equal((uint64_t)run("-h", NULL, NULL, &nobody), 0, "short_help");
	claim_equal((uint64_t)run("--version", NULL, NULL, &nobody), 0,
		"version");
	claim(says("hvtrace-bpf-helper "), "version_says_which");
	claim_equal((uint64_t)run("--sock", "/tmp/x", NULL, NULL), 2,
		"an_unknown_option_is_2");
	claim(says("unknown argument --sock (see --help)"), "and_named");
	claim_equal((uint64_t)run("/tmp/x", NULL, NULL, NULL), 2,
		"an_operand_is_2");
	claim_equal((uint64_t)run("--socket", NULL, NULL, NULL), 2,
		"an_option_without_its_argument_is_2");
	claim(says("an argument is missing behind --socket"), "and_named_too");
	claim_equal((uint64_t)run("--group", "no-such-group", NULL, NULL), 2,
		"an_unknown_group_is_2");
	claim(says("there is no group no-such-group"), "and_said_so");
}

static int serve_at(const char *path, const struct helper_user *user)
{
	const char *const arguments[] = { "--socket", path, "--group", "root",
		NULL };

	return helper_wait(helper_spawn(arguments, user));
}

static void wrong_places(void)
{
	static char long_path[200];
	int fd = open("/tmp/hvt-file", O_CREAT | O_WRONLY, 0600);
	struct stat st;

	close(fd);
	claim_equal((uint64_t)serve_at("/tmp/hvt-file", NULL), 1,
		"where_a_file_is_it_does_not_serve");
	claim(says("Address already in use"), "and_says_why");
	claim(!stat("/tmp/hvt-file", &st) && S_ISREG(st.st_mode),
		"the_file_is_left_alone");
	claim_equal((uint64_t)serve_at("/tmp/no/such/folder", NULL), 1,
		"nor_where_there_is_no_folder");
	memset(long_path, 'x', sizeof(long_path) - 1);
	claim_equal((uint64_t)serve_at(long_path, NULL), 1,
		"nor_at_a_path_too_long_for_a_socket");
}

static void without_privileges(void)
{
	const struct helper_user half = { .uid = NOBODY, .gid = NOBODY,
		.capabilities = 1ull << CAP_BPF };
	struct stat st;

	claim_equal((uint64_t)serve_at(HELPER_SOCKET, &nobody), 1,
		"without_privileges_it_ends");
	claim(says("loading the BPF program: that takes CAP_BPF and CAP_PERF"),
		"and_says_what_it_takes");
	claim_equal((uint64_t)serve_at(HELPER_SOCKET, &half), 1,
		"cap_bpf_alone_is_too_little");
	claim(stat(HELPER_SOCKET, &st) && errno == ENOENT,
		"there_is_no_socket_then");
}

static uint64_t effective_capabilities(pid_t pid)
{
	unsigned long long caps = ~0ull;
	char path[64], line[128];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	f = fopen(path, "r");
	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "CapEff: %llx", &caps) == 1)
			break;
	if (f)
		fclose(f);
	return caps;
}

/* In a process of its own, which has what uid and gid have: 0 or an errno. */
static int connect_as(uid_t uid, gid_t gid)
{
	const struct helper_user user = { .uid = uid, .gid = gid };
	pid_t child;

	fflush(stdout);
	child = fork();
	if (!child) {
		uint64_t cookie;
		int fd;

		helper_become(&user);
		fd = helper_connect(HELPER_SOCKET);
		if (fd < 0)
			_exit(-fd);
		_exit(helper_take_map(fd, &cookie) < 0 ? EPROTO : 0);
	}
	return helper_wait(child);
}

static pid_t start_for(const char *group, const struct helper_user *user)
{
	const char *const arguments[] = { "--socket", HELPER_SOCKET, "--group",
		group, NULL };
	pid_t helper = helper_spawn(arguments, user);

	return helper_is_there(HELPER_SOCKET) ? helper : 0;
}

/* The first that is not root's; that, if there is no other. */
static const struct group *some_group(void)
{
	const struct group *g;

	do
		g = getgrent();
	while (g && g->gr_gid == 0);
	return g ? g : getgrgid(0);
}

static void its_socket(void)
{
	const struct group *group = some_group();
	struct stat st = { .st_mode = 0 };
	pid_t helper;

	if (!group)
		need(HV_ERROR, "a group");
	umask(0);
	helper = start_for(group->gr_name, NULL);
	claim(helper, "it_serves_for_a_group");
	claim(!stat(HELPER_SOCKET, &st), "there_is_its_socket");
	claim_equal(st.st_mode & 0777, 0660, "for_no_others");
	claim_equal(st.st_gid, group->gr_gid, "but_the_group");
	claim_equal((uint64_t)connect_as(NOBODY, group->gr_gid), 0,
		"a_member_gets_records");
	claim_equal((uint64_t)connect_as(NOBODY, group->gr_gid + 1), EACCES,
		"another_does_not");
	claim_equal(effective_capabilities(helper), 1ull << CAP_BPF,
		"it_has_kept_cap_bpf_alone");
	claim_equal((uint64_t)serve_at(HELPER_SOCKET, NULL), 1,
		"a_second_one_does_not_take_its_place");
	claim(says("Address already in use"), "and_says_that_it_is_taken");
	claim_equal((uint64_t)connect_as(0, 0), 0, "the_first_still_serves");
	kill(helper, SIGTERM);
	claim_equal((uint64_t)helper_wait(helper), 0, "its_status_is_0");
}

/* As a service manager would run it: nobody's, with just the two. */
static void with_two_capabilities(void)
{
	const struct helper_user user = { .uid = NOBODY, .gid = 0,
		.capabilities = 1ull << CAP_BPF | 1ull << CAP_PERFMON };
	pid_t helper;

	if (chmod("/tmp", 01777))
		need(HV_ERROR, "chmod");
	helper = start_for("root", &user);
	claim(helper, "it_needs_no_more_than_two_capabilities");
	claim_equal((uint64_t)connect_as(NOBODY, 0), 0, "and_serves_with_them");
	kill(helper, SIGTERM);
	claim_equal((uint64_t)helper_wait(helper), 0, "and_ends_well");
}

static void ends_by(int signal, const char *name)
{
	pid_t helper = helper_start();
	struct stat st;

	if (!helper)
		need(HV_ERROR, "helper");
	kill(helper, signal);
	claim(!helper_wait(helper) && stat(HELPER_SOCKET, &st), name);
}

static void what_is_left_behind(void)
{
	pid_t helper = helper_start();

	kill(helper, SIGKILL);
	(void)helper_wait(helper);
	claim_equal((uint64_t)-helper_connect(HELPER_SOCKET), ECONNREFUSED,
		"one_that_is_killed_leaves_its_socket");
	helper = start_for("root", NULL);
	while (helper_connect(HELPER_SOCKET) < 0)
		usleep(100000);
	claim(true, "the_next_one_takes_its_place");
	kill(helper, SIGTERM);
	claim_equal((uint64_t)helper_wait(helper), 0, "and_ends_as_usual");
}

int main(void)
{
	usage();
	wrong_places();
	without_privileges();
	its_socket();
	with_two_capabilities();
	ends_by(SIGTERM, "sigterm_ends_it_and_removes_its_socket");
	ends_by(SIGINT, "so_does_sigint");
	ends_by(SIGHUP, "so_does_sighup");
	what_is_left_behind();
	return verdict();
}

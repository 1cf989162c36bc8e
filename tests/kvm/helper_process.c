/* SPDX-License-Identifier: MIT */
#include "helper_process.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define SAID_PATH "/tmp/hvt-helper.said"

static void set_capabilities(uint64_t caps)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];

	for (unsigned n = 0; n < 2; n++) {
		data[n].effective = data[n].permitted =
			data[n].inheritable = (uint32_t)(caps >> 32 * n);
	}
	if (syscall(SYS_capset, &header, data))
		_exit(126);
	for (unsigned n = 0; n < 64; n++)
		if (caps >> n & 1 && prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE,
					n, 0, 0))
			_exit(126);
}

void helper_become(const struct helper_user *user)
{
	if (prctl(PR_SET_KEEPCAPS, 1) || setgroups(0, NULL) ||
		setgid(user->gid) || setuid(user->uid))
		_exit(126);
	set_capabilities(user->capabilities);
}

static void become_helper(const char *const *arguments,
	const struct helper_user *user)
{
	const char *argv[16] = { HVT_BPF_HELPER };
	int said = open(SAID_PATH, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	for (unsigned n = 0; n < 14 && arguments[n]; n++)
		argv[1 + n] = arguments[n];
	dup2(said, STDOUT_FILENO);
	dup2(said, STDERR_FILENO);
	close(said);
	if (user)
		helper_become(user);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	execv(HVT_BPF_HELPER, (char *const *)argv);
	_exit(127);
}

pid_t helper_spawn(const char *const *arguments, const struct helper_user *user)
{
	pid_t child;

	fflush(stdout);
	child = fork();
	if (!child)
		become_helper(arguments, user);
	return child;
}

const char *helper_said(void)
{
	static char said[8192];
	int fd = open(SAID_PATH, O_RDONLY);
	ssize_t n = read(fd, said, sizeof(said) - 1);

	said[n > 0 ? n : 0] = 0;
	close(fd);
	return said;
}

int helper_wait(pid_t pid)
{
	int status = 0;

	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

bool helper_is_there(const char *path)
{
	struct stat st;

	for (unsigned i = 0; i < 600 && stat(path, &st); i++)
		usleep(100000);
	return !stat(path, &st);
}

pid_t helper_start(void)
{
	static const char *const arguments[] = { "--socket", HELPER_SOCKET,
		"--group", "root", NULL };
	pid_t helper;

	unlink(HELPER_SOCKET);
	helper = helper_spawn(arguments, NULL);
	return helper_is_there(HELPER_SOCKET) ? helper : 0;
}

int helper_connect(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	strncpy(address.sun_path, path, sizeof(address.sun_path) - 1);
	if (connect(fd, (struct sockaddr *)&address, sizeof(address))) {
		int err = -errno;

		close(fd);
		return err;
	}
	return fd;
}

int helper_take_map(int connection, uint64_t *cookie)
{
	char bytes[64];
	struct iovec data = { bytes, sizeof(bytes) };
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(4 * sizeof(int))];
	} control;
	struct msghdr message = { .msg_iov = &data, .msg_iovlen = 1,
		.msg_control = &control, .msg_controllen = sizeof(control) };
	int map;

	/* "hvtexit1", cookie, stride and number of the records. */
	if (recvmsg(connection, &message, MSG_CMSG_CLOEXEC) != 24 ||
		memcmp(bytes, "hvtexit1", 8) != 0 ||
		message.msg_controllen < sizeof(control.header) ||
		control.header.cmsg_len != CMSG_LEN(sizeof(map)))
		return -1;
	memcpy(cookie, bytes + 8, sizeof(*cookie));
	memcpy(&map, CMSG_DATA(&control.header), sizeof(map));
	return map;
}

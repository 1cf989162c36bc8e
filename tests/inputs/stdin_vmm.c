/* SPDX-License-Identifier: MIT */
/*
 * usage: stdin_vmm: a VMM that shows all it can learn of what standard input
 * is, changes its mode and puts that back, and gives each answer to the API.
 */
#include <Hypervisor/Hypervisor.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

static void show(const char *what, long result, uint64_t value)
{
	int err = result < 0 ? errno : 0;
	hv_vm_config_t config = hv_vm_config_create();

	(void)hv_vm_config_set_ipa_size(config, 32 + (uint32_t)(value % 16));
	os_release(config);
	printf("%s %s %llx\n", what, err ? strerrorname_np(err) : "ok",
		(unsigned long long)value);
}

/* In the order in which they are printed: none depends on what was there
 * before. */
static uint64_t sum(const void *bytes, size_t size)
{
	const uint8_t *p = bytes;
	uint64_t value = 0;

	for (size_t i = 0; i < size; i++)
		value = value * 31 + p[i];
	return value;
}

static void show_status(void)
{
	struct stat st = { 0 };
	struct statx x = { 0 };
	long got = fstat(STDIN_FILENO, &st);

	show("fstat mode", got, st.st_mode);
	show("fstat inode", got, st.st_ino);
	show("fstat device", got, st.st_dev);
	show("fstat special", got, st.st_rdev);
	show("fstat changed", got, (uint64_t)st.st_ctim.tv_nsec);
	st = (struct stat){ 0 };
	got = fstatat(STDIN_FILENO, "", &st, AT_EMPTY_PATH);
	show("fstatat", got, st.st_mode + st.st_ino);
	got = statx(STDIN_FILENO, "", AT_EMPTY_PATH, STATX_ALL, &x);
	show("statx", got, sum(&x, sizeof(x)));
	got = fstat(STDOUT_FILENO, &st);
	printf("output %ld\n", got);
}

static void show_flags(void)
{
	long flags = fcntl(STDIN_FILENO, F_GETFL);

	show("flags", flags, (uint64_t)flags);
	show("set flags", fcntl(STDIN_FILENO, F_SETFL, flags | O_NONBLOCK), 0);
	show("nonblock", 0, (fcntl(STDIN_FILENO, F_GETFL) & O_NONBLOCK) != 0);
	show("set back", fcntl(STDIN_FILENO, F_SETFL, flags), 0);
	show("seek", lseek(STDIN_FILENO, 0, SEEK_END), 0);
	show("position", 0, (uint64_t)lseek(STDIN_FILENO, 0, SEEK_CUR));
}

static void show_mode(void)
{
	struct termios mode = { 0 }, raw;
	long got = tcgetattr(STDIN_FILENO, &mode);

	show("mode", got,
		sum(mode.c_cc, sizeof(mode.c_cc)) + mode.c_lflag +
			mode.c_iflag + mode.c_ospeed);
	raw = mode;
	cfmakeraw(&raw);
	show("make raw", tcsetattr(STDIN_FILENO, TCSANOW, &raw), 0);
	got = tcgetattr(STDIN_FILENO, &raw);
	show("echoes", got, raw.c_lflag & ECHO);
	show("make cooked", tcsetattr(STDIN_FILENO, TCSANOW, &mode), 0);
}

static void show_terminal(void)
{
	struct winsize size = { 0 };
	pid_t group = tcgetpgrp(STDIN_FILENO), other = 0;
	char raw[64] = "";
	int waiting = 0;
	long got;

	show("is a terminal", isatty(STDIN_FILENO) - 1, 0);
	show("in the foreground", group, group == getpgrp());
	got = ioctl(STDIN_FILENO, TIOCGPGRP, &other);
	show("so says ioctl", got, other == getpgrp());
	got = ioctl(STDIN_FILENO, TIOCGWINSZ, &size);
	show("size", got, size.ws_row * 1000u + size.ws_col);
	got = ioctl(STDIN_FILENO, FIONREAD, &waiting);
	show("waiting", got, (uint64_t)waiting);
	got = ioctl(STDIN_FILENO, TCGETS, raw);
	show("mode of the kernel's", got, sum(raw, sizeof(raw)));
	show("flushes", ioctl(STDIN_FILENO, TCFLSH, TCOFLUSH), 0);
}

int main(void)
{
	show_status();
	show_flags();
	show_mode();
	show_terminal();
	return 0;
}

/* SPDX-License-Identifier: MIT */
/* The virtio console at each of the ends that it may have. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "fake_driver.h"
#include "virtio/hvc.h"

static struct driver driver;
static struct driver_queue *in = &driver.queues[0];
static struct driver_queue *out = &driver.queues[1];
static int to_guest, from_guest; /* the far ends of stdin and stdout */

static void end(void)
{
	virtio_stop(driver.device);
	driver_fini(&driver);
}

TestSuite(hvc, .fini = end, .timeout = 60);
TestSuite(hvc_open, .timeout = 60);

static void begin(const char *target)
{
	driver_begin(&driver, hvc_create(target, NULL, NULL));
}

/* Pipes in place of standard input and output. */
static void begin_stdio(void)
{
	int fds[2];

	cr_assert_eq(pipe(fds), 0);
	dup2(fds[0], STDIN_FILENO);
	close(fds[0]);
	to_guest = fds[1];
	cr_assert_eq(pipe(fds), 0);
	dup2(fds[1], STDOUT_FILENO);
	close(fds[1]);
	from_guest = fds[0];
	begin("stdio");
}

static void offer_input(uint64_t addr, uint32_t size)
{
	const struct driver_buffer buffer = { addr, size, true };

	driver_offer(in, driver_chain(in, &buffer, 1));
	driver_notify(&driver, 0);
}

static void offer_output(const char *text)
{
	const struct driver_buffer buffer = { DRIVER_BUFFERS + 0x8000,
		(uint32_t)strlen(text), false };

	strcpy(driver_at(&driver, DRIVER_BUFFERS + 0x8000), text);
	driver_offer(out, driver_chain(out, &buffer, 1));
	driver_notify(&driver, 1);
}

static void put(const char *text)
{
	uint16_t before = out->used->idx;

	offer_output(text);
	driver_await_used(out, (uint16_t)(before + 1));
}

/* So many bytes of fd, as a string. */
static const char *take(int fd, size_t size)
{
	static char text[4096];
	size_t done = 0;

	while (done < size) {
		ssize_t n = read(fd, text + done, size - done);

		cr_assert_gt(n, 0);
		done += (size_t)n;
	}
	text[size] = 0;
	return text;
}

Test(hvc, puts_out_what_the_guest_says)
{
	begin_stdio();
	put("hello ");
	put("world");
	cr_expect_str_eq(take(from_guest, 11), "hello world");
}

Test(hvc, spreads_input_over_buffers)
{
	begin_stdio();
	offer_input(DRIVER_BUFFERS, 3);
	offer_input(DRIVER_BUFFERS + 0x100, 100);
	cr_expect_eq(write(to_guest, "abcdef", 6), 6);
	driver_await_used(in, 2);
	cr_expect_eq(in->used->ring[0].len, 3);
	cr_expect_eq(in->used->ring[1].len, 3);
	cr_expect_str_eq(driver_at(&driver, DRIVER_BUFFERS), "abc");
	cr_expect_str_eq(driver_at(&driver, DRIVER_BUFFERS + 0x100), "def");
}

Test(hvc, input_waits_for_buffers_and_for_the_driver)
{
	char *text;

	begin_stdio();
	text = driver_at(&driver, DRIVER_BUFFERS);
	offer_input(DRIVER_BUFFERS, 2);
	cr_expect_eq(write(to_guest, "abcdef", 6), 6);
	driver_await_used(in, 1);
	usleep(10000);
	offer_input(DRIVER_BUFFERS + 2, 2);
	driver_await_used(in, 2);
	cr_expect_str_eq(text, "abcd");
	driver_set(&driver, VIRTIO_MMIO_STATUS, 0);
	memset(in->avail, 0, 4);
	memset(in->used, 0, 4);
	driver_bring_up(&driver);
	offer_input(DRIVER_BUFFERS + 4, 2);
	driver_await_used(in, 1);
	cr_expect_str_eq(text, "abcdef");
}

Test(hvc, input_finds_the_buffers_of_a_new_ring)
{
	const struct driver_buffer buffer = { DRIVER_BUFFERS, 6, true };

	begin_stdio();
	cr_expect_eq(write(to_guest, "abcdef", 6), 6);
	usleep(10000);
	driver_set(&driver, VIRTIO_MMIO_STATUS, 0);
	driver_offer(in, driver_chain(in, &buffer, 1));
	driver_bring_up(&driver);
	driver_await_used(in, 1);
	cr_expect_str_eq(driver_at(&driver, DRIVER_BUFFERS), "abcdef");
}

Test(hvc, goes_on_after_the_end_of_input)
{
	begin_stdio();
	close(to_guest);
	usleep(10000);
	put("still there");
	cr_expect_str_eq(take(from_guest, 11), "still there");
}

Test(hvc, goes_on_without_a_reader)
{
	signal(SIGPIPE, SIG_IGN);
	begin_stdio();
	close(from_guest);
	put("unheard");
	put("unheard");
}

Test(hvc, waits_for_a_slow_reader)
{
	static char long_text[60000];
	unsigned int i;

	begin_stdio();
	memset(long_text, 'x', sizeof(long_text) - 1);
	for (i = 0; i < 3; i++)
		offer_output(long_text);
	/* A pipe holds 64 KiB. */
	usleep(10000);
	cr_expect_lt(out->used->idx, 3);
	for (i = 0; i < 3 * (sizeof(long_text) - 1); i += 1000 - 1)
		take(from_guest, i + 999 > 179997 ? 179997 - i : 999);
	driver_await_used(out, 3);
}

Test(hvc, a_reset_does_not_wait_for_ever)
{
	static char long_text[60000];
	unsigned int i;

	begin_stdio();
	memset(long_text, 'x', sizeof(long_text) - 1);
	for (i = 0; i < 14; i++)
		offer_output(long_text);
	usleep(10000);
	driver_set(&driver, VIRTIO_MMIO_STATUS, 0);
	cr_expect_eq(driver_get(&driver, VIRTIO_MMIO_STATUS), 0);
}

Test(hvc, writes_to_a_file)
{
	char path[] = "/tmp/hvrun-hvc-XXXXXX", target[64];
	int fd = mkstemp(path);

	snprintf(target, sizeof(target), "file:%s", path);
	begin(target);
	put("kept");
	cr_expect_str_eq(take(fd, 4), "kept");
	unlink(path);
	close(fd);
}

/* The name that hvc_create() tells on stderr. */
static void begin_pty(char *name)
{
	char text[256] = "", *at;
	FILE *err = tmpfile();
	int saved = dup(STDERR_FILENO);

	dup2(fileno(err), STDERR_FILENO);
	begin("pty");
	dup2(saved, STDERR_FILENO);
	close(saved);
	rewind(err);
	cr_assert(fgets(text, sizeof(text), err));
	fclose(err);
	at = strstr(text, "/dev/");
	cr_assert(at, "%s", text);
	at[strcspn(at, "\n")] = 0;
	strcpy(name, at);
}

Test(hvc, has_a_pseudo_terminal)
{
	char name[256];
	int fd, round;

	begin_pty(name);
	put("nobody is there\n");
	for (round = 0; round < 2; round++) {
		uint16_t before = in->used->idx;

		fd = open(name, O_RDWR | O_NOCTTY);
		cr_assert_geq(fd, 0);
		put("hello");
		cr_expect_str_eq(take(fd, 5), "hello");
		offer_input(DRIVER_BUFFERS, 16);
		cr_expect_eq(write(fd, "typed\n", 6), 6);
		driver_await_used(in, (uint16_t)(before + 1));
		cr_expect_str_eq(driver_at(&driver, DRIVER_BUFFERS), "typed\n");
		close(fd);
		/* Until it notices. */
		usleep(10000);
	}
}

static _Atomic bool has_quit;

static void quit(void *ctx)
{
	has_quit = ctx == &driver;
}

/* A terminal of our own as standard input; returns its far end. */
static int become_terminal_user(void)
{
	int far = posix_openpt(O_RDWR | O_NOCTTY), near;

	cr_assert(!grantpt(far) && !unlockpt(far));
	near = open(ptsname(far), O_RDWR | O_NOCTTY);
	setsid();
	cr_assert_eq(ioctl(near, TIOCSCTTY, 0), 0);
	dup2(near, STDIN_FILENO);
	dup2(near, STDOUT_FILENO);
	return far;
}

Test(hvc, a_terminal_can_quit)
{
	static const struct hvc_ops ops = { .quit = quit };
	int far = become_terminal_user();

	driver_begin(&driver, hvc_create("stdio", &ops, &driver));
	put("hello\n");
	cr_expect_str_eq(take(far, 6), "hello\r", "output is the terminal's");
	offer_input(DRIVER_BUFFERS, 16);
	cr_expect_eq(write(far, "a\r\001\001\003", 5), 5);
	driver_await_used(in, 1);
	cr_expect_eq(in->used->ring[0].len, 4);
	cr_expect_str_eq(driver_at(&driver, DRIVER_BUFFERS), "a\r\001\003");
	cr_expect_not(has_quit);
	cr_expect_eq(write(far, "\001x", 2), 2);
	while (!has_quit)
		usleep(100);
}

Test(hvc_open, refuses_what_it_does_not_know)
{
	cr_expect_null(hvc_create("", NULL, NULL));
	cr_expect_null(hvc_create("file:", NULL, NULL));
	cr_expect_null(hvc_create("tty", NULL, NULL));
	cr_expect_null(hvc_create("file:/nonexistent/file", NULL, NULL));
}

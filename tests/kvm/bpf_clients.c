/* SPDX-License-Identifier: MIT */
/*
 * Clients of hvtrace-bpf-helper that are not what it is for: whatever they do,
 * the helper serves the others, sees nothing of one to another, and has nothing
 * left of those that have gone.
 */
#include <dirent.h>
#include <errno.h>
#include <linux/bpf.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "conformance.h"
#include "helper_process.h"

#define CLIENTS 256 /* at once */
#define SIZE    32768

/* Standard streams, two maps, the link, the listener. */
#define FDS_OF_HELPER  7u
#define MAPS_OF_HELPER 2u

static pid_t helper;

struct client {
	int connection, map;
	uint64_t cookie;
};

static struct client join(void)
{
	struct client c = { .map = -1 };

	c.connection = helper_connect(HELPER_SOCKET);
	if (c.connection >= 0)
		c.map = helper_take_map(c.connection, &c.cookie);
	return c;
}

static void leave(struct client *c)
{
	close(c->connection);
	if (c->map >= 0)
		close(c->map);
}

static bool is_served(void)
{
	struct client c = join();
	bool served = c.map >= 0;

	leave(&c);
	return served;
}

static unsigned descriptors(void)
{
	char path[64];
	unsigned n = 0;
	DIR *d;

	snprintf(path, sizeof(path), "/proc/%d/fd", (int)helper);
	d = opendir(path);
	while (d && readdir(d))
		n++;
	if (d)
		closedir(d);
	/* Without "." and "..". */
	return n < 2 ? 0 : n - 2;
}

/* Of the whole host, whose others are taken to be still. */
static unsigned maps(void)
{
	union bpf_attr attr;
	unsigned n = 0;

	memset(&attr, 0, sizeof(attr));
	while (!syscall(SYS_bpf, BPF_MAP_GET_NEXT_ID, &attr, sizeof(attr))) {
		attr.start_id = attr.next_id;
		n++;
	}
	return n;
}

/* Those of a VMM that has just ended are freed a little later. */
static unsigned maps_of_others(void)
{
	unsigned n = maps();

	for (unsigned still = 0; still < 30; still++) {
		usleep(100000);
		if (maps() != n)
			still = 0;
		n = maps();
	}
	return n;
}

/* The kernel and the helper take their time: until it is so, or a minute. */
static bool come_to_have(unsigned fds, unsigned all_maps)
{
	for (unsigned i = 0; i < 600; i++) {
		if (descriptors() == fds && maps() == all_maps)
			return true;
		usleep(100000);
	}
	printf("# descriptors %u, should be %u; maps %u, should be %u\n",
		descriptors(), fds, maps(), all_maps);
	return false;
}

static void those_who_do_nothing(void)
{
	int quiet = helper_connect(HELPER_SOCKET);

	claim(quiet >= 0 && is_served() && is_served(),
		"one_that_says_nothing_holds_up_nobody");
	close(quiet);
}

static void those_who_talk(void)
{
	struct client c = join();
	struct pollfd gone = { .fd = c.connection, .events = POLLIN };
	static char words[60000];
	unsigned sent = 0;

	while (send(c.connection, words, sizeof(words), MSG_NOSIGNAL) > 0)
		sent++;
	claim(poll(&gone, 1, 60000) == 1 && sent, "one_that_talks_is_dropped");
	leave(&c);
	claim(is_served(), "and_the_next_is_served");
}

/* Some before they are served, some after, and some who close just one way. */
static void those_who_come_and_go(void)
{
	for (unsigned i = 0; i < 150; i++) {
		int fd = helper_connect(HELPER_SOCKET);
		uint64_t cookie;

		if (i % 3 == 1)
			shutdown(fd, SHUT_WR);
		if (i % 3 == 2)
			close(helper_take_map(fd, &cookie));
		close(fd);
	}
	claim(is_served(), "many_that_come_and_go_harm_nobody");
}

static uint8_t *map_records(const struct client *c)
{
	void *p = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, c->map,
		0);

	if (p == MAP_FAILED)
		need(HV_ERROR, "mmap");
	return p;
}

static bool is_zero(const uint8_t *p)
{
	for (unsigned i = 0; i < SIZE; i++)
		if (p[i])
			return false;
	return true;
}

static void of_each_its_own(void)
{
	struct client a = join(), b = join(), c;
	uint8_t *of_a = map_records(&a), *of_b = map_records(&b), *of_c;

	claim(a.cookie != b.cookie, "each_has_a_cookie_of_its_own");
	memset(of_a, 0xaa, SIZE);
	claim(is_zero(of_b), "what_is_in_one_map_is_in_no_other");
	/* In the place of the one that has left, which keeps what it has. */
	close(a.connection);
	c = join();
	of_c = map_records(&c);
	claim(is_zero(of_c) && of_a[0] == 0xaa && c.cookie != a.cookie,
		"nor_has_the_next_one_that_of_the_last");
	munmap(of_a, SIZE);
	munmap(of_b, SIZE);
	munmap(of_c, SIZE);
	close(a.map);
	leave(&b);
	leave(&c);
}

/* More than fit: who comes too late is told so by a closed connection. */
static void too_many(void)
{
	static struct client c[CLIENTS];
	struct client more;
	unsigned served = 0;

	for (unsigned i = 0; i < CLIENTS; i++) {
		c[i] = join();
		served += c[i].map >= 0;
	}
	claim_equal(served, CLIENTS, "as_many_as_it_says_are_served");
	more = join();
	claim(more.connection >= 0 && more.map < 0, "one_more_is_not");
	leave(&more);
	leave(&c[17]);
	for (unsigned i = 0; i < 600 && more.map < 0; i++) {
		usleep(100000);
		more = join();
		if (more.map < 0)
			close(more.connection);
	}
	claim(more.map >= 0, "until_another_leaves");
	leave(&more);
	for (unsigned i = 0; i < CLIENTS; i++)
		if (i != 17)
			leave(&c[i]);
}

/* It says that it has too few, and goes on when there are some again. */
static void without_descriptors(void)
{
	struct rlimit few = { .rlim_cur = FDS_OF_HELPER + 2,
		.rlim_max = 1024 };
	struct client c[4];
	int waiting;

	while (descriptors() > FDS_OF_HELPER)
		usleep(100000);
	prlimit(helper, RLIMIT_NOFILE, &few, NULL);
	for (unsigned i = 0; i < 4; i++)
		c[i] = join();
	waiting = helper_connect(HELPER_SOCKET);
	for (unsigned i = 0; i < 600 && !strstr(helper_said(), "open files"); i++)
		usleep(100000);
	claim(strstr(helper_said(), "Too many open files"),
		"without_descriptors_it_says_so");
	few.rlim_cur = 1024;
	prlimit(helper, RLIMIT_NOFILE, &few, NULL);
	claim(is_served(), "and_goes_on_with_some");
	close(waiting);
	for (unsigned i = 0; i < 4; i++)
		leave(&c[i]);
}

static unsigned lines_said(void)
{
	unsigned n = 0;

	for (const char *p = helper_said(); *p; p++)
		n += *p == '\n';
	return n;
}

int main(void)
{
	const struct rlimit many = { .rlim_cur = 4096, .rlim_max = 4096 };
	unsigned of_others = maps_of_others();

	setrlimit(RLIMIT_NOFILE, &many);
	helper = helper_start();
	claim(is_served(), "the_helper_serves");
	claim(come_to_have(FDS_OF_HELPER, of_others + MAPS_OF_HELPER),
		"and_has_what_it_takes");
	those_who_do_nothing();
	those_who_talk();
	those_who_come_and_go();
	of_each_its_own();
	too_many();
	without_descriptors();
	claim(come_to_have(FDS_OF_HELPER, of_others + MAPS_OF_HELPER),
		"nothing_is_left_of_those_who_have_gone");
	claim(lines_said() < 8, "nor_do_they_fill_the_log");
	kill(helper, SIGTERM);
	claim_equal((uint64_t)helper_wait(helper), 0, "it_ends_as_usual");
	claim(come_to_have(0, of_others), "and_nothing_is_left_of_it");
	return verdict();
}

/* SPDX-License-Identifier: MIT */
/*
 * usage: inputs_vmm [WHAT]: a VMM that shows what it got of clocks, random
 * numbers and standard input, in its main thread and two that are alike, and
 * gives it to the API. Without a hypervisor calls fail, and it goes on. WHAT:
 *
 *	main, thread	it reads one clock more there
 *	wait		standard input is read by a thread of its own, which waits
 *			for more when the program ends
 *	children	it has children, of fork and another program
 */
#include <Hypervisor/Hypervisor.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/select.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define RAM      0x40000000ull
#define RAM_SIZE (1u << 20)
#define TURNS    20

static const char *what = "";

static bool is_to(const char *word)
{
	return !strcmp(what, word);
}

static uint64_t now(clockid_t clock)
{
	struct timespec t = { 0 };

	if (clock_gettime(clock, &t))
		return 0;
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static hv_return_t give(uint64_t value)
{
	hv_vm_config_t config = hv_vm_config_create();
	hv_return_t ret = hv_vm_config_set_ipa_size(config,
			32 + (uint32_t)(value % 16));

	os_release(config);
	return ret;
}

struct worker {
	pthread_t thread;
	char said[TURNS * 64];
};

static void *work(void *arg)
{
	struct worker *w = arg;
	size_t at = 0;

	for (int i = 0; i < TURNS; i++) {
		uint64_t t = now(CLOCK_MONOTONIC);
		hv_return_t ret = give(t);

		at += (size_t)snprintf(w->said + at, sizeof(w->said) - at,
				"%llu %x\n", (unsigned long long)t,
				(unsigned)ret);
		usleep((useconds_t)(t % 500));
	}
	if (is_to("thread"))
		(void)now(CLOCK_MONOTONIC);
	(void)give(now(CLOCK_THREAD_CPUTIME_ID));
	return NULL;
}

/* One a statement: in which order arguments are taken is the compiler's affair. */
static void show_clocks(void)
{
	struct timeval tv;
	struct timespec ts;

	gettimeofday(&tv, NULL);
	timespec_get(&ts, TIME_UTC);
	printf("clocks %ld.%06ld %ld.%09ld", (long)tv.tv_sec, (long)tv.tv_usec,
			(long)ts.tv_sec, ts.tv_nsec);
	printf(" %llu", (unsigned long long)now(CLOCK_REALTIME));
	printf(" %llu", (unsigned long long)now(CLOCK_BOOTTIME));
	printf(" %ld", (long)time(NULL));
	printf(" %ld\n", (long)clock());
	printf("no clock %llu\n", (unsigned long long)now(9999));
}

static uint64_t show_random(void)
{
	static uint8_t many[100000];
	uint64_t sum = 0, some[2];

	if (getrandom(many, sizeof(many), 0) != sizeof(many) ||
			getentropy(some, sizeof(some)))
		exit(2);
	for (size_t i = 0; i < sizeof(many); i++)
		sum = sum * 31 + many[i];
	printf("random %016llx %016llx %016llx\n", (unsigned long long)sum,
			(unsigned long long)some[0],
			(unsigned long long)some[1]);
	return some[0];
}

/* Standard input or the pipe: 1, 2 or both. */
static int wait_for(int fd, bool by_select)
{
	struct pollfd fds[] = { { STDIN_FILENO, POLLIN, 0 }, { fd, POLLIN, 0 } };
	fd_set set;

	if (!by_select) {
		poll(fds, 2, -1);
		return (fds[0].revents ? 1 : 0) | (fds[1].revents ? 2 : 0);
	}
	FD_ZERO(&set);
	FD_SET(STDIN_FILENO, &set);
	FD_SET(fd, &set);
	select(fd + 1, &set, NULL, NULL, NULL);
	return (FD_ISSET(STDIN_FILENO, &set) ? 1 : 0) |
			(FD_ISSET(fd, &set) ? 2 : 0);
}

static ssize_t take(char *bytes, size_t size, bool by_parts)
{
	struct iovec parts[] = { { bytes, 0 }, { bytes, size } };

	return by_parts ? readv(STDIN_FILENO, parts, 2)
			: read(STDIN_FILENO, bytes, size);
}

static void show_input(void)
{
	char bytes[8];
	bool by_turns = false;
	int pipe_fds[2];
	ssize_t n;

	if (pipe(pipe_fds))
		exit(2);
	do {
		int ready = wait_for(pipe_fds[0], by_turns);

		n = take(bytes, sizeof(bytes), by_turns);
		printf("input %d %zd ", ready, n);
		for (ssize_t i = 0; i < n; i++)
			printf("%02x", (unsigned char)bytes[i]);
		printf(" %x\n", (unsigned)give(n > 0 ? (uint64_t)bytes[0] : 0));
		by_turns = !by_turns;
	} while (n > 0);
	if (write(pipe_fds[1], "", 1) != 1)
		exit(2);
	printf("pipe %d\n", wait_for(pipe_fds[0], false) & 2);
}

static void show_guest(uint64_t value)
{
	static const uint32_t code[] = { 0x91000400, 0xd4000002 }; /* add, hvc */
	void *ram = mmap(NULL, RAM_SIZE, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	hv_vcpu_exit_t *exit_of;
	hv_return_t rets[6];
	uint64_t x0 = 0;
	hv_vcpu_t id = 0;

	memcpy(ram, code, sizeof(code));
	rets[0] = hv_vm_create(NULL);
	rets[1] = hv_vm_map(ram, RAM, RAM_SIZE,
			HV_MEMORY_READ | HV_MEMORY_WRITE | HV_MEMORY_EXEC);
	rets[2] = hv_vcpu_create(&id, &exit_of, NULL);
	rets[3] = hv_vcpu_set_reg(id, HV_REG_X0, value);
	(void)hv_vcpu_set_reg(id, HV_REG_CPSR, 0x3c5);
	(void)hv_vcpu_set_reg(id, HV_REG_PC, RAM);
	rets[4] = hv_vcpu_run(id);
	rets[5] = hv_vcpu_get_reg(id, HV_REG_X0, &x0);
	for (size_t i = 0; i < 6; i++)
		printf("%x ", (unsigned)rets[i]);
	printf("guest %016llx\n", (unsigned long long)x0);
}

/* What they read is their own: the trace has nothing of it. */
static void show_children(void)
{
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		bool later = now(CLOCK_REALTIME) > 0 && now(CLOCK_MONOTONIC) > 0;

		printf("child %d\n", later);
		fflush(stdout);
		_exit(0);
	}
	waitpid(pid, NULL, 0);
	if (system("echo LD_PRELOAD is ${LD_PRELOAD:-not set}"))
		exit(2);
}

static int typed[2];

static void *read_typed(void *arg)
{
	char byte;

	(void)arg;
	while (read(STDIN_FILENO, &byte, 1) == 1)
		if (write(typed[1], &byte, 1) != 1)
			exit(2);
	return NULL;
}

/* Ends with the thread in a read. */
static void show_typed(void)
{
	pthread_t thread;
	char bytes[6] = "";

	if (pipe(typed))
		exit(2);
	pthread_create(&thread, NULL, read_typed, NULL);
	pthread_detach(thread);
	for (size_t i = 0; i < 5; i++)
		if (read(typed[0], bytes + i, 1) != 1)
			exit(2);
	printf("typed %s\n", bytes);
}

int main(int argc, char **argv)
{
	struct worker workers[2] = { 0 };

	what = argc > 1 ? argv[1] : "";
	for (size_t i = 0; i < 2; i++)
		pthread_create(&workers[i].thread, NULL, work, &workers[i]);
	show_clocks();
	if (is_to("main"))
		(void)now(CLOCK_REALTIME);
	show_guest(show_random());
	if (is_to("children"))
		show_children();
	if (is_to("wait"))
		show_typed();
	else
		show_input();
	for (size_t i = 0; i < 2; i++) {
		pthread_join(workers[i].thread, NULL);
		printf("thread %zu\n%s", i, workers[i].said);
	}
	return 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * The whole of hvrun against a scripted API. Each run is a process of its own:
 * one VM per process, and threads that outlive main().
 */
#include "machine.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fake_hv.h"
#include "options.h"
#include "signals.h"
#include "test.h"

#define SCRIPT(cpu, ...)                                                       \
	do {                                                                   \
		static const struct fake_step steps_[] = { __VA_ARGS__ };      \
		fake_script.cpus[cpu] = steps_;                                \
		fake_script.counts[cpu] = sizeof(steps_) / sizeof(steps_[0]);  \
	} while (0)

#define PUT(c)                                                                 \
	{                                                                      \
		FAKE_STORE, 0x09000000, c, 0, 0                                \
	}
#define OFF                                                                    \
	{                                                                      \
		FAKE_HVC, 0x84000008, 0, 0, 0                                  \
	}
#define CPU_ON(n, entry, context)                                              \
	{                                                                      \
		FAKE_HVC, 0xc4000003, n, entry, context                        \
	}

static char dir[] = "/tmp/hvrun-machine-XXXXXX";
static char flat[64], out_path[64], log_path[64], err_path[64], regs_path[64];
static char output[65536], log_text[65536], messages[65536], regs[65536];

static struct machine machine;
static struct options options;
static const char *input; /* given to the guest through a pipe, or NULL */
static int signal_to_send;

static void read_back(const char *path, char *text, size_t room)
{
	FILE *file = fopen(path, "r");

	memset(text, 0, room);
	if (!file)
		return;
	if (fread(text, 1, room - 1, file) == 0)
		text[0] = 0;
	fclose(file);
}

static void fresh(void)
{
	memset(&fake_script, 0, sizeof(fake_script));
	fake_script.create_fails_at = -1;
	fake_script.ticks_per_call = 24000000;
	options = (struct options){ .flat = flat,
		.memory_mb = 16,
		.cpu_count = 1,
		.rtc_seconds = 1000,
		.stdin_mode = STDIN_NEVER };
	input = NULL;
	signal_to_send = 0;
	unlink(regs_path);
}

static void feed_input(void)
{
	int fds[2];

	if (!input || pipe(fds))
		return;
	if (write(fds[1], input, strlen(input)) < 0)
		_exit(99);
	close(fds[1]);
	dup2(fds[0], STDIN_FILENO);
}

static void child(void)
{
	FILE *log;
	int status;

	if (!freopen(out_path, "w", stdout) || !freopen(err_path, "w", stderr))
		_exit(99);
	feed_input();
	signals_block();
	status = machine_run(&machine, &options);
	log = fopen(log_path, "w");
	if (!log)
		_exit(99);
	fake_print_log(log);
	fclose(log);
	fflush(stderr); /* freopen() gave it a buffer */
	_exit(fake_problems() ? 98 : status);
}

/* Returns the exit status; 1000 and up stands for a signal. */
static int run(void)
{
	int status = 0;
	pid_t pid;

	unlink(out_path);
	unlink(log_path);
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		alarm(20); /* a hang is a failure, not a stuck test */
		child();
	}
	if (signal_to_send) {
		usleep(200000);
		kill(pid, signal_to_send);
	}
	waitpid(pid, &status, 0);
	read_back(out_path, output, sizeof(output));
	read_back(log_path, log_text, sizeof(log_text));
	read_back(err_path, messages, sizeof(messages));
	read_back(regs_path, regs, sizeof(regs));
	if (WIFSIGNALED(status))
		return 1000 + WTERMSIG(status);
	if (WEXITSTATUS(status) == 98)
		printf("%s", messages);
	return WEXITSTATUS(status);
}

static void prints_and_switches_off(void)
{
	fresh();
	SCRIPT(0, PUT('h'), PUT('i'), { FAKE_STORE_ZERO, 0x09000000, 0, 0, 0 },
		PUT('\n'), OFF);
	CHECK_EQ(run(), STATUS_OFF);
	CHECK(!memcmp(output, "hi\0\n", 4));
	CHECK(strstr(log_text, "vm_map 40000000 1000000 7\n"));
	CHECK(strstr(log_text, "distributor 8000000\nredistributor 80a0000\n"));
	/* MPIDR_EL1 is set right after the creation. */
	CHECK(strstr(log_text, "create\nset_sys_reg c005 80000000\n"));
	CHECK(strstr(log_text,
		"set_reg 0 1000000\nset_reg 31 40000000\n"
		"set_reg 34 3c5\n"));
	CHECK(strstr(log_text, "destroy\n"));
	CHECK(strstr(log_text, "vm_destroy\n"));
}

static void a_reset_ends_with_its_own_status(void)
{
	fresh();
	SCRIPT(0, { FAKE_SMC, 0x84000009, 0, 0, 0 });
	CHECK_EQ(run(), STATUS_RESET);
}

static void answers_calls_by_hvc_and_smc(void)
{
	fresh();
	SCRIPT(0, { FAKE_HVC, 0x84000000, 0, 0, 0 }, { FAKE_RESULT, 0x10001 },
		{ FAKE_SMC, 0x84000000, 0, 0, 0 }, { FAKE_RESULT, 0x10001 },
		{ FAKE_HVC, 0x86000000, 0, 0, 0 }, { FAKE_RESULT, UINT64_MAX },
		OFF);
	CHECK_EQ(run(), STATUS_OFF);
}

static void loads_come_from_the_devices(void)
{
	fresh();
	SCRIPT(0, { FAKE_LOAD, 0x09000fe8, 0, 0, 0x14 },
		{ FAKE_LOAD, 0x09010fe0, 0, 3, 0x1000000031 },
		/* Each reading of the counter is a second: one has passed. */
		{ FAKE_LOAD, 0x09010000, 0, 2, 1001 },
		{ FAKE_LOAD, 0x0a000000, 0, 2, 0 }, OFF);
	CHECK_EQ(run(), STATUS_OFF);
	CHECK(strstr(messages, "no device at 0xa000000"));
}

static void make_disk(char *path, size_t room)
{
	snprintf(path, room, "%s/disk", dir);
	CHECK_EQ(close(open(path, O_CREAT | O_RDWR, 0600)), 0);
	CHECK_EQ(truncate(path, 3 * 512), 0);
	options.disks[0] = (struct disk_option){ path, true };
	options.disk_count = 1;
}

static void disks_are_on_the_bus_and_freed_at_the_end(void)
{
	char disk[64];

	fresh();
	make_disk(disk, sizeof(disk));
	options.disks[1] = (struct disk_option){ disk, false };
	options.disk_count = 2;
	SCRIPT(0, { FAKE_LOAD, 0x0a000000, 0, 2, 0x74726976 },
		{ FAKE_LOAD, 0x0a001008, 0, 2, 2 },
		{ FAKE_LOAD, 0x0a001100, 0, 3, 3 },
		{ FAKE_STORE, 0x0a001070, 0, 2, 0 }, OFF);
	CHECK_EQ(run(), STATUS_OFF);
	/* The queues' threads report one after the other. */
	CHECK(strstr(log_text, "set_spi 48 0\nset_spi 49 0\n"));
	CHECK(strstr(log_text, "set_spi 49 0\nget_reg 31\n"));
	options.disk_count = 1;
	CHECK_EQ(truncate(disk, 100), 0);
	CHECK_EQ(run(), STATUS_USAGE);
	CHECK(strstr(messages, "not a multiple of 512"));
	unlink(disk);
}

static void an_interrupt_line_that_fails_ends_it(void)
{
	char disk[64];

	fresh();
	make_disk(disk, sizeof(disk));
	fake_script.spi_fails_from = 1;
	SCRIPT(0, PUT('x'), OFF);
	CHECK_EQ(run(), STATUS_TROUBLE);
	CHECK(!strcmp(output, ""));
	CHECK(strstr(messages, "hv_gic_set_spi failed: HV_DENIED"));
	fresh();
	make_disk(disk, sizeof(disk));
	fake_script.spi_fails_from = 2;
	/* The reset of the disk lowers its line. */
	SCRIPT(0, { FAKE_STORE, 0x0a000070, 0, 2, 0 });
	CHECK_EQ(run(), STATUS_TROUBLE);
	unlink(disk);
}

static void steps_over_hints_and_harmless_registers(void)
{
	fresh();
	SCRIPT(0, { FAKE_EXCEPTION, 0x06000000 }, /* WFI */
		{ FAKE_EXCEPTION,
			0x18ull << 26 | 2 << 20 | 4 << 17 | 1 << 10 |
				5 << 5 }, /* OSLAR_EL1 */
		{ FAKE_EXCEPTION,
			0x24ull << 26 | 1 << 24 | 1 << 8 }, /* cache op */
		OFF);
	CHECK_EQ(run(), STATUS_OFF);
}

static void sets_interrupt_lines_only_when_they_change(void)
{
	fresh();
	SCRIPT(0, { FAKE_STORE, 0x09000038, 0x20, 2, 0 }, PUT('a'), PUT('b'),
		{ FAKE_STORE, 0x09000044, 0x20, 2, 0 }, OFF);
	CHECK_EQ(run(), STATUS_OFF);
	CHECK(strstr(log_text, "set_spi 33 1\n"));
	CHECK(strstr(log_text, "set_spi 33 0\n"));
	CHECK(!strstr(strstr(log_text, "set_spi 33 1\n") + 1, "set_spi 33 1"));
}

static void gives_up_with_a_dump(void)
{
	static const struct {
		struct fake_step step;
		const char *message;
	} cases[] = {
		{ { FAKE_EXCEPTION, 0x24ull << 26, 0, 0, 0 },
			"does not describe" },
		{ { FAKE_EXCEPTION, 0x82000006, 0, 0, 0 },
			"instruction abort: syndrome 0x82000006" },
		{ { FAKE_EXCEPTION, 0x24ull << 26 | 1 << 7, 0, 0, 0 },
			"page tables" },
		{ { FAKE_EXCEPTION, 0x18ull << 26 | 3 << 20 | 1, 0, 0, 0 },
			"read system register s3_0_c0_c0_0" },
		{ { FAKE_REASON, HV_EXIT_REASON_UNKNOWN, 0, 0, 0 },
			"does not know" },
		{ { FAKE_REASON, HV_EXIT_REASON_VTIMER_ACTIVATED, 0, 0, 0 },
			"timer expired" },
		{ { FAKE_HVC, 0x84000002, 0, 0, 0 }, "last vCPU" },
		{ { FAKE_FAIL, (uint32_t)HV_ILLEGAL_GUEST_STATE, 0, 0, 0 },
			"hv_vcpu_run failed: HV_ILLEGAL_GUEST_STATE" },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		fresh();
		fake_script.cpus[0] = &cases[i].step;
		fake_script.counts[0] = 1;
		CHECK_EQ(run(), STATUS_TROUBLE);
		CHECK(strstr(messages, cases[i].message));
		if (cases[i].step.op != FAKE_FAIL)
			CHECK(strstr(messages, "cpu0.pc 0x000000004000000"));
	}
}

static void says_what_the_host_lacks(void)
{
	fresh();
	fake_script.vm_create = HV_UNSUPPORTED;
	CHECK_EQ(run(), STATUS_TROUBLE);
	CHECK(strstr(messages, "hv_vm_create failed: HV_UNSUPPORTED"));
	CHECK(strstr(messages, "hvtrace host"));
}

static void a_vcpu_that_cannot_be_made_ends_it(void)
{
	fresh();
	options.cpu_count = 3;
	fake_script.create_fails_at = 1;
	CHECK_EQ(run(), STATUS_TROUBLE);
	CHECK(strstr(messages, "hv_vcpu_create failed: HV_NO_RESOURCES"));
	CHECK(strstr(log_text, "vm_destroy"));
}

static void script_two_cpus(void)
{
	fresh();
	options.cpu_count = 2;
	SCRIPT(0, CPU_ON(1, 0x40002000, 0x99), { FAKE_RESULT, 0 }, PUT('a'),
		{ FAKE_POST, 1 }, { FAKE_AWAIT, 2 }, PUT('c'), OFF);
	SCRIPT(1, { FAKE_RESULT, 0x99 }, { FAKE_AWAIT, 1 }, PUT('b'),
		{ FAKE_HVC, 0x84000000 }, { FAKE_POST, 2 });
}

static void two_cpus_work_and_end_together(void)
{
	script_two_cpus();
	CHECK_EQ(run(), STATUS_OFF);
	CHECK(!strcmp(output, "abc"));
	CHECK(strstr(log_text, "set_sys_reg c005 80000001\n"));
}

static void every_run_makes_the_same_calls(void)
{
	static char first[sizeof(log_text)];
	int i;

	script_two_cpus();
	options.final_regs = regs_path;
	CHECK_EQ(run(), STATUS_OFF);
	memcpy(first, log_text, sizeof(first));
	for (i = 0; i < 50; i++) {
		CHECK_EQ(run(), STATUS_OFF);
		CHECK(!strcmp(first, log_text));
	}
}

/* CPU 1 goes off while CPU 0 is stuck for long enough, then is on again. */
static void a_cpu_goes_off_and_on_again(void)
{
	fresh();
	options.cpu_count = 2;
	SCRIPT(0, CPU_ON(1, 0x40002000, 1), { FAKE_AWAIT, 1 }, { FAKE_PAUSE },
		{ FAKE_HVC, 0xc4000004, 1, 0 }, { FAKE_RESULT, 1 },
		CPU_ON(1, 0x40004000, 2), { FAKE_RESULT, 0 }, { FAKE_AWAIT, 2 },
		OFF);
	SCRIPT(1, { FAKE_RESULT, 1 }, { FAKE_POST, 1 },
		{ FAKE_HVC, 0x84000002 }, { FAKE_RESULT, 2 }, PUT('2'),
		{ FAKE_HVC, 0x84000000 }, { FAKE_POST, 2 });
	CHECK_EQ(run(), STATUS_OFF);
	CHECK(!strcmp(output, "2"));
	CHECK(strstr(log_text, "set_reg 31 40004000\n"));
}

static void writes_all_registers_in_cpu_order(void)
{
	script_two_cpus();
	options.final_regs = regs_path;
	CHECK_EQ(run(), STATUS_OFF);
	CHECK(!strncmp(regs, "cpu0.x0 0x", 10));
	CHECK(strstr(regs, "\ncpu0.cpsr 0x00000000000003c5\n"));
	CHECK(strstr(regs, "\ncpu0.sp_el1 0x"));
	CHECK(strstr(regs, "\ncpu0.par_el1 HV_UNSUPPORTED\n"));
	CHECK(strstr(regs, "\ncpu1.q31 0xf000000000000000000000000000001f\n"));
	CHECK(strstr(regs, "cpu1.x0") > strstr(regs, "cpu0.q31"));
}

static void a_cpu_never_turned_on_is_reported_too(void)
{
	fresh();
	options.cpu_count = 2;
	options.final_regs = regs_path;
	SCRIPT(0, OFF);
	CHECK_EQ(run(), STATUS_OFF);
	CHECK(strstr(regs, "\ncpu1.pc 0x0000000000000000\n"));
}

static void input_reaches_the_guest_byte_by_byte(void)
{
	fresh();
	options.stdin_mode = STDIN_ALWAYS;
	input = "xyz";
	SCRIPT(0, { FAKE_STORE, 0x0900002c, 0x10, 2, 0 },
		{ FAKE_STORE, 0x09000038, 0x50, 2, 0 },
		{ FAKE_STORE, 0x09000030, 0x301, 2, 0 },
		/* A cancelled run ends the wait; it is repeated, as asked. */
		{ FAKE_AWAIT, 1 });
	signal_to_send = SIGTERM;
	CHECK_EQ(run(), 128 + SIGTERM);
	/* Three kicks, one for each byte; the line went up with the first. */
	CHECK(strstr(log_text,
		"run 0 0\nset_spi 33 1\nrun 0 0\nrun 0 0\n"
		"run 0 0\n"));
}

/* CPU 0 is asked to exit for a byte of input and for the end, and does once. */
static void script_merged_requests(void)
{
	fresh();
	options.cpu_count = 2;
	options.stdin_mode = STDIN_ALWAYS;
	input = "xyz";
	SCRIPT(0, CPU_ON(1, 0x40002000, 1),
		{ FAKE_STORE, 0x09000030, 0x301, 2, 0 }, { FAKE_MERGE, 2 });
}

static void a_poweroff_is_not_lost_behind_input(void)
{
	script_merged_requests();
	SCRIPT(1, { FAKE_KICKED, 0 }, OFF);
	CHECK_EQ(run(), STATUS_OFF);
}

static void a_signal_is_not_lost_behind_input(void)
{
	script_merged_requests();
	SCRIPT(1, { FAKE_KICKED, 0 }, { FAKE_SIGNAL, SIGTERM });
	CHECK_EQ(run(), 128 + SIGTERM);
}

static void signals_end_it_in_order(void)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
	size_t i;

	for (i = 0; i < 3; i++) {
		fresh();
		options.cpu_count = 3;
		options.final_regs = regs_path;
		SCRIPT(0, PUT('s'));
		signal_to_send = signals[i];
		CHECK_EQ(run(), 128 + signals[i]);
		CHECK(!strcmp(output, "s"));
		CHECK(strstr(regs, "cpu2.pc"));
		CHECK(strstr(log_text, "vm_destroy"));
	}
}

static void cancelled_without_a_cause_it_stops(void)
{
	/* As in the replay of a run that was ended by a signal. */
	fresh();
	SCRIPT(0, { FAKE_REASON, HV_EXIT_REASON_CANCELED });
	CHECK_EQ(run(), STATUS_INTERRUPTED);
}

int main(void)
{
	FILE *file;

	if (!mkdtemp(dir))
		return 1;
	snprintf(flat, sizeof(flat), "%s/flat", dir);
	snprintf(out_path, sizeof(out_path), "%s/out", dir);
	snprintf(log_path, sizeof(log_path), "%s/log", dir);
	snprintf(err_path, sizeof(err_path), "%s/err", dir);
	snprintf(regs_path, sizeof(regs_path), "%s/regs", dir);
	file = fopen(flat, "w");
	if (!file || fputs("flat", file) < 0 || fclose(file))
		return 1;
	RUN(prints_and_switches_off);
	RUN(a_reset_ends_with_its_own_status);
	RUN(answers_calls_by_hvc_and_smc);
	RUN(loads_come_from_the_devices);
	RUN(disks_are_on_the_bus_and_freed_at_the_end);
	RUN(an_interrupt_line_that_fails_ends_it);
	RUN(steps_over_hints_and_harmless_registers);
	RUN(sets_interrupt_lines_only_when_they_change);
	RUN(gives_up_with_a_dump);
	RUN(says_what_the_host_lacks);
	RUN(a_vcpu_that_cannot_be_made_ends_it);
	RUN(two_cpus_work_and_end_together);
	RUN(every_run_makes_the_same_calls);
	RUN(a_cpu_goes_off_and_on_again);
	RUN(writes_all_registers_in_cpu_order);
	RUN(a_cpu_never_turned_on_is_reported_too);
	RUN(input_reaches_the_guest_byte_by_byte);
	RUN(a_poweroff_is_not_lost_behind_input);
	RUN(a_signal_is_not_lost_behind_input);
	RUN(signals_end_it_in_order);
	RUN(cancelled_without_a_cause_it_stops);
	unlink(flat);
	unlink(out_path);
	unlink(log_path);
	unlink(err_path);
	unlink(regs_path);
	rmdir(dir);
	return test_result();
}

/* SPDX-License-Identifier: MIT */
/*
 * Option parsing. Each message names the option, what was given, and what
 * would be right; --help and this table are kept next to each other so that
 * neither is forgotten.
 */
#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifndef HVRUN_VERSION
#define HVRUN_VERSION "(no version: built by hand)"
#endif

/* COMMAND_LINE_SIZE of arm64: the rest would be cut off without a word. */
#define LINUX_COMMAND_LINE 2048

enum {
	OPT_KERNEL = 256,
	OPT_FLAT,
	OPT_INITRD,
	OPT_APPEND,
	OPT_MEMORY,
	OPT_SMP,
	OPT_RTC,
	OPT_STDIN,
	OPT_NO_STDIN,
	OPT_FINAL_REGS,
	OPT_DISK,
	OPT_NET,
	OPT_VIRTIO_CONSOLE,
	OPT_RNG,
	OPT_HELP,
	OPT_VERSION,
};

static const struct option table[] = {
	{ "kernel", required_argument, NULL, OPT_KERNEL },
	{ "flat", required_argument, NULL, OPT_FLAT },
	{ "initrd", required_argument, NULL, OPT_INITRD },
	{ "append", required_argument, NULL, OPT_APPEND },
	{ "memory", required_argument, NULL, OPT_MEMORY },
	{ "smp", required_argument, NULL, OPT_SMP },
	{ "rtc", required_argument, NULL, OPT_RTC },
	{ "stdin", no_argument, NULL, OPT_STDIN },
	{ "no-stdin", no_argument, NULL, OPT_NO_STDIN },
	{ "final-regs", required_argument, NULL, OPT_FINAL_REGS },
	{ "disk", required_argument, NULL, OPT_DISK },
	{ "net", required_argument, NULL, OPT_NET },
	{ "virtio-console", required_argument, NULL, OPT_VIRTIO_CONSOLE },
	{ "rng", optional_argument, NULL, OPT_RNG },
	{ "help", no_argument, NULL, OPT_HELP },
	{ "version", no_argument, NULL, OPT_VERSION },
	{ NULL, 0, NULL, 0 },
};

static void print_help(void)
{
	printf("usage: hvrun --kernel IMAGE [--initrd FILE] [--append STRING] "
	       "[option...]\n"
	       "       hvrun --flat FILE [option...]\n"
	       "\n"
	       "Runs an arm64 guest with nothing but the Hypervisor API.\n"
	       "\n"
	       "  --kernel IMAGE    boot an uncompressed arm64 Linux Image\n"
	       "  --initrd FILE     initial RAM disk for --kernel\n"
	       "  --append STRING   kernel command line "
	       "(default: console=ttyAMA0)\n"
	       "  --flat FILE       load FILE at 0x%llx and start at its first "
	       "byte:\n"
	       "                    EL1h, MMU off, X0 = size of RAM in bytes\n"
	       "  --memory MB       size of RAM, %u to %u (default: %u)\n"
	       "  --smp N           number of vCPUs, 1 to %u (default: 1)\n"
	       "  --rtc SECONDS     where the guest's clock starts, counted "
	       "from "
	       "1970\n"
	       "                    (default: %llu, so that runs are alike)\n"
	       "  --stdin           hand standard input to the serial port\n"
	       "  --no-stdin        never read standard input\n"
	       "                    (default: read a terminal or a pipe)\n"
	       "  --final-regs FILE write every vCPU's registers there at the "
	       "end\n"
	       "\n"
	       "devices (virtio; the guest finds them in its device tree):\n"
	       "  --disk FILE[,ro]  a disk whose contents are those of FILE; "
	       ",ro: for\n"
	       "                    reading only; up to %u times, /dev/vda "
	       "first\n"
	       "  --net user[,tftp=DIR]\n"
	       "                    a network of the guest's own behind this "
	       "process:\n"
	       "                    gateway 10.0.2.2, DHCP, DNS; TFTP serves "
	       "DIR\n"
	       "  --net tap:NAME    a network through the host's tap "
	       "interface NAME\n"
	       "  --virtio-console pty|stdio|file:NAME\n"
	       "                    a second console, /dev/hvc0; with stdio "
	       "the serial\n"
	       "                    port gets no input; file: is for output "
	       "only\n"
	       "  --rng[=seed=N]    random numbers of the host's, or a "
	       "sequence that\n"
	       "                    depends on N alone\n"
	       "\n"
	       "  --help, --version\n"
	       "\n"
	       "In a terminal Ctrl-A X quits, and Ctrl-A Ctrl-A sends a "
	       "Ctrl-A.\n"
	       "\n"
	       "exit status: 0  the guest switched the machine off\n"
	       "             1  the guest stopped in a way hvrun does not "
	       "handle, or\n"
	       "                the API reported an error\n"
	       "             2  wrong usage, or a file that cannot be used\n"
	       "             3  the guest asked for a reset\n"
	       "             128 + N after signal N; 130 also for Ctrl-A X\n",
		RAM_BASE, MIN_MEMORY_MB, MAX_MEMORY_MB, DEFAULT_MEMORY_MB,
		MAX_CPUS, DEFAULT_RTC_SECONDS, MAX_DISKS);
}

/* Decimal digits only: strtoull would take signs and leading blanks too. */
static bool parse_number(const char *name, const char *text, uint64_t min,
	uint64_t max, uint64_t *value)
{
	bool digits = *text && strspn(text, "0123456789") == strlen(text);

	errno = 0;
	*value = digits ? strtoull(text, NULL, 10) : 0;
	if (digits && !errno && *value >= min && *value <= max)
		return true;
	fprintf(stderr,
		"hvrun: --%s: '%s' is not a whole number from %" PRIu64
		" to %" PRIu64 "\n",
		name, text, min, max);
	return false;
}

static bool take_number(struct options *options, int opt, const char *text)
{
	uint64_t n = 0;

	switch (opt) {
	case OPT_MEMORY:
		if (!parse_number(
			    "memory", text, MIN_MEMORY_MB, MAX_MEMORY_MB, &n))
			return false;
		options->memory_mb = (unsigned int)n;
		return true;
	case OPT_SMP:
		if (!parse_number("smp", text, 1, MAX_CPUS, &n))
			return false;
		options->cpu_count = (unsigned int)n;
		return true;
	default:
		return parse_number(
			"rtc", text, 0, UINT32_MAX, &options->rtc_seconds);
	}
}

static void take_string(struct options *options, int opt, const char *text)
{
	switch (opt) {
	case OPT_KERNEL:
		options->kernel = text;
		break;
	case OPT_FLAT:
		options->flat = text;
		break;
	case OPT_INITRD:
		options->initrd = text;
		break;
	case OPT_APPEND:
		options->append = text;
		break;
	case OPT_VIRTIO_CONSOLE:
		options->hvc = text;
		break;
	default:
		options->final_regs = text;
		break;
	}
}

static enum options_verdict wrong(const char *subject, const char *what)
{
	fprintf(stderr, "hvrun: %s: %s (see hvrun --help)\n", subject, what);
	return OPTIONS_WRONG;
}

/* FILE, FILE,ro or FILE,rw; cuts the text behind the name. */
static enum options_verdict take_disk(struct options *options, char *text)
{
	struct disk_option *disk = &options->disks[options->disk_count];
	char *comma = strrchr(text, ',');

	if (options->disk_count == MAX_DISKS)
		return wrong("--disk", "there is room for 8 disks only");
	disk->read_only = comma && !strcmp(comma, ",ro");
	if (comma && (disk->read_only || !strcmp(comma, ",rw")))
		*comma = 0;
	if (!*text)
		return wrong("--disk", "give the name of a file");
	disk->path = text;
	options->disk_count++;
	return OPTIONS_RUN;
}

static enum options_verdict take_net(struct options *options, const char *text)
{
	struct net_option *net = &options->net;

	if (net->user || net->tap)
		return wrong("--net", "there can be one network only");
	if (!strncmp(text, "tap:", 4) && text[4]) {
		net->tap = text + 4;
		return OPTIONS_RUN;
	}
	net->user = !strcmp(text, "user");
	if (!strncmp(text, "user,tftp=", 10) && text[10]) {
		net->user = true;
		net->tftp = text + 10;
	}
	return net->user
		? OPTIONS_RUN
		: wrong("--net", "give user, user,tftp=DIR or tap:NAME");
}

static enum options_verdict take_rng(struct options *options, const char *text)
{
	options->has_rng = true;
	if (!text)
		return OPTIONS_RUN;
	if (strncmp(text, "seed=", 5) != 0)
		return wrong("--rng", "give --rng or --rng=seed=NUMBER");
	options->rng_is_seeded = true;
	return parse_number(
		       "rng=seed", text + 5, 0, UINT64_MAX, &options->rng_seed)
		? OPTIONS_RUN
		: OPTIONS_WRONG;
}

static enum options_verdict check_hvc(struct options *options)
{
	if (!options->hvc || strcmp(options->hvc, "stdio") != 0)
		return OPTIONS_RUN;
	if (options->stdin_mode == STDIN_ALWAYS)
		return wrong("--stdin and --virtio-console stdio",
			"standard input goes to one of them only");
	options->stdin_mode = STDIN_NEVER;
	return OPTIONS_RUN;
}

static enum options_verdict check(const struct options *options)
{
	if (!options->kernel && !options->flat)
		return wrong("nothing to run", "give --kernel or --flat");
	if (options->kernel && options->flat)
		return wrong("--kernel and --flat", "give only one of them");
	if (options->flat && options->initrd)
		return wrong("--initrd", "it needs --kernel");
	if (options->flat && options->append)
		return wrong("--append", "it needs --kernel");
	if (options->append && strlen(options->append) >= LINUX_COMMAND_LINE)
		return wrong("--append",
			"longer than the 2047 bytes that the kernel reads");
	return OPTIONS_RUN;
}

static enum options_verdict take(struct options *options, int opt, char **argv)
{
	switch (opt) {
	case OPT_MEMORY:
	case OPT_SMP:
	case OPT_RTC:
		return take_number(options, opt, optarg) ? OPTIONS_RUN
							 : OPTIONS_WRONG;
	case OPT_DISK:
		return take_disk(options, optarg);
	case OPT_NET:
		return take_net(options, optarg);
	case OPT_RNG:
		return take_rng(options, optarg);
	case OPT_STDIN:
		options->stdin_mode = STDIN_ALWAYS;
		return OPTIONS_RUN;
	case OPT_NO_STDIN:
		options->stdin_mode = STDIN_NEVER;
		return OPTIONS_RUN;
	case OPT_HELP:
		print_help();
		return OPTIONS_DONE;
	case OPT_VERSION:
		printf("hvrun %s\n", HVRUN_VERSION);
		return OPTIONS_DONE;
	case ':':
		return wrong(argv[optind - 1], "this option needs a value");
	case '?':
		return wrong(argv[optind - 1],
			"no such option, or one that takes no value");
	default:
		take_string(options, opt, optarg);
		return OPTIONS_RUN;
	}
}

enum options_verdict options_parse(
	struct options *options, int argc, char **argv)
{
	enum options_verdict verdict;
	int opt;

	*options = (struct options){
		.memory_mb = DEFAULT_MEMORY_MB,
		.cpu_count = 1,
		.rtc_seconds = DEFAULT_RTC_SECONDS,
	};
	opterr = 0;
	while ((opt = getopt_long(argc, argv, ":", table, NULL)) != -1) {
		verdict = take(options, opt, argv);
		if (verdict != OPTIONS_RUN)
			return verdict;
	}
	if (optind < argc)
		return wrong(argv[optind], "not an option");
	verdict = check(options);
	return verdict == OPTIONS_RUN ? check_hvc(options) : verdict;
}

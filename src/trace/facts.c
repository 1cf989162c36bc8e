/* SPDX-License-Identifier: MIT */
/*
 * Facts for the header of a trace. What cannot be found out is left out: a
 * missing fact never stops a recording.
 */
#include "facts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#define COMMAND_MAX 65536

struct maker {
	struct hvt_facts *facts;
	FILE *text;
};

/* Keys and values are both ended by a NUL in the text. */
static void add(struct maker *m, const char *key, const char *value)
{
	fprintf(m->text, "%s%c%s%c", key, 0, value, 0);
	m->facts->count++;
}

static void add_command(struct maker *m)
{
	char *buffer = malloc(COMMAND_MAX);
	int fd = open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC);
	ssize_t n = buffer && fd >= 0 ? read(fd, buffer, COMMAND_MAX - 1) : -1;

	if (fd >= 0)
		close(fd);
	for (ssize_t i = 0; i + 1 < n; i++)
		if (!buffer[i])
			buffer[i] = ' ';
	if (n > 0) {
		buffer[n] = 0;
		add(m, "command", buffer);
	}
	free(buffer);
}

static void add_host(struct maker *m)
{
	struct utsname u;
	char text[64];

	if (uname(&u) == 0) {
		add(m, "host_machine", u.machine);
		add(m, "host_kernel", u.release);
	}
#ifdef __aarch64__
	{
		uint64_t midr;

		/* The kernel answers this for user space where it may. */
		if (getauxval(AT_HWCAP) & (1u << 11)) {
			__asm__("mrs %0, midr_el1" : "=r"(midr));
			snprintf(text, sizeof(text), "0x%llx",
					(unsigned long long)midr);
			add(m, "host_midr", text);
		}
	}
#endif
	snprintf(text, sizeof(text), "%ld", sysconf(_SC_PAGESIZE));
	add(m, "page_size", text);
	snprintf(text, sizeof(text), "%llu", (unsigned long long)hvt_tick_hz());
	add(m, "tick_hz", text);
}

static void add_time(struct maker *m)
{
	time_t now = time(NULL);
	struct tm tm;
	char text[64];

	if (gmtime_r(&now, &tm) &&
			strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm))
		add(m, "recorded_at", text);
}

/* The list of facts points into the finished text. */
static int index_text(struct hvt_facts *facts)
{
	const char *p = facts->text;

	facts->list = calloc(facts->count, sizeof(*facts->list));
	if (!facts->list)
		return -ENOMEM;
	for (size_t i = 0; i < facts->count; i++) {
		facts->list[i].key = p;
		p += strlen(p) + 1;
		facts->list[i].value = p;
		p += strlen(p) + 1;
	}
	return 0;
}

int hvt_facts_init(struct hvt_facts *facts, const struct hvt_info *more,
		size_t count)
{
	struct maker m = { .facts = facts };
	size_t size;
	int err;

	*facts = (struct hvt_facts){ 0 };
	m.text = open_memstream(&facts->text, &size);
	if (!m.text)
		return -ENOMEM;
	add(&m, "library", hvt_version());
	add_time(&m);
	add_host(&m);
	add_command(&m);
	for (size_t i = 0; i < count; i++)
		add(&m, more[i].key, more[i].value);
	err = fclose(m.text) ? -ENOMEM : index_text(facts);
	if (err)
		hvt_facts_fini(facts);
	return err;
}

void hvt_facts_fini(struct hvt_facts *facts)
{
	free(facts->list);
	free(facts->text);
}

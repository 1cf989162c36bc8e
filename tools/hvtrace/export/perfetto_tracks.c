/* SPDX-License-Identifier: MIT */
#include "perfetto_tracks.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* The process, and groups of tracks in the order in which they stand. */
enum {
	GROUP_VMM = 1,
	GROUP_DEVICES,
	GROUP_INTERRUPTS,
	GROUP_CALLS,
	MESSAGES, /* one track for all, numbered with the groups */
};

static uint64_t number_of(enum perfetto_kind kind, uint64_t which)
{
	return (uint64_t)kind << 20 | which % PERFETTO_TRACKS_EACH;
}

/* Is it the first time that the track is asked for? */
static bool is_new(struct perfetto_tracks *t, enum perfetto_kind kind,
		uint64_t which)
{
	size_t bit = (size_t)kind * PERFETTO_TRACKS_EACH +
			which % PERFETTO_TRACKS_EACH;
	bool known = t->known[bit / 8] >> bit % 8 & 1;

	t->known[bit / 8] |= (uint8_t)(1 << bit % 8);
	return !known;
}

static void describe(const struct perfetto_tracks *t, enum perfetto_kind kind,
		uint64_t which, uint64_t parent, const char *unit,
		const char *format, ...) __attribute__((format(printf, 6, 7)));

static void describe(const struct perfetto_tracks *t, enum perfetto_kind kind,
		uint64_t which, uint64_t parent, const char *unit,
		const char *format, ...)
{
	/* Groups stand behind vCPUs, which have the same parent. */
	unsigned rank = kind == PERFETTO_GROUP ? PERFETTO_TRACKS_EACH : 0;
	char name[64];
	const struct perfetto_track track = { .number = number_of(kind, which),
		.parent = parent,
		.rank = (int32_t)(rank + which % PERFETTO_TRACKS_EACH),
		.name = name, .unit = unit };
	va_list args;

	va_start(args, format);
	vsnprintf(name, sizeof(name), format, args);
	va_end(args);
	perfetto_track(t->packets, &track);
}

static uint64_t group(struct perfetto_tracks *t, unsigned which,
		uint64_t parent, const char *name)
{
	if (is_new(t, PERFETTO_GROUP, which))
		describe(t, PERFETTO_GROUP, which, parent, NULL, "%s", name);
	return which;
}

void perfetto_tracks_init(struct perfetto_tracks *t, struct perfetto *packets,
		const char *command)
{
	char words[2048], name[256];
	const char *program;

	t->packets = packets;
	memset(t->known, 0, sizeof(t->known));
	command = command ? command : "VMM";
	program = command + strcspn(command, " ");
	while (program > command && program[-1] != '/')
		program--;
	snprintf(words, sizeof(words), "%s", command);
	snprintf(name, sizeof(name), "%.*s", (int)strcspn(program, " "), program);
	perfetto_process(packets, GROUP_VMM, name, words);
}

uint64_t perfetto_vcpu(struct perfetto_tracks *t, uint64_t vcpu)
{
	if (is_new(t, PERFETTO_VCPU, vcpu))
		describe(t, PERFETTO_VCPU, vcpu, GROUP_VMM, NULL,
				"vCPU %" PRIu64, vcpu);
	return number_of(PERFETTO_VCPU, vcpu);
}

uint64_t perfetto_rate(struct perfetto_tracks *t, uint64_t vcpu)
{
	if (is_new(t, PERFETTO_RATE, vcpu))
		describe(t, PERFETTO_RATE, vcpu, perfetto_vcpu(t, vcpu), "exits/s",
				"exits of vCPU %" PRIu64, vcpu);
	return number_of(PERFETTO_RATE, vcpu);
}

uint64_t perfetto_device(struct perfetto_tracks *t, unsigned number,
		const struct device *d)
{
	if (is_new(t, PERFETTO_DEVICE, number))
		describe(t, PERFETTO_DEVICE, number,
				group(t, GROUP_DEVICES, GROUP_VMM, "devices"),
				NULL, "%s", d->name);
	return number_of(PERFETTO_DEVICE, number);
}

static uint64_t interrupts(struct perfetto_tracks *t)
{
	return group(t, GROUP_INTERRUPTS, GROUP_VMM, "interrupts");
}

uint64_t perfetto_line(struct perfetto_tracks *t, uint64_t intid)
{
	if (is_new(t, PERFETTO_LINE, intid))
		describe(t, PERFETTO_LINE, intid, interrupts(t), "level",
				"INTID %" PRIu64, intid);
	return number_of(PERFETTO_LINE, intid);
}

uint64_t perfetto_messages(struct perfetto_tracks *t)
{
	return group(t, MESSAGES, interrupts(t), "messages");
}

uint64_t perfetto_thread(struct perfetto_tracks *t, uint32_t thread)
{
	if (is_new(t, PERFETTO_THREAD, thread))
		describe(t, PERFETTO_THREAD, thread,
				group(t, GROUP_CALLS, GROUP_VMM, "calls"), NULL,
				"thread %" PRIu32, thread);
	return number_of(PERFETTO_THREAD, thread);
}

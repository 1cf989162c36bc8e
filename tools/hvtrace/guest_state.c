/* SPDX-License-Identifier: MIT */
/*
 * hvtrace dump --at: the state of a guest at an event. It is not in the trace,
 * but at keyframes: the guest runs again from there, or from the beginning.
 */
#include "guest_state.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "cmd.h"
#include "guest_replay.h"
#include "guest_view.h"
#include "memory_text.h"

#define VCPUS_MAX  64u
#define MEMORY_MAX (64u << 20)

static bool parse_number(const char *text, const char **end, uint64_t *value)
{
	char *behind;

	if (!isdigit((unsigned char)*text))
		return false;
	errno = 0;
	*value = strtoull(text, &behind, 0);
	*end = behind;
	return !errno;
}

bool guest_state_parse_at(const char *text, struct guest_state *s)
{
	s->wanted = true;
	return number_parse(text, &s->at);
}

bool guest_state_parse_memory(const char *text, struct guest_state *s)
{
	const char *end;

	return parse_number(text, &end, &s->ipa) && *end == ',' &&
			parse_number(end + 1, &end, &s->size) && !*end &&
			s->size && s->size <= MEMORY_MAX &&
			s->ipa + s->size > s->ipa;
}

static int read_guest(const void *guest, uint64_t ipa, void *bytes, size_t size)
{
	return hvt_guest_read(guest, ipa, bytes, size);
}

static void put_regs(struct hvt_guest *guest)
{
	for (unsigned i = 0; i < VCPUS_MAX; i++) {
		struct hvt_guest_regs regs;

		if (hvt_guest_regs(guest, i, &regs))
			continue;
		printf("vCPU %u\n", i);
		guest_view_regs(stdout, guest, i);
		guest_view_code(stdout, guest, i);
	}
}

static void put_regs_json(struct hvt_guest *guest)
{
	const char *comma = "";

	printf(",\"vcpus\":{");
	for (unsigned i = 0; i < VCPUS_MAX; i++) {
		struct hvt_guest_regs regs;

		if (hvt_guest_regs(guest, i, &regs))
			continue;
		printf("%s\"%u\":{", comma, i);
		guest_view_regs_json(stdout, guest, i);
		printf("}");
		comma = ",";
	}
	printf("}");
}

static int show(struct hvt_guest *guest, const struct guest_state *s)
{
	uint64_t failed = 0;
	int err = 0;

	if (s->json)
		printf("{\"event\":%" PRIu64, s->at);
	if (s->regs && s->json)
		put_regs_json(guest);
	else if (s->regs)
		put_regs(guest);
	if (s->size)
		err = memory_text_put(&(struct memory_source){ read_guest, guest },
				s, &failed);
	if (s->json)
		printf("}\n");
	if (err)
		return trouble("the guest has no memory at IPA 0x%" PRIx64
			       " at that event", failed);
	return fflush(stdout) ? trouble("cannot write the output") : EXIT_SAME;
}

int guest_state_show(const char *path, const struct guest_state *s)
{
	struct hvt_guest_start start;
	struct hvt_guest *guest;
	struct hvt_error e;
	int got, code = guest_open_at(&guest, path,
			s->no_keyframes ? 0 : s->at, &start);

	if (code)
		return code;
	got = hvt_guest_play(guest, s->at, &e);
	if (got < 0)
		code = trouble_in_trace(path, &e);
	else if (got)
		guest_report(stderr, guest, path);
	else if (hvt_guest_status(guest).events < s->at)
		code = trouble("%s has %" PRIu64 " events only", path,
				hvt_guest_status(guest).events);
	else
		code = show(guest, s);
	hvt_guest_close(guest);
	return got > 0 ? EXIT_DIFFERS : code;
}

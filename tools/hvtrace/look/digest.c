/* SPDX-License-Identifier: MIT */
#include "digest.h"

#include <Hypervisor/Hypervisor.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "known.h"

bool digest_rules_ignore(struct digest_rules *rules, const char *names)
{
	while (*names) {
		size_t length = strcspn(names, ",");
		char *name = rules->ignored[rules->ignored_count];

		if (rules->ignored_count == DIGEST_IGNORED_MAX || !length ||
				length >= sizeof(rules->ignored[0]))
			return false;
		memcpy(name, names, length);
		name[length] = 0;
		rules->ignored_count++;
		names += length + (names[length] == ',');
	}
	return true;
}

static bool is_ignored(const struct digest_rules *rules, const char *name)
{
	for (unsigned i = 0; i < rules->ignored_count; i++)
		if (!strcmp(rules->ignored[i], name))
			return true;
	return false;
}

/* Of an exit that is no exception the record still has what was there before. */
static bool is_stale(const struct hvt_event *e, unsigned i)
{
	return e->call == known_calls()->run && e->kind == HVT_EVENT_LEAVE &&
			i > RUN_REASON && e->values[RUN_REASON] !=
					HV_EXIT_REASON_EXCEPTION;
}

/* Does the i-th value of the event? */
static bool param_counts(const struct digest_rules *rules,
		const struct hvt_call_schema *s, const struct hvt_event *e,
		unsigned i)
{
	const struct hvt_param_schema *p = &s->params[i];
	uint32_t kind = e->kind;
	bool host = p->role == HVT_ROLE_HOST || p->role == HVT_ROLE_OUTHOST;
	bool input = hvt_role_is_input(p->role);

	if ((host || is_stale(e, i)) && !rules->exact)
		return false;
	if (kind != HVT_EVENT_CALL && input != (kind == HVT_EVENT_ENTER))
		return false;
	return !is_ignored(rules, p->name);
}

/* A result that is a time is another one in each run. */
static bool result_counts(const struct digest_rules *rules,
		const struct hvt_call_schema *s, uint32_t kind)
{
	return kind != HVT_EVENT_ENTER && (rules->exact || !s->varies) &&
			!is_ignored(rules, "result");
}

static uint64_t mix(uint64_t hash, uint64_t value)
{
	hash = (hash ^ value) * 0x9e3779b97f4a7c15u;
	return hash ^ hash >> 29;
}

static uint64_t mix_bytes(uint64_t hash, const uint8_t *p, size_t size)
{
	uint64_t word;

	for (; size >= sizeof(word); p += sizeof(word), size -= sizeof(word)) {
		memcpy(&word, p, sizeof(word));
		hash = mix(hash, word);
	}
	word = 0;
	memcpy(&word, p, size);
	return mix(hash, word ^ (uint64_t)size << 56);
}

uint64_t event_digest(const struct digest_rules *rules,
		const struct hvt_call_schema *s, const struct hvt_event *e)
{
	uint64_t hash = mix(e->call, e->kind);

	if (result_counts(rules, s, e->kind))
		hash = mix(hash, (uint64_t)e->result);
	for (unsigned i = 0; i < s->param_count; i++)
		if (param_counts(rules, s, e, i))
			hash = mix(hash, e->values[i]);
	if (e->data_size && !is_ignored(rules, "bytes"))
		hash = mix_bytes(hash, e->data, e->data_size);
	return hash;
}

static size_t first_byte(const struct hvt_event *a, const struct hvt_event *b)
{
	size_t i = 0;

	while (i < a->data_size && i < b->data_size && a->data[i] == b->data[i])
		i++;
	return i;
}

void event_difference(const struct digest_rules *rules,
		const struct hvt_call_schema *sa, const struct hvt_event *a,
		const struct hvt_call_schema *sb, const struct hvt_event *b,
		char *text, size_t size)
{
	if (a->call != b->call) {
		snprintf(text, size, "the function, %s and %s", sa->name,
				sb->name);
		return;
	}
	if (a->kind != b->kind) {
		snprintf(text, size, "one was entered, one returned");
		return;
	}
	for (unsigned i = 0; i < sa->param_count; i++) {
		if (!param_counts(rules, sa, a, i) || a->values[i] == b->values[i])
			continue;
		snprintf(text, size, "%s, 0x%" PRIx64 " and 0x%" PRIx64,
				sa->params[i].name, a->values[i],
				b->values[i]);
		return;
	}
	if (result_counts(rules, sa, a->kind) && a->result != b->result)
		snprintf(text, size, "the result, %" PRId64 " and %" PRId64,
				a->result, b->result);
	else
		snprintf(text, size, "the bytes, from byte %zu on",
				first_byte(a, b));
}

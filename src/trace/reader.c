/* SPDX-License-Identifier: MIT */
/*
 * Reading a trace: one segment at a time is decoded, and a position in it
 * moves. The file is hostile: sizes are checked before they are believed,
 * checksums before anything is decoded, and every error says at which byte
 * and from which event on.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "calls_text.h"
#include "facts_text.h"
#include "place.h"
#include "source.h"

struct hvt_trace {
	int fd;
	uint32_t version;
	struct hvt_facts_text facts;
	struct hvt_facts_text end_facts; /* found out when it was closed */
	struct hvt_calls_text calls;
	struct hvt_source source;
	struct hvt_segment_buffer buffer; /* of the segment decoded below */
	struct hvt_decoded segment;
	const struct hvt_decoded *now; /* segment, or the tail, or neither */
	size_t at;       /* position in now */
	uint64_t offset; /* of the segment to come */
	uint64_t first;  /* number of the first event of all */
	uint64_t next;   /* number of the event to come */
	bool behind_damage; /* which was told: numbers may jump */
	uint64_t raw_bytes;
	uint64_t stall_ns; /* up to the segment read last */
};

__attribute__((format(printf, 4, 5)))
static int fail(const struct hvt_trace *t, struct hvt_error *e, int code,
		const char *format, ...)
{
	va_list args;

	if (!e)
		return code;
	e->code = code;
	e->offset = t->offset;
	e->event = t->next;
	va_start(args, format);
	vsnprintf(e->text, sizeof(e->text), format, args);
	va_end(args);
	return code;
}

static int fail_head(const struct hvt_trace *t, struct hvt_error *e, int err,
		const struct hvt_head *head)
{
	switch (err) {
	case -EINVAL:
		return fail(t, e, err, "this is no hvtrace trace");
	case -EPROTONOSUPPORT:
		return fail(t, e, err, "format version %u; this build of "
				"hvtrace reads version %u only",
				head->version, HVT_FORMAT_VERSION);
	case -ENODATA:
		return fail(t, e, -EBADMSG, "the trace ends in its first "
				"segment");
	case -ENOMEM:
		return fail(t, e, err, "out of memory");
	case -EBADMSG:
		return fail(t, e, err, "its first segment is damaged");
	default:
		return fail(t, e, err, "cannot read: %s", strerror(-err));
	}
}

/* Before there were segments a version followed other magic. */
static int explain_magic(struct hvt_trace *t, struct hvt_error *e, int err,
		struct hvt_head *head)
{
	uint8_t bytes[12];

	if (err != -EINVAL && err != -ENODATA)
		return fail_head(t, e, err, head);
	if (pread(t->fd, bytes, sizeof(bytes), 0) == (ssize_t)sizeof(bytes) &&
			!memcmp(bytes, HVT_MAGIC, 8)) {
		head->version = hvt_get32(bytes + 8);
		return fail_head(t, e, -EPROTONOSUPPORT, head);
	}
	return fail_head(t, e, -EINVAL, head);
}

static int read_meta(struct hvt_trace *t, struct hvt_error *e,
		struct hvt_head *head)
{
	int err = hvt_scan_head(t->fd, 0, head);

	if (err)
		return explain_magic(t, e, err, head);
	t->version = head->version;
	err = hvt_scan_segment(t->fd, 0, head, &t->buffer);
	if (!err && head->type != HVT_SEGMENT_META)
		err = -EBADMSG;
	if (!err)
		err = hvt_facts_text_init(
				&t->facts, t->buffer.raw, head->raw);
	if (!err)
		err = hvt_calls_text_init(
				&t->calls, t->buffer.raw, head->raw);
	t->segment.calls = &t->calls;
	return err ? fail_head(t, e, err, head) : 0;
}

/* If they are damaged that shows like other damage, when one comes there. */
static int load_end_facts(struct hvt_trace *t)
{
	uint64_t at = t->source.facts_at;
	struct hvt_segment_buffer *b = &t->source.buffer;
	struct hvt_head head;
	int err;

	if (!at || t->end_facts.text)
		return 0;
	err = hvt_scan_head(t->fd, at, &head);
	if (!err)
		err = hvt_scan_segment(t->fd, at, &head, b);
	if (!err)
		err = hvt_facts_text_init(&t->end_facts, b->raw, head.raw);
	return hvt_scan_is_damage(err) ? 0 : err;
}

int hvt_trace_open(struct hvt_trace **trace, const char *path,
		struct hvt_error *e)
{
	struct hvt_trace *t = calloc(1, sizeof(*t));
	struct hvt_head head = { 0 };
	struct stat st;
	int err;

	if (e)
		*e = (struct hvt_error){ 0 };
	if (!t) {
		if (e)
			*e = (struct hvt_error){ .code = -ENOMEM,
				.text = "out of memory" };
		return -ENOMEM;
	}
	t->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (t->fd < 0) {
		err = -errno;
		fail(t, e, err, "cannot open: %s", strerror(-err));
		goto err_free;
	}
	err = fstat(t->fd, &st) || S_ISREG(st.st_mode)
			? read_meta(t, e, &head)
			: fail(t, e, -EINVAL, "a trace is a regular file");
	if (err)
		goto err_close;
	err = hvt_source_open(&t->source, t->fd, path, &head, &t->calls);
	if (!err) {
		err = load_end_facts(t);
		if (err)
			hvt_source_close(&t->source);
	}
	if (err) {
		fail(t, e, err, "cannot read it or its write-ahead log "
				"(.wal): %s", strerror(-err));
		goto err_close;
	}
	t->offset = t->source.begin;
	t->first = t->next = head.first;
	*trace = t;
	return 0;

err_close:
	close(t->fd);
err_free:
	hvt_calls_text_fini(&t->calls);
	hvt_facts_text_fini(&t->facts);
	hvt_segment_buffer_fini(&t->buffer);
	free(t);
	return err;
}

void hvt_trace_close(struct hvt_trace *t)
{
	if (!t)
		return;
	hvt_source_close(&t->source);
	hvt_calls_text_fini(&t->calls);
	hvt_facts_text_fini(&t->facts);
	hvt_facts_text_fini(&t->end_facts);
	hvt_segment_buffer_fini(&t->buffer);
	hvt_decoded_fini(&t->segment);
	close(t->fd);
	free(t);
}

void hvt_trace_on_progress(struct hvt_trace *t,
		void (*told)(uint64_t events, void *context), void *context)
{
	t->source.progress = told;
	t->source.progress_context = context;
}

void hvt_trace_on_events(struct hvt_trace *t,
		void (*told)(const struct hvt_event *events, size_t count,
				void *context),
		void *context)
{
	t->source.seen = told;
	t->source.seen_context = context;
}

struct hvt_source *hvt_trace_source(struct hvt_trace *t)
{
	return &t->source;
}

/* Behind damage: the next good segment, or the end of what is known. */
static void skip_damage(struct hvt_trace *t)
{
	struct hvt_head head;
	uint64_t offset;

	t->behind_damage = true;
	if (hvt_scan_find(t->fd, t->source.id, t->offset + 1, &offset, &head))
		offset = t->source.end > t->offset ? t->source.end : t->offset;
	t->offset = offset;
}

static void note_events(struct hvt_trace *t, const struct hvt_head *head)
{
	t->raw_bytes += head->raw;
	t->stall_ns = head->stall;
	t->behind_damage = false;
}

bool hvt_trace_place(const struct hvt_trace *t, struct hvt_place *place)
{
	*place = (struct hvt_place){ t->offset, t->next, t->behind_damage };
	return (!t->now || (t->now == &t->segment && t->at >= t->now->count)) &&
			t->offset < t->source.end;
}

void hvt_trace_pass(struct hvt_trace *t, uint64_t offset,
		const struct hvt_head *head)
{
	t->now = NULL;
	t->at = 0;
	t->offset = offset + hvt_segment_size(head);
	t->next = head->first + head->count;
	note_events(t, head);
}

static int load_events(struct hvt_trace *t, const struct hvt_head *head)
{
	int err = hvt_scan_segment(t->fd, t->offset, head, &t->buffer);

	if (!err)
		err = hvt_columns_decode(&t->segment, t->buffer.raw, head->raw,
				(uint32_t)head->count, head->first,
				head->first_tick);
	if (err)
		return err;
	t->now = &t->segment;
	t->at = 0;
	t->next = head->first;
	note_events(t, head);
	return 0;
}

static int fail_segment(struct hvt_trace *t, struct hvt_error *e, int err)
{
	if (err == -ENODATA)
		return fail(t, e, err, "the trace ends in a segment");
	if (err == -ENOMEM)
		return fail(t, e, err, "out of memory");
	if (!hvt_scan_is_damage(err))
		return fail(t, e, err, "cannot read: %s", strerror(-err));
	fail(t, e, -EBADMSG, "a segment is damaged");
	skip_damage(t);
	return -EBADMSG;
}

/* The segment at t->offset: 1 it has events, 0 it has none, -errno. */
static int load_segment(struct hvt_trace *t, struct hvt_error *e)
{
	struct hvt_head head;
	int err = hvt_scan_head(t->fd, t->offset, &head);

	/* The buffer that events point into may change now. */
	t->now = NULL;
	t->at = 0;
	if (!err && memcmp(head.id, t->source.id, sizeof(head.id)) != 0)
		err = -EBADMSG;
	if (!err && head.type == HVT_SEGMENT_EVENTS) {
		if (head.first != t->next && !t->behind_damage) {
			t->behind_damage = true;
			return fail(t, e, -EBADMSG, "events are missing here");
		}
		err = load_events(t, &head);
	}
	if (err)
		return fail_segment(t, e, err);
	t->offset += hvt_segment_size(&head);
	return head.type == HVT_SEGMENT_EVENTS;
}

/* Behind the last segment: the events of the log, once. */
static int load_tail(struct hvt_trace *t, struct hvt_error *e)
{
	const struct hvt_decoded *tail = &t->source.tail;

	if (t->now == tail || (!tail->count && !t->source.log_damaged))
		return 0;
	t->now = tail;
	t->at = 0;
	if (t->source.log_damaged)
		return fail(t, e, -EBADMSG,
				"its write-ahead log (.wal) is damaged");
	t->next = tail->events[0].number;
	return 1;
}

/*
 * What a file that was not closed has behind its last whole segment: part of
 * one, whose events the log has; or there is none.
 */
static int check_torn(struct hvt_trace *t, struct hvt_error *e)
{
	struct stat st;

	if (t->source.state != HVT_TRACE_OPEN || t->source.has_log ||
			t->offset != t->source.end || fstat(t->fd, &st) ||
			(uint64_t)st.st_size <= t->source.end)
		return 0;
	return fail(t, e, -ENODATA, "the trace ends in a segment");
}

/* Makes sure that there is an event at the position: 1, 0 the end, -errno. */
static int load_next(struct hvt_trace *t, struct hvt_error *e)
{
	while (!t->now || t->at >= t->now->count) {
		int got;

		if (t->now == &t->source.tail)
			return 0;
		if (t->offset >= t->source.end) {
			got = check_torn(t, e);
			if (!got)
				got = load_tail(t, e);
			/* The last segments may have been damaged. */
			if (!got && t->source.by_index)
				t->next = t->source.next;
			if (got <= 0)
				return got;
			continue;
		}
		got = load_segment(t, e);
		if (got < 0)
			return got;
	}
	return 1;
}

int hvt_trace_next(struct hvt_trace *t, struct hvt_event *event,
		struct hvt_error *e)
{
	int got = load_next(t, e);

	if (got == 1) {
		*event = t->now->events[t->at++];
		t->next = event->number + 1;
	}
	return got;
}

int hvt_trace_prev(struct hvt_trace *t, struct hvt_event *event,
		struct hvt_error *e)
{
	if (t->next <= t->first)
		return 0;
	if (!t->now || !t->at) {
		int err = hvt_trace_seek(t, HVT_SEEK_EVENT, t->next - 1, e);

		if (err)
			return err;
		t->at++;
	}
	*event = t->now->events[--t->at];
	t->next = event->number;
	return 1;
}

int hvt_trace_next_of(struct hvt_trace *t, uint32_t thread,
		struct hvt_event *event, struct hvt_error *e)
{
	int got;

	do
		got = hvt_trace_next(t, event, e);
	while (got == 1 && event->thread != thread);
	return got;
}

int hvt_trace_rewind(struct hvt_trace *t, struct hvt_error *e)
{
	if (e)
		*e = (struct hvt_error){ 0 };
	t->offset = t->source.begin;
	t->now = NULL;
	t->at = 0;
	t->next = t->first;
	t->behind_damage = false;
	t->raw_bytes = 0;
	t->stall_ns = 0;
	return 0;
}

/* Has event been reached, counting exits from *exits on? */
static bool is_sought(const struct hvt_event *event, enum hvt_seek by,
		uint64_t value, uint64_t *exits)
{
	switch (by) {
	case HVT_SEEK_EVENT:
		return event->number >= value;
	case HVT_SEEK_TICK:
		return event->tick >= value;
	case HVT_SEEK_EXIT:
		return event->kind == HVT_EVENT_LEAVE &&
				event->call == HVT_CALL_HV_VCPU_RUN &&
				(*exits)++ == value;
	}
	return false;
}

static uint64_t exits_in(const struct hvt_decoded *d)
{
	uint64_t n = 0;

	for (size_t i = 0; i < d->count; i++)
		n += d->events[i].kind == HVT_EVENT_LEAVE &&
				d->events[i].call == HVT_CALL_HV_VCPU_RUN;
	return n;
}

/* Goes to the segment to look in; *exits: how many there are before it. */
static int go_to_segment(struct hvt_trace *t, enum hvt_seek by, uint64_t value,
		uint64_t *exits, struct hvt_error *e)
{
	const struct hvt_index *known = &t->source.segments;
	struct hvt_index_entry entry;
	int got = hvt_source_find(&t->source, by, value, &entry);

	t->now = NULL;
	t->at = 0;
	t->behind_damage = false;
	*exits = known->count ? known->entries[known->count - 1].exits : 0;
	if (got == -ERANGE) {
		/* In the log, or nowhere. */
		t->offset = t->source.end;
		t->next = t->source.next;
		return 0;
	}
	if (got)
		return fail(t, e, got, "cannot read: %s", strerror(-got));
	if (by == HVT_SEEK_EVENT && entry.first > value) {
		t->offset = t->source.begin;
		t->next = t->first;
		return 0;
	}
	t->offset = entry.offset;
	t->next = entry.first;
	got = load_segment(t, e);
	*exits = entry.exits - exits_in(&t->segment);
	return got < 0 ? got : 0;
}

static int not_there(struct hvt_trace *t, enum hvt_seek by, uint64_t value,
		struct hvt_error *e)
{
	if (by == HVT_SEEK_EVENT && value < t->first) {
		(void)hvt_trace_rewind(t, e);
		return fail(t, e, -ERANGE, "the trace begins behind that");
	}
	return fail(t, e, -ERANGE, "the trace ends before that");
}

int hvt_trace_seek(struct hvt_trace *t, enum hvt_seek by, uint64_t value,
		struct hvt_error *e)
{
	uint64_t exits;
	int got;

	if (by == HVT_SEEK_EVENT && value < t->first)
		return not_there(t, by, value, e);
	got = go_to_segment(t, by, value, &exits, e);
	if (got < 0)
		return got;
	if (by == HVT_SEEK_EXIT && value < exits)
		return fail(t, e, -EBADMSG, "the exit is in a damaged part");
	while ((got = load_next(t, e)) == 1) {
		t->next = t->now->events[t->at].number;
		if (is_sought(&t->now->events[t->at], by, value, &exits))
			return 0;
		t->next = t->now->events[t->at++].number + 1;
	}
	return got ? got : not_there(t, by, value, e);
}

enum hvt_trace_state hvt_trace_state(const struct hvt_trace *t)
{
	return t->source.state;
}

int hvt_trace_refresh(struct hvt_trace *t, struct hvt_error *e)
{
	uint64_t next = t->next;
	int got = hvt_source_refresh(&t->source), err;

	if (got >= 0) {
		err = load_end_facts(t);
		got = err ? err : got;
	}
	if (got < 0)
		return fail(t, e, got, "cannot read on: %s", strerror(-got));
	/* What was the tail may be segments now: find the place again. */
	err = hvt_trace_seek(t, HVT_SEEK_EVENT, next, e);
	if (err == -ERANGE) {
		t->next = next;
		return 0;
	}
	return err ? err : 1;
}

const char *hvt_trace_info(const struct hvt_trace *t, const char *wanted)
{
	const char *key, *value;

	for (size_t i = 0; hvt_trace_info_at(t, i, &key, &value); i++)
		if (!strcmp(key, wanted))
			return value;
	return NULL;
}

bool hvt_trace_info_at(const struct hvt_trace *t, size_t index,
		const char **key, const char **value)
{
	const struct hvt_facts_text *f = &t->facts;

	if (index >= f->count) {
		index -= f->count;
		f = &t->end_facts;
	}
	if (index >= f->count)
		return false;
	*key = f->list[index].key;
	*value = f->list[index].value;
	return true;
}

const struct hvt_calls_text *hvt_trace_calls(const struct hvt_trace *t)
{
	return &t->calls;
}

const struct hvt_call_schema *hvt_trace_call(
		const struct hvt_trace *t, uint32_t call)
{
	return hvt_calls_text_find(&t->calls, call);
}

uint32_t hvt_trace_version(const struct hvt_trace *t)
{
	return t->version;
}

uint64_t hvt_trace_raw_bytes(const struct hvt_trace *t)
{
	return t->raw_bytes;
}

uint64_t hvt_trace_stall_ns(const struct hvt_trace *t)
{
	return t->stall_ns;
}

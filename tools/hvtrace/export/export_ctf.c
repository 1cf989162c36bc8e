/* SPDX-License-Identifier: MIT */
/* A trace as a folder of the Common Trace Format: metadata, and one stream. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "ctf_metadata.h"
#include "ctf_stream.h"
#include "export.h"
#include "look/digest.h"
#include "look/known.h"

#define KINDS 4u /* numbers of kinds are below this */

struct ctf {
	struct ctf_stream stream;
	uint8_t uuid[16];
	bool seen[STATS_CALLS][KINDS]; /* event classes that are needed */
};

static int open_in(struct export *x, const char *name)
{
	char path[4096];
	int n = snprintf(path, sizeof(path), "%s/%s", x->path, name), fd;

	if (n < 0 || (size_t)n >= sizeof(path))
		return -ENAMETOOLONG;
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	if (fd < 0)
		return -errno;
	out_init(x->out, fd);
	return 0;
}

/* The same for the same recording: of all that was noted of it. */
static void make_uuid(const struct hvt_trace *trace, uint8_t uuid[16])
{
	uint64_t hash[2] = { 0x6876747261636500, 0x6374660000000000 };
	const char *key, *value;

	for (size_t i = 0; hvt_trace_info_at(trace, i, &key, &value); i++)
		for (const char *p = value; *p; p++)
			for (unsigned k = 0; k < 2; k++) {
				hash[k] = (hash[k] ^ (unsigned char)*p ^ k) *
						0x9e3779b97f4a7c15u;
				hash[k] ^= hash[k] >> 29;
			}
	memcpy(uuid, hash, sizeof(hash));
	uuid[6] = (uint8_t)((uuid[6] & 0x0f) | 0x40);
	uuid[8] = (uint8_t)((uuid[8] & 0x3f) | 0x80);
}

static int begin(struct export *x)
{
	struct ctf *c = x->state = calloc(1, sizeof(*c));
	int err;

	if (!c)
		return -ENOMEM;
	make_uuid(x->walk->trace, c->uuid);
	ctf_stream_init(&c->stream, x->out, c->uuid);
	/* An empty folder will do. */
	err = mkdir(x->path, 0777) && errno != EEXIST ? -errno
						      : open_in(x, "stream");
	c->stream.err = err;
	return err;
}

static void put_params(struct ctf_stream *s, const struct hvt_call_schema *schema,
		const struct hvt_event *e)
{
	bool bytes = false;

	for (unsigned i = 0; i < schema->param_count; i++) {
		if (!ctf_carries(e->kind, schema->params[i].role))
			continue;
		ctf_put(s, e->values[i], 8);
		bytes |= ctf_is_buffer(schema->params[i].role);
	}
	if (bytes) {
		ctf_put(s, e->data_size, 4);
		ctf_put_bytes(s, e->data, e->data_size);
	}
}

static bool is_exit(uint32_t call, uint32_t kind)
{
	return call == known_calls()->run && kind == HVT_EVENT_LEAVE;
}

static int event(struct export *x, const struct hvt_event *e)
{
	struct ctf *c = x->state;
	struct ctf_stream *s = &c->stream;

	if (e->call >= STATS_CALLS || e->kind >= KINDS)
		return -EBADMSG;
	c->seen[e->call][e->kind] = true;
	ctf_event(s, ctf_event_id(e->call, e->kind), e->tick);
	ctf_put(s, e->number, 8);
	ctf_put(s, e->thread, 4);
	if (is_exit(e->call, e->kind))
		ctf_put(s, exit_classify(e), 1);
	if (e->kind != HVT_EVENT_ENTER)
		ctf_put(s, (uint64_t)e->result, 8);
	put_params(s, hvt_trace_call(x->walk->trace, e->call), e);
	return s->err;
}

/* When the counter of the host was 0, as far as is known: whole seconds. */
static struct ctf_clock clock_of(const struct walk *w)
{
	const char *text = hvt_trace_info(w->trace, "recorded_at");
	struct ctf_clock clock = { .hz = (uint64_t)w->hz };
	struct tm tm = { 0 };

	if (!clock.hz)
		clock.hz = 1000000000;
	if (text && strptime(text, "%Y-%m-%dT%H:%M:%SZ", &tm))
		clock.offset = (int64_t)timegm(&tm) -
				(int64_t)(w->first_tick / clock.hz);
	return clock;
}

static int write_metadata(struct export *x)
{
	const struct hvt_trace *trace = x->walk->trace;
	struct ctf_clock clock = clock_of(x->walk);
	struct ctf *c = x->state;
	int err = open_in(x, "metadata");

	if (err)
		return err;
	ctf_metadata_begin(x->out, trace, c->uuid, &clock);
	for (uint32_t call = 0; call < STATS_CALLS; call++)
		for (uint32_t kind = 0; kind < KINDS; kind++)
			if (c->seen[call][kind])
				ctf_metadata_event(x->out,
						hvt_trace_call(trace, call),
						call, kind,
						is_exit(call, kind));
	return out_flush(x->out);
}

static int close_file(struct export *x)
{
	int err = x->out->fd >= 0 && close(x->out->fd) ? -errno : 0;

	x->out->fd = -1;
	return err;
}

static int end(struct export *x)
{
	struct ctf *c = x->state;
	int err, closed;

	if (!c)
		return 0;
	err = ctf_stream_fini(&c->stream);
	closed = close_file(x);
	err = err ? err : closed;
	if (!err)
		err = write_metadata(x);
	closed = close_file(x);
	err = err ? err : closed;
	free(c);
	x->state = NULL;
	return err;
}

const struct exporter export_ctf = {
	.name = "ctf",
	.makes_folder = true,
	.begin = begin,
	.event = event,
	.end = end,
};

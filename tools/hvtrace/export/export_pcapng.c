/* SPDX-License-Identifier: MIT */
/*
 * The frames of virtio-net devices for Wireshark and tcpdump. A device's frames
 * are looked for where the VMM's turn with guest memory ends: all that it did in
 * the turn is in the trace then, and no guest has run since. That is their time.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cmd.h"
#include "export.h"
#include "look/known.h"
#include "look/net_follow.h"
#include "pcapng.h"

struct pcapng_export {
	struct export *x;
	struct exit_tracker tracker;
	struct net_follow net;
	struct hvt_image *image;
	uint64_t to; /* memory is looked at as before this event */
	uint64_t interfaces[NET_DEVICES_MAX]; /* their devices */
	uint32_t interface_count;
	uint64_t began; /* ns since 1970 */
	uint64_t now;   /* ns since the first event */
	int trouble;    /* -errno: the trace is no good from there on (told) */
};

static uint64_t began_ns(const struct hvt_trace *trace)
{
	const char *text = hvt_trace_info(trace, "recorded_at");
	struct tm tm = { 0 };
	time_t t = -1;

	if (text && strptime(text, "%Y-%m-%dT%H:%M:%SZ", &tm))
		t = timegm(&tm);
	return t < 0 ? 0 : (uint64_t)t * 1000000000u;
}

static int begin(struct export *x)
{
	struct pcapng_export *s = calloc(1, sizeof(*s));
	struct hvt_error e;
	int err;

	if (!s)
		return -ENOMEM;
	err = hvt_image_open_seen(&s->image, x->walk->path, &e);
	if (err) {
		free(s);
		trouble("%s: %s: frames are in guest memory", x->walk->path,
				e.text);
		return err;
	}
	s->x = x;
	s->began = began_ns(x->walk->trace);
	exit_tracker_init(&s->tracker);
	x->state = s;
	pcapng_section(x->out, "hvtrace");
	return x->out->err;
}

/* The first frame of a device makes it an interface. */
static uint32_t interface_of(struct pcapng_export *s, uint64_t device)
{
	char name[48];
	uint32_t i = 0;

	while (i < s->interface_count && s->interfaces[i] != device)
		i++;
	if (i < s->interface_count)
		return i;
	snprintf(name, sizeof(name), "virtio-net at 0x%" PRIx64, device);
	pcapng_interface(s->x->out, name);
	s->interfaces[s->interface_count++] = device;
	return i;
}

static void put_frame(const struct net_frame *frame, void *context)
{
	struct pcapng_export *s = context;
	uint32_t interface = interface_of(s, frame->device);

	pcapng_frame(s->x->out, interface, s->began + s->now, frame->sent,
			frame->bytes, frame->size);
	s->x->exported++;
}

static int read_image(void *context, uint64_t ipa, void *bytes, size_t size)
{
	struct pcapng_export *s = context;
	int err = hvt_image_go(s->image, s->to, NULL);

	return err && err != -ERANGE ? err
			: hvt_image_read(s->image, ipa, bytes, size, NULL);
}

/*
 * The image comes to the damage that the walk has told of. Behind it memory is not
 * known any more, so that what rings there seem to say would be made up.
 */
static void tell_trouble(const struct pcapng_export *s, const struct hvt_error *e)
{
	const struct walk *w = s->x->walk;

	if (w->damaged)
		remark("%s: frames behind that are not to be had: what guest memory "
		       "held is not known", w->path);
	else
		trouble_in_trace(w->path, e);
}

/* Of what was done before event to. */
static int put_frames(struct pcapng_export *s, uint64_t to)
{
	const struct net_memory memory = { read_image, s };
	struct hvt_error e;
	int err = s->trouble ? s->trouble : hvt_image_go(s->image, to, &e);

	if (err && err != -ERANGE) {
		if (!s->trouble)
			tell_trouble(s, &e);
		s->trouble = err;
		return err;
	}
	s->to = to;
	net_follow_rings(&s->net, &memory, put_frame, s);
	return s->x->out->err;
}

static int event(struct export *x, const struct hvt_event *event)
{
	struct pcapng_export *s = x->state;
	const struct net_memory memory = { read_image, s };
	const struct exit *exit;
	int err = exit_tracker_add(&s->tracker, event, &exit);

	if (err)
		return err;
	s->to = event->number;
	if (exit)
		net_follow_exit(&s->net, exit, &memory);
	s->now = walk_ns(x->walk, event->tick);
	return event->call == known_calls()->memory_turn
			? put_frames(s, event->number) : 0;
}

static void tell(const struct pcapng_export *s)
{
	unsigned unknown = net_follow_unknown(&s->net);

	if (s->net.lost)
		remark("%" PRIu64 " frames are not there: their bytes are not in "
		       "the trace, or make no sense", s->net.lost);
	if (unknown)
		remark("%u network devices have rings of a kind that is not "
		       "followed: packed, or before version 1", unknown);
}

/* The last turn of the VMM may be one that nothing ended. */
static int end(struct export *x)
{
	struct pcapng_export *s = x->state;
	int err, flushed;

	if (!s)
		return 0;
	err = put_frames(s, UINT64_MAX);
	flushed = out_flush(x->out);
	tell(s);
	hvt_image_close(s->image);
	exit_tracker_fini(&s->tracker);
	free(s);
	return flushed ? flushed : err;
}

const struct exporter export_pcapng = {
	.name = "pcapng",
	.makes_frames = true,
	.begin = begin,
	.event = event,
	.end = end,
};

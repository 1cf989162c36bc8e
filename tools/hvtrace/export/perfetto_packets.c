/* SPDX-License-Identifier: MIT */
#include "perfetto_packets.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Field numbers of the messages in perfetto/trace, as far as they are used. */
enum {
	TRACE_PACKET = 1,

	PACKET_TIMESTAMP = 8,
	PACKET_SEQUENCE_ID = 10,
	PACKET_TRACK_EVENT = 11,
	PACKET_INTERNED_DATA = 12,
	PACKET_SEQUENCE_FLAGS = 13,
	PACKET_TRACK_DESCRIPTOR = 60,

	DESCRIPTOR_UUID = 1,
	DESCRIPTOR_NAME = 2,
	DESCRIPTOR_PROCESS = 3,
	DESCRIPTOR_PARENT = 5,
	DESCRIPTOR_COUNTER = 8,
	DESCRIPTOR_CHILD_ORDERING = 11,
	DESCRIPTOR_RANK = 12,

	PROCESS_PID = 1,
	PROCESS_CMDLINE = 2,
	PROCESS_NAME = 6,
	COUNTER_UNIT_NAME = 6,

	EVENT_CATEGORY_IIDS = 3,
	EVENT_DEBUG_ANNOTATIONS = 4,
	EVENT_TYPE = 9,
	EVENT_NAME_IID = 10,
	EVENT_TRACK = 11,
	EVENT_CATEGORIES = 22,
	EVENT_NAME = 23,
	EVENT_COUNTER_VALUE = 30,

	ANNOTATION_NAME_IID = 1,
	ANNOTATION_UINT = 3,
	ANNOTATION_STRING = 6,
	ANNOTATION_POINTER = 7,
	ANNOTATION_NAME = 10,

	INTERNED_CATEGORIES = 1,
	INTERNED_EVENT_NAMES = 2,
	INTERNED_ANNOTATION_NAMES = 3,
	NAME_IID = 1,
	NAME_NAME = 2,
};

enum {
	TYPE_COUNTER = 4,
	SEQUENCE = 1, /* the only one */
	PID = 1,
	ORDERING_EXPLICIT = 3,
	INCREMENTAL_STATE_CLEARED = 1,
	NEEDS_INCREMENTAL_STATE = 2,
};

#define NAMES_SIZE 16384u /* of the table; half of it is used at most */

struct perfetto_name {
	uint8_t kind; /* INTERNED_...; 0: free */
	uint32_t iid;
	char *text;
};

void perfetto_init(struct perfetto *p, struct out *out)
{
	p->out = out;
	p->name_count = 0;
	p->begun = false;
	p->names = calloc(NAMES_SIZE, sizeof(*p->names));
	p->err = p->names ? 0 : -ENOMEM;
	protobuf_reset(&p->packet);
}

int perfetto_fini(struct perfetto *p)
{
	for (uint32_t i = 0; p->names && i < NAMES_SIZE; i++)
		free(p->names[i].text);
	free(p->names);
	p->names = NULL;
	return p->err;
}

/* Packets stand in a message of their own, each as a field 1. */
static void write_packet(struct perfetto *p)
{
	uint8_t head[11] = { TRACE_PACKET << 3 | 2 };
	unsigned n = protobuf_varint(p->packet.used, head + 1);

	if (!p->err && !protobuf_is_valid(&p->packet))
		p->err = -EOVERFLOW;
	if (!p->err) {
		out_bytes(p->out, head, 1 + n);
		out_bytes(p->out, p->packet.bytes, p->packet.used);
		p->err = p->out->err;
	}
	protobuf_reset(&p->packet);
}

static void begin_packet(struct perfetto *p)
{
	struct protobuf *b = &p->packet;

	protobuf_reset(b);
	protobuf_u64(b, PACKET_SEQUENCE_ID, SEQUENCE);
	protobuf_u64(b, PACKET_SEQUENCE_FLAGS, p->begun
			? NEEDS_INCREMENTAL_STATE
			: INCREMENTAL_STATE_CLEARED | NEEDS_INCREMENTAL_STATE);
	p->begun = true;
}

static uint32_t hash_of(uint8_t kind, const char *text)
{
	uint32_t hash = 2166136261u ^ kind;

	for (; *text; text++)
		hash = (hash ^ (unsigned char)*text) * 16777619u;
	return hash ^ hash >> 15;
}

/* Tells readers which name a number stands for, in a packet of its own. */
static void write_name(struct perfetto *p, const struct perfetto_name *name)
{
	struct protobuf *b = &p->packet;

	begin_packet(p);
	protobuf_open(b, PACKET_INTERNED_DATA);
	protobuf_open(b, name->kind);
	protobuf_u64(b, NAME_IID, name->iid);
	protobuf_string(b, NAME_NAME, name->text);
	protobuf_close(b);
	protobuf_close(b);
	write_packet(p);
}

/*
 * The number of a name, which readers know then; 0: there is no room for it, and
 * it has to be written out. Between packets only.
 */
static uint32_t intern(struct perfetto *p, uint8_t kind, const char *text)
{
	uint32_t i = hash_of(kind, text) % NAMES_SIZE;
	struct perfetto_name *name;

	if (p->err)
		return 0;
	while (p->names[i].kind && (p->names[i].kind != kind ||
			strcmp(p->names[i].text, text) != 0))
		i = (i + 1) % NAMES_SIZE;
	name = &p->names[i];
	if (name->kind)
		return name->iid;
	if (p->name_count >= NAMES_SIZE / 2)
		return 0;
	name->text = strdup(text);
	if (!name->text) {
		p->err = -ENOMEM;
		return 0;
	}
	name->kind = kind;
	name->iid = ++p->name_count;
	write_name(p, name);
	return name->iid;
}

/* Tracks of one parent stand in the order of their ranks. */
static void begin_descriptor(struct perfetto *p, uint64_t track)
{
	struct protobuf *b = &p->packet;

	begin_packet(p);
	protobuf_open(b, PACKET_TRACK_DESCRIPTOR);
	protobuf_u64(b, DESCRIPTOR_UUID, track);
	protobuf_u64(b, DESCRIPTOR_CHILD_ORDERING, ORDERING_EXPLICIT);
}

static void end_descriptor(struct perfetto *p)
{
	protobuf_close(&p->packet);
	write_packet(p);
}

void perfetto_process(struct perfetto *p, uint64_t track, const char *name,
		const char *command)
{
	struct protobuf *b = &p->packet;

	begin_descriptor(p, track);
	protobuf_open(b, DESCRIPTOR_PROCESS);
	protobuf_u64(b, PROCESS_PID, PID);
	protobuf_string(b, PROCESS_CMDLINE, command);
	protobuf_string(b, PROCESS_NAME, name);
	protobuf_close(b);
	end_descriptor(p);
}

void perfetto_track(struct perfetto *p, const struct perfetto_track *track)
{
	struct protobuf *b = &p->packet;

	begin_descriptor(p, track->number);
	protobuf_u64(b, DESCRIPTOR_PARENT, track->parent);
	protobuf_i64(b, DESCRIPTOR_RANK, track->rank);
	protobuf_string(b, DESCRIPTOR_NAME, track->name);
	if (track->unit) {
		protobuf_open(b, DESCRIPTOR_COUNTER);
		protobuf_string(b, COUNTER_UNIT_NAME, track->unit);
		protobuf_close(b);
	}
	end_descriptor(p);
}

static void put_name(struct protobuf *b, uint32_t iid, uint32_t iid_field,
		uint32_t field, const char *text)
{
	if (iid)
		protobuf_u64(b, iid_field, iid);
	else
		protobuf_string(b, field, text);
}

static void put_note(struct protobuf *b, const struct perfetto_note *note,
		uint32_t iid)
{
	protobuf_open(b, EVENT_DEBUG_ANNOTATIONS);
	put_name(b, iid, ANNOTATION_NAME_IID, ANNOTATION_NAME, note->name);
	if (note->text)
		protobuf_string(b, ANNOTATION_STRING, note->text);
	else
		protobuf_u64(b, note->hex ? ANNOTATION_POINTER
					  : ANNOTATION_UINT, note->value);
	protobuf_close(b);
}

static void begin_event(struct perfetto *p, uint64_t ns, uint64_t track,
		uint64_t type)
{
	struct protobuf *b = &p->packet;

	begin_packet(p);
	protobuf_u64(b, PACKET_TIMESTAMP, ns);
	protobuf_open(b, PACKET_TRACK_EVENT);
	protobuf_u64(b, EVENT_TYPE, type);
	protobuf_u64(b, EVENT_TRACK, track);
}

void perfetto_event(struct perfetto *p, uint64_t ns, uint64_t track,
		enum perfetto_event type, const char *category, const char *name,
		const struct perfetto_note *notes, unsigned count)
{
	struct protobuf *b = &p->packet;
	uint32_t iids[PERFETTO_NOTES_MAX], name_iid = 0, category_iid = 0;

	if (type != PERFETTO_END) {
		name_iid = intern(p, INTERNED_EVENT_NAMES, name);
		category_iid = intern(p, INTERNED_CATEGORIES, category);
	}
	count = count < PERFETTO_NOTES_MAX ? count : PERFETTO_NOTES_MAX;
	for (unsigned i = 0; i < count; i++)
		iids[i] = intern(p, INTERNED_ANNOTATION_NAMES, notes[i].name);
	begin_event(p, ns, track, type);
	if (type != PERFETTO_END) {
		put_name(b, name_iid, EVENT_NAME_IID, EVENT_NAME, name);
		put_name(b, category_iid, EVENT_CATEGORY_IIDS,
				EVENT_CATEGORIES, category);
	}
	for (unsigned i = 0; i < count; i++)
		put_note(b, &notes[i], iids[i]);
	protobuf_close(b);
	write_packet(p);
}

void perfetto_count(struct perfetto *p, uint64_t ns, uint64_t track,
		int64_t value)
{
	begin_event(p, ns, track, TYPE_COUNTER);
	protobuf_i64(&p->packet, EVENT_COUNTER_VALUE, value);
	protobuf_close(&p->packet);
	write_packet(p);
}

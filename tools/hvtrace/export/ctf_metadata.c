/* SPDX-License-Identifier: MIT */
#include "ctf_metadata.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "look/exits.h"

bool ctf_carries(uint32_t kind, enum hvt_role role)
{
	return kind == HVT_EVENT_CALL ||
			hvt_role_is_input(role) == (kind == HVT_EVENT_ENTER);
}

bool ctf_is_buffer(enum hvt_role role)
{
	return role == HVT_ROLE_INBUF || role == HVT_ROLE_OUTBUF ||
			role == HVT_ROLE_VEC;
}

/* Fields of one structure; no two may have the same name. */
struct fields {
	char names[HVT_VALUES_MAX + 4][64];
	unsigned count;
};

static bool is_taken(const struct fields *f, const char *name)
{
	for (unsigned i = 0; i < f->count; i++)
		if (!strcmp(f->names[i], name))
			return true;
	return false;
}

/*
 * An identifier of what a trace has as a name, which may be anything, and the
 * same as another's then. Readers take the underscore at its beginning away,
 * which keeps it from being a word of the language.
 */
static const char *new_name(struct fields *f, const char *name)
{
	char *mine = f->names[f->count];
	size_t n = 0;

	mine[n++] = '_';
	for (; *name && n < 48; name++) {
		bool good = (*name >= 'a' && *name <= 'z') ||
				(*name >= 'A' && *name <= 'Z') ||
				(*name >= '0' && *name <= '9');

		mine[n++] = good ? *name : '_';
	}
	mine[n] = 0;
	for (unsigned i = 2; is_taken(f, mine); i++)
		snprintf(mine + n, sizeof(f->names[0]) - n, "_%u", i);
	f->count++;
	return mine;
}

static void put_string(struct out *o, const char *text)
{
	out_char(o, '"');
	for (const unsigned char *p = (const unsigned char *)text; *p; p++) {
		if (*p == '"' || *p == '\\')
			out_char(o, '\\');
		out_char(o, *p < 0x20 || *p > 0x7e ? '?' : (char)*p);
	}
	out_char(o, '"');
}

static void put_uuid(struct out *o, const uint8_t uuid[16])
{
	for (unsigned i = 0; i < 16; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			out_char(o, '-');
		out_hex_bytes(o, &uuid[i], 1);
	}
}

static void put_env(struct out *o, const struct hvt_trace *trace)
{
	const char *key, *value;

	out_text(o, "env {\n\ttracer_name = \"hvtrace\";\n\tdomain = \"hv\";\n");
	for (size_t i = 0; hvt_trace_info_at(trace, i, &key, &value); i++) {
		struct fields f = { .count = 0 };

		out_char(o, '\t');
		out_text(o, new_name(&f, key));
		out_text(o, " = ");
		put_string(o, value);
		out_text(o, ";\n");
	}
	out_text(o, "};\n\n");
}

static void put_clock(struct out *o, const struct ctf_clock *clock)
{
	out_format(o, "clock {\n\tname = \"host\";\n\tdescription = \"counter "
		      "of the host that recorded\";\n\tfreq = %" PRIu64 ";\n"
		      "\toffset_s = %" PRId64 ";\n};\n\n", clock->hz,
			clock->offset);
}

static void put_types(struct out *o)
{
	static const unsigned sizes[] = { 8, 32, 64 };

	for (unsigned i = 0; i < 3; i++)
		out_format(o, "typealias integer { size = %u; align = 8; signed "
			      "= false; } := u%u;\n", sizes[i], sizes[i]);
	out_text(o, "typealias integer { size = 64; align = 8; signed = false; "
		    "base = 16; } := x64;\n"
		    "typealias integer { size = 64; align = 8; signed = true; }"
		    " := s64;\n"
		    "typealias integer { size = 64; align = 8; signed = false; "
		    "map = clock.host.value; } := tick;\n\n");
}

void ctf_metadata_begin(struct out *o, const struct hvt_trace *trace,
		const uint8_t uuid[16], const struct ctf_clock *clock)
{
	out_text(o, "/* CTF 1.8 */\n\n");
	put_types(o);
	out_text(o, "trace {\n\tmajor = 1;\n\tminor = 8;\n\tuuid = \"");
	put_uuid(o, uuid);
	out_text(o, "\";\n\tbyte_order = le;\n\tpacket.header := struct {\n"
		    "\t\tu32 magic;\n\t\tu8 uuid[16];\n\t\tu32 stream_id;\n"
		    "\t};\n};\n\n");
	put_env(o, trace);
	put_clock(o, clock);
	out_text(o, "stream {\n\tid = 0;\n\tpacket.context := struct {\n"
		    "\t\ttick timestamp_begin;\n\t\ttick timestamp_end;\n"
		    "\t\tu64 content_size;\n\t\tu64 packet_size;\n"
		    "\t\tu64 packet_seq_num;\n\t\tu64 events_discarded;\n"
		    "\t};\n\tevent.header := struct {\n\t\tu32 id;\n"
		    "\t\ttick timestamp;\n\t};\n\tevent.context := struct {\n"
		    "\t\tu64 _number;\n\t\tu32 _thread;\n\t};\n};\n");
}

/*
 * A field whose values have names. Names are looked for where the API has its
 * constants: from 0 on, and its errors. False: it has none.
 */
static bool put_enum(struct out *o, const char *type, bool is_signed)
{
	static const struct {
		uint64_t first, count;
	} ranges[] = { { 0, 65536 }, { 0xfae94000, 4096 } };
	bool any = false;

	for (unsigned r = 0; r < 1u + is_signed; r++)
		for (uint64_t k = 0; k < ranges[r].count; k++) {
			uint64_t v = ranges[r].first + k;
			const char *name = hvt_value_name(type, v);

			if (!name)
				continue;
			out_text(o, any ? ", " : is_signed ? "enum : s64 { "
							   : "enum : u64 { ");
			put_string(o, name);
			out_format(o, " = %" PRId64,
					is_signed ? (int32_t)v : (int64_t)v);
			any = true;
		}
	if (any)
		out_text(o, " }");
	return any;
}

static bool is_address(const struct hvt_param_schema *p)
{
	return p->role != HVT_ROLE_OBJ && !ctf_is_buffer(p->role) &&
			strcmp(p->type, "hv_vcpu_t") != 0 &&
			strcmp(p->type, "uint32_t") != 0;
}

static void put_field(struct out *o, struct fields *f,
		const struct hvt_param_schema *p)
{
	out_text(o, "\t\t");
	if (!put_enum(o, p->type, false))
		out_text(o, is_address(p) ? "x64" : "u64");
	out_format(o, " %s;\n", new_name(f, p->name));
}

static void put_class(struct out *o, struct fields *f)
{
	out_text(o, "\t\tenum : u8 { ");
	for (unsigned c = 0; c < EXIT_CLASSES; c++)
		out_format(o, "%s\"%s\" = %u", c ? ", " : "",
				exit_class_name((enum exit_class)c), c);
	out_format(o, " } %s;\n", new_name(f, "class"));
}

static void put_result(struct out *o, struct fields *f,
		const struct hvt_call_schema *s)
{
	out_text(o, "\t\t");
	if (s->varies || !put_enum(o, s->result, true))
		out_text(o, "s64");
	out_format(o, " %s;\n", new_name(f, "result"));
}

static void put_bytes(struct out *o, struct fields *f)
{
	const char *length = new_name(f, "bytes_length");

	out_format(o, "\t\tu32 %s;\n\t\tu8 %s[%s];\n", length,
			new_name(f, "bytes"), length);
}

static const char *suffix(uint32_t kind)
{
	return kind == HVT_EVENT_ENTER ? "_entry"
	       : kind == HVT_EVENT_LEAVE ? "_exit" : "";
}

void ctf_metadata_event(struct out *o, const struct hvt_call_schema *s,
		uint32_t call, uint32_t kind, bool exits)
{
	struct fields f = { .count = 0 };
	char name[128];
	bool bytes = false;

	snprintf(name, sizeof(name), "%.100s%s", s->name, suffix(kind));
	out_format(o, "\nevent {\n\tid = %" PRIu32 ";\n\tname = ",
			ctf_event_id(call, kind));
	put_string(o, name);
	out_text(o, ";\n\tstream_id = 0;\n\tfields := struct {\n");
	if (exits)
		put_class(o, &f);
	if (kind != HVT_EVENT_ENTER)
		put_result(o, &f, s);
	for (unsigned i = 0; i < s->param_count; i++) {
		if (!ctf_carries(kind, s->params[i].role))
			continue;
		put_field(o, &f, &s->params[i]);
		bytes |= ctf_is_buffer(s->params[i].role);
	}
	if (bytes)
		put_bytes(o, &f);
	out_text(o, "\t};\n};\n");
}

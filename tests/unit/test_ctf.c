/* SPDX-License-Identifier: MIT */
/* Packets of a CTF stream by their bytes, and names in the metadata. */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "export/ctf_metadata.h"
#include "export/ctf_stream.h"
#include "files.h"
#include "format.h"

#define HEADER 72u /* of a packet, and its context */

static const uint8_t uuid[16] = "0123456789abcdef";
static struct out out;
static char path[] = "ctf_XXXXXX";

static void setup(void)
{
	int fd = mkstemp(path);

	cr_assert_geq(fd, 0);
	out_init(&out, fd);
}

static void teardown(void)
{
	close(out.fd);
	unlink(path);
}

TestSuite(ctf, .init = setup, .fini = teardown);

static uint8_t *written(size_t *size)
{
	return file_read(path, size);
}

Test(ctf, packets_say_what_is_in_them)
{
	struct ctf_stream s;
	uint8_t *bytes;
	size_t size;

	ctf_stream_init(&s, &out, uuid);
	ctf_event(&s, 5, 1000);
	ctf_put(&s, 0x0102, 2);
	ctf_event(&s, 6, 900); /* not before the one before */
	ctf_event(&s, 7, 2000);
	ctf_put_bytes(&s, "abc", 3);
	cr_assert_eq(ctf_stream_fini(&s), 0);
	bytes = written(&size);
	cr_assert_eq(size, HEADER + 3 * 12 + 2 + 3);
	cr_assert_eq(hvt_get32(bytes), 0xc1fc1fc1);
	cr_assert_arr_eq(bytes + 4, uuid, 16);
	cr_assert_eq(hvt_get32(bytes + 20), 0);
	cr_assert_eq(hvt_get64(bytes + 24), 1000);
	cr_assert_eq(hvt_get64(bytes + 32), 2000);
	cr_assert_eq(hvt_get64(bytes + 40), size * 8);
	cr_assert_eq(hvt_get64(bytes + 48), size * 8);
	cr_assert_eq(hvt_get64(bytes + 56), 0);
	cr_assert_eq(hvt_get32(bytes + HEADER), 5);
	cr_assert_eq(hvt_get64(bytes + HEADER + 4), 1000);
	cr_assert_arr_eq(bytes + HEADER + 12, "\2\1", 2);
	cr_assert_eq(hvt_get64(bytes + HEADER + 18), 1000);
	free(bytes);
}

Test(ctf, packets_follow_one_another_without_a_gap)
{
	static const uint8_t data[3000];
	uint64_t last = 0, packets = 0;
	struct ctf_stream s;
	uint8_t *bytes;
	size_t size, at = 0;

	ctf_stream_init(&s, &out, uuid);
	for (unsigned i = 0; i < 200; i++) {
		ctf_event(&s, 1, i);
		ctf_put_bytes(&s, data, sizeof(data));
	}
	cr_assert_eq(ctf_stream_fini(&s), 0);
	bytes = written(&size);
	for (; at < size; packets++) {
		cr_assert_eq(hvt_get64(bytes + at + 56), packets);
		cr_assert_geq(hvt_get64(bytes + at + 24), last);
		last = hvt_get64(bytes + at + 32);
		at += hvt_get64(bytes + at + 48) / 8;
	}
	cr_assert_eq(at, size);
	cr_assert_gt(packets, 5);
	cr_assert_eq(last, 199);
	free(bytes);
}

Test(ctf, streams_without_events_are_empty)
{
	struct ctf_stream s;

	ctf_stream_init(&s, &out, uuid);
	cr_assert_eq(ctf_stream_fini(&s), 0);
	cr_assert_eq(lseek(out.fd, 0, SEEK_END), 0);
}

Test(ctf, writes_that_fail_are_told)
{
	int fd = open("/dev/full", O_WRONLY);
	struct out full;
	struct ctf_stream s;

	if (fd < 0)
		cr_skip("there is no /dev/full");
	out_init(&full, fd);
	ctf_stream_init(&s, &full, uuid);
	ctf_event(&s, 1, 1);
	cr_assert_eq(ctf_stream_fini(&s), -ENOSPC);
	close(fd);
}

static bool has(const uint8_t *text, size_t size, const char *part)
{
	return memmem(text, size, part, strlen(part));
}

/* What is written of calls of a function; to be freed. */
static uint8_t *event_metadata(
		const struct hvt_call_schema *schema, size_t *size)
{
	ctf_metadata_event(&out, schema, 7, HVT_EVENT_CALL, false);
	cr_assert_eq(out_flush(&out), 0);
	return written(size);
}

/* What a hostile trace calls things must not be taken for TSDL. */
Test(ctf, names_in_metadata_are_harmless)
{
	struct hvt_call_schema schema = { .name = "x\";};\nevil \\",
		.result = "int", .param_count = 1,
		.params = { { .name = "a b;}", .type = "int",
				.role = HVT_ROLE_IN } } };
	uint8_t *text;
	size_t size;

	text = event_metadata(&schema, &size);
	cr_assert(has(text, size, "name = \"x\\\";};?evil \\\\\";"));
	cr_assert(has(text, size, " _a_b__;"));
	cr_assert(has(text, size, "id = 29;"));
	free(text);
}

Test(ctf, no_two_fields_have_the_same_name)
{
	struct hvt_call_schema schema = { .name = "f", .result = "int",
		.param_count = 4,
		.params = { { .name = "bytes", .type = "int",
				.role = HVT_ROLE_INBUF },
			{ .name = "result", .type = "int",
				.role = HVT_ROLE_IN },
			{ .name = "a.b", .type = "int", .role = HVT_ROLE_IN },
			{ .name = "a-b", .type = "int",
				.role = HVT_ROLE_IN } } };
	uint8_t *text;
	size_t size;

	text = event_metadata(&schema, &size);
	cr_assert(has(text, size, "s64 _result;"));
	cr_assert(has(text, size, " _result_2;"));
	cr_assert(has(text, size, " _bytes;"));
	cr_assert(has(text, size, " _a_b;"));
	cr_assert(has(text, size, " _a_b_2;"));
	cr_assert(has(text, size, "u32 _bytes_length;"));
	cr_assert(has(text, size, "u8 _bytes_2[_bytes_length];"));
	free(text);
}

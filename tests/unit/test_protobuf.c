/* SPDX-License-Identifier: MIT */
/* The wire format of protocol buffers. */
#include <criterion/criterion.h>
#include <string.h>

#include "export/protobuf.h"

static struct protobuf p;

static void expect(const void *bytes, size_t size)
{
	cr_assert(protobuf_is_valid(&p));
	cr_assert_eq(p.used, size);
	cr_assert_arr_eq(p.bytes, bytes, size);
}

Test(protobuf, has_numbers_of_any_size)
{
	protobuf_u64(&p, 1, 150);
	protobuf_u64(&p, 60, 0);
	protobuf_i64(&p, 2, -1);
	expect("\x08\x96\x01\xe0\x03\x00\x10\xff\xff\xff\xff\xff\xff\xff\xff"
	       "\xff\x01", 17);
}

Test(protobuf, has_strings_in_ascii)
{
	protobuf_string(&p, 2, "a\xc3\x7f z");
	protobuf_string(&p, 2, "");
	expect("\x12\x05" "a?? z" "\x12\x00", 9);
}

Test(protobuf, has_messages_in_messages)
{
	protobuf_open(&p, 3);
	protobuf_open(&p, 4);
	protobuf_u64(&p, 1, 7);
	protobuf_close(&p);
	protobuf_close(&p);
	expect("\x1a\x87\x80\x80\x00\x22\x82\x80\x80\x00\x08\x07", 12);
	protobuf_reset(&p);
	expect("", 0);
}

Test(protobuf, says_when_it_is_full)
{
	static char text[PROTOBUF_MAX];

	memset(text, 'x', PROTOBUF_MAX - 4);
	protobuf_string(&p, 1, text);
	cr_assert(protobuf_is_valid(&p));
	protobuf_u64(&p, 1, 5);
	cr_assert_not(protobuf_is_valid(&p));
	protobuf_reset(&p);
	memset(text, 'x', PROTOBUF_MAX - 1);
	protobuf_string(&p, 1, text);
	cr_assert_not(protobuf_is_valid(&p));
	protobuf_reset(&p);
	for (unsigned i = 0; i <= PROTOBUF_DEPTH_MAX; i++)
		protobuf_open(&p, 1);
	cr_assert_not(protobuf_is_valid(&p));
	protobuf_reset(&p);
	protobuf_close(&p);
	cr_assert_not(protobuf_is_valid(&p));
	protobuf_reset(&p);
	protobuf_open(&p, 1);
	cr_assert_not(protobuf_is_valid(&p));
}

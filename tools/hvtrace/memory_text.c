/* SPDX-License-Identifier: MIT */
#include "memory_text.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>

#define LINE 16u

static void put_line(uint64_t ipa, const uint8_t *bytes, unsigned count)
{
	printf("%012" PRIx64 " ", ipa);
	for (unsigned i = 0; i < LINE; i++)
		if (i < count)
			printf("%s%02x", i % 8 ? " " : "  ", bytes[i]);
		else
			printf("%s  ", i % 8 ? " " : "  ");
	printf("  |");
	for (unsigned i = 0; i < count; i++)
		putchar(isprint(bytes[i]) ? bytes[i] : '.');
	printf("|\n");
}

static int put_bytes(const struct memory_source *source,
		const struct guest_state *s, uint64_t *failed)
{
	for (uint64_t done = 0; done < s->size; done += LINE) {
		unsigned count = s->size - done < LINE
				? (unsigned)(s->size - done) : LINE;
		uint8_t bytes[LINE];
		int err;

		*failed = s->ipa + done;
		err = source->read(source->of, s->ipa + done, bytes, count);
		if (err)
			return err;
		if (!s->json)
			put_line(s->ipa + done, bytes, count);
		for (unsigned i = 0; i < count && s->json; i++)
			printf("%02x", bytes[i]);
	}
	return 0;
}

int memory_text_put(const struct memory_source *source,
		const struct guest_state *s, uint64_t *failed)
{
	int err;

	if (s->json)
		printf(",\"ipa\":\"0x%" PRIx64 "\",\"memory\":\"", s->ipa);
	err = put_bytes(source, s, failed);
	if (s->json)
		printf("\"");
	return err;
}

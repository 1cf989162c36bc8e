/* SPDX-License-Identifier: MIT */
/*
 * The text of a filter. One that is accepted is put to events of all functions;
 * one that is refused has an error with a place in the text.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "look/where.h"

static void try_events(const struct where *w)
{
	static const uint32_t kinds[] = { HVT_EVENT_CALL, HVT_EVENT_ENTER,
		HVT_EVENT_LEAVE };
	struct device_map map = { .count = 0 };
	struct where_event what = { .devices = &map, .hz = 1e9 };

	device_map_add(&map, "uart", 0x9000000, 0x1000, DEVICE_PL011);
	for (uint32_t call = 0; call < hvt_call_limit(); call++)
		for (unsigned k = 0; k < 3; k++) {
			struct hvt_event e = { .number = call, .tick = call,
				.kind = kinds[k], .call = call, .thread = k,
				.values = { 1, 1, 0x93830047, ~0ull,
					0x9000018 } };

			if (hvt_call_schema(call))
				(void)where_holds(w, &what, &e);
		}
	where_event_fini(&what);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct where_error e;
	struct where *w;
	char *text = malloc(size + 1);

	NEED(text);
	memcpy(text, data, size);
	text[size] = 0;
	w = where_compile(text, NULL, &e);
	if (w)
		try_events(w);
	else
		NEED(e.column <= strlen(text) && *e.text &&
			memchr(e.text, 0, sizeof(e.text)));
	where_free(w);
	free(text);
	return 0;
}

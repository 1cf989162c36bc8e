/* SPDX-License-Identifier: MIT */
#include "written.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "call_ids.h"

int hvt_written_init(struct hvt_written *w, const struct hvt_trace *trace,
		uint64_t page_size)
{
	const char *memory = hvt_trace_info(trace, "memory");

	*w = (struct hvt_written){ .full = memory && !strcmp(memory, "full") };
	return w->full ? hvt_memory_image_init(&w->image, page_size) : 0;
}

void hvt_written_fini(struct hvt_written *w)
{
	if (w->full)
		hvt_memory_image_fini(&w->image);
	free(w->notes);
	*w = (struct hvt_written){ 0 };
}

static int keep(struct hvt_written *w, const struct hvt_event *event)
{
	size_t more = w->capacity ? 2 * w->capacity : 16;
	struct hvt_event *notes = w->notes;

	if (w->count == w->capacity) {
		notes = realloc(notes, more * sizeof(*notes));
		if (!notes)
			return -ENOMEM;
		w->notes = notes;
		w->capacity = more;
	}
	notes[w->count] = *event;
	notes[w->count].data = NULL;
	notes[w->count++].data_size = 0;
	return 0;
}

static bool is_of_guest(const struct hvt_event *event)
{
	return event->call == HVT_CALL_MEMORY_GUEST_STORED ||
			event->call == HVT_CALL_MEMORY_GUEST_CHANGED;
}

int hvt_written_see(struct hvt_written *w, const struct hvt_event *event,
		bool alone)
{
	int err = w->full ? hvt_memory_image_see(&w->image, event) : 0;

	if (err || !w->full)
		return err;
	/* What is left is of a run that never returned. */
	if (event->call == HVT_CALL_HV_VCPU_RUN &&
			event->kind == HVT_EVENT_ENTER)
		w->count = w->next = 0;
	return alone && is_of_guest(event) ? keep(w, event) : 0;
}

static uint64_t page_of(const struct hvt_written *w,
		const struct hvt_event *note)
{
	return note->values[0] & ~((uint64_t)w->image.pool.page_size - 1);
}

bool hvt_written_next(struct hvt_written *w, uint64_t *addr,
		const uint8_t **recorded)
{
	while (w->next < w->count) {
		*addr = page_of(w, &w->notes[w->next++]);
		*recorded = hvt_memory_image_page(&w->image, *addr);
		if (*recorded)
			return true;
	}
	w->count = w->next = 0;
	return false;
}

const struct hvt_event *hvt_written_note(const struct hvt_written *w,
		size_t offset)
{
	const struct hvt_event *note = &w->notes[w->next - 1];
	uint64_t addr = page_of(w, note) + offset;

	for (size_t i = w->next - 1; i < w->count; i++)
		if (w->notes[i].call == HVT_CALL_MEMORY_GUEST_CHANGED &&
				addr - w->notes[i].values[0] <
						w->notes[i].values[1])
			return &w->notes[i];
	return note;
}

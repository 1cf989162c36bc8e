/* SPDX-License-Identifier: MIT */
/* Guest memory at any event, for those who read traces. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "memory_image.h"
#include "page_pool.h"

struct hvt_image {
	struct hvt_trace *trace;
	struct hvt_memory_image memory;
	uint64_t events; /* that are in it, also the number of the next one */
	struct hvt_error trouble; /* nothing is added after that */
};

static int says(struct hvt_error *e, int code, uint64_t event, const char *text)
{
	if (e) {
		*e = (struct hvt_error){ .code = code, .event = event };
		snprintf(e->text, sizeof(e->text), "%s", text);
	}
	return code;
}

static int begin(struct hvt_image *image, bool seen, struct hvt_error *e)
{
	const char *memory = hvt_trace_info(image->trace, "memory");
	int err;

	if (!seen && (!memory || strcmp(memory, "full") != 0))
		return says(e, -EOPNOTSUPP, 0, "what its guest wrote is not in "
				"it: hvtrace record --memory full has it");
	if (!memory || !strcmp(memory, "none"))
		return says(e, -EOPNOTSUPP, 0, "it was recorded without guest "
				"memory");
	err = hvt_memory_image_init(&image->memory,
			hvt_recorded_page_size(image->trace));
	if (err == -EBADMSG)
		return says(e, err, 0, "there is no size of pages in it");
	return err ? says(e, err, 0, "out of memory") : 0;
}

static int open_image(struct hvt_image **image, const char *path, bool seen,
		struct hvt_error *e)
{
	struct hvt_image *i = calloc(1, sizeof(*i));
	int err;

	*image = NULL;
	if (!i)
		return says(e, -ENOMEM, 0, "out of memory");
	err = hvt_trace_open(&i->trace, path, e);
	if (!err)
		err = begin(i, seen, e);
	if (err)
		hvt_image_close(i);
	else
		*image = i;
	return err;
}

int hvt_image_open(struct hvt_image **image, const char *path,
		struct hvt_error *e)
{
	return open_image(image, path, false, e);
}

int hvt_image_open_seen(struct hvt_image **image, const char *path,
		struct hvt_error *e)
{
	return open_image(image, path, true, e);
}

/* The next event: 1; 0 there is none; -errno. */
static int add_next(struct hvt_image *i, struct hvt_error *e)
{
	struct hvt_event event;
	int got = hvt_trace_next(i->trace, &event, e);

	if (got <= 0)
		return got == -ENODATA ? 0 : got;
	if (event.number != i->events)
		return says(e, -EBADMSG, event.number, "the events before it "
				"are not there, and memory is what they made it");
	got = hvt_memory_image_see(&i->memory, &event);
	if (got)
		return says(e, got, event.number, got == -EBADMSG
				? "this cannot follow what is before it"
				: "out of memory");
	i->events++;
	return 1;
}

int hvt_image_go(struct hvt_image *i, uint64_t to, struct hvt_error *e)
{
	int got = 1;

	while (!i->trouble.code && i->events < to && got) {
		struct hvt_error trouble = { 0 };

		got = add_next(i, &trouble);
		if (got >= 0)
			continue;
		i->trouble = trouble;
		i->trouble.code = got;
	}
	if (i->trouble.code && e)
		*e = i->trouble;
	if (i->trouble.code)
		return i->trouble.code;
	return i->events < to ? says(e, -ERANGE, i->events,
			"it ends before that event") : 0;
}

int hvt_image_read(const struct hvt_image *i, uint64_t ipa, void *bytes,
		size_t size, uint64_t *failed)
{
	uint64_t at;
	int err = hvt_memory_image_read(&i->memory, ipa, bytes, size, &at);

	if (err && failed)
		*failed = at;
	return err;
}

void hvt_image_close(struct hvt_image *i)
{
	if (!i)
		return;
	hvt_memory_image_fini(&i->memory);
	if (i->trace)
		hvt_trace_close(i->trace);
	free(i);
}

/* SPDX-License-Identifier: MIT */
#include "image_state.h"

#include <errno.h>
#include <hvtrace/hvtrace.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cmd.h"
#include "memory_text.h"

struct hvt_image *image_state_open(const char *path, const struct guest_state *s)
{
	struct hvt_image *image;

	return s->regs || hvt_image_open(&image, path, NULL) ? NULL : image;
}

int image_state_check(const char *path, struct hvt_trace *trace)
{
	const char *memory = hvt_trace_info(trace, "memory");
	struct hvt_image *image;
	struct hvt_error e;
	int err;

	/* Of a part that was cut out nobody knows what came before it. */
	if (!memory || strcmp(memory, "full") != 0 ||
			hvt_trace_seek(trace, HVT_SEEK_EVENT, 0, NULL))
		return 0;
	err = hvt_image_open(&image, path, &e);
	if (!err)
		err = hvt_image_go(image, UINT64_MAX, &e);
	hvt_image_close(image);
	if (!err || err == -ERANGE)
		return 0;
	trouble_in_trace(path, &e);
	return err;
}

static int read_image(const void *image, uint64_t ipa, void *bytes, size_t size)
{
	return hvt_image_read(image, ipa, bytes, size, NULL);
}

static int show(const struct hvt_image *image, const struct guest_state *s)
{
	struct memory_source source = { read_image, image };
	uint64_t failed;
	int err;

	if (s->json)
		printf("{\"event\":%" PRIu64, s->at);
	err = memory_text_put(&source, s, &failed);
	if (s->json)
		printf("}\n");
	if (err)
		return trouble(err == -ENODATA
				? "memory at IPA 0x%" PRIx64 " was not followed: "
				  "it is not in the trace"
				: "the guest has no memory at IPA 0x%" PRIx64
				  " at that event", failed);
	return fflush(stdout) ? trouble("cannot write the output") : EXIT_SAME;
}

int image_state_show(struct hvt_image *image, const char *path,
		const struct guest_state *s)
{
	struct hvt_error e;
	int code, err = hvt_image_go(image, s->at, &e);

	if (err == -ERANGE)
		code = trouble("%s has %" PRIu64 " events only", path, e.event);
	else if (err)
		code = trouble_in_trace(path, &e);
	else
		code = show(image, s);
	hvt_image_close(image);
	return code;
}

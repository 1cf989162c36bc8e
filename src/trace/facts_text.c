/* SPDX-License-Identifier: MIT */
/* Lines "fact KEY VALUE"; other lines are for other readers. */
#include "facts_text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void unescape(char *p)
{
	char *out = p;

	for (; *p; p++) {
		if (*p == '\\' && p[1])
			*out++ = *++p == 'n' ? '\n' : *p;
		else
			*out++ = *p;
	}
	*out = 0;
}

static int take_line(struct hvt_facts_text *f, char *line)
{
	struct hvt_info *more;
	char *value;

	if (strncmp(line, "fact ", 5) != 0)
		return 0;
	line += 5;
	value = strchr(line, ' ');
	if (!value)
		return -EBADMSG;
	*value++ = 0;
	unescape(value);
	more = realloc(f->list, (f->count + 1) * sizeof(*more));
	if (!more)
		return -ENOMEM;
	f->list = more;
	f->list[f->count++] = (struct hvt_info){ line, value };
	return 0;
}

int hvt_facts_text_init(
		struct hvt_facts_text *f, const uint8_t *text, size_t size)
{
	char *line, *end;
	int err = 0;

	*f = (struct hvt_facts_text){ .text = malloc(size + 1) };
	if (!f->text)
		return -ENOMEM;
	memcpy(f->text, text, size);
	f->text[size] = 0;
	for (line = f->text; !err && (end = strchr(line, '\n'));
			line = end + 1) {
		*end = 0;
		err = take_line(f, line);
	}
	if (err)
		hvt_facts_text_fini(f);
	return err;
}

void hvt_facts_text_fini(struct hvt_facts_text *f)
{
	free(f->text);
	free(f->list);
	*f = (struct hvt_facts_text){ 0 };
}

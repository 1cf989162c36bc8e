/* SPDX-License-Identifier: MIT */
/* Events as JSON, one object on a line: as of hvtrace dump --json. */
#include "export.h"
#include "json.h"

static int begin(struct export *x)
{
	(void)x;
	return 0;
}

static int event(struct export *x, const struct hvt_event *e)
{
	json_event(x->out, x->walk->trace, e);
	return x->out->err;
}

static int end(struct export *x)
{
	return out_flush(x->out);
}

const struct exporter export_json = {
	.name = "json",
	.begin = begin,
	.event = event,
	.end = end,
};

/* SPDX-License-Identifier: MIT */
/* Every segment, read and decoded; the chain of hashes, followed. */
#include <errno.h>

#include "trace.h"

int hvt_trace_verify(struct hvt_trace *t, struct hvt_verdict *v,
		void (*told)(const struct hvt_error *e, void *context),
		void *context)
{
	struct hvt_event event;
	struct hvt_error e;
	int got, code = 0;

	*v = (struct hvt_verdict){ 0 };
	got = hvt_trace_rewind(t, &e);
	while (!got || got == 1 || got == -EBADMSG) {
		got = hvt_trace_next(t, &event, &e);
		if (!got)
			return code;
		if (got == 1) {
			v->events++;
			v->exits += event.kind == HVT_EVENT_LEAVE &&
					event.call == HVT_CALL_HV_VCPU_RUN;
			continue;
		}
		v->damaged++;
		told(&e, context);
		code = -EBADMSG;
	}
	return got;
}

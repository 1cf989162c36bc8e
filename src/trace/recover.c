/* SPDX-License-Identifier: MIT */
/* A dead recorder's last events: out of its log, into the trace. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "drain.h"
#include "ended.h"

static int fail(struct hvt_error *e, int err, const char *text)
{
	if (e) {
		*e = (struct hvt_error){ .code = err };
		snprintf(e->text, sizeof(e->text), "%s", text);
	}
	return err;
}

static const char *reason(int err)
{
	switch (err) {
	case -EBUSY:
		return "it is being written; end its recorder first";
	case -EBADMSG:
		return "it is damaged before its end: nothing was changed";
	default:
		return strerror(-err);
	}
}

static int drain(struct hvt_wal *wal, struct hvt_writer *w, uint64_t *events)
{
	uint64_t before = hvt_writer_next(w);
	struct hvt_drain d;
	int err;

	if (!before)
		hvt_writer_begin_at(w, wal->header->began);
	hvt_drain_init(&d, wal, w);
	d.merge.only_synced = hvt_wal_is_of_another_boot(wal);
	err = hvt_wal_has_rings_of(wal, hvt_writer_point(w))
			? hvt_drain_finish(&d) : -EBADMSG;
	hvt_drain_fini(&d);
	*events = hvt_writer_next(w) - before;
	return err;
}

/* Closes a trace that has no log: there is nothing to add but the end. */
static int recover(const char *path, struct hvt_writer *w,
		enum hvt_trace_end how, uint64_t *events)
{
	struct hvt_wal wal;
	int err = hvt_wal_open(&wal, path, hvt_writer_id(w), true);
	bool has_log = !err, all = false;

	if (err == -ENOENT || err == -ESTALE)
		err = 0;
	if (!err && has_log) {
		all = !hvt_wal_is_of_another_boot(&wal);
		err = hvt_wal_is_live(&wal) ? -EBUSY : drain(&wal, w, events);
		hvt_wal_close(&wal);
	}
	if (!err)
		err = hvt_writer_sync(w);
	if (err) {
		(void)hvt_writer_close(w, NULL);
		return err;
	}
	err = hvt_writer_close(
			w, hvt_end_name(all ? how : HVT_END_TORN));
	if (!err && has_log)
		err = hvt_wal_remove(path);
	return err;
}

int hvt_trace_recover(const char *path, enum hvt_trace_end how,
		uint64_t *events, struct hvt_error *e)
{
	struct hvt_trace *t;
	struct hvt_writer *w;
	enum hvt_trace_state state;
	int err = hvt_trace_open(&t, path, e);

	*events = 0;
	if (err)
		return err;
	state = hvt_trace_state(t);
	hvt_trace_close(t);
	if (state == HVT_TRACE_CLOSED)
		return 0;
	if (state == HVT_TRACE_LIVE)
		return fail(e, -EBUSY, reason(-EBUSY));
	err = hvt_writer_resume(&w, path);
	if (err == -EALREADY)
		return 0;
	if (!err)
		err = recover(path, w, how, events);
	return err ? fail(e, err, reason(err)) : 0;
}

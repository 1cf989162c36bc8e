/* SPDX-License-Identifier: MIT */
/*
 * A guest that begins at a keyframe. One that cannot be used is no reason not
 * to have the guest: there are earlier ones, and the beginning.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "keyframe_state.h"

#define TRIES 4u /* keyframes; all that is before each is read anew */

/* Why the keyframe of that event was of no use. */
static void note_refusal(struct hvt_guest_start *start, uint64_t event, int err)
{
	const char *why = strerror(-err);

	if (err == -EBADMSG)
		why = "it is damaged, or cannot be of this trace on this host";
	if (err == -EIO)
		why = "this host does not let its registers be written";
	if (start->refused++)
		return;
	start->why = (struct hvt_error){ .code = err, .event = event };
	snprintf(start->why.text, sizeof(start->why.text), "%s", why);
}

/* Brings a guest that has done nothing there: 0, or it is to be thrown away. */
static int go_to(struct hvt_guest *g, const struct hvt_keyframe *k)
{
	int got;

	g->keyframe = k->event;
	got = hvt_guest_play(g, k->event, NULL);
	if (got)
		return got < 0 ? got : -EBADMSG;
	if (g->status.events != k->event)
		return -EBADMSG;
	g->play.stale = g->play.object_count;
	return hvt_keyframe_put(g, k);
}

int hvt_guest_open_at(struct hvt_guest **guest, const char *path,
		uint64_t event, struct hvt_guest_start *start,
		struct hvt_error *e)
{
	int err = hvt_guest_open(guest, path, e);

	*start = (struct hvt_guest_start){ 0 };
	while (!err && start->refused < TRIES) {
		struct hvt_keyframe k;
		int got = hvt_keyframe_find((*guest)->trace, event,
				start->refused, &k);

		if (got == -ENOENT)
			return 0;
		if (!got)
			got = go_to(*guest, &k);
		start->event = got ? 0 : k.event;
		if (got)
			note_refusal(start, k.event, got);
		hvt_keyframe_fini(&k);
		if (!got) {
			start->is_keyframe = true;
			return 0;
		}
		hvt_guest_close(*guest);
		err = hvt_guest_open(guest, path, e);
	}
	return err;
}

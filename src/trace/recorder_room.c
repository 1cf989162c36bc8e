/* SPDX-License-Identifier: MIT */
/*
 * Room for what a thread logs. Nothing is ever dropped: a thread whose ring is
 * full goes on in another one; if all are full it waits, and the time is
 * recorded.
 */
#include "recorder.h"

#include <errno.h>

void hvt_block_signals(sigset_t *mask)
{
	sigset_t all;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, mask);
}

void hvt_recorder_enter_ring(struct hvt_recorder *r, struct hvt_place *p)
{
	p->touched = atomic_load(&p->ring.header->head);
	hvt_wal_touch(&r->wal, &p->ring, p->touched, HVT_RING_TOUCH_MIN);
	hvt_ring_attach(&p->ring, &p->log, &r->wal.header->places);
	hvt_ring_begin(&p->ring, &p->log);
}

/* Into another ring: false if there is none, nor can be. */
static bool change_ring(struct hvt_recorder *r, struct hvt_place *p)
{
	sigset_t mask;
	bool changed;

	hvt_block_signals(&mask);
	pthread_mutex_lock(&r->rings.lock);
	changed = !hvt_rings_change(&r->rings, &p->ring);
	if (changed)
		hvt_recorder_enter_ring(r, p);
	pthread_mutex_unlock(&r->rings.lock);
	pthread_sigmask(SIG_SETMASK, &mask, NULL);
	/* The full one waits to be written. */
	pthread_cond_signal(&r->wake);
	return changed;
}

/* Until there is room, or no hope of it. */
static int wait_for_room(struct hvt_recorder *r, struct hvt_place *p, uint64_t size)
{
	uint64_t start = hvt_now_ns();
	struct timespec until;
	sigset_t mask;
	int err;

	hvt_block_signals(&mask);
	pthread_mutex_lock(&r->lock);
	while (!(err = atomic_load(&r->error)) &&
			!hvt_ring_make_room(&p->ring, &p->log, size)) {
		r->pressed = true;
		pthread_cond_signal(&r->wake);
		hvt_deadline(&until, HVT_RECORDER_POLL_NS);
		pthread_cond_timedwait(&r->room, &r->lock, &until);
	}
	pthread_mutex_unlock(&r->lock);
	pthread_sigmask(SIG_SETMASK, &mask, NULL);
	atomic_fetch_add(&p->ring.header->stall_ns, hvt_now_ns() - start);
	return err;
}

HVT_COLD static int find_room(struct hvt_recorder *r, struct hvt_place *p,
		uint64_t size)
{
	int err = change_ring(r, p) ? atomic_load(&r->error) : -EAGAIN;

	if (!err && !hvt_ring_make_room(&p->ring, &p->log, size))
		err = -EAGAIN;
	return err == -EAGAIN ? wait_for_room(r, p, size) : err;
}

int hvt_recorder_make_room(struct hvt_recorder *r, struct hvt_place *p, uint64_t size)
{
	int err = atomic_load(&r->error);

	if (err || hvt_ring_make_room(&p->ring, &p->log, size))
		return err;
	return find_room(r, p, size);
}

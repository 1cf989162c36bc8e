/* SPDX-License-Identifier: MIT */
/*
 * The thread of the recorder's own: it merges the rings into segments,
 * compresses and writes them, and brings all to stable storage every 100 ms.
 */
#include "recorder.h"

#include <signal.h>
#include <time.h>

#define SYNC_NS 100000000L

/*
 * One look at the rings: what is there is taken up, and written if it is
 * enough, or a reader wants to see it.
 */
static int turn(struct hvt_recorder *r)
{
	struct hvt_wal_header *log = r->wal.header;
	uint64_t wanted = atomic_load(&log->wanted);
	int err = hvt_drain_all(&r->drain);

	r->pressed |= hvt_drain_is_pressed(&r->drain);
	if (!err && (r->pressed || wanted != atomic_load(&log->served)))
		err = hvt_drain_cut(&r->drain);
	if (!err)
		atomic_store(&log->served, wanted);
	return err;
}

/* What the thread has published in the ring since it was last asked. */
static uint64_t take_used(struct hvt_recorder *r, struct hvt_place *p,
		struct hvt_ring *ring, uint64_t *head)
{
	uint64_t used;

	pthread_mutex_lock(&r->rings.lock);
	*ring = p->ring;
	*head = atomic_load(&ring->header->head);
	used = *head - p->touched;
	p->touched = *head;
	pthread_mutex_unlock(&r->rings.lock);
	return used;
}

/*
 * To bring a page to stable storage the kernel takes the right to store to it
 * away, and the next store is a fault of a microsecond, or of milliseconds if
 * the file system is busy. Here the faults are taken for the threads, for as
 * many pages as they are likely to need before the next time: twice what they
 * have needed since the last.
 */
static void touch_rings(struct hvt_recorder *r)
{
	for (struct hvt_place *p = atomic_load(&hvt_places); p; p = p->next) {
		struct hvt_ring ring;
		uint64_t used, head;

		if (atomic_load(&p->serial) != r->serial)
			continue;
		used = take_used(r, p, &ring, &head);
		if (used)
			hvt_wal_touch(&r->wal, &ring, head,
					used < HVT_RING_TOUCH_MIN / 2 ? HVT_RING_TOUCH_MIN
							     : 2 * used);
	}
}

/*
 * Segments come to the disk before their events leave the rings there. Called
 * and left with the lock, which it gives up meanwhile.
 */
static int sync_files(struct hvt_recorder *r)
{
	int err;

	hvt_drain_note_written(&r->drain);
	pthread_mutex_unlock(&r->lock);
	err = r->wal.remote ? 0 : hvt_writer_sync(r->writer);
	pthread_mutex_lock(&r->lock);
	if (err)
		return err;
	hvt_drain_free_written(&r->drain);
	pthread_cond_broadcast(&r->room);
	if (r->wal.remote)
		return 0;
	pthread_mutex_lock(&r->rings.lock);
	err = hvt_drain_note_heads(&r->drain);
	pthread_mutex_unlock(&r->rings.lock);
	if (err)
		return err;
	pthread_mutex_unlock(&r->lock);
	err = hvt_wal_sync(&r->wal);
	if (!err)
		touch_rings(r);
	pthread_mutex_lock(&r->lock);
	if (!err)
		hvt_drain_set_synced(&r->drain);
	return err;
}

/* Is it time, or is room needed? */
static bool is_sync_due(struct hvt_recorder *r, uint64_t *synced)
{
	uint64_t now = hvt_now_ns();

	if (!r->pressed && now - *synced < SYNC_NS)
		return false;
	*synced = now;
	r->pressed = false;
	return true;
}

static void tell_progress(const struct hvt_recorder *r)
{
	void (*told)(uint64_t events) = atomic_load(&r->progress);

	if (told)
		told(hvt_writer_next(r->writer));
}

static void *write_loop(void *arg)
{
	struct hvt_recorder *r = arg;
	uint64_t synced = hvt_now_ns();
	struct timespec until;
	int err = 0;

	(void)pthread_setname_np(pthread_self(), "hvtrace-packer");
	pthread_mutex_lock(&r->lock);
	while (!r->stop && !err) {
		hvt_deadline(&until, HVT_RECORDER_POLL_NS);
		pthread_cond_timedwait(&r->wake, &r->lock, &until);
		err = turn(r);
		if (!err && is_sync_due(r, &synced)) {
			err = sync_files(r);
			tell_progress(r);
		}
	}
	if (err)
		hvt_recorder_set_error(r, err);
	pthread_cond_broadcast(&r->room);
	pthread_mutex_unlock(&r->lock);
	return (void *)(intptr_t)err;
}

/* Signals are the VMM's business: the writing thread must not take any. */
int hvt_recorder_start_thread(struct hvt_recorder *r)
{
	sigset_t all, old;
	int err;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	err = pthread_create(&r->thread, NULL, write_loop, r);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return -err;
}


/* SPDX-License-Identifier: MIT */
/*
 * The recorder. A thread that logs has a ring in the write-ahead log, and
 * publishing there is all it does; one thread of the recorder's own merges
 * the rings into segments, compresses and writes them, and brings all to
 * stable storage every 100 ms. Nothing is ever dropped: a thread whose ring is
 * full waits, and the time is recorded.
 */
#include <errno.h>
#include <linux/membarrier.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "drain.h"
#include "facts.h"
#include "format.h"

/* An event of any size has room in an empty ring, wherever that begins. */
#define RING_SIZE (4u << 20)
#define POLL_NS   10000000L  /* how often the rings are looked at */
#define SYNC_NS   100000000L /* and brought to stable storage */
#define TOUCH_MIN (256u << 10) /* of a ring, made ready for a thread */
#define COLD      __attribute__((cold, noinline)) /* off an event's way */

struct hvt_recorder {
	uint64_t serial; /* tells it from one that was at this address before */
	pthread_mutex_t lock;  /* of rings being given out, and of the waits */
	pthread_cond_t wake;   /* for the writing thread */
	pthread_cond_t room;   /* for threads whose ring is full */
	pthread_t thread;
	pthread_key_t key;     /* a thread's end gives its ring back */
	struct hvt_wal wal;
	struct hvt_writer *writer; /* the writing thread's, as is drain */
	struct hvt_drain drain;
	char *path;
	atomic_int error;      /* first error, sticky; stops every append */
	bool stop;             /* under lock */
	uint32_t threads;      /* under lock: given a number */
};

/* A thread's place; one recorder at a time in a process. */
struct place {
	_Atomic uint64_t serial; /* of the recorder; 0: the thread has ended */
	struct hvt_ring ring;
	uint64_t touched; /* the head when pages were last made ready */
	atomic_bool busy; /* in the middle of an append */
	struct place *next;
};

/* The model spares a call per event in the shared library. */
static _Thread_local struct place *mine
		__attribute__((tls_model("initial-exec")));
static struct place *_Atomic places; /* a list that only grows */

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void deadline(struct timespec *t, long ns)
{
	clock_gettime(CLOCK_MONOTONIC, t);
	t->tv_nsec += ns;
	if (t->tv_nsec >= 1000000000L) {
		t->tv_nsec -= 1000000000L;
		t->tv_sec++;
	}
}

/* The first error counts, but finishing is none if something else went wrong. */
static void set_error(struct hvt_recorder *r, int err)
{
	int none = 0;

	atomic_compare_exchange_strong(&r->error, &none, err);
}

static void on_thread_end(void *arg)
{
	struct place *p = arg;

	if (!p->serial)
		return;
	/* The one who takes it over waits until it is drained. */
	atomic_store(&p->ring.header->state, HVT_RING_LEFT);
	p->serial = 0;
}

/*
 * A ring for this thread: one of a thread that is gone, drained now if need
 * be, or a new one. Threads that come and go must not fill the disk.
 */
static int attach_ring(struct hvt_recorder *r, struct hvt_ring *ring)
{
	int err;

	if (hvt_drain_find_free(&r->drain, ring))
		return 0;
	err = hvt_drain_reclaim(&r->drain);
	if (err)
		return err;
	if (hvt_drain_find_free(&r->drain, ring))
		return 0;
	return hvt_wal_ring(&r->wal, atomic_load(&r->wal.header->rings), ring);
}

COLD static int attach(struct hvt_recorder *r, struct place **place)
{
	struct place *p = calloc(1, sizeof(*p));
	int err;

	if (!p)
		return -ENOMEM;
	pthread_mutex_lock(&r->lock);
	/* Once there is an error the writer is not to be touched any more. */
	err = atomic_load(&r->error);
	if (!err && r->threads == HVT_THREADS_MAX)
		err = -EUSERS;
	if (!err)
		err = attach_ring(r, &p->ring);
	if (!err) {
		p->serial = r->serial;
		p->ring.header->thread = r->threads++;
		p->ring.tail_seen = atomic_load(&p->ring.header->tail);
		p->touched = p->ring.tail_seen;
		hvt_wal_touch(&r->wal, &p->ring, p->touched, TOUCH_MIN);
		atomic_store(&p->ring.header->state, HVT_RING_USED);
		p->next = atomic_load(&places);
		atomic_store(&places, p);
	}
	pthread_mutex_unlock(&r->lock);
	if (err) {
		free(p);
		return err;
	}
	pthread_setspecific(r->key, p);
	*place = mine = p;
	return 0;
}

/* Until there is room, or no hope of it. */
COLD static int wait_for_room(struct hvt_recorder *r, struct place *p, uint64_t size)
{
	uint64_t start = now_ns();
	struct timespec until;
	int err;

	pthread_mutex_lock(&r->lock);
	while (!(err = atomic_load(&r->error)) &&
			!hvt_ring_has_room(&p->ring, size)) {
		pthread_cond_signal(&r->wake);
		deadline(&until, POLL_NS);
		pthread_cond_timedwait(&r->room, &r->lock, &until);
	}
	pthread_mutex_unlock(&r->lock);
	atomic_fetch_add(&p->ring.header->stall_ns, now_ns() - start);
	return err;
}

static int append(struct hvt_recorder *r, struct place *p,
		struct hvt_event *event)
{
	uint64_t size = hvt_ring_event_size(event);
	int err = atomic_load_explicit(&r->error, memory_order_relaxed);

	if (err)
		return err;
	if (event->data_size > HVT_DATA_MAX)
		return -EFBIG;
	if (!hvt_ring_has_room(&p->ring, size)) {
		err = wait_for_room(r, p, size);
		if (err)
			return err;
	}
	event->thread = p->ring.header->thread;
	event->tick = event->kind == HVT_EVENT_CALL ? 0 : hvt_tick();
	hvt_ring_publish(&p->ring, &r->wal.header->next, event);
	return 0;
}

int hvt_recorder_append(struct hvt_recorder *r, struct hvt_event *event)
{
	struct place *p = mine;
	int err;

	if (!p || atomic_load_explicit(&p->serial, memory_order_relaxed) !=
			r->serial) {
		err = atomic_load(&r->error);
		if (!err)
			err = attach(r, &p);
		if (err) {
			set_error(r, err);
			return err;
		}
	}
	/*
	 * hvt_recorder_finish() sets error, then makes sure by a membarrier
	 * that it sees either busy here, or this thread sees the error.
	 */
	atomic_store_explicit(&p->busy, true, memory_order_relaxed);
	atomic_signal_fence(memory_order_seq_cst);
	err = append(r, p, event);
	atomic_store_explicit(&p->busy, false, memory_order_release);
	if (err)
		set_error(r, err);
	return err;
}

/* Appends that began before the error was set: let them end. */
static void wait_for_appends(void)
{
	struct timespec pause = { .tv_nsec = 1000000 };

	if (syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0))
		nanosleep(&pause, NULL);
	for (struct place *p = atomic_load(&places); p; p = p->next)
		while (atomic_load(&p->busy))
			nanosleep(&pause, NULL);
}

/* One look at the rings: what is there is taken up, and written if enough. */
static int turn(struct hvt_recorder *r)
{
	int err = hvt_drain_all(&r->drain);

	if (!err && hvt_drain_is_pressed(&r->drain))
		err = hvt_drain_cut(&r->drain);
	return err;
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
	for (struct place *p = atomic_load(&places); p; p = p->next) {
		uint64_t head, used;

		if (atomic_load(&p->serial) != r->serial)
			continue;
		head = atomic_load(&p->ring.header->head);
		used = head - p->touched;
		p->touched = head;
		if (used)
			hvt_wal_touch(&r->wal, &p->ring, head,
					used < TOUCH_MIN / 2 ? TOUCH_MIN
							     : 2 * used);
	}
}

static int sync_if_due(struct hvt_recorder *r, uint64_t *synced)
{
	uint64_t now = now_ns();
	int err;

	if (r->wal.remote || now - *synced < SYNC_NS)
		return 0;
	*synced = now;
	err = hvt_wal_sync(&r->wal);
	if (!err)
		touch_rings(r);
	return err ? err : hvt_writer_sync(r->writer);
}

static void *write_loop(void *arg)
{
	struct hvt_recorder *r = arg;
	uint64_t synced = now_ns();
	struct timespec until;
	int err = 0;

	pthread_mutex_lock(&r->lock);
	while (!r->stop && !err) {
		deadline(&until, POLL_NS);
		pthread_cond_timedwait(&r->wake, &r->lock, &until);
		/* The lock keeps rings from being given out meanwhile. */
		err = turn(r);
		pthread_cond_broadcast(&r->room);
		pthread_mutex_unlock(&r->lock);
		if (!err)
			err = sync_if_due(r, &synced);
		pthread_mutex_lock(&r->lock);
	}
	if (err)
		set_error(r, err);
	pthread_cond_broadcast(&r->room);
	pthread_mutex_unlock(&r->lock);
	return (void *)(intptr_t)err;
}

/* Signals are the VMM's business: the writing thread must not take any. */
static int start_thread(struct hvt_recorder *r)
{
	sigset_t all, old;
	int err;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	err = pthread_create(&r->thread, NULL, write_loop, r);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return -err;
}

static void init_locks(struct hvt_recorder *r)
{
	pthread_condattr_t attr;

	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_mutex_init(&r->lock, NULL);
	pthread_cond_init(&r->wake, &attr);
	pthread_cond_init(&r->room, &attr);
	pthread_condattr_destroy(&attr);
}

static void release(struct hvt_recorder *r)
{
	pthread_cond_destroy(&r->room);
	pthread_cond_destroy(&r->wake);
	pthread_mutex_destroy(&r->lock);
	free(r->path);
	free(r);
}

static int open_files(struct hvt_recorder *r, const char *path,
		const struct hvt_info *facts, size_t count)
{
	struct hvt_facts all;
	int err = hvt_facts_init(&all, facts, count);

	if (err)
		return err;
	err = hvt_wal_is_taken(path);
	if (err) {
		hvt_facts_fini(&all);
		return err;
	}
	err = hvt_writer_create(&r->writer, path, all.list, all.count, 0);
	hvt_facts_fini(&all);
	if (err)
		return err;
	err = hvt_wal_create(&r->wal, path, hvt_writer_id(r->writer), RING_SIZE);
	if (err)
		(void)hvt_writer_close(r->writer, false);
	return err;
}

int hvt_recorder_open(struct hvt_recorder **recorder, const char *path,
		const struct hvt_info *facts, size_t count)
{
	static atomic_uint_fast64_t serials;
	struct hvt_recorder *r = calloc(1, sizeof(*r));
	int err;

	if (!r)
		return -ENOMEM;
	r->serial = ++serials;
	init_locks(r);
	r->path = realpath(path, NULL);
	err = open_files(r, path, facts, count);
	if (err)
		goto err_free;
	if (!r->path)
		r->path = realpath(path, NULL);
	err = hvt_drain_init(&r->drain, &r->wal, r->writer);
	if (!err)
		err = -pthread_key_create(&r->key, on_thread_end);
	if (err)
		goto err_files;
	(void)syscall(SYS_membarrier,
			MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0);
	err = start_thread(r);
	if (err)
		goto err_key;
	*recorder = r;
	return 0;

err_key:
	pthread_key_delete(r->key);
err_files:
	hvt_wal_close(&r->wal);
	(void)hvt_writer_close(r->writer, false);
err_free:
	release(r);
	return err;
}

/* What is left in the rings, the end, and the log is not needed any more. */
static int write_rest(struct hvt_recorder *r, int error)
{
	int err = error ? error : hvt_drain_all(&r->drain);

	if (!err)
		err = hvt_drain_cut(&r->drain);
	if (!err)
		err = hvt_writer_close(r->writer, true);
	else
		(void)hvt_writer_close(r->writer, false);
	if (!err && r->path)
		(void)hvt_wal_remove(r->path);
	hvt_wal_unlock(&r->wal);
	return err;
}

int hvt_recorder_finish(struct hvt_recorder *r)
{
	int error = 0;
	void *failed;

	if (!atomic_compare_exchange_strong(&r->error, &error, -ESHUTDOWN) &&
			error == -ESHUTDOWN)
		return 0;
	wait_for_appends();
	pthread_mutex_lock(&r->lock);
	r->stop = true;
	pthread_cond_signal(&r->wake);
	pthread_mutex_unlock(&r->lock);
	pthread_join(r->thread, &failed);
	/* An error that came too late for the threads; nothing can be added. */
	if (!error)
		error = (int)(intptr_t)failed;
	return write_rest(r, error);
}

void hvt_recorder_free(struct hvt_recorder *r)
{
	pthread_key_delete(r->key);
	hvt_drain_fini(&r->drain);
	hvt_wal_close(&r->wal);
	release(r);
}

void hvt_recorder_disown(struct hvt_recorder *r)
{
	atomic_store(&r->error, -ECHILD);
	/* The rings are not even mapped here: no thread has a place. */
	for (struct place *p = atomic_load(&places); p; p = p->next)
		p->serial = 0;
	hvt_writer_disown(r->writer);
	close(r->wal.fd);
}

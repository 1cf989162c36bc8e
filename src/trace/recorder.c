/* SPDX-License-Identifier: MIT */
/*
 * The recorder as the threads see it that log: each has a ring in the
 * write-ahead log, and publishing there is all it does.
 */
#include "recorder.h"

#include <errno.h>
#include <linux/membarrier.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "ended.h"
#include "facts.h"
#include "format.h"

/* An event of any size has room in an empty ring, wherever that begins. */
#define RING_SIZE (4u << 20)

/* The model spares a call per event in the shared library. */
_Thread_local struct hvt_log *hvt_log_mine
		__attribute__((tls_model("initial-exec")));
struct hvt_place *_Atomic hvt_places;

static struct hvt_place *mine(void)
{
	return (struct hvt_place *)hvt_log_mine;
}

uint64_t hvt_now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

void hvt_deadline(struct timespec *t, long ns)
{
	clock_gettime(CLOCK_MONOTONIC, t);
	t->tv_nsec += ns;
	if (t->tv_nsec >= 1000000000L) {
		t->tv_nsec -= 1000000000L;
		t->tv_sec++;
	}
}

/* From here on a thread must ask before it publishes, and is told no. */
static void forbid(void)
{
	for (struct hvt_place *p = atomic_load(&hvt_places); p; p = p->next)
		atomic_store(&p->log.limit, 0);
}

/* Finishing is no error if something else went wrong. */
void hvt_recorder_set_error(struct hvt_recorder *r, int err)
{
	int none = 0;

	atomic_compare_exchange_strong(&r->error, &none, err);
	forbid();
}

/* Of threads that are gone; under the lock. */
static int drain_rings(struct hvt_recorder *r)
{
	/* Once there is an error the writer is not to be touched any more. */
	int err = atomic_load(&r->error);

	return err ? err : hvt_drain_reclaim(&r->drain);
}

/*
 * Threads that come and go must not fill the disk: what those that are gone
 * have left in their rings is written, if need be. A signal handler writes
 * nothing: that would allocate memory. Gives up the lock of the rings meanwhile.
 */
static int free_rings(struct hvt_recorder *r, bool handler)
{
	int err;

	if (handler || !hvt_rings_is_one_left(&r->rings))
		return 0;
	pthread_mutex_unlock(&r->rings.lock);
	pthread_mutex_lock(&r->lock);
	err = drain_rings(r);
	pthread_mutex_unlock(&r->lock);
	pthread_mutex_lock(&r->rings.lock);
	return err;
}

/* With the lock of the rings. */
static int find_ring(struct hvt_recorder *r, bool handler, struct hvt_ring *ring)
{
	int err;

	if (hvt_rings_take(&r->rings, ring))
		return 0;
	err = free_rings(r, handler);
	if (err)
		return err;
	return hvt_rings_take(&r->rings, ring) ? 0
			: hvt_rings_add(&r->rings, ring);
}

/* With the lock of the rings. */
static void give_place(struct hvt_recorder *r, struct hvt_place *p, uint32_t thread)
{
	p->ring.header->thread = thread;
	hvt_recorder_enter_ring(r, p);
	p->serial = r->serial;
	p->next = atomic_load(&hvt_places);
	atomic_store(&hvt_places, p);
}

HVT_COLD static int attach(struct hvt_recorder *r, bool handler, struct hvt_place *p)
{
	uint32_t thread;
	sigset_t mask;
	int err = 0;

	hvt_block_signals(&mask);
	pthread_mutex_lock(&r->rings.lock);
	thread = r->threads;
	if (thread == HVT_THREADS_MAX)
		err = -EUSERS;
	else
		r->threads++;
	if (!err)
		err = find_ring(r, handler, &p->ring);
	if (!err)
		give_place(r, p, thread);
	pthread_mutex_unlock(&r->rings.lock);
	pthread_sigmask(SIG_SETMASK, &mask, NULL);
	return err;
}

/* Two places that are never freed; a handler may ask, which malloc(3) forbids. */
static struct hvt_place *get_places(void)
{
	void *p = mmap(NULL, 2 * sizeof(struct hvt_place),
			PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

/* The first event of a thread. */
static int make_place(struct hvt_recorder *r, struct hvt_place **place)
{
	struct hvt_place *p = get_places();
	int err = p ? attach(r, false, p) : -ENOMEM;

	if (err) {
		if (p)
			munmap(p, 2 * sizeof(*p));
		return err;
	}
	p->nested = p + 1;
	hvt_log_mine = &p->log;
	*place = p;
	return -pthread_setspecific(r->key, p);
}

static bool is_of(const struct hvt_recorder *r, const struct hvt_place *p)
{
	return p && atomic_load_explicit(&p->serial, memory_order_relaxed) ==
			r->serial;
}

/* No handler comes into the middle of it; one may have come before, and done it. */
HVT_COLD static int begin_thread(struct hvt_recorder *r, struct hvt_place **place)
{
	sigset_t mask;
	int err = 0;

	hvt_block_signals(&mask);
	*place = mine();
	if (!is_of(r, *place))
		err = make_place(r, place);
	pthread_sigmask(SIG_SETMASK, &mask, NULL);
	return err;
}

/* The place of the calling thread. */
static int find_place(struct hvt_recorder *r, struct hvt_place **place)
{
	struct hvt_place *p = mine();

	*place = p;
	if (!is_of(r, p))
		return begin_thread(r, place);
	if (!atomic_load(&p->log.busy))
		return 0;
	/* A signal handler has come into the middle of an append. */
	*place = p->nested;
	return is_of(r, p->nested) ? 0 : attach(r, true, p->nested);
}

/* See hvt_log_begin(). */
static void begin(struct hvt_place *p)
{
	atomic_store_explicit(&p->log.busy, true, memory_order_relaxed);
	atomic_signal_fence(memory_order_seq_cst);
}

static void end(struct hvt_place *p)
{
	atomic_store_explicit(&p->log.busy, false, memory_order_release);
}

static int append(struct hvt_recorder *r, struct hvt_place *p,
		struct hvt_event *event)
{
	int err;

	if (event->data_size > HVT_DATA_MAX)
		return -EFBIG;
	begin(p);
	err = hvt_recorder_make_room(r, p, hvt_ring_event_size(event));
	if (!err) {
		event->thread = p->ring.header->thread;
		event->tick = event->kind == HVT_EVENT_CALL ? 0 : hvt_tick();
		hvt_ring_publish(&p->log, event);
	}
	end(p);
	return err;
}

/* There is one place for handlers: no further one may come into its middle. */
static int append_in_handler(struct hvt_recorder *r, struct hvt_place *p,
		struct hvt_event *event)
{
	sigset_t mask;
	int err;

	hvt_block_signals(&mask);
	err = append(r, p, event);
	pthread_sigmask(SIG_SETMASK, &mask, NULL);
	return err;
}

int hvt_recorder_append(struct hvt_recorder *r, struct hvt_event *event)
{
	struct hvt_place *p;
	int err = atomic_load(&r->error), cancel;

	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel);
	if (!err)
		err = find_place(r, &p);
	if (!err && p == mine())
		err = append(r, p, event);
	else if (!err)
		err = append_in_handler(r, p, event);
	if (err)
		hvt_recorder_set_error(r, err);
	pthread_setcancelstate(cancel, NULL);
	return err;
}

static void on_thread_end(void *arg)
{
	struct hvt_place *p = arg;

	for (; p; p = p->nested) {
		if (!p->serial)
			continue;
		atomic_store(&p->log.limit, 0);
		atomic_store(&p->log.busy, false);
		/* The one who takes it over waits until it is drained. */
		atomic_store(&p->ring.header->state, HVT_RING_LEFT);
		p->serial = 0;
	}
}

/* The caller may have come here by a signal: for itself it must not wait. */
static bool is_busy(const struct hvt_place *p)
{
	return p != mine() && atomic_load(&p->log.busy);
}

static bool is_publishing(void)
{
	for (struct hvt_place *p = atomic_load(&hvt_places); p; p = p->next)
		if (is_busy(p) || atomic_load(&p->log.limit))
			return true;
	return false;
}

/*
 * Appends that began before the error was set: let them end. One of them may
 * have set its own limit since, and another one have begun because of that.
 */
static void wait_for_appends(void)
{
	struct timespec pause = { .tv_nsec = 1000000 };

	do {
		forbid();
		if (syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED,
				    0, 0))
			nanosleep(&pause, NULL);
		for (struct hvt_place *p = atomic_load(&hvt_places); p; p = p->next)
			while (is_busy(p))
				nanosleep(&pause, NULL);
	} while (is_publishing());
}

static void init_locks(struct hvt_recorder *r)
{
	pthread_condattr_t attr;

	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_mutex_init(&r->lock, NULL);
	hvt_rings_init(&r->rings, &r->wal);
	pthread_cond_init(&r->wake, &attr);
	pthread_cond_init(&r->room, &attr);
	pthread_condattr_destroy(&attr);
}

static void release(struct hvt_recorder *r)
{
	pthread_cond_destroy(&r->room);
	pthread_cond_destroy(&r->wake);
	pthread_mutex_destroy(&r->lock);
	hvt_rings_fini(&r->rings);
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
	err = hvt_writer_create(&r->writer, path, all.list, all.count, 0);
	hvt_facts_fini(&all);
	if (err)
		return err;
	err = hvt_wal_create(&r->wal, path, hvt_writer_id(r->writer), RING_SIZE);
	if (err) {
		(void)hvt_writer_close(r->writer, NULL);
		return err;
	}
	r->wal.header->began = hvt_tick();
	hvt_writer_begin_at(r->writer, r->wal.header->began);
	return 0;
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
	hvt_drain_init(&r->drain, &r->wal, r->writer);
	err = -pthread_key_create(&r->key, on_thread_end);
	if (err)
		goto err_files;
	(void)syscall(SYS_membarrier,
			MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0);
	err = hvt_recorder_start_thread(r);
	if (err)
		goto err_key;
	*recorder = r;
	return 0;

err_key:
	pthread_key_delete(r->key);
err_files:
	hvt_wal_close(&r->wal);
	(void)hvt_writer_close(r->writer, NULL);
err_free:
	release(r);
	return err;
}

/* What is left in the rings, the end, and the log is not needed any more. */
static int write_rest(struct hvt_recorder *r, int error)
{
	int err = error ? error : hvt_drain_finish(&r->drain);

	if (!err)
		err = hvt_writer_close(
				r->writer, hvt_end_name(HVT_END_FINISHED));
	else
		(void)hvt_writer_close(r->writer, NULL);
	if (!err && r->path)
		(void)hvt_wal_remove(r->path);
	hvt_wal_unlock(&r->wal);
	return err;
}

void hvt_recorder_on_progress(struct hvt_recorder *r,
		void (*told)(uint64_t events))
{
	atomic_store(&r->progress, told);
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
	for (struct hvt_place *p = atomic_load(&hvt_places); p; p = p->next)
		p->serial = 0;
	forbid();
	hvt_writer_disown(r->writer);
	close(r->wal.fd);
}

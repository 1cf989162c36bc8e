/* SPDX-License-Identifier: MIT */
/*
 * The door of the trace room: writing the log, and the clock of its events.
 * Reading it is the public <hvtrace/hvtrace.h>, which this room implements.
 * The room knows the schema of the calls but calls nothing of ours.
 */
#ifndef HVT_TRACE_H
#define HVT_TRACE_H

#include <hvtrace/hvtrace.h>
#include <stdatomic.h>
#include <stddef.h>
#include <string.h>

#include "call_ids.h"

/* Is it no call of the API, but what src/inputs takes for a VMM's input? */
static inline bool hvt_call_is_input(uint32_t call)
{
	return call >= HVT_CALL_INPUT_CLOCK &&
			call <= HVT_CALL_INPUT_CONTROL;
}

struct hvt_recorder;

/* One fact of the header of a trace, e.g. { "page_size", "4096" }. */
struct hvt_info {
	const char *key;
	const char *value;
};

/*
 * Creates (or empties) the file at path, writes its header with the count
 * facts given, and starts the thread that writes events out at least every
 * 100 ms. The facts about host and process that every trace has are added.
 * -errno of open(2) or write(2).
 */
int hvt_recorder_open(struct hvt_recorder **recorder, const char *path,
		const struct hvt_info *facts, size_t count);

/*
 * Appends an event; its thread and tick are set here. Any thread. The trace
 * has the events of each thread in their order, and those of kind ENTER and
 * LEAVE of all threads in one order, in which they got here; one of kind CALL
 * comes before all of those that it can have had to do with. After a write
 * failed every append returns the error of that write: the caller must not go
 * on unrecorded.
 */
int hvt_recorder_append(struct hvt_recorder *recorder, struct hvt_event *event);

/*
 * The same without a call, for what is done most: what follows is all that
 * recording costs the calling thread. docs/FORMAT.md has the records' layout.
 */
#define HVT_RECORD_CALL_HEAD 16u /* of a call, */
#define HVT_RECORD_HALF_HEAD 32u /* and of half of one, which has a place */

/* What a thread that logs knows of its place in the log. */
struct hvt_log {
	atomic_uint busy;         /* in the middle of publishing */
	_Atomic uintptr_t limit;  /* no record may end behind it; 0: ask */
	uint8_t *at;              /* where the next record begins */
	uint64_t bias;            /* an address plus this: its position */
	_Atomic uint64_t *head;   /* the position up to which all is there */
	_Atomic uint64_t *places; /* the next place of the recorder */
};

/* NULL until the thread has appended an event. */
extern _Thread_local struct hvt_log *hvt_log_mine
		__attribute__((tls_model("initial-exec")));

/* Counter of the host: CNTVCT_EL0 on arm64, CLOCK_MONOTONIC ns elsewhere. */
#ifdef __aarch64__
static inline uint64_t hvt_tick(void)
{
	uint64_t v;

	/* The counter may be read early: the isb keeps it behind the call. */
	__asm__ volatile("isb\n\tmrs %0, cntvct_el0" : "=r"(v)::"memory");
	return v;
}
#else
uint64_t hvt_tick(void);
#endif

/* Can the calling thread publish, as far as it knows? */
static inline bool hvt_log_is_ready(void)
{
	const struct hvt_log *log = hvt_log_mine;

	return log && atomic_load_explicit(&log->limit, memory_order_relaxed);
}

static inline void hvt_log_store(uint8_t *p, uint64_t value)
{
	memcpy(p, &value, sizeof(value));
}

/*
 * Where the next record begins, and the limit, relaxed. Compilers load nothing
 * together with an atomic.
 */
static inline uint8_t *hvt_log_room(const struct hvt_log *log, uintptr_t *limit)
{
#ifdef __aarch64__
	uint8_t *at;

	__asm__ volatile("ldp %0, %1, [%2, %3]"
			: "=r"(*limit), "=r"(at)
			: "r"(log), "i"(offsetof(struct hvt_log, limit)),
			"m"(*log));
	return at;
#else
	*limit = atomic_load_explicit(&log->limit, memory_order_relaxed);
	return log->at;
#endif
}

_Static_assert(offsetof(struct hvt_log, at) ==
		offsetof(struct hvt_log, limit) + sizeof(uintptr_t), "a pair");

/*
 * hvt_recorder_finish() takes the limit away, and then makes sure by a
 * membarrier that either it sees busy here, or this thread sees no limit. A
 * signal handler that comes in between finds it busy, and must not go on.
 */
static inline uint8_t *hvt_log_begin(struct hvt_log *log, unsigned size)
{
	uintptr_t limit;
	uint8_t *at;

	if (atomic_load_explicit(&log->busy, memory_order_relaxed))
		return NULL;
	atomic_store_explicit(&log->busy, true, memory_order_relaxed);
	atomic_signal_fence(memory_order_seq_cst);
	at = hvt_log_room(log, &limit);
	if (__builtin_expect((uintptr_t)at + size <= limit, 1)) {
		if (!at)
			__builtin_unreachable();
		return at;
	}
	atomic_store_explicit(&log->busy, false, memory_order_release);
	return NULL;
}

/* First words of a record: what it is, and that it is of this round. */
static inline void hvt_log_head(uint64_t bias, uint8_t *at, unsigned size,
		uint32_t call, unsigned kind, unsigned count, int32_t result)
{
	uint64_t position = (uint64_t)(uintptr_t)at + bias;

	hvt_log_store(at, size | (uint64_t)call << 32 | (uint64_t)kind << 48 |
					(uint64_t)count << 56);
	/* A multiple of 8: bits 34 to 3 of it are the upper half. */
	hvt_log_store(at + 8, (uint32_t)result | position << 29);
}

/* head and bias are those of the log, which a caller has at hand. */
static inline void hvt_log_end(struct hvt_log *log, _Atomic uint64_t *head,
		uint64_t bias, uint8_t *end)
{
	log->at = end;
	atomic_store_explicit(head, (uint64_t)(uintptr_t)end + bias,
			memory_order_release);
	atomic_store_explicit(&log->busy, false, memory_order_release);
}

/*
 * The readers wait for a place that is taken until its record is published.
 * It is stored, too.
 */
static inline void hvt_log_place(struct hvt_log *log, uint8_t *at)
{
	hvt_log_store(at + 16, atomic_fetch_add_explicit(log->places, 1,
				memory_order_relaxed));
}

/*
 * A call that concerns its caller alone, and has no bytes: the values of all
 * its parameters. False: not done, append it. log is hvt_log_mine, or one with
 * no room, for callers that have it at hand.
 */
static inline bool hvt_log_call_in(struct hvt_log *log, uint32_t call,
		int32_t result, const uint64_t *values, unsigned count)
{
	unsigned size = HVT_RECORD_CALL_HEAD + 8 * count;
	uint8_t *at = hvt_log_begin(log, size);

	if (!at)
		return false;

	uint64_t bias = log->bias;
	_Atomic uint64_t *head = log->head;

	hvt_log_head(bias, at, size, call, HVT_EVENT_CALL, count, result);
	for (unsigned i = 0; i < count; i++)
		hvt_log_store(at + HVT_RECORD_CALL_HEAD + 8 * i, values[i]);
	hvt_log_end(log, head, bias, at + size);
	return true;
}

/* Half of a wide call that is being logged: next is where a value goes. */
struct hvt_log_half {
	uint8_t *next;
	uint64_t bias;
	_Atomic uint64_t *head;
};

/* All but the values that its kind carries, of which there are count. */
static inline bool hvt_log_half_begin(struct hvt_log *log,
		struct hvt_log_half *half, uint32_t call, unsigned kind,
		int32_t result, unsigned count)
{
	unsigned size = HVT_RECORD_HALF_HEAD + 8 * count;
	uint8_t *at = hvt_log_begin(log, size);

	if (!at)
		return false;
	/* First: it may be a call, over which few registers are kept. */
	hvt_log_place(log, at);
	*half = (struct hvt_log_half){ .next = at + HVT_RECORD_HALF_HEAD,
		.bias = log->bias, .head = log->head };
	hvt_log_head(half->bias, at, size, call, kind, count, result);
	hvt_log_store(at + 24, hvt_tick());
	return true;
}

static inline void hvt_log_half_value(struct hvt_log_half *half, uint64_t value)
{
	hvt_log_store(half->next, value);
	half->next += 8;
}

static inline void hvt_log_half_end(
		struct hvt_log *log, const struct hvt_log_half *half)
{
	hvt_log_end(log, half->head, half->bias, half->next);
}

static inline bool hvt_log_call(uint32_t call, int32_t result,
		const uint64_t *values, unsigned count)
{
	struct hvt_log *log = hvt_log_mine;

	return log && hvt_log_call_in(log, call, result, values, count);
}

/* Half of a wide call: the values that its kind carries, in order. */
static inline bool hvt_log_half(uint32_t call, unsigned kind, int32_t result,
		const uint64_t *values, unsigned count)
{
	struct hvt_log *log = hvt_log_mine;
	struct hvt_log_half half;

	if (!log || !hvt_log_half_begin(log, &half, call, kind, result, count))
		return false;
	for (unsigned i = 0; i < count; i++)
		hvt_log_half_value(&half, values[i]);
	hvt_log_half_end(log, &half);
	return true;
}

/*
 * told is called every 100 ms or so, by the writing thread with a lock held,
 * with the number of events there are. It must not wait for anything.
 */
void hvt_recorder_on_progress(struct hvt_recorder *recorder,
		void (*told)(uint64_t events));

/*
 * Writes what is buffered and the end mark, and closes the file: 0 or the
 * first error there was. Other threads may still be appending; their appends
 * fail with -ESHUTDOWN from here on. Once.
 */
int hvt_recorder_finish(struct hvt_recorder *recorder);

/* Frees a finished recorder that no thread can reach any more. */
void hvt_recorder_free(struct hvt_recorder *recorder);

/*
 * In a child after fork(2): the copy must not write to the parent's file.
 * Closes the descriptor, keeps the memory: every append is -ECHILD from here.
 */
void hvt_recorder_disown(struct hvt_recorder *recorder);

/*
 * Keyframes: what a guest is like at an event, so that it can be had there
 * without running up to there. docs/FORMAT.md, "Keyframes".
 */
struct hvt_keyframe_reg {
	uint16_t vcpu;
	uint16_t kind;   /* the replay's to know */
	uint32_t number; /* of that kind */
	uint64_t low, high;
};

/* So many pages from addr have the contents of page on, one after the other. */
struct hvt_keyframe_extent {
	uint64_t addr; /* of the recording */
	uint64_t page; /* as in memory_page events, or | HVT_KEYFRAME_PAGE */
	uint64_t count;
};

#define HVT_KEYFRAME_PAGE (1ull << 63) /* one that is stored for keyframes */

struct hvt_keyframe {
	uint64_t event; /* those before it have been done */
	struct hvt_keyframe_reg *regs; /* by vCPU, kind and number, going up */
	size_t reg_count, reg_capacity;
	struct hvt_keyframe_extent *extents; /* by address; the rest is zeros */
	size_t extent_count, extent_capacity;
	uint8_t *gic;
	size_t gic_size; /* 0: there is none */
};

/* -ENOMEM. A page goes on where the extent before it ends, if it does. */
int hvt_keyframe_add_reg(struct hvt_keyframe *k,
		const struct hvt_keyframe_reg *reg);
int hvt_keyframe_add_page(struct hvt_keyframe *k, uint64_t addr,
		uint64_t page, size_t page_size);
void hvt_keyframe_fini(struct hvt_keyframe *k);

/*
 * Gives a closed trace keyframes in place of those that it has. They come into
 * a copy beside it, path with ".indexing", which takes its place in the end: it
 * is whole at any time. -EBUSY: it is being written, or indexed; -EAGAIN: it was
 * not closed; -EBADMSG: it is damaged; other -errno of writing.
 */
struct hvt_keyframe_writer;
int hvt_keyframe_writer_open(struct hvt_keyframe_writer **writer,
		const char *path);

/* Stores a page of the trace's size: *page for an extent. */
int hvt_keyframe_writer_page(struct hvt_keyframe_writer *w,
		const uint8_t *contents, uint64_t *page);
int hvt_keyframe_writer_add(struct hvt_keyframe_writer *w,
		const struct hvt_keyframe *k);

/* The copy takes the place of the trace; with keep false it goes instead. */
int hvt_keyframe_writer_close(struct hvt_keyframe_writer *w, bool keep);

/*
 * The last keyframe of trace at or before event, but for the skip ones behind
 * that: 0; -ENOENT; -EBADMSG: this one cannot be read. Those of a trace that
 * was not closed are not found.
 */
int hvt_keyframe_find(struct hvt_trace *trace, uint64_t event, unsigned skip,
		struct hvt_keyframe *k);

/*
 * Has put() get every page of k that is stored for keyframes. 0; -EBADMSG:
 * one is not there, or put() says so; -errno.
 */
int hvt_keyframe_pages(struct hvt_trace *trace, const struct hvt_keyframe *k,
		size_t page_size, int (*put)(void *context, uint64_t addr,
				const uint8_t *contents), void *context);

/* Bytes that keyframes and their pages have in the file, and how many. */
struct hvt_keyframe_sizes {
	uint64_t keyframes, bytes;
};
int hvt_keyframe_measure(struct hvt_trace *trace, struct hvt_keyframe_sizes *s);

/* "SCTLR_EL1" ...; NULL: hv_sys_reg_t has no such value. */
const char *hvt_sys_reg_name(uint64_t value);

/* Frequency of hvt_tick() in Hz. */
uint64_t hvt_tick_hz(void);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Reading traces of hv_* calls. The command hvtrace is written against this
 * header alone, and so can any other tool be.
 *
 * A trace is a sequence of events, numbered from 0 in the order in which they
 * were logged. Each event is one call of the Hypervisor API made by one thread
 * of the VMM: logged once for calls that concern the caller alone, and twice,
 * on entering and on leaving, for calls whose effects another thread or a
 * running guest can notice.
 *
 * Errors are 0 or -errno; where a struct hvt_error is taken it may be NULL,
 * and otherwise receives the place and a sentence. No function prints or ends
 * the process. A struct hvt_trace belongs to one thread at a time.
 */
#ifndef HVTRACE_HVTRACE_H
#define HVTRACE_HVTRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* All of this is exported, whatever visibility the includer is built with. */
#pragma GCC visibility push(default)

/*
 * The environment of a VMM under hvtrace, read by libhypervisor when it is
 * loaded and then removed, so that programs the VMM starts are not affected.
 */
#define HVT_ENV_RECORD    "HVT_RECORD"    /* path of the trace to write */
#define HVT_ENV_REPLAY    "HVT_REPLAY"    /* path of the trace to answer from */
#define HVT_ENV_STATUS_FD "HVT_STATUS_FD" /* descriptor for status messages */
#define HVT_ENV_MEMORY    "HVT_MEMORY"    /* record: "none", "touched", "full" */
#define HVT_ENV_INPUTS    "HVT_INPUTS"    /* "all", "none"; record: why none */
#define HVT_ENV_PROGRESS  "HVT_PROGRESS"  /* "1": it tells how far it is */
#define HVT_ENV_STALL_MS  "HVT_STALL_MS"  /* replay: give up after waiting */
#define HVT_ENV_KEEP_GOING "HVT_KEEP_GOING" /* replay, "1": tolerate reads */

/*
 * "1", or the absolute path of the provider: calls have tracepoints of LTTng.
 * This one is not removed.
 */
#define HVT_ENV_LTTNG "HVT_LTTNG"

/*
 * What takes the other inputs of a VMM than the API, from the folder of
 * the library: first in LD_PRELOAD, from where the library removes it.
 */
#define HVT_INPUTS_FILE "hypervisor/libhvtrace-inputs.so"

/* Values one call can have: its parameters and exit record fields. */
#define HVT_VALUES_MAX 6

struct hvt_error {
	int code;        /* -errno */
	uint64_t offset; /* byte offset in the trace file */
	uint64_t event;  /* number of the first event that cannot be had */
	char text[256];  /* a sentence, without offset and event number */
};

enum hvt_event_kind {
	HVT_EVENT_CALL = 1,  /* a whole call */
	HVT_EVENT_ENTER = 2, /* a call was entered: inputs only */
	HVT_EVENT_LEAVE = 3, /* it returned: result and outputs only */
};

struct hvt_event {
	uint64_t number; /* position in the trace, from 0 */
	/*
	 * CNTVCT of the recording host, see info "tick_hz", of the last event
	 * up to this one that was logged on entering or leaving.
	 */
	uint64_t tick;
	uint32_t kind;   /* enum hvt_event_kind */
	uint32_t thread; /* VMM thread, numbered by first call, from 0 */
	uint32_t call;   /* number of the function, see hvt_trace_call() */
	int64_t result;  /* hv_return_t, object serial, or integer result */
	/* By parameter: value, or length in bytes where the role is a buffer. */
	uint64_t values[HVT_VALUES_MAX];
	/* Bytes of the buffer parameter, valid until the next read. */
	const uint8_t *data;
	size_t data_size;
};

enum hvt_role {
	HVT_ROLE_IN = 1,  /* integer input */
	HVT_ROLE_HOST,    /* host address input: differs from run to run */
	HVT_ROLE_OBJ,     /* serial number of a configuration or state object */
	HVT_ROLE_OUT,     /* integer output */
	HVT_ROLE_OUTHOST, /* host address output */
	HVT_ROLE_INBUF,   /* bytes in */
	HVT_ROLE_OUTBUF,  /* bytes out */
	HVT_ROLE_VEC,     /* 16 bytes in, passed by value */
	HVT_ROLE_EXIT,    /* output that is no C parameter, as the exit record */
};

struct hvt_param_schema {
	const char *name;
	const char *type; /* C type, of the pointed-to thing for outputs */
	enum hvt_role role;
	bool in_shape; /* tends to repeat; see docs/FORMAT.md */
};

struct hvt_call_schema {
	const char *name;
	const char *since;  /* macOS version */
	const char *result; /* C type */
	bool varies;        /* the result does, as a time; others are codes */
	bool wide;          /* logged on entering and on leaving */
	uint32_t track;     /* functions of one thing: the same number */
	unsigned param_count;
	struct hvt_param_schema params[HVT_VALUES_MAX];
};

/* The function numbered call, or NULL. Any thread. */
const struct hvt_call_schema *hvt_call_schema(uint32_t call);

/* One more than the highest function number. */
uint32_t hvt_call_limit(void);

/* Is role a value known when the call is entered? Otherwise when it returns. */
bool hvt_role_is_input(enum hvt_role role);

/*
 * Writes event as one line of text, without number and thread, cut at size,
 * and returns the length it has in full. Any thread.
 */
size_t hvt_event_format(const struct hvt_event *event, char *text, size_t size);

/* The name of value as a constant of the C type given, or NULL. Any thread. */
const char *hvt_value_name(const char *type, uint64_t value);

struct hvt_trace;

/*
 * Opens the trace at path and checks its first segment. If it was not closed,
 * events that are only in its write-ahead log are read from there. -ENOENT and other errno of
 * open(2), -EINVAL: no trace, -EPROTONOSUPPORT: a version this library cannot
 * read, -EBADMSG: the header is damaged.
 */
int hvt_trace_open(
		struct hvt_trace **trace, const char *path, struct hvt_error *e);

/*
 * Reads the next event. 1: *event is filled; 0: there is no more (a trace that
 * is still being written: not yet, see hvt_trace_refresh()); -EBADMSG: what
 * follows is damaged, from the byte and event that *e names. The call after
 * that goes on behind the damage, where event->number tells how much is
 * missing. -ENODATA: the file ends in the middle of a segment; then nothing
 * follows.
 */
int hvt_trace_next(struct hvt_trace *trace, struct hvt_event *event,
		struct hvt_error *e);

/* The event before the one that hvt_trace_next() would read; else the same. */
int hvt_trace_prev(struct hvt_trace *trace, struct hvt_event *event,
		struct hvt_error *e);

enum hvt_seek {
	HVT_SEEK_EVENT, /* to the event of that number */
	HVT_SEEK_EXIT,  /* to the return of the n-th hv_vcpu_run, from 0 */
	HVT_SEEK_TICK,  /* to the first event that is not earlier */
};

/*
 * Makes the event sought the next one to be read. 0; -ERANGE: the trace ends
 * before it, and so does the position; -EBADMSG: it is in a damaged part.
 */
int hvt_trace_seek(struct hvt_trace *trace, enum hvt_seek by, uint64_t value,
		struct hvt_error *e);

/* The next event of a thread: as hvt_trace_next(), the others passed over. */
int hvt_trace_next_of(struct hvt_trace *trace, uint32_t thread,
		struct hvt_event *event, struct hvt_error *e);

/*
 * Segments are decoded by several threads, each into a part that the caller makes
 * of its events. A part is made, ended and freed by the calling thread.
 */
struct hvt_part_ops {
	/* An empty part; NULL: no memory. */
	void *(*create)(void *context);
	/*
	 * The next events of a part, by any thread, but one at a time; they are
	 * valid until it returns. 0 or -errno.
	 */
	int (*add)(void *part, const struct hvt_event *events, size_t count);
	/*
	 * Of parts whose events are complete, in their order in the trace. It is
	 * to be empty then: there will be others in it. 0 or -errno.
	 */
	int (*end)(void *part, void *context);
	/* Whatever it holds. */
	void (*destroy)(void *part);
};

/*
 * Reads on by whole segments, as far as they are sound and of events before number
 * to: what hvt_trace_next() reads next is behind the last part that was ended, be
 * it damage, the end, or the middle of a segment, where this does nothing. threads
 * is how many work, of which the calling one is one; 0: one for each CPU, at most
 * 8. 0; -ENOMEM; what add or end returned.
 */
int hvt_trace_read_parts(struct hvt_trace *trace, uint64_t to, unsigned threads,
		const struct hvt_part_ops *ops, void *context);

/* Back to the first event. */
int hvt_trace_rewind(struct hvt_trace *trace, struct hvt_error *e);

enum hvt_trace_state {
	HVT_TRACE_CLOSED, /* complete */
	HVT_TRACE_LIVE,   /* being written now */
	HVT_TRACE_OPEN,   /* its recorder died; all it logged is here */
};

enum hvt_trace_state hvt_trace_state(const struct hvt_trace *trace);

/* Looks for what was written since: 1 there is more, 0 not, -errno. */
int hvt_trace_refresh(struct hvt_trace *trace, struct hvt_error *e);

/* How a closed trace came to its end: hvt_trace_ended(). */
enum hvt_trace_end {
	HVT_END_UNKNOWN,  /* it is not closed, or does not say */
	HVT_END_FINISHED, /* its recorder closed it: all is there */
	HVT_END_LEFT,     /* the VMM left without closing it: all is there */
	HVT_END_KILLED,   /* the VMM was killed: all it did until then is there */
	HVT_END_DIED,     /* one of these two: its recorder was gone */
	HVT_END_TORN,     /* recovered without a log: more may have followed */
	HVT_END_CUT,      /* the end of a part that was cut out */
};

enum hvt_trace_end hvt_trace_ended(const struct hvt_trace *trace);

/* Is it closed, and goes on to where its VMM ended by itself, for all it says? */
bool hvt_trace_is_whole(const struct hvt_trace *trace);

/*
 * Brings the trace at path, whose recorder died, to its proper end: what is in
 * its write-ahead log becomes segments, and the log is removed. how: what is
 * known of its VMM's end, LEFT, KILLED or DIED. *events: how many that were.
 * 0, also if there is nothing to do; -EBUSY: it is being written; -EBADMSG:
 * damaged before its end; other -errno of write(2).
 */
int hvt_trace_recover(const char *path, enum hvt_trace_end how,
		uint64_t *events, struct hvt_error *e);

/* What hvt_trace_verify() found. */
struct hvt_verdict {
	uint64_t segments, events, exits;
	uint64_t damaged;  /* stretches that cannot be read */
	uint64_t stall_ns; /* threads waited for the recorder, all told */
};

/*
 * Checks every byte of the trace; told is called for each damaged stretch.
 * 0 sound, -EBADMSG damaged, -ENODATA cut short.
 */
int hvt_trace_verify(struct hvt_trace *trace, struct hvt_verdict *verdict,
		void (*told)(const struct hvt_error *e, void *context),
		void *context);

/*
 * told is called now and then by what takes long, hvt_trace_verify(), with the
 * number of events it is through with. NULL: no more.
 */
void hvt_trace_on_progress(struct hvt_trace *trace,
		void (*told)(uint64_t events, void *context), void *context);

/* told is called by hvt_trace_verify() with the events that it finds sound. */
void hvt_trace_on_events(struct hvt_trace *trace,
		void (*told)(const struct hvt_event *events, size_t count,
				void *context),
		void *context);

/*
 * Facts written when the recording began ("host_cpu", "page_size", "command",
 * ...): the value of key, or NULL; and the index-th pair, false past the last.
 * The strings live as long as the trace.
 */
const char *hvt_trace_info(const struct hvt_trace *trace, const char *key);
bool hvt_trace_info_at(const struct hvt_trace *trace, size_t index,
		const char **key, const char **value);

/*
 * The function of an event of this trace: as hvt_call_schema(), but also one
 * that a newer library recorded, by the schema in the trace. Lives as long as
 * the trace. NULL: there is no such function.
 */
const struct hvt_call_schema *hvt_trace_call(
		const struct hvt_trace *trace, uint32_t call);

/* Version of the format, and bytes of events read so far, uncompressed. */
uint32_t hvt_trace_version(const struct hvt_trace *trace);
uint64_t hvt_trace_raw_bytes(const struct hvt_trace *trace);

/* How long threads had waited for the recorder by the events read last. */
uint64_t hvt_trace_stall_ns(const struct hvt_trace *trace);

void hvt_trace_close(struct hvt_trace *trace);

/*
 * Writes events from to to - 1 of trace to a new trace at path; they keep their
 * numbers. A cut that begins with event 0 can be replayed as the whole can,
 * up to its end. 0; -EEXIST: there is such a file; -errno of writing it.
 */
int hvt_trace_cut(struct hvt_trace *trace, const char *path, uint64_t from,
		uint64_t to, struct hvt_error *e);

/*
 * Guest replay: the guest of a trace runs again, on this host's KVM, and the
 * trace plays its VMM. Every call that is in the trace is made again, by a
 * thread for each of the recorded ones, in the order in which they returned;
 * what the VMM stored in guest memory is stored; and results, exits, registers
 * and memory that the VMM looked at are compared with what they were.
 *
 * One guest in a process, which has no VM of its own. All functions are called
 * by the thread that opened it.
 */
struct hvt_guest;

/* What of a trace can be had again. */
struct hvt_guest_level {
	/*
	 * 1: all that happened to the guest happened at exits of its own, and
	 * its code takes nothing from outside, as far as it was there when it
	 * was loaded: it must do the same again. 0: it need not, since
	 */
	unsigned level;
	uint64_t event;   /* this event, */
	char reason[160]; /* as this says */
};

/*
 * Reads trace from its first event, up to the one that is the reason, or to the
 * end, which may be cut short. 0; as hvt_trace_next(): what cannot be read.
 */
int hvt_trace_guest_level(struct hvt_trace *trace,
		struct hvt_guest_level *level, struct hvt_error *e);

/*
 * The same for who reads the events for something else, too: each is seen, from the
 * first on, until what is found is settled; what follows does not change it then.
 */
struct hvt_level;
int hvt_level_create(struct hvt_level **level, const struct hvt_trace *trace);
void hvt_level_see(struct hvt_level *level, const struct hvt_event *event);
bool hvt_level_is_settled(const struct hvt_level *level);
const struct hvt_guest_level *hvt_level_found(const struct hvt_level *level);
void hvt_level_destroy(struct hvt_level *level);

/*
 * Opens the trace at path for that; nothing has been done yet. As
 * hvt_trace_open(); -EOPNOTSUPP: it has no guest memory, this host has another
 * page size, or cannot run such guests.
 */
int hvt_guest_open(struct hvt_guest **guest, const char *path,
		struct hvt_error *e);

/* Where a guest began. */
struct hvt_guest_start {
	bool is_keyframe; /* else at the beginning of the trace */
	uint64_t event;   /* what is before it has been done */
	unsigned refused; /* keyframes that could not be used, */
	struct hvt_error why; /* and why the first of them; its event */
};

/*
 * The same, and brings the guest to the last keyframe at or before event,
 * without running it; if that cannot be used, to an earlier one, or to none.
 */
int hvt_guest_open_at(struct hvt_guest **guest, const char *path,
		uint64_t event, struct hvt_guest_start *start,
		struct hvt_error *e);

/*
 * Does all that is in the events before number to, and was not done yet:
 * 0 the same as recorded (UINT64_MAX: to the end of the trace, which may be cut
 * short); 1 it diverged; -errno: the trace is damaged, makes no sense or does
 * not begin with event 0, or a thread or memory could not be had. After
 * anything but 0 nothing more is done: the same is returned again.
 */
int hvt_guest_play(struct hvt_guest *guest, uint64_t to, struct hvt_error *e);

struct hvt_guest_status {
	uint64_t events; /* done, also the number of the next one */
	uint64_t calls;  /* made again, */
	uint64_t exits;  /* and of them hv_vcpu_run that returned */
	uint64_t pages;  /* of guest memory compared */
};
struct hvt_guest_status hvt_guest_status(const struct hvt_guest *guest);

/* As known so far. */
const struct hvt_guest_level *hvt_guest_level(const struct hvt_guest *guest);

enum hvt_guest_difference {
	HVT_DIFFERS_RESULT = 1, /* of a call */
	HVT_DIFFERS_OUTPUT,     /* what param told; in a buffer at offset */
	HVT_DIFFERS_MEMORY,     /* a page that the VMM came to, at offset */
	HVT_DIFFERS_NO_EXIT,    /* the guest ran on, for ms milliseconds */
};

struct hvt_guest_divergence {
	enum hvt_guest_difference what;
	/* The whole call, with its inputs; a page: the event, and its bytes. */
	struct hvt_event recorded, found;
	int param;
	size_t offset;    /* of the first byte that differs, of */
	size_t differing; /* so many */
	unsigned ms;
	uint64_t ipa; /* of a page; UINT64_MAX: nowhere in the guest */
	int vcpu;     /* that it is about, or the last one that ran; or -1 */
};

/* NULL: there is none. Lives as long as guest. */
const struct hvt_guest_divergence *hvt_guest_divergence(
		const struct hvt_guest *guest);

/* The general registers of a vCPU, and what tells where it is. */
struct hvt_guest_regs {
	uint64_t x[31];
	uint64_t pc, cpsr, sp_el0, sp_el1;
	uint64_t elr_el1, spsr_el1, esr_el1, far_el1, vbar_el1;
	uint64_t sctlr_el1, tcr_el1, ttbr0_el1, ttbr1_el1;
};

/* As they are now. -ENOENT: there is no such vCPU now. */
int hvt_guest_regs(struct hvt_guest *guest, unsigned vcpu,
		struct hvt_guest_regs *regs);

/* Guest memory as it is now. -EFAULT: not all of it is memory. */
int hvt_guest_read(const struct hvt_guest *guest, uint64_t ipa, void *bytes,
		size_t size);

/* The address that the vCPU's tables give va. -EFAULT: none. */
int hvt_guest_translate(const struct hvt_guest *guest,
		const struct hvt_guest_regs *regs, uint64_t va, uint64_t *ipa);

/* Ends the guest. */
void hvt_guest_close(struct hvt_guest *guest);

/*
 * The memory of a guest as it was, of a trace recorded with --memory full: by
 * what is in the trace alone, on any host. By the return of hv_vcpu_run it has
 * all that the vCPU wrote, and of vCPUs that were running then what they had
 * written by the same moment, or more. What the VMM writes is there when its turn
 * has ended (docs/FORMAT.md).
 */
struct hvt_image;

/* As hvt_trace_open(); -EOPNOTSUPP: the trace has not what its guest wrote. */
int hvt_image_open(struct hvt_image **image, const char *path,
		struct hvt_error *e);

/*
 * The same of a trace with any guest memory, as the VMM saw it: what it read is
 * what it found, what it wrote is there, and what the guest wrote since the VMM
 * last came to a page is not, unless the trace has that.
 */
int hvt_image_open_seen(struct hvt_image **image, const char *path,
		struct hvt_error *e);

/*
 * On to where all events before number to have happened; it does not go back.
 * 0; -ERANGE: the trace ends before that (and so does the image, at its end);
 * -EBADMSG: it is damaged, makes no sense or does not begin with event 0;
 * -ENOMEM. After the last two it always returns that.
 */
int hvt_image_go(struct hvt_image *image, uint64_t to, struct hvt_error *e);

/*
 * Memory that is mapped in the guest, whether or not it may read it. -EFAULT:
 * there is none at *failed; -ENODATA: it is not in the trace, as it could not be
 * followed.
 */
int hvt_image_read(const struct hvt_image *image, uint64_t ipa, void *bytes,
		size_t size, uint64_t *failed);

void hvt_image_close(struct hvt_image *image);

/*
 * Keyframes: hvt_keyframes_open() prepares a copy of the closed trace at path,
 * without those that it has; hvt_keyframes_add() adds one of a guest of it that
 * is played, as it is now, events going up; hvt_keyframes_close() puts the copy
 * in the place of the trace, in one step, or with keep false removes it. -EBUSY:
 * it is being written; -EAGAIN: it was not closed; -EBADMSG: it is damaged;
 * -EIO: the state cannot be read; other -errno of writing.
 */
struct hvt_keyframes;
int hvt_keyframes_open(struct hvt_keyframes **keyframes, const char *path,
		struct hvt_error *e);
int hvt_keyframes_add(struct hvt_keyframes *keyframes, struct hvt_guest *guest,
		struct hvt_error *e);
int hvt_keyframes_close(struct hvt_keyframes *keyframes, bool keep,
		struct hvt_error *e);

/* *event: that of the last keyframe at or before it; -ENOENT: there is none. */
int hvt_trace_keyframe(struct hvt_trace *trace, uint64_t *event);

/*
 * How many there are, and the bytes of the file that they take. 0 or -errno of
 * reading: then those that were found.
 */
int hvt_trace_keyframe_bytes(struct hvt_trace *trace, uint64_t *count,
		uint64_t *bytes);

/*
 * Is the guest now, in every register and page, what the keyframe at its event
 * says? 1, 0; -ENOENT: there is none; -errno.
 */
int hvt_guest_is_keyframe(struct hvt_guest *guest, struct hvt_error *e);

/*
 * What the hypervisor on this host offers, one requirement per index:
 * its name, whether it is there, whether libhypervisor can work without it,
 * and what it is for. False past the last. Any thread; opens /dev/kvm.
 */
struct hvt_host_fact {
	const char *name;
	bool present;
	bool required;
	const char *purpose;
};
bool hvt_host_fact_at(size_t index, struct hvt_host_fact *fact);

/*
 * The first requirement without which libhypervisor cannot work here: true and
 * *fact, or false. Tries nothing that is not required, and so costs little.
 */
bool hvt_host_lacks(struct hvt_host_fact *fact);

/* Version of the library, "MAJOR.MINOR.PATCH". */
const char *hvt_version(void);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif

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
#define HVT_ENV_STALL_MS  "HVT_STALL_MS"  /* replay: give up after waiting */

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
	uint64_t tick;   /* CNTVCT of the recording host, see info "tick_hz" */
	uint32_t kind;   /* enum hvt_event_kind */
	uint32_t thread; /* VMM thread, numbered by first call, from 0 */
	uint32_t call;   /* number of the function, see hvt_call_schema() */
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
};

struct hvt_call_schema {
	const char *name;
	const char *since;  /* macOS version */
	const char *result; /* C type */
	bool wide;          /* logged on entering and on leaving */
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
 * Opens the trace at path and checks its header. -ENOENT and other errno of
 * open(2), -EINVAL: no trace, -EPROTONOSUPPORT: a version this library cannot
 * read, -EBADMSG: the header is damaged.
 */
int hvt_trace_open(
		struct hvt_trace **trace, const char *path, struct hvt_error *e);

/*
 * Reads the next event. 1: *event is filled, 0: end of the trace, -EBADMSG:
 * damaged from here on, -ENODATA: the trace is cut short here (its recorder
 * died or the file was truncated); all events before were delivered.
 */
int hvt_trace_next(struct hvt_trace *trace, struct hvt_event *event,
		struct hvt_error *e);

/* Back to the first event. */
int hvt_trace_rewind(struct hvt_trace *trace, struct hvt_error *e);

/*
 * Facts written when the recording began ("host_cpu", "page_size", "command",
 * ...): the value of key, or NULL; and the index-th pair, false past the last.
 * The strings live as long as the trace.
 */
const char *hvt_trace_info(const struct hvt_trace *trace, const char *key);
bool hvt_trace_info_at(const struct hvt_trace *trace, size_t index,
		const char **key, const char **value);

/* Version of the format, and bytes of events read so far, uncompressed. */
uint32_t hvt_trace_version(const struct hvt_trace *trace);
uint64_t hvt_trace_raw_bytes(const struct hvt_trace *trace);

void hvt_trace_close(struct hvt_trace *trace);

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

/* Version of the library, "MAJOR.MINOR.PATCH". */
const char *hvt_version(void);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif

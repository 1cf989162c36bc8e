/* SPDX-License-Identifier: MIT */
/*
 * The door of the inputs room: what the library and libhvtrace-inputs.so know of
 * each other. That one is a shared object of its own, which hvtrace has the
 * loader put before the VMM's libraries: it stands in for functions of libc by
 * which a VMM learns of something that is not in the API (docs/REPLAY.md), and
 * hands what the VMM calls of them to the library that has connected to it. And it
 * tells that one of buffers, before files are read and written.
 */
#ifndef HVT_INPUTS_H
#define HVT_INPUTS_H

#include <hvtrace/hvtrace.h>
#include <stdatomic.h>

/* Both are built from the same sources, or the one does not take the other. */
#define HVT_INPUTS_VERSION 3u

/* Of type hvt_inputs_connect_fn. */
#define HVT_INPUTS_SYMBOL "hvt_inputs_connect"

/* Any thread. The events are those of a tap. */
struct hvt_input_tap {
	uint32_t version;
	/* Of a replay: inputs that are not answered are at their end. */
	bool replays;
	unsigned stall_ms;
	/*
	 * True: the call is to be done, and told to leave(). False: the event
	 * holds result and outputs, the bytes until the thread's next event; or
	 * the result -ECANCELED, which no call has: nothing is known of it.
	 */
	bool (*enter)(struct hvt_event *event);
	void (*leave)(struct hvt_event *event);
	/* Something was not taken, as a signal handler asked for it. */
	void (*passed)(void);
	/*
	 * NULL; or the three: may a buffer be of interest; a call is about to read
	 * from a file into it, or write it there; the call has been made.
	 */
	bool (*may_hold)(const void *addr, size_t size);
	void (*will_touch)(const void *addr, size_t size);
	void (*has_touched)(void);
};

/*
 * From here on calls are handed to tap, NULL: to nobody. The calling thread is
 * the first one. 0, or -EINVAL: another version. *handlers: has the VMM set a
 * signal handler since it began? Not of those that an instruction causes.
 */
typedef int hvt_inputs_connect_fn(
		const struct hvt_input_tap *tap, const atomic_bool **handlers);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * The way of a call of libc's through this library: to the tap, or past it to the
 * function that it would have reached.
 */
#ifndef HVT_INPUTS_PASSAGE_H
#define HVT_INPUTS_PASSAGE_H

#include <errno.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "call_ids.h"
#include "inputs.h"

#define HVT_STANDS_IN __attribute__((visibility("default")))

/* At most so many bytes are one event: a read may be short. */
#define HVT_INPUT_BYTES_MAX 65536u

/*
 * Is it a call of the VMM's that is to be taken? Not those of the library, nor of
 * what it uses, nor what is asked for in a signal handler; caller: where the call
 * returns to.
 */
bool hvt_input_is_taken(const void *caller);
#define HVT_IS_TAKEN() hvt_input_is_taken(__builtin_return_address(0))

/*
 * Is there who wants to know of buffers, and is the call one of the VMM's, which
 * returns to caller? And the three functions of the tap. errno stays, and nobody
 * cancels the thread meanwhile.
 */
bool hvt_input_is_told_of_buffers(const void *caller);
bool hvt_input_may_hold(const void *addr, size_t size);
void hvt_input_will_touch(const void *addr, size_t size);
void hvt_input_has_touched(void);

/* Is the calling thread in a signal handler of the VMM's? */
bool hvt_input_is_in_handler(void);

/* Has it set one, for a signal that comes at any point? */
extern atomic_bool hvt_input_handlers;

/* As those of the tap. errno stays. */
bool hvt_input_enter(struct hvt_event *event);
void hvt_input_leave(struct hvt_event *event);

/*
 * A question, or a change, that a function of its own makes: event has its
 * inputs and gets the outputs; 0 or -errno. The answer of a replay is in event,
 * too. A change that a replay has no answer for is not made: there is nothing
 * to put back.
 */
typedef int hvt_input_ask_fn(struct hvt_event *event, void *context);
int hvt_input_ask(
	struct hvt_event *event, hvt_input_ask_fn *ask, void *context);
int hvt_input_change(
	struct hvt_event *event, hvt_input_ask_fn *change, void *context);

/* The bytes of the index-th parameter. */
void hvt_input_bytes(struct hvt_event *event, unsigned index, const void *bytes,
	size_t size);

/* To where they belong, if they are not there: 0, or -EIO: they do not fit. */
int hvt_input_take_bytes(const struct hvt_event *event, void *to, size_t size);

/* What libc makes of 0 or -errno: 0, or -1 and errno. */
int hvt_input_failed(int err);

/* Is nothing known of what enter() has not let through? */
static inline bool hvt_input_is_unknown(const struct hvt_event *event)
{
	return event->result == -ECANCELED;
}

/* The result of what was answered: 0 or -errno, whatever is in a trace. */
int hvt_input_result(const struct hvt_event *event);

/* Does an input that is unknown end here, rather than to be taken live? */
bool hvt_input_is_at_its_end(void);

/* How long a replay waits for what was there when recorded. */
unsigned hvt_input_stall_ms(void);

/* The function of that name behind this library; kept in *slot. */
void *hvt_next(void *_Atomic *slot, const char *name);

/* NEXT(f)(...) calls it, where NEXT_SLOT(f) stands before. */
#define NEXT_SLOT(name) static void *_Atomic next_##name
#define NEXT(name)      ((__typeof__(&(name)))hvt_next(&next_##name, #name))

/* The calling thread is the one that number was given to: tells the tap. */
void hvt_thread_begins(uint64_t number);

#endif

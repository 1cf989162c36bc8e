/* SPDX-License-Identifier: MIT */
/*
 * The way of a call of libc's through this library: to the tap, or past it to the
 * function that it would have reached.
 */
#ifndef HVT_INPUTS_PASSAGE_H
#define HVT_INPUTS_PASSAGE_H

#include <errno.h>
#include <stddef.h>
#include <stdint.h>

#include "call_ids.h"
#include "inputs.h"

#define HVT_STANDS_IN __attribute__((visibility("default")))

/* At most so many bytes are one event: a read may be short. */
#define HVT_INPUT_BYTES_MAX 65536u

/*
 * Is it a call of the VMM's that is to be taken? Not those of the library, nor of
 * what it uses; caller: where the call returns to.
 */
bool hvt_input_is_taken(const void *caller);
#define HVT_IS_TAKEN() hvt_input_is_taken(__builtin_return_address(0))

/* As those of the tap. errno stays. */
bool hvt_input_enter(struct hvt_event *event);
void hvt_input_leave(struct hvt_event *event);

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

/* SPDX-License-Identifier: MIT */
/*
 * Threads. A new one begins with an event that has a number, which its maker has
 * from the tap: so a replay knows which it is, and needs no guess by what it does
 * first. The numbers are those of the recording.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "passage.h"

NEXT_SLOT(pthread_create);

struct birth {
	void *(*main)(void *arg);
	void *arg;
	uint64_t number;
};

static _Atomic uint64_t births;

void hvt_thread_begins(uint64_t number)
{
	struct hvt_event event = { .call = HVT_CALL_INPUT_THREAD_BEGIN,
		.values = { number } };

	if (!hvt_input_enter(&event))
		return;
	event.result = 0;
	hvt_input_leave(&event);
}

static void *begin(void *arg)
{
	struct birth birth = *(struct birth *)arg;

	free(arg);
	hvt_thread_begins(birth.number);
	return birth.main(birth.arg);
}

/* 0 or an errno. */
static int create(pthread_t *thread, const pthread_attr_t *attr,
		struct birth birth)
{
	struct birth *box = malloc(sizeof(*box));
	int err;

	if (!box)
		return EAGAIN;
	*box = birth;
	err = NEXT(pthread_create)(thread, attr, begin, box);
	if (err)
		free(box);
	return err;
}

HVT_STANDS_IN int pthread_create(pthread_t *restrict thread,
		const pthread_attr_t *restrict attr, void *(*start)(void *),
		void *restrict arg)
{
	struct hvt_event event = { .call = HVT_CALL_INPUT_THREAD_CREATE };
	struct birth birth = { start, arg, 0 };
	int err;

	if (!HVT_IS_TAKEN())
		return NEXT(pthread_create)(thread, attr, start, arg);
	if (hvt_input_enter(&event)) {
		birth.number = atomic_fetch_add(&births, 1) + 1;
		err = create(thread, attr, birth);
		event.result = -err;
		event.values[0] = birth.number;
		hvt_input_leave(&event);
		return err;
	}
	if (hvt_input_is_unknown(&event))
		return NEXT(pthread_create)(thread, attr, start, arg);
	if (hvt_input_result(&event))
		return -hvt_input_result(&event);
	birth.number = event.values[0];
	return create(thread, attr, birth);
}

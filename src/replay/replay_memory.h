/* SPDX-License-Identifier: MIT */
/*
 * Guest memory in a replay. There is no guest: what it had written when the VMM
 * came to a page is put there when the VMM comes to it again, and what the VMM
 * had written by the end of its turn is compared with what it has. Threads of
 * the VMM that come to a page of which the turn has nothing are ahead of the
 * recording, and wait for the next turn.
 *
 * All but what says otherwise under the lock of the session.
 */
#ifndef HVT_REPLAY_MEMORY_H
#define HVT_REPLAY_MEMORY_H

#include <hvtrace/hvtrace.h>

#include "call_ids.h"

/*
 * Begins, if the trace says that it has guest memory. 0 or -errno: -EPERM and
 * -EOPNOTSUPP where this host cannot do it; *e is filled.
 */
int hvt_replay_memory_start(const struct hvt_trace *trace, const char *path,
		struct hvt_error *e);
void hvt_replay_memory_stop(void);

/* Is event about memory, rather than a call? */
static inline bool hvt_replay_memory_is_note(const struct hvt_event *event)
{
	return event->call >= HVT_CALL_MEMORY_PAGE &&
			event->call <= HVT_CALL_MEMORY_GUEST_CHANGED;
}

/* And one that ends a turn? */
static inline bool hvt_replay_memory_is_turn(const struct hvt_event *event)
{
	return event->call == HVT_CALL_MEMORY_TURN;
}

/* Takes in any other one. -EBADMSG: it makes no sense; -ENOMEM. */
int hvt_replay_memory_note(const struct hvt_event *event);

/*
 * Ends the turn: 1 done, 0 not yet, as the VMM has still to come to a page or
 * to write something; -errno of going on.
 */
int hvt_replay_memory_turn(void);

/* hv_vm_map has returned: memory at recorded is at addr now, and in the guest. */
int hvt_replay_memory_map(uint64_t recorded, void *addr, uint64_t ipa,
		size_t size);

/* The VM is gone. */
void hvt_replay_memory_reset(void);

/* So many events have been consumed: who waits for the next turn does not in vain. */
void hvt_replay_memory_moved(uint64_t events);

/* In a child of fork(2). */
void hvt_replay_memory_in_child(void);

/* The replay is over: the VMM has its memory for itself. Any thread. */
void hvt_replay_memory_let_go(void);

/* Where VMM and trace differ by the end of a turn. */
struct hvt_memory_difference {
	enum {
		HVT_MEMORY_SAME,
		HVT_MEMORY_NOT_READ, /* the VMM has not come to the page */
		HVT_MEMORY_OTHER,    /* a byte differs */
	} what;
	uint64_t event;     /* that says what it was; UINT64_MAX: none does */
	uint64_t addr, ipa; /* of the page; as recorded */
	size_t offset;
	uint8_t recorded, found;
};

/* As far as is known: SAME unless a turn cannot end, or did with a surprise. */
struct hvt_memory_difference hvt_replay_memory_difference(void);

/*
 * The first page that the VMM was given though the turn has nothing of it, as
 * nothing else happened: what the guest had written there it did not get.
 */
struct hvt_memory_guess {
	bool made;
	uint64_t addr, ipa; /* of the page; as recorded */
	uint64_t events;    /* that had been consumed by then */
};

struct hvt_memory_guess hvt_replay_memory_guess(void);

/* Has a turn ended in which the VMM wrote what it had not? */
bool hvt_replay_memory_has_diverged(void);

#endif

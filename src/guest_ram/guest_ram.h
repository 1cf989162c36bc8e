/* SPDX-License-Identifier: MIT */
/*
 * The door of the ram room: the guest's RAM as the VMM touches it. A leaf; it
 * calls nothing of ours but by struct hvt_ram_ops.
 *
 * RAM that is adopted has two mappings of the same pages: the VMM's, where it
 * always was, and a view for guests and for ourselves. VMM and guest take
 * turns. While a vCPU runs the VMM's mapping has no page table entries: who
 * touches it waits in the fault (userfaultfd, so system calls do, too) until
 * the vCPUs are out, and is granted the page for the rest of the VMM's turn.
 * The turn ends before a vCPU runs again: the entries are dropped, and only
 * then are the pages that were granted compared with what they were. So no
 * write can be missed, whatever threads the VMM has.
 *
 * Not seen: what devices or the kernel write to pages they have pinned (direct
 * I/O), as that goes by no page table entry.
 */
#ifndef HVT_GUEST_RAM_H
#define HVT_GUEST_RAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* How the memory of a mapping is followed. On disk in traces. */
enum hvt_ram_kind {
	HVT_RAM_REHOMED = 1, /* private pages, moved to a shared file of ours */
	HVT_RAM_SHARED,      /* shared pages, followed where they are */
	HVT_RAM_UNTRACKED,   /* neither: what the VMM does there is not known */
	HVT_RAM_GONE,        /* it was followed until now: the guest lost it */
};

/* How a turn of the VMM came to its end. On disk in traces. */
enum hvt_turn_end {
	HVT_TURN_CALLED = 1, /* who touched a page had gone on to a call */
	HVT_TURN_ASLEEP,     /* or waited for other threads, or was gone */
	HVT_TURN_TAKEN,      /* or was still busy after its time */
};

/*
 * What adopted RAM needs of others, called with the lock of the room held.
 * Addresses are the VMM's, of whole pages; contents NULL: zeros.
 */
struct hvt_ram_ops {
	/*
	 * Keeps all vCPUs outside the guest between the two. One that runs on
	 * the thread outside waits for a page, in a signal handler: it must not
	 * be waited for. 0: none does.
	 */
	void (*pause)(pid_t outside);
	void (*resume)(void);
	/* The VMM is granted a page, and this is in it. */
	void (*touched)(const void *addr, const uint8_t *page);
	/* By the end of its turn it had changed it. */
	void (*changed)(const void *addr, const uint8_t *before,
			const uint8_t *after);
	/*
	 * NULL; or guests had written to a page that is none of the VMM's turn:
	 * it was told to be before, and is after. What is told is kept for that.
	 */
	void (*written)(const void *addr, const uint8_t *before,
			const uint8_t *after);
	void (*ended)(enum hvt_turn_end how);
	void (*mapped)(const void *addr, size_t size, enum hvt_ram_kind kind);
	/*
	 * NULL; or there is no guest, and this puts into the page what one would
	 * have: see hvt_ram_view(). False: the thread is to wait, and it is asked
	 * again.
	 */
	bool (*supply)(void *addr);
};

/*
 * Begins; 0 or -errno, -EPERM where this process may not handle the faults of
 * its own system calls. Once, before any vCPU runs; stop() is the end of it:
 * the VMM keeps its memory, and nobody looks at it any more.
 */
int hvt_ram_start(const struct hvt_ram_ops *ops);
void hvt_ram_stop(void);

/*
 * Around fork(2), in the parent and in its child, by the thread that forks:
 * nothing moves in between. There in the child in_child() makes its memory a
 * copy of its own again.
 */
void hvt_ram_before_fork(void);
void hvt_ram_after_fork(void);
void hvt_ram_in_child(void);

/*
 * Memory of the VMM is about to be mapped in the guest: follows it, if that
 * can be done, and sets *view to what the guest is to have. Addresses and size
 * are of whole pages. The VMM notices nothing: address, contents, protection
 * stay. 0; -ENOMEM; -EOPNOTSUPP: a part of it is followed and a part cannot be.
 */
int hvt_ram_adopt(void *addr, size_t size, uint8_t **view);

/* The guest has no more of a view of that many bytes, as adopt() gave it. */
void hvt_ram_abandon(const uint8_t *view, size_t size);

/* The VM is gone, with all that was mapped. */
void hvt_ram_reset(void);

/* The same for memory by the VMM's address. */
void hvt_ram_release(void *addr, size_t size);

/* What guests have at size bytes of the VMM's. NULL: none. For the ops only. */
uint8_t *hvt_ram_view(const void *addr, size_t size);

/*
 * Is that there? 0, or 1 with the place of the first byte that differs, and what
 * it is. What is not followed is never different.
 */
int hvt_ram_compare(const void *addr, const uint8_t *bytes, size_t size,
		size_t *offset, uint8_t *found);

/* Writes there, as a guest would. */
void hvt_ram_write(const void *addr, const uint8_t *bytes, size_t size);

/*
 * Guests have written to those pages of a view, of which bit n of dirty is page
 * n: tells of each as far as it is not what was told last. Who calls has made
 * sure that a write from now on will be told by another call. Any thread.
 */
void hvt_ram_written(const uint8_t *view, const uint64_t *dirty, size_t pages);

/* Without a guest: ends the VMM's turn, and begins the next one. */
void hvt_ram_end_turn(void);

/* Around each run of a vCPU, by its thread. */
void hvt_ram_run_begin(void);
void hvt_ram_run_end(void);

/* Between the two: is another vCPU there, too? */
bool hvt_ram_others_run(void);

/*
 * The calling thread is about to have the kernel read or write size bytes of the
 * VMM's memory, wherever that is: what of the first HVT_RAM_BUFFER_MAX is guest RAM
 * is granted as a whole, which is less than a fault for each page. And it has done
 * so, with all buffers that it had named. may_hold(): false: certainly none of it.
 */
#define HVT_RAM_BUFFER_MAX (1u << 20)
bool hvt_ram_may_hold(const void *addr, size_t size);
void hvt_ram_will_touch(const void *addr, size_t size);
void hvt_ram_has_touched(void);

/* Is a thread in between the two, that was granted something? */
bool hvt_ram_is_being_touched(void);

/*
 * The calling thread has logged a call that it enters: what it had from pages
 * granted to it before, it has had. And it is about to return: if the turn is
 * the same still, it has them again.
 */
void hvt_ram_called(void);
void hvt_ram_returning(void);

#endif

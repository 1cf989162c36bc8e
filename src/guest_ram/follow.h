/* SPDX-License-Identifier: MIT */
/* Beginning to follow memory, and what may have become of it since. */
#ifndef HVT_RAM_FOLLOW_H
#define HVT_RAM_FOLLOW_H

#include "homes.h"

/*
 * Whoever touches h from now on waits; what is in it so far is told as changes
 * of zeros. What the VMM has replaced meanwhile becomes untracked, and is left
 * alone. Under the lock.
 */
void hvt_follow(struct hvt_home *h, int uffd, const struct hvt_ram_ops *ops,
		bool (*drop)(uint8_t *start, uint8_t *end));

/* What the VMM does to h is not known from now on, which is told. */
void hvt_follow_no_more(struct hvt_home *h, int uffd,
		const struct hvt_ram_ops *ops);

/*
 * Until it is followed: nobody waits who touches h, but at pages that are in
 * its file already, and messages come of what becomes of it. Where it was
 * followed before who comes to a page that is not in the file waits, too, as
 * the kernel takes nothing back of what it is asked to watch. Under the lock.
 */
void hvt_follow_watch(const struct hvt_home *h, int uffd);

/*
 * The guest has lost h, and the VMM gets it for itself: all that the guest has
 * left there is told as what the VMM came to, as nobody will see it look. What
 * was rehomed is idle then; other homes are removed. Was it followed? Under the
 * lock.
 */
bool hvt_follow_let_go(struct hvt_home *h, int uffd,
		const struct hvt_ram_ops *ops);

/* The same without telling: there is no VM any more. */
void hvt_follow_end(struct hvt_home *h, int uffd);

/*
 * The guest is given an idle home again. 0 or -ENOMEM; -ESTALE: the VMM has
 * other memory there by now, and the home is removed. Under the lock.
 */
int hvt_follow_again(struct hvt_home *h, const struct hvt_ram_ops *ops);

/* The VMM has unmapped [start, end), or has it elsewhere. Under the lock. */
void hvt_follow_lost(uint8_t *start, uint8_t *end,
		const struct hvt_ram_ops *ops);

/*
 * The VMM has given up the contents of [start, end) with madvise(2): private
 * memory is zeros then. Under the lock.
 */
void hvt_follow_discard(uint8_t *start, uint8_t *end,
		const struct hvt_ram_ops *ops);

/* In a child of fork(2): what it has of h there becomes private again. */
void hvt_follow_in_child(const struct hvt_home *h);

#endif

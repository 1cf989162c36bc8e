/* SPDX-License-Identifier: MIT */
/*
 * VMMs that are recorded with their guest memory (guest_memory.c). Each makes
 * its own claims, and returns what main() is to.
 */
#ifndef HVT_TEST_GUEST_MEMORY_H
#define HVT_TEST_GUEST_MEMORY_H

#define SCRIBBLE_IPA   0x80000000ull
#define SCRIBBLE_PAGES 64u

/* Looks for what mapping memory in the guest changes for the VMM. */
int vmm_that_looks(void);

/*
 * Threads scribble over the pages at SCRIBBLE_IPA while vCPUs run that count in
 * the first eight bytes of each. All of it is written to a file at the end.
 */
int vmm_that_scribbles(const char *image);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Where arm64/run.S finds things: checked by run.c. One definition for
 * assembly and C.
 */
#ifndef HVT_RUN_OFFSETS_H
#define HVT_RUN_OFFSETS_H

/* struct hvt_run */
#define RUN_ATTENTION    0 /* and fd in the word behind it */
#define RUN_BUSY         3
#define RUN_PAGE         8 /* and record */
#define RUN_EXIT         24
#define RUN_DIRTY        32
#define RUN_VALID        40 /* and ticks */
#define RUN_PAUSES       56
#define RUN_CHANGES      64
#define RUN_EXTENT       72 /* start, size, changes, fsc */
#define RUN_FOLD_PC      104
#define RUN_RESULT       112
#define RUN_ARMED        116
#define RUN_MASKED       117
#define RUN_IN_RUN       118
#define RUN_CANCEL       119
#define RUN_GO_ON        120

/* struct hvt_exit_record */
#define RECORD_TOLD  0
#define RECORD_ESR   8 /* and far */
#define RECORD_SCTLR 24
#define RECORD_REGS  32
#define RECORD_PC    280
#define RECORD_CPSR  304

/* struct kvm_run */
#define PAGE_EXIT_REASON 8
#define PAGE_CALL_FLAGS  96
#define PAGE_MMIO_IPA    32
#define PAGE_MMIO_DATA   40
#define PAGE_MMIO_LEN    48
#define PAGE_MMIO_WRITE  52
#define PAGE_IRQ_LEVEL   304

/* hv_vcpu_exit_t */
#define EXIT_SYNDROME 8 /* and virtual_address */
#define EXIT_IPA      24

#endif

/* SPDX-License-Identifier: MIT */
/* The pieces that sources and services are made of. Private to the room. */
#ifndef HVT_BPF_LOAD_H
#define HVT_BPF_LOAD_H

#include <stdint.h>

#include "program.h"

/* A map of HVT_RECORDS records, or -errno. */
int hvt_exit_records_make(void);

/* Random, with the low bits 0. */
int hvt_exit_cookie_make(uint64_t *cookie, unsigned low_bits);

/* The link by which the program is attached to that function, or -errno. */
int hvt_program_attach(const struct hvt_program *program, uint32_t function);

#endif

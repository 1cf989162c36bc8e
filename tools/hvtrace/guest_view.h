/* SPDX-License-Identifier: MIT */
/* A guest that is played again and stands still, as text. */
#ifndef HVTRACE_GUEST_VIEW_H
#define HVTRACE_GUEST_VIEW_H

#include <hvtrace/hvtrace.h>
#include <stdio.h>

/* The registers of a vCPU, four a line; false: there is no such vCPU. */
bool guest_view_regs(FILE *to, struct hvt_guest *guest, unsigned vcpu);

/* The same as members of a JSON object, without braces. */
bool guest_view_regs_json(FILE *to, struct hvt_guest *guest, unsigned vcpu);

/* Code around the PC of a vCPU, as far as it can be read. */
void guest_view_code(FILE *to, struct hvt_guest *guest, unsigned vcpu);

#endif

/* SPDX-License-Identifier: MIT */
/* Blocks of the PCAP Next Generation format (draft-ietf-opsawg-pcapng), 1.0. */
#ifndef HVTRACE_PCAPNG_H
#define HVTRACE_PCAPNG_H

#include "out.h"

#define PCAPNG_FRAME_MAX 262144u /* what readers take */

/* The file begins; program: who made it. */
void pcapng_section(struct out *o, const char *program);

/* An interface with Ethernet frames; they are numbered from 0, as they come. */
void pcapng_interface(struct out *o, const char *name);

/* A frame, so many ns since 1970, that the machine of the interface sent or got. */
void pcapng_frame(struct out *o, uint32_t interface, uint64_t ns, bool sent,
		const uint8_t *bytes, size_t size);

#endif

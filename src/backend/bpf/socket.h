/* SPDX-License-Identifier: MIT */
/* What the helper says to a client. Private to the room. */
#ifndef HVT_BPF_SOCKET_H
#define HVT_BPF_SOCKET_H

#include <stdint.h>

/* It never waits: who does not take it in has hung up, or will. */
int hvt_exit_source_send(int connection, int map, uint64_t cookie);

#endif

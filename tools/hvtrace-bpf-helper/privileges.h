/* SPDX-License-Identifier: MIT */
#ifndef HVT_HELPER_PRIVILEGES_H
#define HVT_HELPER_PRIVILEGES_H

/*
 * Of what this process may do only what serving takes is left: making maps,
 * CAP_BPF. It and what it starts cannot get more again. 0 or -errno.
 */
int privileges_drop(void);

#endif

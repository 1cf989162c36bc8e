/* SPDX-License-Identifier: MIT */
#ifndef HVT_HELPER_PRIVILEGES_H
#define HVT_HELPER_PRIVILEGES_H

/*
 * Of the capabilities only the one that serving takes is left, for making maps:
 * CAP_BPF, or where that is not there CAP_SYS_ADMIN. It and what it starts
 * cannot get more again. The user stays: what is root's own is root's still. 0
 * or -errno.
 */
int privileges_drop(void);

#endif

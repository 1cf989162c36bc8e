/* SPDX-License-Identifier: MIT */
/* Which files lie on another machine. */
#ifndef HVT_TRACE_REMOTE_H
#define HVT_TRACE_REMOTE_H

#include <stdbool.h>

/*
 * Is the open file on a file system that another machine or process serves
 * (9p, NFS, SMB, FUSE, ...)? False where that cannot be found out.
 */
bool hvt_is_remote(int fd);

/*
 * The same by /proc/self/mountinfo's text and a mount's number in it. Writes
 * on the text.
 */
bool hvt_mount_is_remote(char *mountinfo, int mount);

#endif

/* SPDX-License-Identifier: MIT */
/* The socket that VMMs connect to. */
#ifndef HVT_HELPER_LISTENER_H
#define HVT_HELPER_LISTENER_H

#include <stdbool.h>

bool listener_has_group(const char *group);

/*
 * A listening socket at path, for the members of group and nobody else; a
 * socket that was left there is removed. A descriptor that does not block, or
 * -errno; -EADDRINUSE: somebody serves there, or something else is there.
 */
int listener_open(const char *path, const char *group);

#endif

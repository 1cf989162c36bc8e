/* SPDX-License-Identifier: MIT */
/* See Documentation/networking/tuntap.rst of the kernel. */
#include "net_tap.h"

#include <stddef.h>
#include <stdio.h>

#ifdef __linux__

#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "net.h"

static void close_tap(struct net_backend *backend)
{
	close(backend->fd);
	free(backend);
}

/* The descriptor or -errno. */
static int open_tap(const char *name)
{
	struct ifreq request = { .ifr_flags = IFF_TAP | IFF_NO_PI };
	int fd, err;

	if (!*name || strlen(name) >= sizeof(request.ifr_name))
		return -EINVAL;
	memcpy(request.ifr_name, name, strlen(name) + 1);
	fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (ioctl(fd, TUNSETIFF, &request)) {
		err = errno;
		close(fd);
		return -err;
	}
	return fd;
}

struct net_backend *net_tap_create(const char *name)
{
	struct net_backend *backend = malloc(sizeof(*backend));
	int fd = backend ? open_tap(name) : -ENOMEM;

	if (fd < 0) {
		fprintf(stderr,
			"hvrun: --net tap:%s: %s; make one with 'ip tuntap add "
			"dev NAME mode tap user USER'\n",
			name, strerror(-fd));
		free(backend);
		return NULL;
	}
	*backend = (struct net_backend){ .fd = fd, .close = close_tap };
	return backend;
}

#else

struct net_backend *net_tap_create(const char *name)
{
	fprintf(stderr, "hvrun: --net tap:%s: there is none on this system\n",
		name);
	return NULL;
}

#endif

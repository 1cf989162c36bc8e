/* SPDX-License-Identifier: MIT */
#include "listener.h"

#include <errno.h>
#include <grp.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define QUEUE 64 /* of those who connect at once */

bool listener_has_group(const char *group)
{
	return getgrnam(group);
}

static int new_socket(void)
{
	return socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

/* A socket that nobody listens to any more is in the way of a new one. */
static void remove_stale(const struct sockaddr_un *address)
{
	struct stat st;
	int fd;

	if (lstat(address->sun_path, &st) || !S_ISSOCK(st.st_mode))
		return;
	fd = new_socket();
	if (fd < 0)
		return;
	if (connect(fd, (const struct sockaddr *)address, sizeof(*address)) &&
			errno == ECONNREFUSED)
		(void)unlink(address->sun_path);
	close(fd);
}

/*
 * It has its mode from the beginning (unix(7): that of the socket, less the
 * mask), and the group before anyone can connect.
 */
static bool bind_for(int fd, const struct sockaddr_un *address, gid_t gid)
{
	umask(0117);
	return !fchmod(fd, 0660) &&
		!bind(fd, (const struct sockaddr *)address, sizeof(*address)) &&
		!lchown(address->sun_path, (uid_t)-1, gid) &&
		!listen(fd, QUEUE);
}

int listener_open(const char *path, const char *group)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	const struct group *members = getgrnam(group);
	int fd, err;

	if (!members)
		return -ENOENT;
	if (strlen(path) >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	strcpy(address.sun_path, path);
	remove_stale(&address);
	fd = new_socket();
	if (fd < 0)
		return -errno;
	if (!bind_for(fd, &address, members->gr_gid)) {
		err = -errno;
		close(fd);
		/* What is in use is somebody else's. */
		if (err != -EADDRINUSE)
			(void)unlink(path);
		return err;
	}
	return fd;
}

/* SPDX-License-Identifier: MIT */
#include "remote.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char table[] =
	"22 27 0:21 / /sys rw,nosuid - sysfs sysfs rw\n"
	"27 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n"
	"40 27 0:33 / /srv/a rw shared:7 master:2 - 9p share0 rw,trans=virtio\n"
	"41 27 0:34 / /srv/b\\040- rw - nfs4 host:/b rw\n"
	"42 27 0:35 / /srv/c rw - fuse.sshfs host: rw\n"
	"43 27 0:36 / /srv/d rw - fusectl none rw\n"
	"44 27 0:37 / /srv/e rw -";

static bool is_remote(int mount)
{
	char copy[sizeof(table)];

	strcpy(copy, table);
	return hvt_mount_is_remote(copy, mount);
}

Test(remote, knows_the_file_systems_of_other_machines)
{
	cr_assert(is_remote(40));
	cr_assert(is_remote(41));
	cr_assert(is_remote(42));
}

Test(remote, takes_those_of_this_machine_for_local)
{
	cr_assert_not(is_remote(22));
	cr_assert_not(is_remote(27));
	cr_assert_not(is_remote(43));
}

Test(remote, takes_what_is_not_listed_for_local)
{
	cr_assert_not(is_remote(4));
	cr_assert_not(is_remote(44));
	cr_assert_not(is_remote(-1));
}

Test(remote, finds_the_mount_of_an_open_file)
{
	int fd = open("/proc/self/status", O_RDONLY);

	cr_assert_geq(fd, 0);
	cr_assert_not(hvt_is_remote(fd));
	close(fd);
	cr_assert_not(hvt_is_remote(fd));
}

/* SPDX-License-Identifier: MIT */
#include "privileges.h"

#include <errno.h>
#include <linux/capability.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

int privileges_drop(void)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = { 0 };
	const uint32_t bpf = 1u << (CAP_BPF - 32), admin = 1u << CAP_SYS_ADMIN;

	if (syscall(SYS_capget, &header, data))
		return -errno;
	/* CAP_SYS_ADMIN is enough to make maps, too. */
	data[1].effective &= bpf;
	data[0].effective &= data[1].effective ? 0 : admin;
	for (unsigned i = 0; i < 2; i++) {
		data[i].permitted = data[i].effective;
		data[i].inheritable = 0;
	}
	if (syscall(SYS_capset, &header, data) ||
			prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return -errno;
	return 0;
}

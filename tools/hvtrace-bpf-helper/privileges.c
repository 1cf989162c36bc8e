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
	const uint32_t bpf = 1u << (CAP_BPF - 32);

	/* CAP_SYS_ADMIN is enough to make maps; then it stays as it is. */
	if (syscall(SYS_capget, &header, data))
		return -errno;
	if (data[1].effective & bpf) {
		data[0] = (struct __user_cap_data_struct){ 0 };
		data[1] = (struct __user_cap_data_struct){ .effective = bpf,
			.permitted = bpf };
	}
	if (syscall(SYS_capset, &header, data) ||
			prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return -errno;
	return 0;
}

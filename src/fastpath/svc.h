/* SPDX-License-Identifier: MIT */
/*
 * What a run asks of CPU and kernel. ioctl(2) without libc, whose function takes its arguments from a list and
 * puts the error into errno: it costs as much as half of a run.
 */
#ifndef HVT_SVC_H
#define HVT_SVC_H

#include <stdint.h>
#include <sys/syscall.h>

#ifdef __aarch64__

static inline int hvt_svc_ioctl(int fd, unsigned long request, uintptr_t argument)
{
	register long x0 __asm__("x0") = fd;
	register unsigned long x1 __asm__("x1") = request;
	register uintptr_t x2 __asm__("x2") = argument;
	register long x8 __asm__("x8") = SYS_ioctl;

	__asm__ volatile("svc #0"
			: "+r"(x0)
			: "r"(x1), "r"(x2), "r"(x8)
			: "memory", "cc");
	return (int)x0;
}

/* The host's counter; the CPU may read it some instructions early. */
static inline uint64_t hvt_counter(void)
{
	uint64_t v;

	__asm__ volatile("mrs %0, cntvct_el0" : "=r"(v)::"memory");
	return v;
}

#else

#include <errno.h>
#include <unistd.h>

static inline int hvt_svc_ioctl(int fd, unsigned long request, uintptr_t argument)
{
	long r = syscall(SYS_ioctl, fd, request, argument);

	return r < 0 ? -errno : (int)r;
}

static inline uint64_t hvt_counter(void)
{
	return 0; /* only arm64 runs guests */
}

#endif

#endif

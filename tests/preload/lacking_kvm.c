/* SPDX-License-Identifier: MIT */
/*
 * A library for LD_PRELOAD under which KVM lacks the capability whose number
 * is in $HVT_LACKING_CAP; 0 stands for the SMCCC filter, which is a VM
 * attribute. All other requests go to the kernel.
 */
#include <errno.h>
#include <linux/kvm.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

/* linux/kvm.h of 6.1 does not know it yet. */
#define SMCCC_CTRL_GROUP 0u

static int is_lacking(unsigned long request, unsigned long argument)
{
	const char *text = getenv("HVT_LACKING_CAP");
	unsigned long cap = text ? strtoul(text, NULL, 10) : ~0ul;
	const struct kvm_device_attr *attr;

	if (request == KVM_CHECK_EXTENSION)
		return cap && argument == cap;
	if (request != KVM_HAS_DEVICE_ATTR || cap)
		return 0;
	attr = (const struct kvm_device_attr *)argument;
	return attr->group == SMCCC_CTRL_GROUP;
}

/* As in <sys/ioctl.h>, which must not be included for its attributes. */
int ioctl(int fd, unsigned long request, ...);

int ioctl(int fd, unsigned long request, ...)
{
	unsigned long argument;
	va_list args;

	va_start(args, request);
	argument = va_arg(args, unsigned long);
	va_end(args);
	if (!is_lacking(request, argument))
		return (int)syscall(SYS_ioctl, fd, request, argument);
	if (request == KVM_CHECK_EXTENSION)
		return 0;
	errno = ENXIO;
	return -1;
}

/* SPDX-License-Identifier: MIT */
/*
 * What KVM counts of a vCPU: binary statistics (KVM API 4.133), found by name
 * as a kernel describes them itself.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "kvm.h"

/* Far above what any kernel has; its figures are not taken on trust. */
#define DESCRIPTORS_MAX 1024u
#define NAME_MAX_SIZE   256u

/*
 * A halted vCPU polls for a while, then sleeps (Documentation/virt/kvm,
 * halt-polling.rst). KVM halts an arm64 vCPU for nothing but WFI.
 */
static const char *const waits[] = { "halt_poll_success_ns",
	"halt_poll_fail_ns", "halt_wait_ns" };

#define WAITS (sizeof(waits) / sizeof(waits[0]))

static bool is_wait(const char *name, size_t size)
{
	for (size_t i = 0; i < WAITS; i++)
		if (!strncmp(name, waits[i], size))
			return true;
	return false;
}

/* Adds up the values of those that are waits. */
static int add_waits(int fd, const struct kvm_stats_header *header,
		const uint8_t *descriptors, uint64_t *ns)
{
	size_t size = sizeof(struct kvm_stats_desc) + header->name_size;
	unsigned found = 0;

	*ns = 0;
	for (uint32_t i = 0; i < header->num_desc; i++) {
		const uint8_t *p = descriptors + i * size;
		struct kvm_stats_desc d;
		uint64_t value;
		int err;

		memcpy(&d, p, sizeof(d));
		if (!is_wait((const char *)p + sizeof(d), header->name_size))
			continue;
		err = hvt_kvm_sys->read_at(fd, &value, sizeof(value),
				(size_t)header->data_offset + d.offset);
		if (err)
			return err;
		*ns += value;
		found++;
	}
	return found == WAITS ? 0 : -EOPNOTSUPP;
}

static int read_waits(int fd, uint64_t *ns)
{
	struct kvm_stats_header header;
	uint8_t *descriptors;
	size_t size;
	int err = hvt_kvm_sys->read_at(fd, &header, sizeof(header), 0);

	if (err)
		return err;
	if (header.num_desc > DESCRIPTORS_MAX ||
			header.name_size > NAME_MAX_SIZE)
		return -EOPNOTSUPP;
	size = header.num_desc *
			(sizeof(struct kvm_stats_desc) + header.name_size);
	descriptors = malloc(size + 1);
	if (!descriptors)
		return -ENOMEM;
	err = hvt_kvm_sys->read_at(
			fd, descriptors, size, header.desc_offset);
	if (!err)
		err = add_waits(fd, &header, descriptors, ns);
	free(descriptors);
	return err;
}

int hvt_kvm_stats_wfi(int vcpu, uint64_t *ns)
{
	int fd = hvt_kvm_sys->ioctl_number(vcpu, KVM_GET_STATS_FD, 0);
	int err;

	if (fd < 0)
		return fd == -ENOTTY ? -EOPNOTSUPP : fd;
	err = read_waits(fd, ns);
	hvt_kvm_sys->close(fd);
	return err;
}

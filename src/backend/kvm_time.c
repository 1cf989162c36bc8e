/* SPDX-License-Identifier: MIT */
/*
 * How long a vCPU ran and slept. Sleeping is told by KVM's statistics of the
 * vCPU (Documentation/virt/kvm/api.rst, KVM_GET_STATS_FD): the nanoseconds it
 * was halted, polling for work included.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "kvm.h"
#include "trace.h"

/* More than any kernel has; a table is read at once. */
#define TABLE_MAX 65536u

static bool is_halt_time(const char *name)
{
	return !strcmp(name, "halt_wait_ns") ||
			!strcmp(name, "halt_poll_success_ns") ||
			!strcmp(name, "halt_poll_fail_ns");
}

static int read_exactly(int fd, void *p, size_t size, uint64_t offset)
{
	int n = hvt_kvm_sys->read_at(fd, p, size, offset);

	return n < 0 ? n : (size_t)n == size ? 0 : -EIO;
}

/* The values of those that are such times, summed up. */
static int sum_table(int fd, const struct kvm_stats_header *header,
		const uint8_t *table, uint64_t *ns)
{
	size_t size = sizeof(struct kvm_stats_desc) + header->name_size;

	*ns = 0;
	for (uint32_t i = 0; i < header->num_desc; i++) {
		const uint8_t *at = table + i * size;
		struct kvm_stats_desc desc;
		uint64_t value;
		int err;

		memcpy(&desc, at, sizeof(desc));
		if (!is_halt_time((const char *)at + sizeof(desc)))
			continue;
		err = read_exactly(fd, &value, sizeof(value),
				header->data_offset + desc.offset);
		if (err)
			return err;
		*ns += value;
	}
	return 0;
}

static int halt_ns(int fd, uint64_t *ns)
{
	struct kvm_stats_header header;
	uint64_t bytes;
	uint8_t *table;
	int err = read_exactly(fd, &header, sizeof(header), 0);

	if (err)
		return err;
	bytes = (uint64_t)header.num_desc *
			(sizeof(struct kvm_stats_desc) + header.name_size);
	if (bytes > TABLE_MAX)
		return -EIO;
	table = malloc(bytes);
	if (!table)
		return -ENOMEM;
	err = read_exactly(fd, table, bytes, header.desc_offset);
	if (!err)
		err = sum_table(fd, &header, table, ns);
	free(table);
	return err;
}

/* Since the vCPU of KVM was made, for however many of ours it has stood. */
static int halt_ticks(struct hvt_engine_vcpu *v, uint64_t *ticks)
{
	uint64_t ns = 0;
	int fd = hvt_kvm_sys->ioctl_number(v->fast.fd, KVM_GET_STATS_FD, 0), err;

	if (fd < 0)
		return fd == -ENOTTY ? -EOPNOTSUPP : fd;
	err = halt_ns(fd, &ns);
	hvt_kvm_sys->close(fd);
	*ticks = (uint64_t)((unsigned __int128)ns * hvt_tick_hz() / 1000000000);
	return err;
}

int hvt_kvm_wfi_time(struct hvt_engine_vcpu *v, uint64_t *ticks)
{
	int err = halt_ticks(v, ticks);

	if (!err)
		*ticks -= v->halt_ticks_before;
	return err;
}

void hvt_kvm_time_reset(struct hvt_engine_vcpu *v)
{
	/* A vCPU that is new has not slept. */
	if (v->fast.ticks && halt_ticks(v, &v->halt_ticks_before))
		v->halt_ticks_before = 0;
	v->fast.ticks = 0;
}

/* What it slept within KVM_RUN is no execution. */
int hvt_kvm_exec_time(struct hvt_engine_vcpu *v, uint64_t *ticks)
{
	uint64_t slept = 0;
	int err = hvt_kvm_wfi_time(v, &slept);

	/* Kernels that do not tell. */
	if (err == -EOPNOTSUPP)
		slept = 0;
	else if (err)
		return err;
	*ticks = slept < v->fast.ticks ? v->fast.ticks - slept : 0;
	return 0;
}

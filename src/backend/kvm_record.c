/* SPDX-License-Identifier: MIT */
/*
 * Exit records of the vCPUs: where this process may have them (bpf/bpf.h), they
 * save the ioctls for registers, and the search for the instruction that left
 * the guest. What they tell is what the ioctls would; where there is none,
 * the engine does without.
 *
 * HVT_SYNDROME=decode, or HVT_FASTPATH=off, and there are none.
 */
#include <errno.h>
#include <linux/capability.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "kvm.h"

#define HELPER_SOCKET "/run/hvtrace-bpf.sock"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* Under the lock. A forked child must not use its parent's. */
static struct {
	pid_t owner;
	uint8_t *map; /* NULL: none are to be had */
	struct hvt_exit_source source;
} records;

/* Not tried without: sandboxes may punish the very attempt. */
static bool may_load(void)
{
	const uint64_t admin = 1ull << CAP_SYS_ADMIN, bpf = 1ull << CAP_BPF,
		       perfmon = 1ull << CAP_PERFMON;
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = { 0 };
	uint64_t caps;

	if (syscall(SYS_capget, &header, data))
		return false;
	caps = data[0].effective | (uint64_t)data[1].effective << 32;
	return caps & admin || (caps & bpf && caps & perfmon);
}

/*
 * The helper first: a program of one's own costs the exits of all VMs of the
 * host something, and the kernel attaches no more than 38.
 */
static bool get_source(struct hvt_exit_source *source)
{
	const char *path = secure_getenv("HVT_BPF_SOCKET");

	return !hvt_exit_source_ask(source, path ? path : HELPER_SOCKET) ||
		(may_load() && !hvt_exit_source_load(source));
}

static void *map_records(const struct hvt_exit_source *source)
{
	void *map = mmap(NULL, HVT_RECORDS * HVT_RECORD_STRIDE,
			PROT_READ | PROT_WRITE, MAP_SHARED, source->map, 0);

	return map == MAP_FAILED ? NULL : map;
}

static bool is_switched_off(void)
{
	const char *syndrome = secure_getenv("HVT_SYNDROME");

	return hvt_kvm_fastpath_off() ||
		(syndrome && !strcmp(syndrome, "decode"));
}

static void start(void)
{
	if (records.map) {
		munmap(records.map, HVT_RECORDS * HVT_RECORD_STRIDE);
		hvt_exit_source_close(&records.source);
	}
	records.map = NULL;
	records.owner = getpid();
	if (is_switched_off() || !get_source(&records.source))
		return;
	records.map = map_records(&records.source);
	if (records.map && !hvt_kvm_records_try()) {
		munmap(records.map, HVT_RECORDS * HVT_RECORD_STRIDE);
		records.map = NULL;
	}
	if (!records.map)
		hvt_exit_source_close(&records.source);
}

bool hvt_kvm_records_start(void)
{
	bool started;

	pthread_mutex_lock(&lock);
	if (records.owner != getpid())
		start();
	started = records.map;
	pthread_mutex_unlock(&lock);
	return started;
}

struct hvt_exit_record *hvt_kvm_record_of(struct kvm_run *run, uint32_t id)
{
	const uint64_t cookie = records.source.cookie + id;

	if (!records.map || id >= HVT_RECORDS)
		return NULL;
	memcpy(run->s.padding + HVT_RECORD_COOKIE_OFFSET, &cookie,
			sizeof(cookie));
	return (void *)(records.map + (size_t)id * HVT_RECORD_STRIDE);
}

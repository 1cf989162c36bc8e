/* SPDX-License-Identifier: MIT */
/*
 * A library for LD_PRELOAD that tells what is in the guest's memory at the end:
 * before a VMM destroys its VM it writes a line "IPA SIZE HASH" for each range
 * mapped by hv_vm_map to $HVT_HASH_FILE. It reads memory as the VMM would; with
 * HVT_HASH_VIEW in the environment past the VMM, so that a recording does not
 * have that it looked (which takes root).
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <Hypervisor/Hypervisor.h>

#define RANGES_MAX 64u

static struct {
	const uint8_t *addr;
	uint64_t ipa;
	size_t size;
} ranges[RANGES_MAX];

static unsigned count;

/* FNV-1a, of words: every change of one word changes it. */
static uint64_t hash(const uint8_t *p, size_t size)
{
	uint64_t h = 0xcbf29ce484222325u, word;

	for (size_t i = 0; i < size; i += sizeof(word)) {
		memcpy(&word, p + i, sizeof(word));
		h = (h ^ word) * 0x100000001b3u;
	}
	return h;
}

/* The same memory by a mapping of its own; NULL: it is in no file. */
static const uint8_t *second_view(const uint8_t *addr, size_t size)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	uint64_t start, end, offset, at = (uintptr_t)addr;
	void *view = MAP_FAILED;
	char line[512];

	while (maps && fgets(line, sizeof(line), maps)) {
		char path[80];
		int fd;

		if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %*s %" SCNx64, &start,
				    &end, &offset) != 3 ||
				at < start || at + size > end)
			continue;
		snprintf(path, sizeof(path), "/proc/self/map_files/%" PRIx64
				"-%" PRIx64, start, end);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			break;
		view = mmap(NULL, size, PROT_READ, MAP_SHARED, fd,
				(off_t)(offset + (at - start)));
		close(fd);
		break;
	}
	if (maps)
		fclose(maps);
	return view == MAP_FAILED ? NULL : view;
}

static const uint8_t *to_read(const uint8_t *addr, size_t size)
{
	const uint8_t *view = addr;

	if (getenv("HVT_HASH_VIEW"))
		view = second_view(addr, size);
	if (!view)
		abort();
	return view;
}

static void write_hashes(void)
{
	const char *path = getenv("HVT_HASH_FILE");
	FILE *out = path ? fopen(path, "we") : NULL;

	if (!out)
		abort();
	for (unsigned i = 0; i < count; i++)
		fprintf(out, "0x%" PRIx64 " %zu %016" PRIx64 "\n", ranges[i].ipa,
			ranges[i].size, hash(to_read(ranges[i].addr,
				ranges[i].size), ranges[i].size));
	fclose(out);
}

__attribute__((visibility("default")))
hv_return_t hv_vm_map(void *addr, hv_ipa_t ipa, size_t size,
		hv_memory_flags_t flags)
{
	hv_return_t (*real)(void *, hv_ipa_t, size_t, hv_memory_flags_t);
	hv_return_t ret;

	*(void **)&real = dlsym(RTLD_NEXT, "hv_vm_map");
	ret = real(addr, ipa, size, flags);
	if (ret == HV_SUCCESS && count < RANGES_MAX) {
		ranges[count].addr = addr;
		ranges[count].ipa = ipa;
		ranges[count++].size = size;
	}
	return ret;
}

__attribute__((visibility("default")))
hv_return_t hv_vm_destroy(void)
{
	hv_return_t (*real)(void);

	*(void **)&real = dlsym(RTLD_NEXT, "hv_vm_destroy");
	write_hashes();
	return real();
}

/* SPDX-License-Identifier: MIT */
#include "ram_model.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct ram_told ram_told;

static uint8_t *host, *model;
static size_t model_size;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t moved = PTHREAD_COND_INITIALIZER;
static unsigned pauses, inside;
static pid_t threads[4]; /* inside */

void ram_model_init(uint8_t *its_host, size_t size)
{
	memset(&ram_told, 0, sizeof(ram_told));
	free(model);
	host = its_host;
	model = calloc(1, size);
	model_size = size;
}

uint8_t *ram_model(void)
{
	return model;
}

static bool anyone_inside(pid_t outside)
{
	for (unsigned i = 0; i < inside; i++)
		if (threads[i] != outside)
			return true;
	return false;
}

static void on_pause(pid_t outside)
{
	pthread_mutex_lock(&lock);
	pauses++;
	while (anyone_inside(outside))
		pthread_cond_wait(&moved, &lock);
	pthread_mutex_unlock(&lock);
}

static void on_resume(void)
{
	pthread_mutex_lock(&lock);
	pauses--;
	pthread_cond_broadcast(&moved);
	pthread_mutex_unlock(&lock);
}

void ram_guest_enter(void)
{
	pthread_mutex_lock(&lock);
	while (pauses)
		pthread_cond_wait(&moved, &lock);
	threads[inside++] = gettid();
	pthread_mutex_unlock(&lock);
}

void ram_guest_leave(void)
{
	unsigned at = 0;

	pthread_mutex_lock(&lock);
	for (unsigned i = 0; threads[i] != gettid();)
		at = ++i;
	threads[at] = threads[--inside];
	pthread_cond_broadcast(&moved);
	pthread_mutex_unlock(&lock);
}

static uint8_t *model_of(const void *addr)
{
	size_t offset = (size_t)((const uint8_t *)addr - host);

	return offset < model_size ? model + offset : NULL;
}

static bool same(const uint8_t *page, const uint8_t *as)
{
	size_t size = (size_t)sysconf(_SC_PAGESIZE);

	if (as)
		return !memcmp(page, as, size);
	return !page[0] && !memcmp(page, page + 1, size - 1);
}

static void on_touched(const void *addr, const uint8_t *page)
{
	uint8_t *m = model_of(addr);

	ram_told.touched++;
	ram_told.surprises += !m || !same(m, page);
}

static void on_changed(const void *addr, const uint8_t *before,
		const uint8_t *after)
{
	size_t size = (size_t)sysconf(_SC_PAGESIZE);
	uint8_t *m = model_of(addr);

	ram_told.changed++;
	ram_told.surprises += !m || !same(m, before);
	if (m && after)
		memcpy(m, after, size);
	else if (m)
		memset(m, 0, size);
}

static void on_ended(enum hvt_turn_end how)
{
	ram_told.ended++;
	ram_told.taken += how == HVT_TURN_TAKEN;
}

static void on_mapped(const void *addr, size_t size, enum hvt_ram_kind kind)
{
	(void)addr;
	(void)size;
	ram_told.rehomed += kind == HVT_RAM_REHOMED;
	ram_told.shared += kind == HVT_RAM_SHARED;
	ram_told.untracked += kind == HVT_RAM_UNTRACKED;
	ram_told.gone += kind == HVT_RAM_GONE;
}

const struct hvt_ram_ops ram_model_ops = {
	.pause = on_pause,
	.resume = on_resume,
	.touched = on_touched,
	.changed = on_changed,
	.ended = on_ended,
	.mapped = on_mapped,
};

uint8_t *ram_map_private(size_t pages)
{
	void *p = mmap(NULL, pages * (size_t)sysconf(_SC_PAGESIZE),
			PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		abort();
	return p;
}

size_t ram_count_mapped(const uint8_t *addr, size_t pages)
{
	int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	uintptr_t first = (uintptr_t)addr / (size_t)sysconf(_SC_PAGESIZE);
	uint64_t entry;
	size_t n = 0;

	for (size_t i = 0; i < pages; i++) {
		off_t at = (off_t)((first + i) * sizeof(entry));

		if (pread(fd, &entry, sizeof(entry), at) != sizeof(entry))
			abort();
		n += entry >> 63;
	}
	close(fd);
	return n;
}

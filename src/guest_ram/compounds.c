/* SPDX-License-Identifier: MIT */
#include "compounds.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "homes.h"

struct compound {
	struct compound *next;
	uint8_t *host, *view;
	size_t size, mapped;
};

static struct compound *compounds;

static int map_pieces(struct compound *c)
{
	uint8_t *at = c->host, *end = c->host + c->size;

	while (at < end) {
		struct hvt_home *h = hvt_home_at(at);
		uint8_t *to;

		if (!h)
			return -EFAULT;
		to = hvt_home_end(h) < end ? hvt_home_end(h) : end;
		if (mmap(c->view + (at - c->host), (size_t)(to - at),
				    PROT_READ | PROT_WRITE,
				    MAP_SHARED | MAP_FIXED, h->fd,
				    (off_t)(h->offset +
					    (uint64_t)(at - h->host))) ==
				MAP_FAILED)
			return -errno;
		at = to;
	}
	return 0;
}

static int make(uint8_t *host, size_t size, struct compound **made)
{
	struct compound *c = calloc(1, sizeof(*c));
	int err;

	if (!c)
		return -ENOMEM;
	*c = (struct compound){ compounds, host, NULL, size, 0 };
	c->view = mmap(NULL, size, PROT_NONE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	err = c->view == MAP_FAILED ? -ENOMEM : map_pieces(c);
	if (err) {
		if (c->view != MAP_FAILED)
			munmap(c->view, size);
		free(c);
		return err;
	}
	compounds = *made = c;
	return 0;
}

int hvt_compound_take(uint8_t *host, size_t size, uint8_t **view)
{
	struct compound *c = compounds;
	int err = 0;

	while (c && (c->host != host || c->size != size))
		c = c->next;
	if (!c)
		err = make(host, size, &c);
	if (!err) {
		c->mapped += size;
		*view = c->view;
	}
	return err;
}

static struct compound *find(const uint8_t *view)
{
	struct compound *c = compounds;

	while (c && (view < c->view || view >= c->view + c->size))
		c = c->next;
	return c;
}

uint8_t *hvt_compound_host(const uint8_t *view)
{
	struct compound *c = find(view);

	return c ? c->host + (view - c->view) : NULL;
}

void hvt_compound_give_up(const uint8_t *view, size_t size)
{
	struct compound *c = find(view);

	if (c)
		c->mapped -= size;
}

void hvt_compounds_free(bool all)
{
	struct compound **at = &compounds;

	while (*at) {
		struct compound *c = *at;

		if (!all && c->mapped) {
			at = &c->next;
			continue;
		}
		*at = c->next;
		munmap(c->view, c->size);
		free(c);
	}
}

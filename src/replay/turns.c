/* SPDX-License-Identifier: MIT */
#include "turns.h"

#include <errno.h>

#include "call_ids.h"
#include "guest_ram.h"

int hvt_turn_told_page(struct hvt_turn_pages *pages,
		const struct hvt_page_pool *pool, const struct hvt_event *event,
		struct hvt_turn_page **page, const uint8_t **content)
{
	uint64_t addr = event->values[0];

	*content = hvt_page_pool_get(pool, event->values[1]);
	if (!*content || addr & (pool->page_size - 1))
		return -EBADMSG;
	*page = hvt_turn_pages_get(pages, addr);
	return *page ? 0 : -ENOMEM;
}

/* What the VMM came to. */
static int expect(struct hvt_turn_pages *pages, const struct hvt_page_pool *pool,
		const struct hvt_event *event)
{
	const uint8_t *content;
	struct hvt_turn_page *page;
	int err = hvt_turn_told_page(pages, pool, event, &page, &content);

	if (err)
		return err;
	if (page->found)
		return -EBADMSG;
	page->found = page->left = content;
	page->found_by = event->number;
	page->due = true;
	pages->due++;
	return 0;
}

/* Into a turn that is empty. */
static int read_turn(struct hvt_turns *t, struct hvt_page_pool *pool,
		struct hvt_turn *turn)
{
	struct hvt_event event;
	int err = 0;

	while (!err && !t->at_end) {
		if (hvt_trace_next(t->trace, &event, NULL) != 1)
			t->at_end = true;
		else if (event.call == HVT_CALL_MEMORY_PAGE)
			err = hvt_page_pool_add(pool, event.values[0],
					event.data, event.data_size);
		else if (event.call == HVT_CALL_MEMORY_TOUCHED)
			err = expect(&turn->pages, pool, &event);
		else if (event.call == HVT_CALL_MEMORY_TURN) {
			turn->taken = event.values[0] == HVT_TURN_TAKEN;
			break;
		}
	}
	return err;
}

int hvt_turns_know_next(struct hvt_turns *t, struct hvt_page_pool *pool)
{
	if (t->next_known)
		return 0;
	t->next_known = true;
	return read_turn(t, pool, &t->next);
}

int hvt_turns_go_on(struct hvt_turns *t, struct hvt_page_pool *pool)
{
	int err = hvt_turns_know_next(t, pool);

	hvt_turn_pages_clear(&t->now.pages);
	t->now = t->next;
	t->next = (struct hvt_turn){ .taken = false };
	t->next_known = false;
	return err;
}

void hvt_turns_clear(struct hvt_turns *t)
{
	hvt_turn_pages_clear(&t->now.pages);
	hvt_turn_pages_clear(&t->next.pages);
}

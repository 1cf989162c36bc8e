/* SPDX-License-Identifier: MIT */
#include "pl011.h"

#include <string.h>

#include "test.h"

enum { DR = 0, FR = 0x18, LCR = 0x2c, CR = 0x30, IFLS = 0x34, IMSC = 0x38 };
enum { RIS = 0x3c, MIS = 0x40, ICR = 0x44 };
enum { RX = 0x10, TX = 0x20, RT = 0x40 };

static char sent[64];
static unsigned int sent_count, irq_changes;
static bool irq;

static void output(void *ctx, uint8_t byte)
{
	(void)ctx;
	sent[sent_count++ % sizeof(sent)] = (char)byte;
}

static void set_irq(void *ctx, bool level)
{
	(void)ctx;
	irq = level;
	irq_changes++;
}

static const struct pl011_ops ops = { output, set_irq };

static void fresh(struct pl011 *uart)
{
	memset(sent, 0, sizeof(sent));
	sent_count = 0;
	irq_changes = 0;
	irq = false;
	pl011_init(uart, &ops, NULL);
}

static uint64_t get(struct pl011 *uart, uint64_t offset)
{
	return pl011_read(uart, offset, 4);
}

static void set(struct pl011 *uart, uint64_t offset, uint64_t value)
{
	pl011_write(uart, offset, 4, value);
}

static void listen(struct pl011 *uart)
{
	fresh(uart);
	set(uart, LCR, 0x10);
	set(uart, CR, 0x301);
}

static void sends_what_is_written(void)
{
	struct pl011 uart;

	fresh(&uart);
	pl011_write(&uart, DR, 1, 'o');
	pl011_write(&uart, DR, 4, 0x100 | 'k');
	CHECK(!strcmp(sent, "ok"));
	CHECK_EQ(get(&uart, FR) & 0xa0, 0x80); /* empty, not full */
}

static void identifies_itself(void)
{
	static const uint8_t want[8] = { 0x11, 0x10, 0x14, 0, 0xd, 0xf0, 5,
		0xb1 };
	struct pl011 uart;
	unsigned int i;

	fresh(&uart);
	for (i = 0; i < 8; i++)
		CHECK_EQ(get(&uart, 0xfe0 + 4 * i), want[i]);
}

static void raises_the_line_only_when_it_changes(void)
{
	struct pl011 uart;

	fresh(&uart);
	set(&uart, DR, 'a');
	CHECK_EQ(irq_changes, 0);
	set(&uart, IMSC, TX);
	CHECK(irq);
	set(&uart, DR, 'b');
	set(&uart, DR, 'c');
	CHECK_EQ(irq_changes, 1);
	CHECK_EQ(get(&uart, MIS), TX);
	set(&uart, ICR, TX);
	CHECK(!irq);
	CHECK_EQ(irq_changes, 2);
	CHECK_EQ(get(&uart, RIS), 0);
}

static void receives_only_when_enabled(void)
{
	struct pl011 uart;

	fresh(&uart);
	CHECK(!pl011_rx_ready(&uart));
	pl011_receive(&uart, 'x');
	CHECK(get(&uart, FR) & 0x10);
	set(&uart, CR, 0x301);
	CHECK(pl011_rx_ready(&uart));
	pl011_receive(&uart, 'x');
	CHECK(!pl011_rx_ready(&uart)); /* no FIFO: one character */
	CHECK(get(&uart, FR) & 0x40);
	CHECK_EQ(get(&uart, DR), 'x');
	CHECK(pl011_rx_ready(&uart));
}

static void keeps_the_order_of_a_full_fifo(void)
{
	struct pl011 uart;
	int i, round;

	listen(&uart);
	for (round = 0; round < 3; round++) {
		for (i = 0; pl011_rx_ready(&uart); i++)
			pl011_receive(&uart, (uint8_t)('a' + i));
		CHECK_EQ(i, PL011_FIFO_DEPTH);
		pl011_receive(&uart, '!');
		for (i = 0; i < PL011_FIFO_DEPTH; i++)
			CHECK_EQ(get(&uart, DR), 'a' + i);
		CHECK(get(&uart, FR) & 0x10);
		pl011_receive(&uart, 'z'); /* so that the ring turns */
		CHECK_EQ(get(&uart, DR), 'z');
	}
}

static void receive_interrupts_follow_the_fill_level(void)
{
	struct pl011 uart;
	int i;

	listen(&uart);
	set(&uart, IFLS, 0x12); /* half: 8 */
	set(&uart, IMSC, RX | RT);
	pl011_receive(&uart, 'a');
	CHECK_EQ(get(&uart, RIS), RT);
	CHECK(irq);
	for (i = 0; i < 7; i++)
		pl011_receive(&uart, 'a');
	CHECK_EQ(get(&uart, RIS), RX | RT);
	get(&uart, DR);
	CHECK_EQ(get(&uart, RIS), RT);
	for (i = 0; i < 7; i++)
		get(&uart, DR);
	CHECK_EQ(get(&uart, RIS), 0);
	CHECK(!irq);
	CHECK_EQ(irq_changes, 2);
}

static void loops_back(void)
{
	struct pl011 uart;

	listen(&uart);
	set(&uart, CR, 0x381);
	set(&uart, DR, 'q');
	CHECK_EQ(sent_count, 0);
	CHECK_EQ(get(&uart, DR), 'q');
}

static void turning_the_fifo_off_empties_it(void)
{
	struct pl011 uart;

	listen(&uart);
	pl011_receive(&uart, 'a');
	set(&uart, LCR, 0);
	CHECK(get(&uart, FR) & 0x10);
	CHECK_EQ(get(&uart, RIS), 0);
	CHECK_EQ(get(&uart, DR), 0);
}

static void keeps_what_is_configured(void)
{
	struct pl011 uart;

	fresh(&uart);
	pl011_write(&uart, 0x20, 8, 0x123400000021ull);
	CHECK_EQ(get(&uart, 0x20), 0x21);
	CHECK_EQ(get(&uart, 0x24), 0x1234);
	set(&uart, 0x28, 0xff);
	CHECK_EQ(get(&uart, 0x28), 0x3f);
	set(&uart, 0x48, 0xff);
	CHECK_EQ(get(&uart, 0x48), 7);
	CHECK_EQ(get(&uart, CR), 0x300);
	CHECK_EQ(get(&uart, IFLS), 0x12);
}

int main(void)
{
	RUN(sends_what_is_written);
	RUN(identifies_itself);
	RUN(raises_the_line_only_when_it_changes);
	RUN(receives_only_when_enabled);
	RUN(keeps_the_order_of_a_full_fifo);
	RUN(receive_interrupts_follow_the_fill_level);
	RUN(loops_back);
	RUN(turning_the_fifo_off_empties_it);
	RUN(keeps_what_is_configured);
	return test_result();
}

/* SPDX-License-Identifier: MIT */
/*
 * PL011 serial port. The transmit FIFO is always empty, so its interrupt is
 * raised by every character sent and stays until ICR clears it. Receive
 * interrupts follow the fill level of the receive FIFO.
 */
#include "pl011.h"

#include <string.h>

#include "bus.h"

/* Register offsets: DDI 0183, table 3-1. */
enum {
	UARTDR = 0x00,
	UARTRSR = 0x04,
	UARTFR = 0x18,
	UARTILPR = 0x20,
	UARTIBRD = 0x24,
	UARTFBRD = 0x28,
	UARTLCR_H = 0x2c,
	UARTCR = 0x30,
	UARTIFLS = 0x34,
	UARTIMSC = 0x38,
	UARTRIS = 0x3c,
	UARTMIS = 0x40,
	UARTICR = 0x44,
	UARTDMACR = 0x48,
	PERIPH_ID = 0xfe0,
};

enum {
	FR_CTS = 1u << 0,
	FR_DSR = 1u << 1,
	FR_DCD = 1u << 2,
	FR_RXFE = 1u << 4,
	FR_RXFF = 1u << 6,
	FR_TXFE = 1u << 7,
	LCR_FEN = 1u << 4,
	CR_UARTEN = 1u << 0,
	CR_LBE = 1u << 7,
	CR_TXE = 1u << 8,
	CR_RXE = 1u << 9,
	INT_RX = 1u << 4,
	INT_TX = 1u << 5,
	INT_RT = 1u << 6,
	INT_ALL = 0x7ff,
};

static const uint8_t id_bytes[8] = { 0x11, 0x10, 0x14, 0x00, 0x0d, 0xf0, 0x05,
	0xb1 };

void pl011_init(struct pl011 *uart, const struct pl011_ops *ops, void *ctx)
{
	memset(uart, 0, sizeof(*uart));
	uart->ops = ops;
	uart->ctx = ctx;
	uart->cr = CR_TXE | CR_RXE;
	uart->ifls = 0x12;
}

static void update_line(struct pl011 *uart)
{
	bool level = (uart->ris & uart->imsc) != 0;

	if (level == uart->level)
		return;
	uart->level = level;
	uart->ops->set_irq(uart->ctx, level);
}

/* With the FIFOs off there is a single holding register. */
static unsigned int depth(const struct pl011 *uart)
{
	return uart->lcr & LCR_FEN ? PL011_FIFO_DEPTH : 1;
}

/* IFLS bits 5:3: 1/8, 1/4, 1/2, 3/4, 7/8 of the FIFO; the rest is reserved. */
static unsigned int rx_trigger(const struct pl011 *uart)
{
	static const uint8_t levels[8] = { 2, 4, 8, 12, 14, 8, 8, 8 };

	return uart->lcr & LCR_FEN ? levels[(uart->ifls >> 3) & 7] : 1;
}

bool pl011_rx_ready(const struct pl011 *uart)
{
	uint32_t on = CR_UARTEN | CR_RXE;

	return (uart->cr & on) == on && uart->count < depth(uart);
}

static void push(struct pl011 *uart, uint8_t byte)
{
	unsigned int tail = (uart->head + uart->count) % PL011_FIFO_DEPTH;

	if (uart->count >= depth(uart))
		return;
	uart->fifo[tail] = byte;
	uart->count++;
	uart->ris |= INT_RT;
	if (uart->count >= rx_trigger(uart))
		uart->ris |= INT_RX;
}

void pl011_receive(struct pl011 *uart, uint8_t byte)
{
	if (!pl011_rx_ready(uart))
		return;
	push(uart, byte);
	update_line(uart);
}

static uint32_t pop(struct pl011 *uart)
{
	uint32_t byte;

	if (!uart->count)
		return 0;
	byte = uart->fifo[uart->head];
	uart->head = (uart->head + 1) % PL011_FIFO_DEPTH;
	uart->count--;
	if (uart->count < rx_trigger(uart))
		uart->ris &= ~(uint32_t)INT_RX;
	if (!uart->count)
		uart->ris &= ~(uint32_t)INT_RT;
	return byte;
}

static void transmit(struct pl011 *uart, uint8_t byte)
{
	if (uart->cr & CR_LBE)
		push(uart, byte);
	else
		uart->ops->output(uart->ctx, byte);
	uart->ris |= INT_TX;
}

static uint32_t flags(const struct pl011 *uart)
{
	uint32_t fr = FR_CTS | FR_DSR | FR_DCD | FR_TXFE;

	if (!uart->count)
		fr |= FR_RXFE;
	if (uart->count >= depth(uart))
		fr |= FR_RXFF;
	return fr;
}

static uint32_t read32(void *dev, uint64_t offset)
{
	struct pl011 *uart = dev;

	if (offset >= PERIPH_ID)
		return id_bytes[(offset - PERIPH_ID) / 4 % 8];
	switch (offset) {
	case UARTDR:
		return pop(uart);
	case UARTFR:
		return flags(uart);
	case UARTILPR:
		return uart->ilpr;
	case UARTIBRD:
		return uart->ibrd;
	case UARTFBRD:
		return uart->fbrd;
	case UARTLCR_H:
		return uart->lcr;
	case UARTCR:
		return uart->cr;
	case UARTIFLS:
		return uart->ifls;
	case UARTIMSC:
		return uart->imsc;
	case UARTRIS:
		return uart->ris;
	case UARTMIS:
		return uart->ris & uart->imsc;
	case UARTDMACR:
		return uart->dmacr;
	default:
		return 0;
	}
}

uint64_t pl011_read(void *dev, uint64_t offset, unsigned int size)
{
	struct pl011 *uart = dev;
	uint64_t value = bus_pick(read32, uart, offset, size);

	update_line(uart);
	return value;
}

/* Turning the FIFOs off empties them (DDI 0183, 3.3.7). */
static void write_lcr(struct pl011 *uart, uint32_t v)
{
	if ((uart->lcr ^ v) & LCR_FEN) {
		uart->count = 0;
		uart->head = 0;
		uart->ris &= ~(uint32_t)(INT_RX | INT_RT);
	}
	uart->lcr = v & 0xff;
}

static void write32(struct pl011 *uart, uint64_t offset, uint32_t v)
{
	switch (offset) {
	case UARTDR:
		transmit(uart, (uint8_t)v);
		break;
	case UARTILPR:
		uart->ilpr = v & 0xff;
		break;
	case UARTIBRD:
		uart->ibrd = v & 0xffff;
		break;
	case UARTFBRD:
		uart->fbrd = v & 0x3f;
		break;
	case UARTLCR_H:
		write_lcr(uart, v);
		break;
	case UARTCR:
		uart->cr = v & 0xffff;
		break;
	case UARTIFLS:
		uart->ifls = v & 0x3f;
		break;
	case UARTIMSC:
		uart->imsc = v & INT_ALL;
		break;
	case UARTICR:
		uart->ris &= ~v;
		break;
	case UARTDMACR:
		uart->dmacr = v & 7;
		break;
	default:
		break;
	}
}

void pl011_write(void *dev, uint64_t offset, unsigned int size, uint64_t value)
{
	struct pl011 *uart = dev;

	write32(uart, offset, (uint32_t)value);
	if (size == 8)
		write32(uart, offset + 4, (uint32_t)(value >> 32));
	update_line(uart);
}

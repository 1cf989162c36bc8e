/* SPDX-License-Identifier: MIT */
/* The network device on a pair of sockets, and on the user network. */
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fake_driver.h"
#include "virtio/net.h"
#include "virtio/net_tap.h"
#include "virtio/net_user.h"

#define HEADER 12u

static struct driver driver;
static struct driver_queue *in = &driver.queues[0];
static struct driver_queue *out = &driver.queues[1];
static int wire[2];
static bool closed;

static void close_backend(struct net_backend *backend)
{
	close(backend->fd);
	closed = true;
}

static void begin(void)
{
	static struct net_backend backend;

	cr_assert_eq(socketpair(AF_UNIX, SOCK_DGRAM, 0, wire), 0);
	backend = (struct net_backend){ wire[0], close_backend };
	driver_begin(&driver, net_create(&backend));
}

static void end(void)
{
	virtio_stop(driver.device);
	driver_fini(&driver);
}

TestSuite(net, .init = begin, .fini = end, .timeout = 60);
TestSuite(net_user, .timeout = 60);

static void offer_input(uint64_t addr, uint32_t size)
{
	const struct driver_buffer buffer = { addr, size, true };

	driver_offer(in, driver_chain(in, &buffer, 1));
	driver_notify(&driver, 0);
}

static void send_out(uint32_t size)
{
	const struct driver_buffer buffers[] = {
		{ DRIVER_BUFFERS, HEADER, false },
		{ DRIVER_BUFFERS + 0x100, size, false },
	};
	uint16_t before = out->used->idx;

	driver_offer(out, driver_chain(out, buffers, 2));
	driver_notify(&driver, 1);
	driver_await_used(out, (uint16_t)(before + 1));
}

Test(net, has_an_address_of_its_own)
{
	cr_expect_eq(virtio_read(driver.device, 0x100, 8), 0x747668005452);
	cr_expect(virtio_has_feature(driver.device, 1u << 5));
}

Test(net, receives_a_frame_behind_a_header)
{
	static const uint8_t header[HEADER] = { [10] = 1 };
	const char frame[] = "a frame of more than fourteen bytes";
	const uint8_t *got = driver_at(&driver, DRIVER_BUFFERS);

	offer_input(DRIVER_BUFFERS, 2048);
	send(wire[1], frame, sizeof(frame), 0);
	driver_await_used(in, 1);
	cr_expect_eq(in->used->ring[0].len, HEADER + sizeof(frame));
	cr_expect_arr_eq(got, header, HEADER);
	cr_expect_arr_eq(got + HEADER, frame, sizeof(frame));
}

Test(net, drops_what_there_is_no_room_for)
{
	char frame[100] = "lost: no buffer";

	send(wire[1], frame, sizeof(frame), 0);
	/* The frame behind it tells that it has been looked at. */
	usleep(50000);
	offer_input(DRIVER_BUFFERS, HEADER + 99);
	strcpy(frame, "lost: too large");
	send(wire[1], frame, sizeof(frame), 0);
	strcpy(frame, "fits");
	send(wire[1], frame, 99, 0);
	driver_await_used(in, 1);
	cr_expect_str_eq(driver_at(&driver, DRIVER_BUFFERS + HEADER), "fits");
}

Test(net, sends_frames_of_every_size)
{
	uint8_t *frame = driver_at(&driver, DRIVER_BUFFERS + 0x100);
	uint8_t got[2048];
	uint32_t size;

	for (size = 0; size < 1518; size++)
		frame[size] = (uint8_t)size;
	for (size = 14; size <= 1518; size++) {
		send_out(size);
		cr_assert_eq(recv(wire[1], got, sizeof(got), 0), size);
		cr_assert_arr_eq(got, frame, size);
	}
}

Test(net, does_not_send_what_is_no_frame)
{
	const struct driver_buffer short_header = { DRIVER_BUFFERS, 11, false };
	uint8_t got[2048];

	send_out(13);
	send_out(1519);
	send_out(0x10000);
	driver_offer(out, driver_chain(out, &short_header, 1));
	driver_notify(&driver, 1);
	driver_await_used(out, 4);
	send_out(60);
	cr_expect_eq(recv(wire[1], got, sizeof(got), 0), 60);
}

Test(net, input_waits_for_the_driver)
{
	const char frame[] = "before the driver was up";

	driver_set(&driver, VIRTIO_MMIO_STATUS, 0);
	send(wire[1], frame, sizeof(frame), 0);
	usleep(10000);
	driver_bring_up(&driver);
	/* It may have come before the buffer: the next one then does not. */
	offer_input(DRIVER_BUFFERS, 2048);
	send(wire[1], frame, sizeof(frame), 0);
	driver_await_used(in, 1);
	cr_expect_str_eq(driver_at(&driver, DRIVER_BUFFERS + HEADER), frame);
}

Test(net, survives_a_bad_ring)
{
	const char frame[] = "nobody can take this frame";

	driver_offer(in, 77);
	send(wire[1], frame, sizeof(frame), 0);
	while (!driver.raised)
		usleep(100);
	cr_expect_eq(driver_get(&driver, VIRTIO_MMIO_STATUS), 15 | 64);
	memset(in->avail, 0, 4);
	driver_bring_up(&driver);
	offer_input(DRIVER_BUFFERS, 2048);
	send(wire[1], frame, sizeof(frame), 0);
	driver_await_used(in, 1);
}

Test(net, ends_while_it_waits)
{
	end();
	cr_expect(closed);
	begin();
}

static void put16(uint8_t *p, unsigned int value)
{
	p[0] = (uint8_t)(value >> 8);
	p[1] = (uint8_t)value;
}

/* Who has 10.0.2.2? */
static void make_arp(uint8_t *frame)
{
	memset(frame, 0, 60);
	memset(frame, 0xff, 6);
	frame[6] = 0x52;
	put16(frame + 12, 0x0806);
	put16(frame + 14, 1);
	put16(frame + 16, 0x0800);
	put16(frame + 18, 0x0604);
	put16(frame + 20, 1);
	frame[22] = 0x52;
	memcpy(frame + 28, "\x0a\x00\x02\x0f", 4);
	memcpy(frame + 38, "\x0a\x00\x02\x02", 4);
}

Test(net_user, the_gateway_answers)
{
	uint8_t *got;

	driver_begin(&driver, net_create(net_user_create(NULL)));
	got = driver_at(&driver, DRIVER_BUFFERS + 0x1000 + HEADER);
	make_arp(driver_at(&driver, DRIVER_BUFFERS + 0x100));
	offer_input(DRIVER_BUFFERS + 0x1000, 2048);
	send_out(60);
	driver_await_used(in, 1);
	cr_expect_arr_eq(got + 12, "\x08\x06", 2);
	cr_expect_arr_eq(got + 20, "\x00\x02", 2, "a reply");
	cr_expect_arr_eq(got + 28, "\x0a\x00\x02\x02", 4);
	end();
}

Test(net_user, ends_at_once)
{
	driver_begin(&driver, net_create(net_user_create("/tmp")));
	end();
}

Test(net_user, a_tap_that_cannot_be_had_is_refused)
{
	cr_expect_null(net_tap_create(""));
	cr_expect_null(
		net_tap_create("a-name-of-more-than-fifteen-characters"));
}

/* The kernel's side of the interface `name`: up, and a socket for frames. */
static int open_interface(const char *name)
{
	struct ifreq request = { 0 };
	struct sockaddr_ll place = { .sll_family = AF_PACKET,
		.sll_protocol = htons(0x88b5) }; /* for experiments */
	int fd = socket(AF_PACKET, SOCK_RAW, htons(0x88b5));

	cr_assert_geq(fd, 0);
	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	cr_assert_eq(ioctl(fd, SIOCGIFFLAGS, &request), 0);
	request.ifr_flags |= IFF_UP;
	cr_assert_eq(ioctl(fd, SIOCSIFFLAGS, &request), 0);
	place.sll_ifindex = (int)if_nametoindex(name);
	cr_assert_eq(bind(fd, (struct sockaddr *)&place, sizeof(place)), 0);
	return fd;
}

/*
 * Sends the frame to the guest until that has it: the kernel greets a new
 * network by itself, and may take the buffer.
 */
static const uint8_t *get_across(int fd, const void *frame, size_t size)
{
	uint16_t i;

	for (i = 0; i < 100; i++) {
		const uint8_t *got;

		offer_input(DRIVER_BUFFERS + 0x1000, 2048);
		cr_assert_eq(send(fd, frame, size, 0), (ssize_t)size);
		driver_await_used(in, (uint16_t)(i + 1));
		got = driver_at(&driver, DRIVER_BUFFERS + 0x1000 + HEADER);
		if (got[12] == 0x88 && got[13] == 0xb5)
			return got;
	}
	return NULL;
}

/* Needs root: who has no right to make an interface has no such test. */
Test(net_user, a_tap_carries_frames_both_ways)
{
	uint8_t frame[64] = "\xff\xff\xff\xff\xff\xff\x52\0\0\0\0\1\x88\xb5"
			    "there and back";
	struct net_backend *backend;
	uint8_t got[2048];
	char name[16];
	int fd;

	snprintf(name, sizeof(name), "hvt%d", (int)getpid());
	backend = net_tap_create(name);
	if (!backend)
		cr_skip("no right to make a tap interface");
	fd = open_interface(name);
	driver_begin(&driver, net_create(backend));
	memcpy(driver_at(&driver, DRIVER_BUFFERS + 0x100), frame, 64);
	send_out(64);
	cr_expect_eq(recv(fd, got, sizeof(got), 0), 64);
	cr_expect_arr_eq(got, frame, 64);
	frame[63] = 42;
	cr_expect_arr_eq(get_across(fd, frame, 64), frame, 64);
	end();
	close(fd);
}

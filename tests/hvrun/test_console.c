/* SPDX-License-Identifier: MIT */
#include "console.h"

#include <string.h>
#include <unistd.h>

#include "test.h"

static struct console console;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static unsigned int kicks;

static void kick(void *ctx)
{
	(void)ctx;
	pthread_mutex_lock(&lock);
	kicks++;
	pthread_mutex_unlock(&lock);
}

static const struct console_ops ops = { .kick = kick, .quit = kick };

/* Puts `text` behind standard input, with its end. */
static void feed(const char *text)
{
	int fds[2];

	CHECK(!pipe(fds));
	CHECK(write(fds[1], text, strlen(text)) == (ssize_t)strlen(text));
	close(fds[1]);
	dup2(fds[0], STDIN_FILENO);
	close(fds[0]);
}

static enum console_key key(bool *armed, uint8_t byte)
{
	return console_filter(armed, byte);
}

static void ctrl_a_x_quits(void)
{
	bool armed = false;

	CHECK_EQ(key(&armed, 'x'), KEY_PASS);
	CHECK_EQ(key(&armed, 1), KEY_SWALLOW);
	CHECK_EQ(key(&armed, 'x'), KEY_QUIT);
	CHECK_EQ(key(&armed, 1), KEY_SWALLOW);
	CHECK_EQ(key(&armed, 1), KEY_PASS);
	CHECK_EQ(key(&armed, 'x'), KEY_PASS);
	CHECK_EQ(key(&armed, 1), KEY_SWALLOW);
	CHECK_EQ(key(&armed, 'q'), KEY_SWALLOW);
	CHECK_EQ(key(&armed, 'q'), KEY_PASS);
}

/* Each byte waits for the port to be ready, and is kicked for once. */
static void hands_over_one_byte_at_a_time(void)
{
	const char *text = "one byte at a time";
	uint8_t byte = 0;
	size_t i;

	feed(text);
	console_init(&console, STDIN_AUTO, &ops, NULL);
	CHECK(console.is_reading);
	CHECK_EQ(console_start(&console), 0);
	for (i = 0; i < strlen(text); i++) {
		console_set_ready(&console, true);
		CHECK(console_take(&console, &byte));
		CHECK_EQ(byte, text[i]);
	}
	console_end(&console);
	CHECK(!console_take(&console, &byte));
}

/* The vCPU may have been told of the byte and of the end in one. */
static void a_byte_on_offer_is_lost_at_the_end(void)
{
	uint8_t byte;

	console_init(&console, STDIN_ALWAYS, &ops, NULL);
	console.full = true; /* as a reader leaves it */
	console_end(&console);
	CHECK(!console_take(&console, &byte));
}

static void a_plain_file_is_read_only_on_request(void)
{
	CHECK(freopen("/dev/null", "r", stdin) != NULL);
	console_init(&console, STDIN_AUTO, &ops, NULL);
	CHECK(!console.is_reading);
	console_init(&console, STDIN_ALWAYS, &ops, NULL);
	CHECK(console.is_reading);
	console_init(&console, STDIN_NEVER, &ops, NULL);
	CHECK(!console.is_reading);
}

static void without_input_there_is_nothing_to_take(void)
{
	uint8_t byte;

	console_init(&console, STDIN_NEVER, &ops, NULL);
	CHECK_EQ(console_start(&console), 0);
	CHECK(!console_take(&console, &byte));
}

int main(void)
{
	RUN(ctrl_a_x_quits);
	RUN(hands_over_one_byte_at_a_time);
	RUN(a_byte_on_offer_is_lost_at_the_end);
	RUN(a_plain_file_is_read_only_on_request);
	RUN(without_input_there_is_nothing_to_take);
	return test_result();
}

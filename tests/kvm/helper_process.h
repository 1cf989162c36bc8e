/* SPDX-License-Identifier: MIT */
/* hvtrace-bpf-helper as a child, and clients of it that are no VMMs. */
#ifndef HVT_TEST_HELPER_PROCESS_H
#define HVT_TEST_HELPER_PROCESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define HELPER_SOCKET "/tmp/hvt-helper.sock"

/* As who a helper or a client runs; gid is the only group. */
struct helper_user {
	uid_t uid;
	gid_t gid;
	uint64_t capabilities; /* what is left of them, even if uid is not 0 */
};

/* The calling process becomes that user; ends the process if it cannot. */
void helper_become(const struct helper_user *user);

/*
 * Runs it with these arguments, which end with NULL, as user, or as it is if
 * that is NULL. What it says is in helper_said() afterwards.
 */
pid_t helper_spawn(const char *const *arguments, const struct helper_user *user);
const char *helper_said(void);
/* Its exit status; -1 if a signal ended it. */
int helper_wait(pid_t pid);
/* One that serves at HELPER_SOCKET, for root alone; 0 if it does not come up. */
pid_t helper_start(void);
/* Does something come to be at path? Waits for that a minute, at the most. */
bool helper_is_there(const char *path);

/* Connects: a descriptor, or -errno. */
int helper_connect(const char *path);
/* What it gives: a map, and its cookie; -1 if it hangs up. */
int helper_take_map(int connection, uint64_t *cookie);

#endif

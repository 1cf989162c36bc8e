/* SPDX-License-Identifier: MIT */
/*
 * Getting vCPUs out of the guest: one to cancel its run, all to change what
 * they must not see half changed.
 *
 * A kick sets immediate_exit, which ends the next KVM_RUN at its start, and
 * sends a signal, which ends one that is under way. immediate_exit is a hint
 * only: the run loop clears it before it looks at the truth (cancel, pauses),
 * so a stale hint costs one turn of the loop and none is ever lost.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "kvm.h"
#include "memory_recording.h"

/*
 * A real-time signal that neither libc nor the VMMs we know use. It is
 * unblocked in a thread that creates a vCPU, and must stay so there:
 * docs/COVERAGE.md tells VMMs.
 */
#define KICK_SIGNAL (SIGRTMAX - 3)

/* The kick has done its work when KVM_RUN has returned. */
static void on_kick(int signal)
{
	(void)signal;
}

int hvt_kvm_kick_init(void)
{
	struct sigaction action;

	memset(&action, 0, sizeof(action));
	action.sa_handler = on_kick;
	/* KVM_RUN ends all the same; calls of the VMM itself go on. */
	action.sa_flags = SA_RESTART | SA_ONSTACK;
	sigfillset(&action.sa_mask);
	return sigaction(KICK_SIGNAL, &action, NULL) ? -errno : 0;
}

void hvt_kvm_kick_adopt(struct hvt_engine_vcpu *v)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, KICK_SIGNAL);
	pthread_sigmask(SIG_UNBLOCK, &set, NULL);
	v->tid = (pid_t)syscall(SYS_gettid);
}

void hvt_kvm_kick(struct hvt_engine_vcpu *v)
{
	__atomic_store_n(&v->fast.page->immediate_exit, 1, __ATOMIC_SEQ_CST);
	if (atomic_load(&v->fast.in_run))
		(void)syscall(SYS_tgkill, getpid(), v->tid, KICK_SIGNAL);
}

/* As it was before the thread took the lock. */
static _Thread_local int cancel_state;

/*
 * The lock is the last one taken: with those of the memory's map or of guest
 * memory held, and none behind it. No signal handler may come in with it, as
 * one that touches guest memory waits for a pause, and nobody cancel who has it.
 */
void hvt_kvm_lock(sigset_t *mask)
{
	sigset_t all;

	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel_state);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, mask);
	pthread_mutex_lock(&hvt_kvm.lock);
}

void hvt_kvm_unlock(const sigset_t *mask)
{
	pthread_mutex_unlock(&hvt_kvm.lock);
	pthread_sigmask(SIG_SETMASK, mask, NULL);
	pthread_setcancelstate(cancel_state, NULL);
}

/*
 * Under the lock: the vCPUs that are destroyed do not run. Nor does that of the
 * thread outside, if in_run is set still: a signal handler has come in before
 * KVM_RUN, which the kick ends at its start, or at its end.
 */
static bool anyone_running(pid_t outside)
{
	for (uint32_t i = 0; i < HVT_VCPU_MAX; i++) {
		struct hvt_engine_vcpu *v = hvt_kvm.vcpus[i];

		if (v && atomic_load(&v->fast.in_run) && v->tid != outside)
			return true;
	}
	return false;
}

/*
 * Who pauses time and again must leave the guest its turns, or it gets nowhere:
 * each lasts as long as the pause before, in these bounds; in a recording with guest
 * memory it ends when no vCPU has anything to do. Under the lock.
 */
#define TURN_MIN_NS 100000u
#define TURN_MAX_NS 10000000u

static struct {
	bool due; /* someone was kept out of the guest */
	uint64_t paused_at, resumed_at, ns;
} turn;

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/*
 * Does the thread run, or wait for a CPU? See proc(5), of stat. Where that is not
 * known, it does; one that is gone does not.
 */
static bool is_busy(pid_t thread)
{
	char path[64], text[128];
	const char *state;
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/self/task/%d/stat", (int)thread);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno != ENOENT;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	text[n > 0 ? n : 0] = 0;
	state = strrchr(text, ')');
	return !state || !strncmp(state, ") R", 3);
}

/* Of other vCPUs than that of the calling thread; how many they are. */
static uint32_t threads_of_vcpus(pid_t threads[HVT_VCPU_MAX])
{
	pid_t own = (pid_t)syscall(SYS_gettid);
	uint32_t n = 0;

	for (uint32_t i = 0; i < HVT_VCPU_MAX; i++) {
		const struct hvt_engine_vcpu *v = hvt_kvm.vcpus[i];

		if (v && atomic_load(&v->exists) && v->tid != own)
			threads[n++] = v->tid;
	}
	return n;
}

/*
 * Without the lock, which a vCPU may wait for to get into the guest. A VMM that is
 * not recorded with its memory may have threads that must not open files.
 */
static bool anyone_busy(void)
{
	pid_t threads[HVT_VCPU_MAX];
	bool busy = false;
	uint32_t n;

	if (hvt_kvm.held || !hvt_memory_is_recorded)
		return true;
	n = threads_of_vcpus(threads);
	pthread_mutex_unlock(&hvt_kvm.lock);
	for (uint32_t i = 0; i < n && !busy; i++)
		busy = is_busy(threads[i]);
	pthread_mutex_lock(&hvt_kvm.lock);
	return busy;
}

static void rest_without_lock(uint64_t ns)
{
	pthread_mutex_unlock(&hvt_kvm.lock);
	nanosleep(&(struct timespec){ .tv_nsec = (long)ns }, NULL);
	pthread_mutex_lock(&hvt_kvm.lock);
}

static void leave_turn(void)
{
	while (turn.due && !atomic_load(&hvt_run_watch.pauses) &&
			now_ns() < turn.resumed_at + turn.ns && anyone_busy())
		rest_without_lock(turn.ns / 8);
}

static void turn_begins(void)
{
	turn.resumed_at = now_ns();
	turn.ns = turn.resumed_at - turn.paused_at;
	if (turn.ns < TURN_MIN_NS)
		turn.ns = TURN_MIN_NS;
	if (turn.ns > TURN_MAX_NS)
		turn.ns = TURN_MAX_NS;
}

void hvt_kvm_pause_but(pid_t outside)
{
	sigset_t mask;

	hvt_kvm_lock(&mask);
	leave_turn();
	if (!atomic_fetch_add(&hvt_run_watch.pauses, 1)) {
		turn.paused_at = now_ns();
		turn.due = hvt_kvm.held || anyone_running(0);
	}
	for (uint32_t i = 0; i < HVT_VCPU_MAX; i++)
		if (hvt_kvm.vcpus[i] && atomic_load(&hvt_kvm.vcpus[i]->exists))
			hvt_kvm_kick(hvt_kvm.vcpus[i]);
	while (anyone_running(outside))
		pthread_cond_wait(&hvt_kvm.changed, &hvt_kvm.lock);
	hvt_kvm_unlock(&mask);
}

void hvt_kvm_resume(void)
{
	sigset_t mask;

	hvt_kvm_lock(&mask);
	if (atomic_fetch_sub(&hvt_run_watch.pauses, 1) == 1)
		turn_begins();
	pthread_cond_broadcast(&hvt_kvm.changed);
	hvt_kvm_unlock(&mask);
}

void hvt_kvm_run_tell(void)
{
	sigset_t mask;

	hvt_kvm_lock(&mask);
	pthread_cond_broadcast(&hvt_kvm.changed);
	hvt_kvm_unlock(&mask);
}

void hvt_kvm_run_hold(struct hvt_engine_vcpu *v)
{
	sigset_t mask;

	while (atomic_load(&hvt_run_watch.pauses)) {
		hvt_kvm_run_end(v);
		hvt_kvm_lock(&mask);
		hvt_kvm.held++;
		while (atomic_load(&hvt_run_watch.pauses))
			pthread_cond_wait(&hvt_kvm.changed, &hvt_kvm.lock);
		hvt_kvm.held--;
		hvt_kvm_unlock(&mask);
		atomic_store(&v->fast.in_run, true);
	}
}

/* SPDX-License-Identifier: MIT */
/*
 * /init of the lab's emulated host: prepares the system, runs one command
 * and reports how it ended.
 *
 * It talks to lab_supervise.py over four virtio-serial ports: control, and
 * the command's stdin, stdout and stderr, each raw and with a flow control of
 * its own, so that a command which does not read its stdin can still be
 * interrupted. Control records end with a NUL. From the host: "mount DIR",
 * "lib SYSROOT", "env NAME=VALUE", "cwd DIR", "arg WORD", "pty ROWS COLS",
 * "time SECONDS", "go"; later "sig N", "eof BYTES", "size ROWS COLS". To the
 * host: "ready", "fail TEXT", "exit STATUS OUT_BYTES ERR_BYTES". The last one
 * promises that every share is flushed and unmounted.
 *
 * The ports carry the only copy of the command's output: never drop a byte,
 * and never block in one direction while another has work.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <net/if.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { CTL, IN, OUT, ERR, NPORTS };

/* Bytes on their way from one descriptor to another; -1 when that end is gone. */
struct flow {
	int from, to;
	size_t pos, len;
	unsigned long long total, limit;
	char buf[65536];
};

static int port[NPORTS];
static struct flow in, out, err;
static char ctl[1 << 20];
static size_t ctl_len;
static char *argv_[4096];
static int argc_;
static char *mounts[64];
static int nmounts;
static pid_t child = -1;
static int child_status = -1, pty_master = -1;
static struct winsize size;
static int use_pty;

static void say(const char *fmt, ...)
{
	char text[512];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (n >= (int)sizeof(text))
		n = sizeof(text) - 1;
	/* The NUL travels too; a record is far smaller than the queue. */
	for (char *p = text, *end = text + n + 1; p < end;) {
		ssize_t w = write(port[CTL], p, end - p);

		if (w > 0)
			p += w;
		else
			usleep(1000);
	}
}

static void halt(void)
{
	for (;;)
		pause();
}

static void fail(const char *what, const char *name)
{
	say("fail %s %s: %s", what, name, strerror(errno));
	halt();
}

/* ---- preparing the system ---- */

static void make_dirs(const char *path)
{
	char *copy = strdup(path);

	for (char *p = copy + 1; (p = strchr(p, '/')); p++) {
		*p = 0;
		mkdir(copy, 0755);
		*p = '/';
	}
	mkdir(copy, 0755);
	free(copy);
}

static void mount_system(void)
{
	static const struct {
		const char *type, *dir, *options;
	} table[] = {
		{ "devtmpfs", "/dev", "mode=755" },
		{ "proc", "/proc", NULL },
		{ "sysfs", "/sys", NULL },
		{ "devpts", "/dev/pts", "ptmxmode=666" },
		{ "tmpfs", "/dev/shm", "mode=1777" },
		{ "tmpfs", "/tmp", "mode=1777" },
		{ "tmpfs", "/run", "mode=755" },
		{ "debugfs", "/sys/kernel/debug", NULL },
		{ "tracefs", "/sys/kernel/tracing", NULL },
		{ "bpf", "/sys/fs/bpf", "mode=700" },
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		mkdir(table[i].dir, 0755);
		mount(table[i].type, table[i].dir, table[i].type, 0,
		      table[i].options);
	}
	/* LTTng's daemon has its sockets there. */
	mkdir("/var", 0755);
	symlink("/run", "/var/run");
	symlink("/proc/self/fd", "/dev/fd");
	symlink("/proc/self/fd/0", "/dev/stdin");
	symlink("/proc/self/fd/1", "/dev/stdout");
	symlink("/proc/self/fd/2", "/dev/stderr");
}

static void loopback_up(void)
{
	struct ifreq ifr = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	ioctl(fd, SIOCSIFFLAGS, &ifr);
	close(fd);
}

/* In the order of their dependencies; there is no modprobe here. */
static void load_modules(void)
{
	static const char *const names[] = {
		"/modules/netfs.ko",
		"/modules/9pnet.ko",
		"/modules/9pnet_virtio.ko",
		"/modules/9p.ko",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		int fd = open(names[i], O_RDONLY | O_CLOEXEC);

		if (fd < 0 && errno == ENOENT)
			continue; /* built in */
		if (fd < 0 || syscall(SYS_finit_module, fd, "", 0))
			fail("cannot load", names[i]);
		close(fd);
	}
}

/*
 * A VM that is there as long as the lab is. Linux switches its preemption
 * notifiers on with the first VM and off with the last, by writing to the code
 * of its scheduler; QEMU before 8.1 may go on with what it translated of that
 * code just before. A vCPU that is scheduled out is then left on its CPU, and
 * its thread goes on with the guest's TPIDR_EL0. With this VM there is nothing
 * to be switched any more.
 */
static void hold_vm(void)
{
	int kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);

	/* Whether there is a KVM, and what it lacks, is for the command to say. */
	if (kvm >= 0)
		ioctl(kvm, KVM_CREATE_VM, 0);
}

static void open_ports(void)
{
	for (int i = 0; i < NPORTS; i++) {
		char name[32];

		snprintf(name, sizeof(name), "/dev/vport0p%d", i + 1);
		/*
		 * The driver adds ports from a work queue, after boot. The
		 * device is the first one on the bus, hence the 0.
		 */
		for (int tries = 0;; tries++) {
			port[i] = open(name, O_RDWR | O_NONBLOCK | O_CLOEXEC);
			if (port[i] >= 0)
				break;
			if (tries == 10000)
				abort(); /* a kernel panic, shown by the host */
			usleep(2000);
		}
	}
}

/* ---- control records ---- */

static void mount_share(const char *dir)
{
	char tag[16];

	snprintf(tag, sizeof(tag), "share%d", nmounts);
	make_dirs(dir);
	/*
	 * cache=mmap keeps read-only and shared mappings possible, which the
	 * recorder's log is in. Who opens a file that another process is
	 * writing has its size from the host then, and what was not sent yet
	 * may be lost; with metadata cached, too (0x7), the beginning of files
	 * that are written in pieces is (Linux 6.12 and 7.2). The message size
	 * is what one virtio request can carry.
	 */
	if (mount(tag, dir, "9p", 0,
		  "trans=virtio,version=9p2000.L,msize=512000,cache=mmap"))
		fail("cannot mount the share", dir);
	mounts[nmounts++] = strdup(dir);
}

/* Programs and libraries of the sysroot at the places they expect. */
static void link_sysroot(const char *root)
{
	static const char *const dirs[] = { "lib", "bin", "sbin", "share" };
	char target[4096], name[64];

	mkdir("/usr", 0755);
	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++) {
		snprintf(target, sizeof(target), "%s/usr/%s", root, dirs[i]);
		snprintf(name, sizeof(name), "/usr/%s", dirs[i]);
		symlink(target, name);
	}
	symlink("usr/lib", "/lib");
}

static void record(char *text)
{
	char *rest = strchr(text, ' ');
	int n;

	if (rest)
		*rest++ = 0;
	else
		rest = text + strlen(text);
	n = atoi(rest);
	if (!strcmp(text, "mount")) {
		mount_share(rest);
	} else if (!strcmp(text, "lib")) {
		link_sysroot(rest);
	} else if (!strcmp(text, "env")) {
		putenv(strdup(rest));
	} else if (!strcmp(text, "cwd")) {
		if (chdir(rest))
			fail("cannot enter", rest);
	} else if (!strcmp(text, "arg")) {
		if (argc_ < (int)(sizeof(argv_) / sizeof(argv_[0])) - 1)
			argv_[argc_++] = strdup(rest);
	} else if (!strcmp(text, "pty")) {
		use_pty = sscanf(rest, "%hu %hu", &size.ws_row, &size.ws_col);
	} else if (!strcmp(text, "time")) {
		clock_settime(CLOCK_REALTIME, &(struct timespec){ .tv_sec = atol(rest) });
	} else if (!strcmp(text, "sig") && child > 0 && child_status < 0) {
		/* Its group is there only once it runs setsid(). */
		if (kill(-child, n))
			kill(child, n);
	} else if (!strcmp(text, "eof")) {
		in.limit = strtoull(rest, NULL, 10);
	} else if (!strcmp(text, "size")) {
		sscanf(rest, "%hu %hu", &size.ws_row, &size.ws_col);
		ioctl(pty_master, TIOCSWINSZ, &size);
	}
}

/* Handles what has arrived, up to "go": true if that was there. */
static int handle_control(void)
{
	char *start = ctl, *end;
	int go = 0;

	while (!go && (end = memchr(start, 0, ctl + ctl_len - start))) {
		go = !strcmp(start, "go");
		if (!go)
			record(start);
		start = end + 1;
	}
	ctl_len -= start - ctl;
	memmove(ctl, start, ctl_len);
	return go;
}

static int read_control(void)
{
	ssize_t n = read(port[CTL], ctl + ctl_len, sizeof(ctl) - ctl_len);

	if (n <= 0) {
		usleep(1000); /* not connected yet */
		return 0;
	}
	ctl_len += n;
	return handle_control();
}

/* ---- the command ---- */

/*
 * Not execvp(): that hands a file the kernel does not know to the shell, and
 * an x86 program by mistake would end in a heap of syntax errors.
 */
static void exec_in_path(void)
{
	char *path = strdup(getenv("PATH")), name[4096];

	if (strchr(argv_[0], '/')) {
		execv(argv_[0], argv_);
		return;
	}
	for (char *dir; (dir = strsep(&path, ":"));) {
		snprintf(name, sizeof(name), "%s/%s", dir, argv_[0]);
		execv(name, argv_);
		if (errno != ENOENT && errno != ENOTDIR)
			return;
	}
}

static void run_child(int fd0, int fd1, int fd2)
{
	sigset_t none;

	if (fd0 >= 0) {
		setsid();
		dup2(fd0, 0);
		dup2(fd1, 1);
		dup2(fd2, 2);
	}
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	exec_in_path();
	dprintf(2, "lab: cannot run %s: %s%s\n", argv_[0], strerror(errno),
		errno == ENOEXEC ? " (is it an arm64 program?)" : "");
	_exit(errno == ENOENT ? 127 : 126);
}

static void start(void)
{
	int pin[2], pout[2], perr[2];

	if (use_pty) {
		child = forkpty(&pty_master, NULL, NULL, &size);
		if (!child)
			run_child(-1, -1, -1);
		fcntl(pty_master, F_SETFL, O_NONBLOCK);
		in.to = pty_master;
		out.from = pty_master;
		err.from = -1;
		return;
	}
	if (pipe2(pin, O_CLOEXEC) || pipe2(pout, O_CLOEXEC) ||
	    pipe2(perr, O_CLOEXEC))
		fail("cannot make", "pipes");
	child = fork();
	if (!child)
		run_child(pin[0], pout[1], perr[1]);
	close(pin[0]);
	close(pout[1]);
	close(perr[1]);
	fcntl(pin[1], F_SETFL, O_NONBLOCK);
	in.to = pin[1];
	out.from = pout[0];
	err.from = perr[0];
}

static void reap(void)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid != child)
			continue;
		child_status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) :
						     WEXITSTATUS(status);
		/*
		 * The lab ends with its command. Whatever that left behind
		 * would keep the pipes open and the shares busy.
		 */
		kill(-1, SIGKILL);
	}
}

/* ---- moving bytes ---- */

static void shut(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* What to wait for: data to read, or room to write what was read. */
static void want(const struct flow *f, struct pollfd *pfd)
{
	int writing = f->pos < f->len;

	pfd->fd = writing ? f->to : f->from;
	pfd->events = writing ? POLLOUT : POLLIN;
	pfd->revents = 0;
}

static void move(struct flow *f, const struct pollfd *pfd)
{
	ssize_t n;

	if (pfd->fd < 0 || !pfd->revents)
		return;
	if (f->pos == f->len) {
		n = read(f->from, f->buf, sizeof(f->buf));
		if (n > 0) {
			f->pos = 0;
			f->len = n;
			f->total += n;
		} else if (f != &in && (!n || (errno != EAGAIN && errno != EINTR))) {
			shut(&f->from);
		}
	}
	if (f->pos == f->len)
		return;
	n = write(f->to, f->buf + f->pos, f->len - f->pos);
	if (n > 0)
		f->pos += n;
	else if (f == &in && errno != EAGAIN)
		f->pos = f->len; /* nobody reads any more: discard */
}

/* The end of stdin is known by its byte count, as a port has no end of file. */
static void end_of_stdin(void)
{
	if (in.total < in.limit || in.pos < in.len || in.from < 0)
		return;
	in.from = -1;
	if (pty_master < 0)
		shut(&in.to);
}

static void serve(int sigfd)
{
	struct signalfd_siginfo info;
	struct pollfd p[5];

	while (child_status < 0 || out.from >= 0 || err.from >= 0 ||
	       out.pos < out.len || err.pos < err.len) {
		end_of_stdin();
		p[0] = (struct pollfd){ .fd = port[CTL], .events = POLLIN };
		p[1] = (struct pollfd){ .fd = sigfd, .events = POLLIN };
		want(&in, &p[2]);
		want(&out, &p[3]);
		want(&err, &p[4]);
		if (child_status >= 0)
			p[2].fd = -1;
		if (poll(p, 5, -1) < 0)
			continue;
		if (p[1].revents) {
			read(sigfd, &info, sizeof(info));
			reap();
		}
		if (p[0].revents)
			read_control();
		move(&in, &p[2]);
		move(&out, &p[3]);
		move(&err, &p[4]);
	}
}

int main(void)
{
	sigset_t chld;
	int sigfd;

	/* It mounts over /tmp and ends with kill(-1): nothing to try by hand. */
	if (getpid() != 1) {
		fputs("this is /init of the lab, to be run by its kernel only\n", stderr);
		return 1;
	}
	mount_system();
	hold_vm();
	open_ports();
	load_modules();
	loopback_up();
	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&chld);
	sigaddset(&chld, SIGCHLD);
	sigprocmask(SIG_BLOCK, &chld, NULL);
	sigfd = signalfd(-1, &chld, SFD_CLOEXEC);
	clearenv();
	setenv("PATH", "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", 1);
	setenv("HOME", "/root", 1);
	in.limit = ~0ULL;
	say("ready");
	while (!read_control())
		;
	in.from = port[IN];
	out.to = port[OUT];
	err.to = port[ERR];
	start();
	handle_control(); /* what came right behind "go" */
	serve(sigfd);

	chdir("/");
	/* What was killed must be gone before its files can be unmounted. */
	while (waitpid(-1, NULL, 0) > 0 || errno == EINTR)
		;
	sync();
	while (nmounts)
		umount2(mounts[--nmounts], 0);
	say("exit %d %llu %llu", child_status, out.total, err.total);
	halt();
}

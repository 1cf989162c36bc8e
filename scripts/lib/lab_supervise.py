#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs one QEMU for scripts/lab and stands in for the command inside it.

usage: lab_supervise.py TIMEOUT NRECORDS RECORD... QEMU ARG...

The records go to lab_init.c (its head describes the protocol). stdin, stdout
and stderr are carried byte by byte over sockets given to QEMU; so are the
console and QEMU's own messages, which are shown only if the lab fails.
Nothing is left behind: no file, and no QEMU even if this process is killed.
"""

import fcntl
import os
import select
import selectors
import signal
import socket
import stat
import struct
import subprocess
import sys
import termios
import time
import tty

LAB_FAILED = 125
TIMED_OUT = 124
BOOT_TIME = 90  # seconds; about 2 are usual
GRACE = 10  # seconds between asking the command to end and killing the lab
CHUNK = 1 << 16
CONSOLE_TAIL = 40  # lines

PORTS = ("ctl", "in", "out", "err")


class LabError(Exception):
    """The lab itself failed; the text says how."""


class Lab:
    def __init__(self, timeout, records, qemu):
        self.deadline = time.monotonic() + timeout if timeout else None
        self.boot_deadline = time.monotonic() + BOOT_TIME
        self.timed_out = False
        self.records = records
        self.interrupts = 0
        self.killed = False
        self.ctl_in = b""
        self.logs = {"console": b"", "qemu": b""}
        self.stdin_total = 0
        self.stdin_left = b""
        self.plain_stdin = False
        self.received = {1: 0, 2: 0}
        self.ended = None
        self.ready = False
        self.sel = selectors.DefaultSelector()
        self.start(qemu)

    # -- QEMU and its sockets

    def start(self, qemu):
        ours, theirs, args = {}, {}, ["-device", "virtio-serial-pci,id=lab,addr=1"]
        for name in PORTS + ("console",):
            ours[name], theirs[name] = socket.socketpair()
            args += ["-chardev", f"socket,id={name},fd={theirs[name].fileno()}"]
        for number, name in enumerate(PORTS, 1):
            args += ["-device", f"virtserialport,bus=lab.0,nr={number},chardev={name}"]
        args += ["-serial", "chardev:console"]
        ours["qemu"], log = socket.socketpair()
        # A session of its own keeps the terminal's Ctrl-C away from it.
        self.qemu = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", *qemu, *args],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            pass_fds=[s.fileno() for s in theirs.values()], start_new_session=True)
        for s in (log, *theirs.values()):
            s.close()
        self.ours = ours
        for name in ("ctl", "console", "qemu"):
            self.watch(ours[name], getattr(self, f"on_{name}"))
        self.watch(ours["out"], lambda: self.on_output("out", 1))
        self.watch(ours["err"], lambda: self.on_output("err", 2))

    def watch(self, what, action):
        self.sel.register(what, selectors.EVENT_READ, action)

    def unwatch(self, what):
        if what in self.sel.get_map():
            self.sel.unregister(what)

    def send(self, *records):
        try:
            self.ours["ctl"].sendall(b"".join(os.fsencode(r) + b"\0" for r in records))
        except OSError:
            pass  # QEMU is gone; its log will tell

    def receive(self, name):
        try:
            return self.ours[name].recv(CHUNK)
        except ConnectionResetError:  # QEMU died with something unread
            return b""

    # -- what can happen

    def on_log(self, name):
        data = self.receive(name)
        if not data:
            self.unwatch(self.ours[name])
        self.logs[name] = (self.logs[name] + data)[-CHUNK:]

    def on_console(self):
        self.on_log("console")

    def on_qemu(self):
        self.on_log("qemu")

    def on_ctl(self):
        data = self.receive("ctl")
        if not data:
            if self.killed:
                self.ended = self.killed_status()
                return
            raise LabError("the emulated machine went away")
        *records, self.ctl_in = (self.ctl_in + data).split(b"\0")
        for record in records:
            word, _, rest = record.decode(errors="replace").partition(" ")
            if word == "ready":
                self.on_ready()
            elif word == "fail":
                raise LabError(rest)
            elif word == "exit":
                self.ended = self.drain(*map(int, rest.split()))

    def on_ready(self):
        self.ready = True
        self.send(*self.records)
        self.ours["in"].setblocking(False)
        self.watch_stdin()

    def watch_stdin(self):
        try:
            self.watch(0, self.on_stdin)
        except PermissionError:
            self.plain_stdin = True  # a file: cannot be waited for, and need not

    def on_stdin(self):
        try:
            data = os.read(0, CHUNK)
        except OSError:
            data = b""
        self.stdin_total += len(data)
        if not data:
            self.send(f"eof {self.stdin_total}")
        self.unwatch(0)
        self.plain_stdin = False
        self.stdin_left = data
        if data:
            self.sel.register(self.ours["in"], selectors.EVENT_WRITE, self.on_stdin_room)

    def on_stdin_room(self):
        try:
            sent = self.ours["in"].send(self.stdin_left)
        except BlockingIOError:
            return
        except OSError:
            sent = len(self.stdin_left)
        self.stdin_left = self.stdin_left[sent:]
        if not self.stdin_left:
            self.unwatch(self.ours["in"])
            self.watch_stdin()

    def on_output(self, name, fd):
        data = self.receive(name)
        if not data:
            self.unwatch(self.ours[name])
        self.received[fd] += len(data)
        self.put(fd, memoryview(data))

    def put(self, fd, data):
        """Writes all of it, however slow the reader; signals are still heard."""
        # A pipe that can be written at all takes this much without blocking.
        size = CHUNK if stat.S_ISREG(os.fstat(fd).st_mode) else select.PIPE_BUF
        while data and not self.killed:
            signals, room, _ = select.select([self.wakeup], [fd], [], self.time_left())
            if signals:
                self.on_signal()
            self.check_time()
            try:
                if room:
                    data = data[os.write(fd, data[:size]):]
            except BrokenPipeError:
                # As the command itself would: its reader has gone.
                if not self.interrupts:
                    self.interrupt(signal.SIGPIPE)
                return

    def drain(self, status, out_total, err_total):
        """The last bytes may still be in the sockets when the status is here."""
        for name, fd, total in (("out", 1, out_total), ("err", 2, err_total)):
            self.ours[name].settimeout(5)
            while self.received[fd] < total:
                before = self.received[fd]
                try:
                    self.on_output(name, fd)
                except TimeoutError:
                    pass
                if self.received[fd] > before:
                    continue
                if self.killed:
                    return self.killed_status()
                raise LabError(f"the last {total - before} bytes of the command's "
                               f"std{name} did not come")
        return status

    def killed_status(self):
        return TIMED_OUT if self.timed_out else 128 + self.interrupts

    # -- signals and time

    def interrupt(self, number):
        if self.interrupts or not self.ready:
            self.interrupts = self.interrupts or number
            self.kill()
            return
        self.interrupts = number
        self.deadline = time.monotonic() + GRACE
        self.send(f"sig {number}")

    def kill(self):
        self.killed = True
        self.qemu.kill()

    def time_left(self):
        times = [self.deadline, None if self.ready else self.boot_deadline]
        times = [t - time.monotonic() for t in times if t is not None]
        return max(0, min(times)) if times else None

    def check_time(self):
        if self.time_left() != 0:
            return
        if not self.ready and time.monotonic() >= self.boot_deadline:
            raise LabError(f"the emulated machine was not ready after {BOOT_TIME} s")
        if self.interrupts:
            self.kill()
            self.deadline = None
        else:
            self.timed_out = True
            self.interrupt(signal.SIGTERM)

    def on_signal(self):
        for number in self.wakeup.recv(CHUNK):
            if number == signal.SIGWINCH:
                self.send("size %d %d" % terminal_size())
            elif number != signal.SIGCHLD:
                self.interrupt(number)

    def catch_signals(self):
        self.wakeup, write_end = socket.socketpair()
        write_end.setblocking(False)
        signal.set_wakeup_fd(write_end.detach())
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP,
                       signal.SIGQUIT, signal.SIGWINCH):
            signal.signal(number, lambda *_: None)
        self.watch(self.wakeup, self.on_signal)

    # -- the loop

    def run(self):
        self.catch_signals()
        while self.ended is None:
            wait = 0 if self.plain_stdin else self.time_left()
            for key, _ in self.sel.select(wait):
                key.data()
                if self.ended is not None:
                    break
            if self.plain_stdin:
                self.on_stdin()
            self.check_time()
        return TIMED_OUT if self.timed_out else self.ended

    def close(self):
        self.qemu.kill()
        self.qemu.wait()
        for name in ("console", "qemu"):
            self.ours[name].setblocking(False)
            try:
                self.on_log(name)
            except (OSError, KeyError, ValueError):
                pass
        path = os.environ.get("HVT_LAB_CONSOLE")
        if path:
            with open(path, "wb") as log:
                log.write(self.logs["console"])

    def report(self, error):
        print(f"lab: {error}", file=sys.stderr)
        for name, title in (("qemu", "QEMU says"), ("console", "end of the kernel's console")):
            lines = self.logs[name].decode(errors="replace").split("\n")
            lines = [line.rstrip("\r") for line in lines if line.strip()]
            if lines:
                print(f"lab: {title}:", *lines[-CONSOLE_TAIL:], sep="\n  ", file=sys.stderr)


def terminal_size():
    packed = fcntl.ioctl(0, termios.TIOCGWINSZ, b"\0" * 8)
    return struct.unpack("HHHH", packed)[:2]


def main():
    timeout, count = float(sys.argv[1]), int(sys.argv[2])
    records, qemu = sys.argv[3:3 + count], sys.argv[3 + count:]
    raw = None
    if "pty" in records:
        records[records.index("pty")] = "pty %d %d" % terminal_size()
        raw = termios.tcgetattr(0)
    lab = Lab(timeout, records + [f"time {int(time.time())}", "go"], qemu)
    try:
        if raw:
            tty.setraw(0)
        return lab.run()
    except LabError as error:
        failure = error
    finally:
        if raw:
            termios.tcsetattr(0, termios.TCSADRAIN, raw)
        lab.close()
    lab.report(failure)
    return LAB_FAILED


if __name__ == "__main__":
    sys.exit(main())

# SPDX-License-Identifier: MIT
"""Plausible events for tests, the same ones for the same seed."""
import pathlib
import random

from schema import CALL, ENTER, LEAVE
from write_log import Log
from write_trace import Call, Writer

FACTS = """\
fact library 0.1.0
fact page_size 4096
fact tick_hz 1000000000
"""
CALLS = """\
call 2 hv_vm_create wide code 2 hv_return_t obj:shape:hv_vm_config_t:config
call 3 hv_vm_destroy wide code 3 hv_return_t
call 25 hv_vcpu_get_reg own code 25 hv_return_t in:shape:hv_vcpu_t:vcpu \
in:shape:hv_reg_t:reg out:value:uint64_t:value
call 26 hv_vcpu_set_reg own code 25 hv_return_t in:shape:hv_vcpu_t:vcpu \
in:shape:hv_reg_t:reg in:value:uint64_t:value
call 27 hv_vcpu_get_simd_fp_reg own code 27 hv_return_t in:shape:hv_vcpu_t:vcpu \
in:shape:hv_simd_fp_reg_t:reg outbuf:shape:hv_simd_fp_uchar16_t:value
"""
CALLS_FILE = pathlib.Path(__file__).resolve().parents[1] / "golden/calls.txt"
RUN_AND_TIME = "".join(
    line for line in CALLS_FILE.read_text().splitlines(True)
    if line.split()[2] in ("hv_vcpu_run", "mach_absolute_time"))


class Maker:
    """Plausible events, the same ones for the same seed."""

    def __init__(self, seed):
        self.r, self.tick, self.value = random.Random(seed), 10**9, {}

    def next(self, thread):
        r = self.r
        self.tick += r.choice((0, 3, 17, 1000, 123456, 10**7))
        reg = r.randrange(8)
        value = self.value.get((thread, reg), 2**64 - 9)
        value = (value + r.choice((0, 4, -12, 2**40))) % 2**64
        self.value[thread, reg] = value
        name = r.choice(("hv_vcpu_get_reg", "hv_vcpu_set_reg"))
        return r.choice((
            [Call(CALL, name, thread, reg, value, thread=thread)] * 2,
            [Call(CALL, name, thread, reg, value, thread=thread)],
            [Call(ENTER, "hv_vm_create", reg, tick=self.tick, thread=thread),
             Call(LEAVE, "hv_vm_create", tick=self.tick + 5, thread=thread,
                  result=r.choice((0, 0, -0x516BFFF)))],
            [Call(CALL, "mach_absolute_time", thread=thread,
                  result=self.tick)],
            [Call(CALL, "hv_vcpu_get_simd_fp_reg", thread, reg, 16,
                  thread=thread, data=bytes(r.randrange(256)
                                            for _ in range(16)))],
        ))

    def many(self, count, threads=3):
        out = []
        while len(out) < count:
            out += self.next(self.r.randrange(threads))
        return out[:count]


def writer(number, first=0, calls=CALLS + RUN_AND_TIME, facts=FACTS):
    return Writer(facts + calls, bytes([number] * 16), first)


def log_beside(t, threads):
    """Of a trace, with a ring for each thread."""
    return Log(t.id, t.functions, range(threads))


def put_all(t, log, events):
    """A segment of these events, which were in the log before."""
    for e in events:
        log.put(e.thread, e)
    t.events(events, log.whole_point())

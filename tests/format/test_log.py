#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The second reader, and the writer beside it, against each other: the logs of
traces that were not closed."""
import fcntl
import random
import struct
import unittest

from test_reader import ReaderTest, run  # skips if a module is missing
from payload import Point
from plausible import log_beside, put_all, writer
from read_log import ENDED, FREE, FULL, NO_BOOT, PAGE, SKIP, boot_here
from schema import CALL
from write_log import Log
from write_trace import Call

OTHER_BOOT = b"another machine."


def time(tick, thread=0):
    return Call(CALL, "mach_absolute_time", thread=thread, result=tick)


def calls(tick, thread=0):
    """Two, one of them with bytes."""
    return [Call(CALL, "hv_vcpu_get_simd_fp_reg", thread, 3, 13, thread=thread,
                 data=b"thirteen here"), time(tick, thread)]


class LogTest(ReaderTest):
    """A trace of one event segment and a log of two rings behind it."""

    def setUp(self):
        super().setUp()
        self.t = writer(8)
        self.log = log_beside(self.t, 2)
        self.log.boot = boot_here()
        self.first = [*run(10), *run(20, 1)]
        put_all(self.t, self.log, self.first)
        self.rest = self.put_rest()

    def put_rest(self):
        """Logs three runs, and calls before and behind each; in the order in
        which they are to be read."""
        called, ran = [], []
        for at in (30, 0), (40, 1), (50, 0):
            called.append(self.put(*calls(*at)))
            ran.append(self.put(*run(*at)))
        last = [self.put(time(60, thread)) for thread in (0, 1)]
        return [*called[0], *called[1], *ran[0], *called[2], *ran[1], *last[1],
                *ran[2], *last[0]]

    def put(self, *events):
        for e in events:
            self.log.put(e.thread, e)
        return [*events]

    def open(self, log=None):
        return self.read(bytes(self.t.out),
                         self.log.bytes() if log is None else log)

    def at(self, ring, record):
        """Where in the file one of the ring's records is."""
        position = self.log.rings[ring].records[record][0]
        return (PAGE + ring * (PAGE + self.log.size) + PAGE +
                position % self.log.size)

    def assert_read(self, expected, log=None):
        got, troubles = self.open(log)
        self.assertEqual(troubles, [])
        self.assert_same(got, self.first + expected)

    def go_on_behind(self, events, point):
        """The segment has these too."""
        self.t = writer(8)
        self.t.events(self.first + events, point)

    def assert_damaged(self, log, what):
        got, troubles = self.open(log)
        self.assertEqual(len(troubles), 1, what)
        self.assert_same(got, self.first)


class Logs(LogTest):
    def test_go_on_behind_the_segments(self):
        self.assert_read(self.rest)
        self.assertEqual([e.number for e in self.open()[0]], [*range(18)])

    def test_are_left_alone_if_of_another_trace(self):
        log = self.log.bytes()
        for other in (bytes(PAGE), log[:8] + bytes(16) + log[24:], b""):
            self.assert_read([], other)

    def test_have_the_ticks_of_rule_3(self):
        self.put(*run(44))
        self.assertEqual([e.tick for e in self.open()[0]], [
            10, 11, 20, 21, 21, 21, 21, 21, 30, 31, 31, 31, 40, 41, 41, 50, 51,
            51, 51, 51])

    def test_put_calls_first_of_a_ring_that_has_nothing_else(self):
        t = writer(8)
        self.log = log_beside(t, 3)
        self.put(*run(10, 1))
        later = self.put(time(20, 2), time(20, 1), time(30, 0), time(30, 2))
        got, troubles = self.read(bytes(t.out), self.log.bytes())
        self.assertEqual(troubles, [])
        self.assert_same(got, [later[2], later[0], later[3], *run(10, 1),
                               later[1]])

    def test_pass_over_places_that_were_never_published(self):
        for thread in 0, 1, 0:
            self.log.take_place()
            self.rest += self.put(*run(70, thread), time(80, thread))
        self.log.take_place()
        self.assert_read(self.rest)

    def test_go_on_among_calls(self):
        """The segment ends with the first call behind the first run."""
        rings = self.log.rings
        self.go_on_behind(self.rest[:7], Point(6, {
            0: rings[0].records[7][0], 1: rings[1].records[4][0]}))
        self.assert_same(self.open()[0], self.first + self.rest)

    def test_put_calls_that_come_late_before_halves_that_were_there(self):
        rings = self.log.rings
        self.go_on_behind(self.rest[:13], Point(10, {
            0: rings[0].records[10][0], 1: rings[1].head()}))
        half = self.put(*run(80, 1))
        late = self.put(*calls(70))
        self.assert_same(self.open()[0],
                         self.first + self.rest + late + half)

    def test_take_a_ring_that_is_not_named_from_its_tail(self):
        rings = self.log.rings
        rings[1].tail = rings[1].records[2][0]
        self.go_on_behind([], Point(4, {0: rings[0].records[2][0]}))
        self.assert_read(self.rest)

    def test_take_a_ring_from_where_segments_end_if_that_is_above(self):
        rings = self.log.rings
        self.go_on_behind(self.rest[:6], Point(6, {
            0: rings[0].records[6][0], 1: rings[1].records[4][0]}))
        self.assert_same(self.open()[0], self.first + self.rest)

    def test_take_a_ring_from_its_tail_if_that_is_above(self):
        self.log.rings[0].tail = self.log.rings[0].records[3][0]
        self.assert_read(self.rest[1:])

    def with_field(self, log, ring, offset, value, layout="<Q"):
        log = bytearray(log)
        struct.pack_into(layout, log, PAGE + ring * (PAGE + self.log.size) +
                         offset, value)
        return bytes(log)

    def test_are_taken_from_rings_of_any_state(self):
        for state in FREE, ENDED, FULL:
            self.log.rings[1].state = state
            self.assert_read(self.rest)

    def contradicting_rings(self):
        ring = self.log.rings[1]
        start, head = ring.records[2][0], ring.head()
        for offset, value in ((64, head + 4), (64, start + 4096 + 8), (64, 0),
                              (64, 2**64 - 8), (128, head + 8),
                              (128, start + 4), (4, 4096)):
            yield (offset, value), self.with_field(
                self.log.bytes(), 1, offset, value,
                "<Q" if offset > 4 else "<I")

    def test_are_damaged_if_a_ring_contradicts(self):
        for what, log in self.contradicting_rings():
            self.assert_damaged(log, what)

    def test_are_damaged_if_a_ring_contradicts_what_was_synced(self):
        ring, rest = self.log.rings[1], [e for e in self.rest if not e.thread]
        self.log.boot, ring.synced = OTHER_BOOT, ring.head() + 16
        empty = ((64, 0), (128, ring.head() + 8))
        for what, log in self.contradicting_rings():
            if what in empty:
                self.assert_read(rest, log)
            else:
                self.assert_damaged(log, what)

    def test_have_nothing_of_a_ring_lost_with_the_power(self):
        self.log.boot, self.log.rings[1].synced = OTHER_BOOT, 0
        for _, log in self.contradicting_rings():
            self.assert_read([e for e in self.rest if e.thread == 0], log)

    def test_may_have_an_older_header_after_a_loss_of_power(self):
        self.log.boot = OTHER_BOOT
        self.assert_read(self.rest)
        del self.log.rings[1]
        self.assert_read([e for e in self.rest if e.thread == 0])

    def test_are_damaged_if_the_header_contradicts(self):
        for offset, value in ((40, 2048), (40, 4104), (40, 2**31), (40, 0),
                              (48, 1), (48, 3), (48, 4097), (48, 2**63)):
            log = bytearray(self.log.bytes())
            struct.pack_into("<Q", log, offset, value)
            self.assert_damaged(log, (offset, value))
        self.assert_damaged(self.log.bytes()[:-8], "cut")
        self.assert_damaged(self.log.bytes()[:100], "cut")

    def test_go_round(self):
        self.log.rings[0].tail = self.log.rings[0].records[2][0]
        while self.log.rings[0].head() < 4096 + 40:
            self.rest += self.put(*run(60))
        self.assertIn(SKIP, [kind for _, kind, *_ in self.log.rings[0].records])
        self.assert_read(self.rest)

    def test_go_on_in_another_ring(self):
        """Of thread 0, whose calls there come behind those of its first."""
        log = self.log = log_beside(writer(8), 3)
        log.boot, log.rings[2].thread = boot_here(), 0
        first = self.put(*run(10), *calls(20))
        log.begin(2)
        behind = [time(20), *calls(30), *run(40)]
        for e in behind:
            log.put(2, e)
        other = self.put(*calls(20, 1), *run(50, 1))
        got, troubles = self.read(bytes(writer(8).out), log.bytes())
        self.assertEqual(troubles, [])
        self.assert_same(got, other[:2] + first + behind + other[2:])
        for at, value in (0, 40), (7, 1):
            broken = bytearray(log.bytes())
            broken[self.at(2, 0) + at] = value
            self.assertEqual(len(self.read(bytes(writer(8).out), bytes(
                broken))[1]), 1)

    def test_survive_any_wrong_byte(self):
        whole, r = self.log.bytes(), random.Random(2)
        used = [self.at(i, 0) for i in (0, 1)]
        for _ in range(500):
            broken = bytearray(whole)
            broken[r.choice((r.randrange(72), r.choice(used) + r.randrange(
                700), r.choice(used) - PAGE + r.randrange(144)))] = (
                    r.randrange(256))
            self.assert_same(self.open(bytes(broken))[0][:4], self.first)


class Records(LogTest):
    """What contradicts in a record: in ring 1, the third and the sixth are of
    hv_vcpu_get_simd_fp_reg and hv_vcpu_run."""

    # record, offset in it, layout, value, or how it follows of the right one
    WRONG = (
        (2, 0, "<I", lambda n: n + 4), (2, 0, "<I", lambda n: n - 8),
        (2, 0, "<I", 0), (2, 0, "<I", 2**32 - 8), (2, 4, "<H", 999),
        (2, 4, "<H", 49), (2, 6, "<B", 2), (2, 6, "<B", 0), (2, 6, "<B", 4),
        (2, 7, "<B", 2), (2, 7, "<B", 255), (2, 12, "<I", lambda p: p + 512),
        (2, 32, "<Q", 8), (2, 32, "<Q", 2**64 - 1), (2, 32, "<Q", 2**20 + 1),
        (4, 6, "<B", 3), (4, 6, "<B", 5), (4, 16, "<Q", 0), (4, 16, "<Q", 4),
        (5, 16, "<Q", 6),
    )

    def logs(self, boot, synced):
        self.log.boot = boot
        self.log.rings[1].synced = synced
        for record, offset, layout, value in self.WRONG:
            log = bytearray(self.log.bytes())
            at = self.at(1, record) + offset
            if callable(value):
                value = value(struct.unpack_from(layout, log, at)[0])
            struct.pack_into(layout, log, at, value)
            yield bytes(log), record, (record, offset, value)

    def test_wrong_damage_the_log_on_the_machine_that_wrote_it(self):
        for log, _, what in self.logs(boot_here(), 0):
            self.assert_damaged(log, what)

    def test_wrong_damage_the_log_before_what_was_synced(self):
        for boot in OTHER_BOOT, NO_BOOT:
            for log, _, what in self.logs(boot, None):
                self.assert_damaged(log, what)

    def test_are_not_looked_at_if_lost_with_the_power(self):
        for boot in OTHER_BOOT, NO_BOOT:
            for record in 2, 4, 5:
                synced = self.log.rings[1].records[record][0]
                # Two of ring 1 are in the segment.
                lost = [e for e in self.rest if e.thread == 1][record - 2:]
                for log, wrong, what in self.logs(boot, synced):
                    if wrong < record:
                        continue
                    got, troubles = self.open(log)
                    self.assertEqual(troubles, [], what)
                    self.assert_same(got, self.first + [
                        e for e in self.rest if e not in lost])

    def test_contradict_if_their_places_go_back_in_a_ring(self):
        place = self.log.take_place()
        self.rest += self.put(*run(70, 1))
        self.assert_read(self.rest)
        log = bytearray(self.log.bytes())
        struct.pack_into("<Q", log, self.at(1, -1) + 16, place)
        self.assert_damaged(log, place)

    def test_are_damage_if_only_part_was_synced(self):
        self.log.boot = OTHER_BOOT
        for more, damaged in (0, False), (8, True):
            self.log.rings[1].synced = self.log.rings[1].records[4][0] + more
            self.assertEqual(self.open(self.log.bytes())[1] != [], damaged)

    def test_have_a_mebibyte_at_the_most(self):
        for size in 1 << 20, (1 << 20) + 8:
            log = Log(self.t.id, self.t.functions, [0], 1 << 21, boot_here())
            log.put(0, Call(CALL, "hv_vcpu_get_simd_fp_reg", 0, 3, size,
                            data=bytes(size)))
            got, troubles = self.read(bytes(writer(8).out), log.bytes())
            self.assertEqual(len(got), 1 - len(troubles))
            self.assertEqual(len(got), size == 1 << 20)


class LiveLogs(LogTest):
    """While the recorder lives, its lock is held."""

    def assert_live(self, log):
        self.wal.write_bytes(log)
        with open(self.wal, "rb") as f:
            fcntl.flock(f, fcntl.LOCK_EX)
            self.assert_read([], log)

    def test_tell_nothing(self):
        self.assert_live(self.log.bytes())

    def test_are_not_looked_at_but_for_their_id(self):
        log = self.log.bytes()
        self.assert_live(log[:40] + b"\xff" * (len(log) - 40))

    def test_let_a_segment_be_written(self):
        at = len(self.t.out)
        self.t.events(self.rest, self.log.whole_point())
        del self.t.out[at + 200:]
        self.assert_live(self.log.bytes())


if __name__ == "__main__":
    unittest.main()

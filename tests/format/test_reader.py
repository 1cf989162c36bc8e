#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The second reader, and the writer beside it, against each other: what was
written is read, and what contradicts docs/FORMAT.md is told. Of logs: see
test_log.py."""
import pathlib
import random
import struct
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
try:
    import xxhash, zstandard  # noqa: E401, F401
except ImportError as e:
    print(f"skipped: {e}")
    sys.exit(77)

from container import END, EVENTS, FACTS, INDEX, Refused
from payload import Point
from plausible import Maker, log_beside, put_all, writer
from read_trace import Reader, signed
from schema import ENTER, LEAVE
from write_trace import Call, tick_code, tick_of, zstd_frame


def run(tick, thread=0):
    return [Call(ENTER, "hv_vcpu_run", thread, tick=tick, thread=thread),
            Call(LEAVE, "hv_vcpu_run", 1, 2, 3, 4, tick=tick + 1,
                 thread=thread)]


class ReaderTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.path = pathlib.Path(self.folder.name) / "t.hvt"
        self.wal = pathlib.Path(self.folder.name) / "t.hvt.wal"

    def tearDown(self):
        self.folder.cleanup()

    def read(self, trace, log=None):
        """Its events and what is wrong with it."""
        self.path.write_bytes(trace)
        if log is not None:
            self.wal.write_bytes(log)
        troubles = []
        self.reader = Reader(str(self.path),
                             lambda at, text: troubles.append(text))
        return list(self.reader.events()), troubles

    def assert_same(self, got, wrote):
        self.assertEqual(len(got), len(wrote))
        for g, e in zip(got, wrote):
            self.assertEqual(
                (g.kind, g.function.name, g.thread, g.bytes),
                (e.kind, e.name, e.thread, e.data))
            self.assertEqual(tuple(g.values[i] for i, _ in
                                   g.function.carried[g.kind]), e.values)
            if e.kind != ENTER:
                self.assertEqual(signed(g.result), signed(e.result % 2**64))


class Container(ReaderTest):
    def closed(self):
        t, m = writer(7), Maker(7)
        log = log_beside(t, 3)
        events = []
        for i in range(3):
            batch = m.many(40) + run(m.tick + 10)
            events += batch
            put_all(t, log, batch)
        return t, events

    def test_reads_what_was_written(self):
        t, events = self.closed()
        got, troubles = self.read(t.end("left"))
        self.assertEqual(troubles, [])
        self.assert_same(got, events)
        self.assertEqual(self.reader.ended, "left")
        self.assertEqual(self.reader.exits, 3)

    def test_keeps_each_tick_within_a_sixteenth_of_its_difference(self):
        for d in [*range(70), 1000, 12345678, 2**34 - 1, 2**34, 2**63]:
            self.assertLessEqual(abs(tick_of(tick_code(d)) - d), d / 16, d)

    def test_rejects_an_end_without_facts(self):
        t, _ = self.closed()
        t.index()
        t.segment(END, t.entries(t.indexes))
        self.assertEqual(self.read(bytes(t.out))[1],
                         ["no facts stand before the end"])

    def test_rejects_facts_that_do_not_tell_how_it_ended(self):
        for facts in b"", b"fact mood calm\n", b"fact ended happily\n":
            t, _ = self.closed()
            t.index()
            t.segment(FACTS, facts)
            t.segment(END, t.entries(t.indexes))
            self.assertEqual(len(self.read(bytes(t.out))[1]), 1, facts)

    def test_passes_over_facts_it_does_not_know(self):
        t, _ = self.closed()
        t.index()
        t.segment(FACTS, b"note x\nfact mood calm\nfact ended died\n")
        t.segment(END, t.entries(t.indexes))
        self.assertEqual(self.read(bytes(t.out))[1], [])

    def test_passes_over_an_unknown_type_by_its_head(self):
        t, _ = self.closed()
        t.segment(6, b"", frame=struct.pack("<II", 0x184D2A5F, 0))
        t.segment(2**32 - 1, b"another payload", frame=zstd_frame(b"a payload"))
        self.assertEqual(self.read(t.end())[1], [])

    def test_rejects_type_0(self):
        t, _ = self.closed()
        t.segment(0, b"")
        self.assertEqual(self.read(t.end())[1][0],
                         "a type of segment that cannot be")

    def test_rejects_an_index_that_leaves_a_segment_out(self):
        t, _ = self.closed()
        t.segment(INDEX, t.entries(t.pending[:2]))
        self.assertEqual(len(self.read(bytes(t.out))[1]), 1)

    def test_rejects_a_log_part_that_goes_back(self):
        whole = Point(9, {0: 80, 2: 8})
        for less in (Point(8, {0: 80, 2: 8}), Point(9, {0: 72, 2: 8}),
                     Point(9, {0: 80})):
            t, m = writer(7), Maker(7)
            t.events(m.many(5), whole)
            t.events(m.many(5), less)
            got, troubles = self.read(t.end())
            self.assertEqual(len(troubles), 1, less)
            self.assertEqual(len(got), 10)

    def test_rejects_a_log_part_that_cannot_be(self):
        for point in (Point(0, {4096: 8}), Point(0, {1: 12}),
                      Point(0, {i: 8 for i in range(4097)})):
            t = writer(7)
            t.events(Maker(7).many(5), point)
            self.assertEqual(len(self.read(t.end())[1]), 1)

    def test_rejects_a_ring_that_is_named_twice(self):
        for step in 0, 1:
            t = writer(7)
            t.segment(EVENTS, bytes([9, 2, 1, 8, step, 8, 0]))
            self.assertEqual(len(self.read(bytes(t.out))[1]), 1 - step)

    def test_survives_any_wrong_byte(self):
        t, _ = self.closed()
        whole, r = t.end(), random.Random(1)
        for _ in range(300):
            broken = bytearray(whole)
            broken[r.randrange(len(whole))] ^= 1 << r.randrange(8)
            try:
                self.assertNotEqual(self.read(broken)[1], [])
            except Refused:
                pass

    def test_survives_any_end(self):
        t, _ = self.closed()
        whole, starts = t.end(), t.starts()
        for n in range(20, len(whole), 29):
            self.assertEqual(len(self.read(whole[:n])[1]),
                             0 if n in starts else 1, n)


if __name__ == "__main__":
    unittest.main()

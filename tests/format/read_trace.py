#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A second reader of traces, written from docs/FORMAT.md alone.

It shares no code with the library and must never be made to agree with it by
looking at it: where the two differ, one of them or the document is wrong.

    read_trace.py TRACE            the events, as `hvtrace dump --json` has them
    read_trace.py --check TRACE    only checks; a summary
    read_trace.py --explain TRACE  a small file taken apart byte by byte

What is damaged is told on stderr, with its offset, and passed over. Exit
status: 0 sound, 2 damaged, cut short, or no trace.
"""
import argparse
import os
import struct
import sys

try:
    import xxhash
    import zstandard
except ImportError as e:
    sys.exit(f"read_trace: {e}; Debian has python3-xxhash, python3-zstandard")

VERSION = 1
HEAD_SIZE, TAIL_SIZE = 136, 16
HEAD_MAGIC, TAIL_MAGIC = 0x184D2A50, 0x184D2A51
MARK = b"HVTRACE\n"
META, EVENTS, INDEX, END = 1, 2, 3, 4
TYPES = {META: "meta", EVENTS: "events", INDEX: "index", END: "end"}
CALL, ENTER, LEAVE = 1, 2, 3
KINDS = {CALL: "call", ENTER: "enter", LEAVE: "leave"}
INPUTS = {"in", "host", "obj", "inbuf", "vec"}
OUTPUTS = {"out", "outhost", "outbuf", "exit"}
BUFFERS = {"inbuf", "outbuf", "vec"}
MAX_EVENTS, MAX_PAYLOAD, MAX_SHAPES = 32768, 64 << 20, 65536
MAX_BYTES, MAX_THREADS, MAX_PARAMS, MAX_RINGS = 1 << 20, 4096, 6, 4096
WAL_MARK, WAL_PAGE = b"HVTWAL1\n", 65536
U64 = (1 << 64) - 1


def xxh3(data, seed=0):
    return xxhash.xxh3_64_intdigest(data, seed)


def signed(x):
    return x - (1 << 64) if x >> 63 else x


def unzigzag(x):
    return (x >> 1) ^ -(x & 1)


class Bad(Exception):
    """Something is not as the document says; a place in the file or payload."""

    def __init__(self, offset, text):
        super().__init__(text)
        self.offset = offset


class Refused(Exception):
    """No trace, or none of a version that is known here."""


class Cursor:
    """Takes a payload from its begin to its end, and notes what it took."""

    def __init__(self, data, notes=None):
        self.data, self.at, self.notes = data, 0, notes

    def note(self, start, text):
        if self.notes is not None:
            self.notes.append([start, self.at, text])
            return self.notes[-1]
        return [start, self.at, text]

    def take(self, n, text=""):
        if n > len(self.data) - self.at:
            raise Bad(self.at, "the payload ends too early")
        self.at += n
        taken = self.data[self.at - n:self.at]
        if text and n:
            self.note(self.at - n, text)
        return taken

    def bare_varint(self):
        x = shift = 0
        while True:
            b = self.take(1)[0]
            if shift == 63 and b > 1:
                raise Bad(self.at - 1, "a varint above 64 bits")
            x |= (b & 127) << shift
            if not b & 128:
                return x
            shift += 7

    def varint(self, text=None):
        start = self.at
        x = self.bare_varint()
        if text and self.notes is not None:
            self.note(start, text(x) if callable(text) else f"{text}: {x}")
        return x


class Param:
    def __init__(self, word):
        self.role, self.part, rest = word.split(":", 2)
        self.type, self.name = rest.rsplit(":", 1)
        if self.role not in INPUTS | OUTPUTS:
            raise ValueError(f"role {self.role}")
        if self.part not in ("shape", "value"):
            raise ValueError(f"part {self.part}")


class Function:
    """One `call` line of the meta text."""

    def __init__(self, line):
        words = line.split(" ")
        self.number, self.name, self.track = (
            int(words[1]), words[2], int(words[5]))
        self.wide = {"own": False, "wide": True}[words[3]]
        self.varies = {"code": False, "varies": True}[words[4]]
        self.type = words[6]
        self.params = [Param(w) for w in words[7:]]
        if len(self.params) > MAX_PARAMS:
            raise ValueError("too many parameters")
        self.carried = {
            CALL: list(enumerate(self.params)),
            ENTER: [(i, p) for i, p in enumerate(self.params)
                    if p.role in INPUTS],
            LEAVE: [(i, p) for i, p in enumerate(self.params)
                    if p.role in OUTPUTS],
        }
        self.kinds = (ENTER, LEAVE) if self.wide else (CALL,)


class Shape:
    def __init__(self, kind, function):
        self.kind, self.function = kind, function
        self.result = 0
        self.fixed = {}  # parameter's index: value
        carried = function.carried[kind]
        self.has_result = kind != ENTER
        self.varying = [i for i, p in carried if p.part == "value"]
        buffers = [i for i, p in carried if p.role in BUFFERS]
        self.buffer = buffers[-1] if buffers else None
        self.key = 0

    def settle(self):
        """The low 32 bits that, with thread and track, name the thing."""
        self.key = self.fixed.get(1, 0) & 0xFFFFFFFF


class Event:
    __slots__ = ("number", "kind", "thread", "tick", "function", "result",
                 "values", "bytes")


def quoted(text):
    out = ['"']
    for b in text.encode("utf-8", "surrogateescape"):
        if b in b'"\\':
            out.append("\\" + chr(b))
        elif b < 0x20 or b > 0x7E:
            out.append("\\u%04x" % b)
        else:
            out.append(chr(b))
    return "".join(out) + '"'


def json_line(e):
    f = e.function
    out = [f'{{"event":{e.number},"kind":"{KINDS[e.kind]}",'
           f'"thread":{e.thread},"tick":{e.tick},"call":{quoted(f.name)}']
    if e.kind != ENTER:
        out.append(f',"result":{signed(e.result)}')
    has_bytes = False
    for i, p in f.carried[e.kind]:
        out.append(f',"{p.name}":{e.values[i]}')
        has_bytes |= p.role in BUFFERS
    if has_bytes:
        out.append(f',"bytes":"{e.bytes.hex()}"')
    return "".join(out) + "}"


class Head:
    LAYOUT = struct.Struct("<II8sII16sQQQQQQQIIQQQQ")
    FIELDS = ("magic", "length", "mark", "version", "type", "id", "ordinal",
              "first", "count", "first_tick", "last_tick", "exits", "stall",
              "raw", "packed", "hash", "chain", "threads", "check")

    def __init__(self, data, at):
        self.at = at
        for name, value in zip(self.FIELDS, self.LAYOUT.unpack_from(data, at)):
            setattr(self, name, value)
        self.size = HEAD_SIZE + self.packed + TAIL_SIZE


def head_at(data, at):
    """The head at this place, or why there is none."""
    if len(data) - at < HEAD_SIZE:
        return None, "the file ends within the head of a segment"
    h = Head(data, at)
    if h.check != xxh3(data[at:at + 128]):
        return None, "the head of a segment is damaged"
    if h.magic != HEAD_MAGIC or h.length != 128 or h.mark != MARK:
        return None, "no segment begins here"
    if h.version != VERSION:
        raise Refused(f"format version {h.version}; this reads {VERSION}")
    if h.raw > MAX_PAYLOAD:
        return None, "a payload above the limit"
    if h.count > MAX_EVENTS or (h.type != EVENTS and h.count):
        return None, "a count of events that cannot be"
    return h, None


def payload_of(data, h):
    """Of a segment whose head is good, hash and tail checked."""
    if len(data) < h.at + h.size:
        raise Bad(h.at, "the file ends within a segment")
    start = h.at + HEAD_SIZE
    magic, length, size = struct.unpack_from("<IIQ", data, start + h.packed)
    if (magic, length, size) != (TAIL_MAGIC, 8, h.size):
        raise Bad(start + h.packed, "the tail of a segment is damaged")
    try:
        frame = data[start:start + h.packed]
        if zstandard.frame_content_size(frame) != h.raw:
            raise Bad(start, "the frame and the head tell different sizes")
        raw = zstandard.ZstdDecompressor().decompress(frame)
    except zstandard.ZstdError as e:
        raise Bad(start, f"the payload cannot be decompressed: {e}") from e
    if xxh3(raw, h.chain) != h.hash:
        raise Bad(start, "the payload is damaged")
    return raw


class Meta:
    def __init__(self, raw):
        self.facts, self.functions = {}, {}
        text = raw.decode("utf-8", "surrogateescape")
        if text and not text.endswith("\n"):
            raise Bad(0, "the meta text has no end of line at its end")
        for line in text.split("\n")[:-1]:
            words = line.split(" ", 2)
            if words[0] == "fact" and len(words) == 3:
                self.facts[words[1]] = self.unescape(words[2])
            elif words[0] == "call":
                try:
                    f = Function(line)
                except (ValueError, KeyError, IndexError) as e:
                    raise Bad(0, f"a bad line in the meta text: {e}") from e
                self.functions[f.number] = f

    @staticmethod
    def unescape(value):
        out, it = [], iter(value)
        for c in it:
            if c == "\\":
                c = next(it, "")
                c = "\n" if c == "n" else c
            out.append(c)
        return "".join(out)


class EventDecoder:
    """The payload of an event segment."""

    def __init__(self, raw, head, meta, notes=None):
        self.c, self.head, self.meta = Cursor(raw, notes), head, meta

    def decode(self):
        c = self.c
        try:
            shapes = self.shapes()
            threads = self.threads()
            events = self.tokens(shapes, threads)
            self.ticks(events)
            self.values(shapes, events)
            self.bytes(events)
        except UnicodeDecodeError as e:
            raise Bad(c.at, str(e)) from e
        if c.at != len(c.data):
            raise Bad(c.at, "bytes behind the end of the events")
        return [e for e, _ in events]

    def shapes(self):
        c = self.c
        n = c.varint("shapes")
        if n > MAX_SHAPES:
            raise Bad(c.at, "more shapes than there may be")
        return [self.shape(i) for i in range(n)]

    def shape(self, number):
        c = self.c
        kind = c.varint(lambda k: f"shape {number}: kind {k}, "
                        f"{KINDS.get(k, '?')}")
        function = c.varint(lambda f: f"function {f}, " + (
            self.meta.functions[f].name if f in self.meta.functions else "?"))
        f = self.meta.functions.get(function)
        if not f:
            raise Bad(c.at, f"function {function} is not in the schema")
        if kind not in f.kinds:
            raise Bad(c.at, f"kind {kind} of {f.name} cannot be")
        s = Shape(kind, f)
        if s.has_result and not f.varies:
            s.result = unzigzag(c.varint(
                lambda z: f"result {unzigzag(z)}")) & U64
        for i, p in f.carried[kind]:
            if p.part == "shape":
                s.fixed[i] = c.varint(p.name)
        s.settle()
        return s

    def threads(self):
        c, threads = self.c, []
        while len(threads) < self.head.count:
            thread = c.varint("thread")
            run = c.varint("events of it")
            if thread >= MAX_THREADS:
                raise Bad(c.at, "a thread above the limit")
            if not run or run > self.head.count - len(threads):
                raise Bad(c.at, "a run of events that cannot be")
            threads += [thread] * run
        return threads

    def tokens(self, shapes, threads):
        c, events = self.c, []
        wide = len(shapes) > 256
        for i, thread in enumerate(threads):
            number = self.head.first + i
            token = int.from_bytes(
                c.take(2 if wide else 1, f"event {number}: its shape"),
                "little")
            if token >= len(shapes):
                raise Bad(c.at, "a shape that is not there")
            s = shapes[token]
            e = Event()
            e.number, e.thread, e.kind, e.function = (
                number, thread, s.kind, s.function)
            e.result, e.values, e.bytes = s.result, dict(s.fixed), b""
            e.tick = None
            events.append((e, s))
        return events

    def tick_code(self, what):
        c = self.c
        start = c.at
        code = c.take(1)[0]
        if code == 255:
            d = c.bare_varint()
        elif code < 16:
            d = code
        else:
            s = (code >> 3) - 1
            d = (code - (s << 3)) << s
        c.note(start, f"tick {d} later: {what}")
        return d

    def ticks(self, events):
        diffs = {}
        for kind in (ENTER, LEAVE):
            for e, _ in events:
                if e.kind == kind:
                    diffs[e.number] = self.tick_code(
                        f"event {e.number}, {KINDS[kind]}")
        tick = self.head.first_tick
        for e, _ in events:
            tick = (tick + diffs.get(e.number, 0)) & U64
            e.tick = tick

    def values(self, shapes, events):
        c = self.c
        by_shape = {}
        for e, s in events:
            by_shape.setdefault(id(s), []).append(e)
        diffs = {}
        for s in shapes:
            what = ["result"] if s.has_result and s.function.varies else []
            what += s.varying
            for e in by_shape.get(id(s), []) if what else []:
                mine = diffs[e.number] = []
                for w in what:
                    start = c.at
                    d = unzigzag(c.bare_varint())
                    mine.append((w, d, c.note(start, "")))
        last = {}
        for e, s in events:
            thing = (e.thread, s.function.track, s.key)
            for w, d, note in diffs.get(e.number, ()):
                x = (last.get(thing, 0) + d) & U64
                last[thing] = x
                if w == "result":
                    e.result, name = x, w
                else:
                    e.values[w], name = x, s.function.params[w].name
                note[2] = f"event {e.number}: {name} {d:+d}, so {x:#x}"

    def bytes(self, events):
        for e, s in events:
            if s.buffer is None:
                continue
            n = e.values[s.buffer]
            if n > MAX_BYTES:
                raise Bad(self.c.at, "more bytes of an event than may be")
            e.bytes = self.c.take(n, f"bytes of event {e.number}")


class Log:
    """TRACE.wal: what the segments do not have yet."""

    def __init__(self, data, meta):
        self.meta = meta
        mark, self.id, self.ring, self.rings, self.next = struct.unpack_from(
            "<8s16sQQQ", data)
        if mark != WAL_MARK:
            raise Bad(0, "no write-ahead log")
        if self.ring & (self.ring - 1) or not self.ring:
            raise Bad(24, "a size of rings that is no power of two")
        if self.rings > MAX_RINGS:
            raise Bad(32, "more rings than there may be")
        self.data = data

    def events(self):
        found = {}
        for i in range(self.rings):
            at = WAL_PAGE + i * (WAL_PAGE + self.ring)
            if at + WAL_PAGE + self.ring > len(self.data):
                break
            for e in self.of_ring(at):
                found[e.number] = e
        return [found[n] for n in sorted(found)]

    def of_ring(self, at):
        state, thread = struct.unpack_from("<II", self.data, at)
        head, = struct.unpack_from("<Q", self.data, at + 64)
        tail, = struct.unpack_from("<Q", self.data, at + 128)
        if not state:
            return
        if tail > head or head - tail > self.ring:
            raise Bad(at + 64, "head and tail of a ring do not agree")
        base = at + WAL_PAGE
        while tail < head:
            place = tail % self.ring
            size, number, kind, values = struct.unpack_from(
                "<IHBB", self.data, base + place)
            if not kind:
                tail += self.ring - place
                continue
            if (size < 40 or size % 8 or size > self.ring - place
                    or size > head - tail):
                raise Bad(base + place, "an event of a size that cannot be")
            yield self.event(base + place, thread, number, kind, values)
            tail += size

    def event(self, at, thread, function, kind, count):
        e = Event()
        e.number, e.tick, e.result, n = struct.unpack_from(
            "<QQQQ", self.data, at + 8)
        f = self.meta.functions.get(function)
        if not f or kind not in f.kinds:
            raise Bad(at, f"an event of function {function}, kind {kind}")
        e.thread, e.kind, e.function = thread, kind, f
        values = struct.unpack_from(f"<{count}Q", self.data, at + 40)
        if count != len(f.params):
            raise Bad(at, f"{count} values, {f.name} has {len(f.params)}")
        e.values = dict(enumerate(values))
        start = at + 40 + 8 * count
        e.bytes = self.data[start:start + n]
        return e


class Reader:
    """The events of a trace in order; `trouble` hears of damage."""

    def __init__(self, path, trouble):
        with open(path, "rb") as f:
            self.data = f.read()
        self.path, self.trouble = path, trouble
        self.meta = None
        self.closed = False
        self.torn = None       # where part of a segment ends the file
        self.next = 0          # number of the next event
        self.tick = 0
        self.segments = []     # heads of event segments, whole ones
        self.indexes = []
        self.counts = {}
        if self.data[:8] == MARK and len(self.data) >= 12:
            version, = struct.unpack_from("<I", self.data, 8)
            raise Refused(f"format version {version}; this reads {VERSION}")
        if self.data[8:16] != MARK:
            raise Refused("not a trace")

    def resume(self, at):
        """Of the next good head at or behind this place."""
        while True:
            found = self.data.find(MARK, at + 8)
            if found < 0:
                return len(self.data)
            at = found - 8
            if (self.data[at + 24:at + 40] == self.data[24:40]
                    and head_at(self.data, at)[0]):
                return at
            at += 1

    def walk(self):
        """Heads and payloads of the segments that are sound."""
        at, before, ordinal = 0, 0, 0
        while at < len(self.data):
            h, why = head_at(self.data, at)
            if not h:
                if self.is_torn(at):
                    return
                self.trouble(at, why)
                at, before, ordinal = self.resume(at + 1), None, None
                continue
            try:
                raw = payload_of(self.data, h)
            except Bad as e:
                if self.is_torn(at):
                    return
                self.trouble(e.offset, str(e))
                at, before, ordinal = self.resume(at + 1), None, None
                continue
            if before is not None and h.chain != before:
                self.trouble(at, "another segment stood before this one")
            if ordinal is not None and h.ordinal != ordinal:
                self.trouble(at, f"segment {h.ordinal}, not {ordinal}")
            yield h, raw
            at, before, ordinal = at + h.size, h.hash, h.ordinal + 1

    def is_torn(self, at):
        """Part of a segment at the end: its writer was killed."""
        if self.closed or self.resume(at + 1) != len(self.data):
            return False
        self.torn = at
        return True

    def log_path(self):
        path = self.path + ".wal"
        return path if os.path.exists(path) else None

    def events(self):
        for h, raw in self.walk():
            if self.closed:
                self.trouble(h.at, "a segment behind the end")
            try:
                yield from self.segment(h, raw)
            except Bad as e:
                self.trouble(h.at, f"payload, byte {e.offset}: {e}")
        if self.closed:
            return
        before = self.next
        if self.log_path():
            yield from self.from_log()
        # The log still has what a segment was to hold when it was torn.
        if self.torn is not None and self.next == before:
            self.trouble(self.torn, "the file ends within a segment")

    def segment(self, h, raw):
        self.counts[h.type] = self.counts.get(h.type, 0) + 1
        if h.type == META:
            self.meta = Meta(raw)
            self.next = h.first
        elif h.type == EVENTS:
            if not self.meta:
                raise Bad(0, "events without a schema")
            if h.first != self.next:
                self.trouble(h.at, f"events {self.next} to {h.first - 1} "
                             "are missing")
            self.next = h.first + h.count
            self.tick = h.last_tick
            self.segments.append(h)
            yield from EventDecoder(raw, h, self.meta).decode()
        elif h.type == INDEX:
            self.check_index(h, raw)
        elif h.type == END:
            self.check_end(h, raw)
            self.closed = True

    @staticmethod
    def entries(raw):
        if len(raw) % 40:
            raise Bad(len(raw), "an index that is no whole number of entries")
        return list(struct.iter_unpack("<QQQQQ", raw))

    def check_index(self, h, raw):
        entries = self.entries(raw)
        known = {s.at: s for s in self.segments}
        for offset, *rest in entries:
            s = known.get(offset)
            if s and rest != [s.first, s.exits, s.first_tick, s.threads]:
                raise Bad(0, f"the entry of the segment at {offset} is wrong")
        self.indexes.append((h.at, entries))

    def check_end(self, h, raw):
        known = dict(self.indexes)
        for offset, first, exits, tick, threads in self.entries(raw):
            inner = known.get(offset)
            if not inner:
                continue
            union = 0
            for entry in inner:
                union |= entry[4]
            if (first, exits, tick, threads) != (
                    inner[0][1], inner[-1][2], inner[0][3], union):
                raise Bad(0, f"the entry of the index at {offset} is wrong")

    def from_log(self):
        with open(self.log_path(), "rb") as f:
            data = f.read()
        try:
            if data[:8] == bytes(8) or data[8:24] != self.data[24:40]:
                return  # not of this trace
            log = Log(data, self.meta)
            for e in log.events():
                if e.number < self.next:
                    continue
                if e.kind == CALL or e.tick < self.tick:
                    e.tick = self.tick
                self.tick = e.tick
                # A number that is missing was never published.
                e.number = self.next
                self.next += 1
                yield e
        except (Bad, struct.error) as e:
            self.trouble(getattr(e, "offset", 0), f"{self.log_path()}: {e}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--explain", action="store_true")
    parser.add_argument("trace")
    args = parser.parse_args()
    damage = []

    def trouble(offset, text):
        sys.stdout.flush()
        damage.append(offset)
        print(f"read_trace: {args.trace}: offset {offset}: {text}",
              file=sys.stderr)

    try:
        if args.explain:
            import explain
            explain.explain(args.trace)
            return 0
        reader = Reader(args.trace, trouble)
        n = 0
        for e in reader.events():
            n += 1
            if not args.check:
                sys.stdout.write(json_line(e) + "\n")
        if args.check:
            print(f"{n} events, {len(damage)} troubles, "
                  f"{'closed' if reader.closed else 'open'}")
    except (Refused, OSError) as e:
        print(f"read_trace: {args.trace}: {e}", file=sys.stderr)
        return 2
    return 2 if damage else 0


if __name__ == "__main__":
    sys.exit(main())

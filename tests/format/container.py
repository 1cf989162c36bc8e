# SPDX-License-Identifier: MIT
"""Segments of a trace file: their heads, tails and payloads, and whether they
are sound. What the payloads say is not known here."""
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
ZSTD_MAGIC = 0xFD2FB528
MARK = b"HVTRACE\n"
META, EVENTS, INDEX, END, FACTS = 1, 2, 3, 4, 5
TYPES = {META: "meta", EVENTS: "events", INDEX: "index", END: "end",
         FACTS: "facts"}
MAX_EVENTS, MAX_PAYLOAD = 32768, 64 << 20


def xxh3(data, seed=0):
    return xxhash.xxh3_64_intdigest(data, seed)


class Bad(Exception):
    """Something is not as the document says; a place in the file or payload."""

    def __init__(self, offset, text):
        super().__init__(text)
        self.offset = offset


class Refused(Exception):
    """No trace, or none of a version that is known here."""


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
    if not h.type:
        return None, "a type of segment that cannot be"
    if h.raw > MAX_PAYLOAD:
        return None, "a payload above the limit"
    if h.count > MAX_EVENTS or (h.type != EVENTS and h.count):
        return None, "a count of events that cannot be"
    return h, None


def payload_of(data, h):
    """Of a segment whose head is good, hash and tail checked; None if its type
    is not known: what it holds need not be what this version would write."""
    if len(data) < h.at + h.size:
        raise Bad(h.at, "the file ends within a segment")
    start = h.at + HEAD_SIZE
    tail = struct.unpack_from("<IIQ", data, start + h.packed)
    if tail != (TAIL_MAGIC, 8, h.size):
        raise Bad(start + h.packed, "the tail of a segment is damaged")
    if h.type not in TYPES:
        return None
    raw = unpack(data[start:start + h.packed], h.raw, start)
    if xxh3(raw, h.chain) != h.hash:
        raise Bad(start, "the payload is damaged")
    return raw


def unpack(frame, size, at):
    """One zstd frame with its content size, no dictionary, nothing behind."""
    try:
        if struct.unpack_from("<I", frame.ljust(4, b"\0"))[0] != ZSTD_MAGIC:
            raise Bad(at, "the payload is no frame of zstd")
        if zstandard.frame_content_size(frame) != size:
            raise Bad(at, "the frame and the head tell different sizes")
        if zstandard.get_frame_parameters(frame).dict_id:
            raise Bad(at, "the frame needs a dictionary")
        return zstandard.ZstdDecompressor().decompress(
            frame, allow_extra_data=False)
    except zstandard.ZstdError as e:
        raise Bad(at, f"the payload cannot be decompressed: {e}") from e


class Walk:
    """The segments of a file, as bytes: those that are sound, and where it is
    damaged or ends within one (`torn`)."""

    def __init__(self, data, trouble):
        self.data, self.trouble = data, trouble
        self.torn = None
        self.closed = False
        if data[:8] == MARK and len(data) >= 12:
            version, = struct.unpack_from("<I", data, 8)
            raise Refused(f"format version {version}; this reads {VERSION}")
        if data[8:16] != MARK:
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

    def segments(self):
        """Heads and payloads of the segments that are sound."""
        at, before, ordinal = 0, 0, 0
        while at < len(self.data):
            try:
                h, raw = self.segment(at)
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
            if self.closed:
                self.trouble(at, "a segment behind the end")
            self.closed |= h.type == END
            yield h, raw
            at, before, ordinal = at + h.size, h.hash, h.ordinal + 1

    def segment(self, at):
        h, why = head_at(self.data, at)
        if not h:
            raise Bad(at, why)
        if h.id != self.data[24:40]:
            raise Bad(at, "a segment of another trace")
        return h, payload_of(self.data, h)

    def is_torn(self, at):
        """Part of a segment at the end: its writer was killed."""
        if self.closed or self.resume(at + 1) != len(self.data):
            return False
        self.torn = at
        return True

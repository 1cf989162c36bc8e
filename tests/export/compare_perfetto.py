# SPDX-License-Identifier: MIT
"""usage: compare_perfetto.py EVENTS.json DECODED.txt HZ FIRST

Compares a trace as hvtrace dump --json has it with its export for Perfetto, as
protoc prints that: each event has its place on a track, names and tracks are told of
before they are used, and what is on a track lies as Perfetto puts it: sorted by time,
in the order of the file where that is the same, an end being that of what began
last, and what begins while something is open inside of that. Runs and exits must
have their times where no event between is missing: from tick FIRST on, HZ of them a
second.
"""
import collections
import json
import re
import sys

KIND = 1 << 20
VCPU, RATE, DEVICE, LINE, THREAD = range(1, 6)
DEPTH = {VCPU: 1, THREAD: 2, DEVICE: 1, 0: 1}  # 0: messages, and groups


def parse(lines):
    """Packets of protoc's text as nested dictionaries of lists."""
    root = collections.defaultdict(list)
    stack = [root]
    for line in lines:
        line = line.strip()
        if line.endswith("{"):
            inner = collections.defaultdict(list)
            stack[-1][line[:-1].strip()].append(inner)
            stack.append(inner)
        elif line == "}":
            stack.pop()
            if len(stack) == 1 and root["packet"]:
                yield root["packet"].pop()
        else:
            key, value = line.split(": ", 1)
            stack[-1][key].append(value)


def want(events):
    """Event numbers, and what kind of thing each must be."""
    wanted = {}
    for e in events:
        run = e["call"] == "hv_vcpu_run"
        kind = ("guest" if e["kind"] == "enter" else "exit") if run else e["call"]
        wanted[e["event"]] = kind
    return wanted


def want_spans(events, hz, first):
    """Of runs and exits, by event number: from and to which ns they last."""
    spans, entered, left, before = {}, {}, {}, None
    for e in events:
        if before is not None and e["event"] != before + 1:
            entered, left = {}, {}
        before = e["event"]
        if e["call"] != "hv_vcpu_run":
            continue
        ns, thread = (e["tick"] - first) * 10**9 // hz, e["thread"]
        if e["kind"] == "enter":
            if thread in left:
                number, begin, _, until = left.pop(thread)
                spans[number] = (begin, max(begin, min(ns, until - 1)))
            # Another thread may have had that vCPU: its exit ends before.
            for gone in left.values():
                if gone[2] == e["vcpu"]:
                    gone[3] = min(gone[3], ns)
            entered[thread] = (e["event"], ns, e["vcpu"])
        elif thread in entered:
            number, begin, vcpu = entered.pop(thread)
            spans[number] = (begin, ns)
            left[thread] = [e["event"], ns, vcpu, 1 << 64]
    return spans


class Track:
    """What is on a track, in the order of the file."""

    def __init__(self, descriptor):
        self.parent = int(descriptor["parent_uuid"][0]) if descriptor["parent_uuid"] else 0
        self.rank = int(descriptor["sibling_order_rank"][0]) if self.parent else 0
        self.is_counter = bool(descriptor["counter"])
        self.events = []

    def lay(self, number, depth_allowed):
        """Things as Perfetto lays them; what it would not take is an error."""
        stack, spans = [], {}
        for ns, kind, name, event in sorted(self.events, key=lambda e: e[0]):
            # What took no time stays there for others of that time to stand on.
            while stack and stack[-1][1] is not None and stack[-1][1] < ns:
                stack.pop()
            if kind == "SLICE_END":
                while stack and stack[-1][1] is not None:
                    stack.pop()
                if not stack:
                    sys.exit(f"track {number}: nothing ends at {ns}")
                if stack[-1][0] > ns:
                    sys.exit(f"track {number}: an end at {ns} before its beginning")
                begin, _, event = stack.pop()
                spans[event] = (begin, ns)
                continue
            stack.append((ns, ns if kind == "INSTANT" else None, event))
            if len(stack) > depth_allowed:
                sys.exit(f"track {number}: {name} at {ns} is in another thing")
        return sum(end is None for _, end, _ in stack), spans


class Reader:
    def __init__(self):
        self.names = {}
        self.tracks = {}
        self.got = collections.Counter()

    def notes(self, event):
        notes = {}
        for note in event["debug_annotations"]:
            name = self.names[("debug_annotation_names", int(note["name_iid"][0]))]
            if name in notes:
                sys.exit(f"{name} is told twice: {event}")
            notes[name] = [v for k, v in note.items() if k != "name_iid"][0][0]
        return notes

    def take_event(self, packet, event):
        number = int(event["track_uuid"][0])
        ns = int(packet["timestamp"][0])
        kind = event["type"][0]
        if number not in self.tracks:
            sys.exit(f"track {number} was not described")
        track = self.tracks[number]
        if track.is_counter != (kind == "COUNTER"):
            sys.exit(f"track {number} has what it is not for: {kind}")
        if kind == "COUNTER":
            return
        name = chosen = None
        if kind != "SLICE_END":
            name = self.names[("event_names", int(event["name_iid"][0]))]
            category = self.names[("event_categories", int(event["category_iids"][0]))]
            notes = self.notes(event)
            chosen = int(notes["event"])
            if number // KIND in (VCPU, THREAD):
                thing = category if category in ("guest", "exit") else name
                self.got[(chosen, thing)] += 1
                if "returned" in notes:
                    self.got[(int(notes["returned"]), thing)] += 1
        track.events.append((ns, kind, name, chosen))

    def take(self, packet):
        for data in packet["interned_data"]:
            for kind, names in data.items():
                for name in names:
                    text = re.fullmatch('"(.*)"', name["name"][0])[1]
                    key = (kind, int(name["iid"][0]))
                    if key in self.names:
                        sys.exit(f"{key} is told twice")
                    self.names[key] = text
        for descriptor in packet["track_descriptor"]:
            number = int(descriptor["uuid"][0])
            track = Track(descriptor)
            if number in self.tracks:
                sys.exit(f"track {number} is described twice")
            if track.parent and track.parent not in self.tracks:
                sys.exit(f"track {number} comes before its parent")
            ranks = [t.rank for t in self.tracks.values() if t.parent == track.parent]
            if track.parent and track.rank in ranks:
                sys.exit(f"track {number} has the rank of another")
            self.tracks[number] = track
        for event in packet["track_event"]:
            self.take_event(packet, event)


def check_tracks(tracks, wanted_spans):
    for number, track in tracks.items():
        if track.is_counter:
            continue
        left_open, spans = track.lay(number, DEPTH[number // KIND])
        if left_open > 1:
            sys.exit(f"track {number}: more than one thing is open at the end")
        if number // KIND == VCPU:
            for event in spans.keys() & wanted_spans.keys():
                wanted = wanted_spans.pop(event)
                if spans[event] != wanted:
                    sys.exit(f"event {event} lasts {spans[event]}, not {wanted}")
    if wanted_spans:
        sys.exit(f"not on a track of vCPUs, or open: {wanted_spans}")


def main(events_path, text_path, hz, first):
    events = [json.loads(line) for line in open(events_path)]
    wanted, reader = want(events), Reader()
    with open(text_path) as text:
        for packet in parse(text):
            reader.take(packet)
    # A call whose return alone was chosen is there with its beginning, too.
    for number, kind in wanted.items():
        if reader.got.pop((number, kind), 0) != 1:
            sys.exit(f"event {number}, {kind}, is not there once")
    for number, kind in reader.got:
        if kind in ("guest", "exit") or number in wanted:
            sys.exit(f"event {number} was not asked for, or is no {kind}")
    check_tracks(reader.tracks, want_spans(events, int(hz), int(first)))


main(*sys.argv[1:])

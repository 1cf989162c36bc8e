# SPDX-License-Identifier: MIT
"""usage: compare_perfetto.py EVENTS.json DECODED.txt

Compares a trace as hvtrace dump --json has it with its export for Perfetto, as
protoc prints that: each event has its place on a track, slices begin and end,
and names stand for what they did when they were told.
"""
import collections
import json
import re
import sys

TRACK_VCPU, TRACK_THREAD = 1 << 20, 2 << 20
KIND = 1 << 20


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


def want(events_path):
    """By (track kind, type): event numbers in order."""
    wanted = collections.defaultdict(list)
    for line in open(events_path):
        e = json.loads(line)
        run = e["call"] == "hv_vcpu_run"
        if run and e["kind"] == "enter":
            wanted["guest"].append(e["event"])
        elif run:
            wanted["exit"].append(e["event"])
        else:
            # What is no function of an API has no duration.
            note = not e["call"].startswith(("hv_", "mach_"))
            wanted["call" if note else e["kind"]].append((e["event"], e["call"]))
    return wanted


class Reader:
    def __init__(self):
        self.names = {}
        self.tracks = set()
        self.got = collections.defaultdict(list)
        self.ends = collections.Counter()
        self.spans = collections.defaultdict(list)

    def number(self, event):
        for note in event["debug_annotations"]:
            iid = int(note["name_iid"][0])
            if self.names[("debug_annotation_names", iid)] == "event":
                return int(note["uint_value"][0])
        sys.exit(f"an event without a number: {event}")

    def take_event(self, packet, event):
        track = int(event["track_uuid"][0])
        ns = int(packet["timestamp"][0])
        kind = event["type"][0]
        if track not in self.tracks:
            sys.exit(f"track {track} was not described")
        if kind == "COUNTER":
            return
        if kind == "SLICE_END":
            self.ends[track // KIND * KIND] += 1
            self.spans[track].append((ns, 1))
            return
        name = self.names[("event_names", int(event["name_iid"][0]))]
        number = self.number(event)
        if track // KIND * KIND == TRACK_VCPU:
            self.got["guest" if name == "guest" else "exit"].append(number)
        elif track // KIND * KIND == TRACK_THREAD:
            key = "enter" if kind == "SLICE_BEGIN" else "call"
            self.got[key].append((number, name))
        if kind == "SLICE_BEGIN":
            self.spans[track].append((ns, 0))

    def take(self, packet):
        for data in packet["interned_data"]:
            for kind, names in data.items():
                for name in names:
                    text = re.fullmatch('"(.*)"', name["name"][0])[1]
                    self.names[(kind, int(name["iid"][0]))] = text
        for track in packet["track_descriptor"]:
            self.tracks.add(int(track["uuid"][0]))
        for event in packet["track_event"]:
            self.take_event(packet, event)


def main(events_path, text_path):
    wanted, reader = want(events_path), Reader()
    with open(text_path) as text:
        for packet in parse(text):
            reader.take(packet)
    for key in ("guest", "exit", "call", "enter"):
        if sorted(reader.got[key]) != wanted[key]:
            sys.exit(f"{key}: {len(reader.got[key])} events, not {len(wanted[key])}")
    if reader.ends[TRACK_THREAD] != len(wanted["leave"]):
        sys.exit("calls that return are not as many")
    if reader.ends[TRACK_VCPU] != 2 * len(wanted["exit"]):
        sys.exit("a slice of a vCPU does not end")
    for track, spans in reader.spans.items():
        if track // KIND * KIND != TRACK_VCPU:
            continue
        # Slices of a vCPU lie one behind the other.
        depth = 0
        for _, end in sorted(spans, key=lambda s: (s[0], -s[1])):
            depth += -1 if end else 1
            if depth > 1:
                sys.exit(f"slices of track {track} overlap")


main(*sys.argv[1:])

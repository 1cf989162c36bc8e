# SPDX-License-Identifier: MIT
"""The text in a trace: facts, and the schema of its functions."""
from container import Bad

CALL, ENTER, LEAVE = 1, 2, 3
KINDS = {CALL: "call", ENTER: "enter", LEAVE: "leave"}
INPUTS = {"in", "host", "obj", "inbuf", "vec"}
OUTPUTS = {"out", "outhost", "outbuf", "exit"}
BUFFERS = {"inbuf", "outbuf", "vec"}
MAX_PARAMS, MAX_NUMBER = 6, 65535
ENDED = {"finished", "left", "killed", "died", "torn", "cut"}


class Param:
    def __init__(self, word):
        self.role, self.part, self.type, self.name = word.split(":")
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
        if not (0 <= self.number <= MAX_NUMBER
                and 0 <= self.track <= MAX_NUMBER):
            raise ValueError("a number above the limit")
        self.wide = {"own": False, "wide": True}[words[3]]
        self.varies = {"code": False, "varies": True}[words[4]]
        self.type = words[6]
        if self.varies != (self.type == "uint64_t"):
            raise ValueError(f"{words[4]} of type {self.type}")
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

    def buffer(self, kind):
        """The carried parameter that counts the event's bytes, or None."""
        buffers = [i for i, p in self.carried[kind] if p.role in BUFFERS]
        return buffers[-1] if buffers else None


def lines_of(raw):
    text = raw.decode("utf-8", "surrogateescape")
    if text and not text.endswith("\n"):
        raise Bad(len(raw), "a text has no end of line at its end")
    return text.split("\n")[:-1]


def unescape(value):
    out, it = [], iter(value)
    for c in it:
        if c == "\\":
            c = next(it, "")
            c = "\n" if c == "n" else c
        out.append(c)
    return "".join(out)


def facts_of(lines):
    """Of lines of which others may be there as well."""
    facts = {}
    for line in lines:
        words = line.split(" ", 2)
        if words[0] == "fact" and len(words) == 3:
            facts[words[1]] = unescape(words[2])
    return facts


class Meta:
    def __init__(self, raw):
        lines = lines_of(raw)
        self.facts, self.functions = facts_of(lines), {}
        for line in lines:
            if line.split(" ", 1)[0] != "call":
                continue
            try:
                f = Function(line)
            except (ValueError, KeyError, IndexError) as e:
                raise Bad(0, f"a bad line in the meta text: {e}") from e
            self.functions[f.number] = f


def ended_of(raw):
    """What the facts segment before the end says of it."""
    ended = facts_of(lines_of(raw)).get("ended")
    if ended not in ENDED:
        raise Bad(0, f"ended: {ended}, which it cannot")
    return ended

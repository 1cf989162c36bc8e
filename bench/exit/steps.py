# SPDX-License-Identifier: MIT
"""What bench_exit_steps prints: by whose function instructions were executed."""
import bisect
import collections
import os
import subprocess

# The VMM's own code; and, of no function, the stubs by which it calls others.
VMM = "bench_exit_hv"
STUBS = (VMM, "?")


class Symbols:
    def __init__(self, nm, module):
        self.symbols = []
        # A library of the system has but those that it exports.
        for options in ([], ["-D"]):
            if not self.symbols:
                self.read([nm, "-S"] + options + [module])

    def read(self, command):
        output = subprocess.run(command, capture_output=True, text=True,
                                check=False).stdout
        for line in output.splitlines():
            address, size, *rest = line.split() + ["0"] * 2
            if len(rest) == 4 and rest[0] in "tTwWi":
                self.symbols.append((int(address, 16), int(size, 16),
                                     rest[1].partition("@")[0]))
        self.symbols.sort()

    def at(self, address):
        i = bisect.bisect(self.symbols, (address + 1,)) - 1
        if i < 0 or address >= self.symbols[i][0] + self.symbols[i][1]:
            return None
        return self.symbols[i][2]


def load(path, nm):
    """{(module, function): count}"""
    counts, symbols = collections.Counter(), {}
    with open(path, encoding="utf-8") as f:
        for line in f:
            module, address, count = line.split()
            if module not in symbols:
                symbols[module] = Symbols(nm, module)
            function = symbols[module].at(int(address, 16)) or "?"
            counts[os.path.basename(module), function] += int(count)
    return counts


def total(counts):
    return sum(n for (module, _), n in counts.items() if module != VMM)


def stubs(counts):
    """Of its linker: where it is built with -fno-plt there are none."""
    return counts[STUBS]


def by_function(path, nm):
    counts = load(path, nm)
    lines = [f"  {total(counts):6} in all, and {stubs(counts)} in stubs\n"]
    lines += [f"  {n:6} {function} ({module})\n"
              for (module, function), n in counts.most_common()
              if module != VMM]
    return "".join(lines)

# SPDX-License-Identifier: MIT
"""Says what is not tidy in the files that stdin names: blanks before an end of
line, and no end of line at the end. Files with a NUL are no text."""

import re
import sys

for name in sys.stdin.read().splitlines():
    with open(name, "rb") as file:
        text = file.read()
    if b"\0" in text:
        continue
    for number, line in enumerate(text.split(b"\n"), 1):
        if re.search(rb"[ \t]$", line):
            print(f"{name}:{number}: blanks at its end")
    if text and not text.endswith(b"\n"):
        print(f"{name}: no end of line at its end")

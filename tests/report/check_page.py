# SPDX-License-Identifier: MIT
"""usage: check_page.py PAGE.html STAT.json

The page must be whole (each element closed, in order), need nothing from
outside, and say what `hvtrace stat --json` does of the same trace.
"""
import html.parser
import json
import re
import sys

VOID = {"meta", "line", "rect", "path"}


class Page(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.open, self.rows, self.cell, self.text = [], [], None, ""

    def handle_startendtag(self, tag, attributes):
        self.check(tag, attributes)

    def handle_starttag(self, tag, attributes):
        self.check(tag, attributes)
        if tag not in VOID:
            self.open.append(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.cell = ""

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            sys.exit(f"</{tag}> at {self.getpos()} closes something else")
        if tag in ("td", "th"):
            self.rows[-1].append(self.cell.strip())
            self.cell = None

    def handle_data(self, data):
        self.text += data
        if self.cell is not None:
            self.cell += data

    def check(self, tag, attributes):
        if tag in ("script", "link", "img", "iframe", "object"):
            sys.exit(f"<{tag}> at {self.getpos()} loads something")
        for name, value in attributes:
            if name in ("src", "href") or "url(" in (value or ""):
                sys.exit(f"{name} at {self.getpos()} loads something")
            if value and re.search(r"\b(nan|inf)\b", value):
                sys.exit(f"{name}={value!r} at {self.getpos()}")


def main(page_path, stat_path):
    page, stat = Page(), json.load(open(stat_path))
    text = open(page_path).read()
    if "url(" in text or "@import" in text:
        sys.exit("the style loads something")
    page.feed(text)
    page.close()
    if page.open:
        sys.exit(f"not closed: {page.open}")
    counts = {r[0]: re.sub(r"\D", "", r[1]) for r in page.rows if len(r) > 2}
    for row in stat["rows"][:24]:
        if counts.get(row["exit"]) != str(row["count"]):
            sys.exit(f"{row['exit']}: {counts.get(row['exit'])}, not {row['count']}")
    if not stat["rows"] and "has ever run" not in page.text:
        sys.exit("a trace without exits is not said to be one")


main(*sys.argv[1:])

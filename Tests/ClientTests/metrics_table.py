"""Reads the table of metrics of docs/operations/watch.md, and the names of metrics in expressions."""

import re

from running_site import REPOSITORY

PAGE = REPOSITORY / "docs/operations/watch.md"
ROW = re.compile(r"^\| `((?:roster|process)_\w+)` \| (\w+) \|([^|]*)\| ([^|]+) \|$", re.MULTILINE)
PARTS_OF_HISTOGRAMS = ("_bucket", "_sum", "_count")


def documented() -> dict[str, tuple[str, set[str]]]:
    """Type and labels of every metric of the table, by name."""
    table = {name: (kind, set(re.findall(r"`(\w+)`", labels))) for name, kind, labels, _ in ROW.findall(PAGE.read_text())}
    if len(table) < 20:
        raise AssertionError(f"{PAGE} has no table of metrics that this reader understands")
    return table


def series() -> dict[str, set[str]]:
    """The labels of every series that the table promises, by its name in expressions."""
    promised = {}
    for name, (kind, labels) in documented().items():
        if kind != "histogram":
            promised[name] = labels
            continue
        for part in PARTS_OF_HISTOGRAMS:
            promised[name + part] = labels | ({"le"} if part == "_bucket" else set())
    return promised

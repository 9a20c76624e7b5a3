"""Rows of the result, their verdicts, and the table that is printed in the end."""

import dataclasses


@dataclasses.dataclass
class Row:
    """One line: what was measured on both sides, their ratio, and what is asked of it.

    `reach` and `beyond` are bounds of `ratio`: lower ones where `more_is_better`, upper ones elsewhere; None is none.
    """

    what: str
    ours: str
    peer: str
    ratio: float
    reach: float | None = None
    beyond: float | None = None
    more_is_better: bool = False
    digits: int = 2

    def holds(self, bound):
        return self.ratio >= bound if self.more_is_better else self.ratio <= bound

    @property
    def verdict(self):
        if self.reach is None and self.beyond is None:
            return "for information"
        if self.beyond is not None and self.holds(self.beyond):
            return "beyond"
        return "reached" if self.reach is None or self.holds(self.reach) else "SHORT"

    def cells(self):
        sign = "≥" if self.more_is_better else "≤"

        def bound(value):
            return "" if value is None else f"{sign} {value:g}"

        return [self.what, self.ours, self.peer, f"{self.ratio:.{self.digits}f}", bound(self.reach), bound(self.beyond),
                self.verdict]


HEADER = ["what", "ours", "peer", "ratio", "reach", "beyond", "verdict"]


def render(rows):
    """The table in Markdown, its columns aligned."""
    lines = [HEADER] + [row.cells() for row in rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEADER))]
    lines.insert(1, ["-" * width for width in widths])
    return "\n".join("| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths)) + " |" for line in lines)


def micros(value):
    """Microseconds as text."""
    if abs(value) >= 1e6:
        return f"{value / 1e6:.2f} s"
    if abs(value) >= 1000:
        return f"{value / 1000:.2f} ms"
    return f"{value:.1f} µs"


def per_second(value):
    return f"{value:,.0f}/s"

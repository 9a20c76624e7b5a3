"""Holds what a command printed against what the page shows.

`…` in the page stands for anything within a line, and on a line of its own for any lines. What is made anew in each
run is matched by its shape, and remembered: what the page shows stands for what was really made, in all later lines
and commands of the page.
"""

import re

ANYTHING = "…"
# What is made anew in each run: how it looks in a page and in what a command prints.
SHAPES = {
    "job": r"\bj-[0-9a-z]{11}\b",
    "user_of_a_cluster": r"\bhpcuser-[0-9a-z]{8}\b",
    "account": r"\busr-[0-9A-Za-z]{8}\b",
    "access_key": r"\b[A-Z]{20}\b",
    "checksum": r"\b[0-9a-f]{64}\b",
}
# What differs at each look, so that one that is shown twice need not be the same.
PASSING = {
    "time": r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ",
    "process": r"(?<=\bprocess )\d+\b",
}
NAMED_SHAPES = [f"(?P<{name}>{shape})" for name, shape in (SHAPES | PASSING).items()]
EVERY_SHAPE = re.compile("|".join([*NAMED_SHAPES, ANYTHING]))


class Made:
    """What was made in a run, by what the page shows in its place."""

    def __init__(self):
        self.by_shown: dict[str, str] = {}

    def put_in(self, command: str) -> str:
        """A command of the page, with what was really made in it."""
        return EVERY_SHAPE.sub(lambda found: self.by_shown.get(found[0], found[0]), command)

    def matches(self, shown: str, printed: str) -> bool:
        """Whether a printed line is what the page shows; what was made is remembered then."""
        pattern, new, end = "", [], 0
        for found in EVERY_SHAPE.finditer(shown):
            pattern += re.escape(shown[end:found.start()])
            pattern += self.pattern(found, new)
            end = found.end()
        matched = re.fullmatch(pattern + re.escape(shown[end:]), printed)
        if matched:
            self.by_shown.update(zip(new, matched.groups()))
        return bool(matched)

    def pattern(self, found: re.Match, new: list[str]) -> str:
        """What may stand in the printed line for a piece of the shown one; `new` is told of what is seen first."""
        piece, name = found[0], found.lastgroup
        if name is None:
            return ".*"
        if name in PASSING:
            return PASSING[name]
        if piece in self.by_shown:
            return re.escape(self.by_shown[piece])
        if piece in new:
            return rf"\{new.index(piece) + 1}"
        new.append(piece)
        return f"({SHAPES[name]})"

    def fault(self, shown: list[str], printed: list[str]) -> str | None:
        """Where what was printed first differs from what is shown; None where it does not, and then it is remembered."""
        before = dict(self.by_shown)
        fault = self.difference(shown, printed)
        if fault:
            self.by_shown = before
        return fault

    def difference(self, shown: list[str], printed: list[str]) -> str | None:
        place = 0
        for number, line in enumerate(shown):
            if line.strip() == ANYTHING:
                following = shown[number + 1:]
                if not following:
                    return None
                while place < len(printed) and not self.matches(following[0].rstrip(), printed[place].rstrip()):
                    place += 1
                continue
            if place == len(printed):
                return f"the page shows {line!r}, and nothing more is printed"
            if not self.matches(line.rstrip(), printed[place].rstrip()):
                return f"the page shows {line!r}, printed is {printed[place]!r}"
            place += 1
        if place < len(printed):
            return f"printed is {printed[place]!r} too, which the page does not show"
        return None

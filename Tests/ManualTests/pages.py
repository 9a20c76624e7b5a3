"""Reads the blocks of commands and of output out of the pages of the manual, and refuses what would escape the test.

Blocks are fenced and have a language. `sh` holds commands, `console` commands behind `$ ` with the output that is
expected below each; all other languages hold no commands. Comments on the lines before a fence say how it is run:

    <!-- not run: REASON -->     it cannot run here, and why
    <!-- on: PLACE -->           where it runs, if not on the server
    <!-- setting: NAME -->       what must be there before it, made by `settings.py`
"""

import dataclasses
import pathlib
import re
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
COMMANDS = {"sh", "console"}
NO_COMMANDS = {"text", "ini", "json", "ldif", "yaml", "sql"}
FENCE = re.compile(r"^( *)(```+)(.*)$")
LIST_ITEM = re.compile(r"^( *)([-*+]|\d+[.)]) +")
COMMENT = re.compile(r"^ *<!-- (.*?) *-->$")
PROGRAMS = re.compile(r"(roster|make|swift|sudo|apt-get|systemctl|curl|psql|pg_\w+|python3) ")
REMARK = re.compile(r"^(not run|on|setting):\s*(.*)$")


class Fault(Exception):
    """What is wrong with a page, with its name and line."""


@dataclasses.dataclass
class Block:
    page: str
    line: int  # of the fence
    language: str
    lines: list[str]
    not_run: str | None = None
    place: str | None = None
    settings: list[str] = dataclasses.field(default_factory=list)

    @property
    def where(self) -> str:
        return f"{self.page}:{self.line}"


@dataclasses.dataclass
class Command:
    where: str
    text: str
    expected: list[str] | None  # the lines of its output; None where the page shows none of them
    block: Block

    @property
    def must_fail(self) -> bool:
        return bool(self.expected) and any(line.startswith("Error:") for line in self.expected)


def manual() -> list[str]:
    """The pages of the manual."""
    docs = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "docs").rglob("*.md"))
    return ["README.md", "CONTRIBUTING.md", "Examples/clients/README.md", *docs]


def parts(page: str) -> list[str]:
    """The files of a page: itself, and those of the folder of its name in the order of its links. They are run as one page: the
    examples go on from file to file."""
    folder = (ROOT / page).with_suffix("")
    if not folder.is_dir():
        return [page]
    named = re.findall(rf"\]\(({re.escape(folder.name)}/[\w-]+\.md)\)", (ROOT / page).read_text())
    return [page, *(f"{pathlib.Path(page).parent}/{name}" for name in dict.fromkeys(named))]


def part_of(page: str) -> str:
    """The page that the file is run with; itself for most."""
    return f"{pathlib.Path(page).parent}.md" if (ROOT / page).parent.with_suffix(".md").is_file() else page


class Reader:
    """Goes through a page line by line; what is wrong is collected, so that all of it is told at once."""

    def __init__(self, page: str, text: str):
        self.page, self.lines = page, text.split("\n")
        self.blocks: list[Block] = []
        self.faults: list[str] = []
        self.list_indent: int | None = None  # where the text of the list item begins that is open
        self.after_blank, self.indented = True, False

    def read(self):
        number = 0
        while number < len(self.lines):
            opened = FENCE.match(self.lines[number])
            if opened:
                number = self.read_block(number, opened)
            else:
                self.read_line(number, self.lines[number])
                number += 1

    def read_block(self, number: int, opened: re.Match) -> int:
        """Takes in a block; the number of the line after it."""
        after = range(number + 1, len(self.lines))
        end = next((other for other in after if self.lines[other].strip() == opened[2]), None)
        if end is None:
            self.faults.append(f"{self.page}:{number + 1}: the fence is not closed")
            return len(self.lines)
        lines = [cut(line, len(opened[1])) for line in self.lines[number + 1:end]]
        block = Block(self.page, number + 1, opened[3].strip(), lines)
        self.faults += remarks(block, self.lines[:number]) + wrong_language(block)
        self.blocks.append(block)
        self.after_blank, self.indented = False, False
        return end + 1

    def read_line(self, number: int, line: str):
        """Looks whether a line outside of fences would be shown as a block of code."""
        if re.match(r"^ *(~~~|<pre\b)", line):
            self.faults.append(f"{self.page}:{number + 1}: blocks are fenced by three backquotes")
        if not line.strip():
            self.after_blank = True
            return
        line = line.expandtabs(4)
        depth = len(line) - len(line.lstrip(" "))
        item = LIST_ITEM.match(line)
        if item and (self.list_indent is not None or depth < 4):
            self.list_indent = len(item[0])
        elif depth == 0:
            self.list_indent = None
        was_indented = self.indented
        self.indented = (self.after_blank or was_indented) and depth >= 4 + (self.list_indent or 0)
        if self.indented and not was_indented:
            self.faults.append(f"{self.page}:{number + 1}: an indented block: fence it, with a language")
        self.after_blank = False


def blocks(page: str, text: str) -> list[Block]:
    """All blocks of a page, in order. Raises `Fault` with every line that is wrong."""
    reader = Reader(page, text)
    reader.read()
    if reader.faults:
        raise Fault("\n".join(reader.faults))
    return reader.blocks


def cut(line: str, indent: int) -> str:
    return line[indent:] if not line[:indent].strip() else line


def wrong_language(block: Block) -> list[str]:
    if not block.language:
        return [f"{block.where}: the fence has no language"]
    if block.language not in COMMANDS | NO_COMMANDS:
        return [f"{block.where}: {block.language!r} is none of {', '.join(sorted(COMMANDS | NO_COMMANDS))}"]
    if block.language == "console":
        if not block.lines or not block.lines[0].startswith("$ "):
            return [f"{block.where}: a console block begins with a command behind '$ '"]
    elif any(line.startswith("$ ") for line in block.lines):
        return [f"{block.where}: commands behind '$ ' belong into a console block"]
    if block.language == "text":
        for number, line in enumerate(block.lines, block.line + 1):
            if PROGRAMS.match(line):
                return [f"{block.page}:{number}: {line!r} is a command, and stands in a block that is not run"]
    if block.language in NO_COMMANDS and (block.not_run is not None or block.place or block.settings):
        return [f"{block.where}: only blocks of commands are run"]
    return []


def remarks(block: Block, before: list[str]) -> list[str]:
    """Takes the comments on the lines just before a fence into the block; what is wrong with them comes back."""
    faults = []
    for line in reversed(before):
        comment = COMMENT.match(line)
        if not comment:
            break
        remark = REMARK.match(comment[1])
        if not remark:
            faults.append(f"{block.where}: the comment {comment[1]!r} before the fence says nothing to the test")
        elif not remark[2]:
            faults.append(f"{block.where}: '{remark[1]}:' says nothing")
        elif remark[1] == "not run":
            block.not_run = remark[2]
        elif remark[1] == "on":
            block.place = remark[2]
        else:
            block.settings.insert(0, remark[2])
    return faults


def is_complete(text: str) -> bool:
    """Whether bash would run this now, and not wait for another line."""
    if re.search(r"(?<!\\)(\\\\)*\\\n?$", text):
        return False
    read = subprocess.run(["bash", "-n"], input=text + "\n", capture_output=True, text=True, timeout=20)
    return not re.search("unexpected (EOF|end of file)|here-document", read.stderr)


def is_idle(text: str) -> bool:
    """Whether there is nothing to run: blank lines and comments."""
    return all(not line.strip() or line.lstrip().startswith("#") for line in text.split("\n"))


def commands(block: Block) -> list[Command]:
    """The commands of a block as bash reads them, with the output that is shown below each."""
    found: list[Command] = []
    text, begun, output = "", 0, None
    for number, line in enumerate(block.lines, block.line + 1):
        if block.language == "console" and not text:
            if not line.startswith("$ "):
                output.append(line)
                continue
            line, output = line[2:], []
        begun = begun if text else number
        text += line + "\n"
        if is_complete(text):
            if not is_idle(text):
                found.append(Command(f"{block.page}:{begun}", text.rstrip("\n"), output, block))
            text = ""
    if text:
        raise Fault(f"{block.page}:{begun}: bash still waits for the end of this command")
    return found

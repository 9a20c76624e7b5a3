#!/usr/bin/env python3
"""Writes a manual page for each command: man-pages.py PROGRAM FOLDER.

What the pages say comes from the program's own argument parser (`--experimental-dump-help`), so it is what `--help` says.
The version and the date come from the program too; SOURCE_DATE_EPOCH replaces the date of a program that has none.
"""

import json
import os
import pathlib
import re
import subprocess
import sys
import time

# Exit codes of the argument parser and of commands.
EXIT_STATUS = [("0", "The command did what it was told."), ("1", "It failed; standard error says why, in one line."),
               ("64", "The command line cannot be understood.")]
FILES = [
    ("/etc/roster/config.yaml", "Settings of the server that systemd starts. Each is described there."),
    ("/var/lib/roster", "The data folder of that server: the store, and the key that seals secrets."),
    ("~/.config/roster/config.yaml", "Settings of a client: endpoint, zone, access_key_id, secret_access_key."),
]


def said_by(program: str, *arguments: str) -> dict:
    return json.loads(subprocess.run([program, *arguments], check=True, capture_output=True, text=True).stdout)


def roff(text: str) -> str:
    """Text with the signs that roff reads escaped, in ASCII."""
    text = text.replace("\\", r"\e").replace("-", r"\-").replace("'", r"\(aq").replace("`", r"\(ga")
    text = text.replace("~", r"\(ti").replace("^", r"\(ha")
    text = "".join(sign if ord(sign) < 128 else rf"\[u{ord(sign):04X}]" for sign in text)
    return re.sub(r"^(?=\.)", r"\\&", text, flags=re.MULTILINE)


def bold(text: str) -> str:
    return rf"\fB{roff(text)}\fR"


def paragraphs(text: str) -> list[str]:
    """A discussion: paragraphs, and indented lines that stay as they are."""
    lines, preformatted, follows = [], False, False
    for line in text.split("\n"):
        if line.startswith("  ") != preformatted and line.strip():
            preformatted = not preformatted
            lines += [".PP", ".RS 4", ".nf"] if preformatted else [".fi", ".RE", ".PP"]
            follows = True
        if not line.strip():
            if not preformatted:
                follows = False
            continue
        if not follows:
            lines.append(".PP")
            follows = True
        lines.append(roff(line.removeprefix("  ") if preformatted else line))
    return lines + ([".fi", ".RE"] if preformatted else [])


def name_of(name: dict) -> str:
    return ("--" if name["kind"] == "long" else "-") + name["name"]


def value_of(argument: dict) -> str:
    return rf"\fI{roff(argument['valueName'])}\fR"


def synopsis(argument: dict) -> str:
    if argument["kind"] == "positional":
        text = value_of(argument)
    else:
        text = bold(name_of(argument["preferredName"]))
        if argument["kind"] == "option":
            text += " " + value_of(argument)
    if argument["isRepeating"]:
        text += " ..."
    return f"[{text}]" if argument["isOptional"] else text


def described(argument: dict) -> list[str]:
    if argument["kind"] == "positional":
        heading = value_of(argument)
    else:
        heading = ", ".join(bold(name_of(name)) for name in argument["names"])
        if argument["kind"] == "option":
            heading += " " + value_of(argument)
    lines = [".TP", heading, roff(argument.get("abstract", "").strip() or "See above.")]
    if argument.get("discussion"):
        lines.append(roff(argument["discussion"].strip()))
    if argument.get("defaultValue"):
        lines.append(f"Default: {roff(argument['defaultValue'])}.")
    return lines


def section(title: str, lines: list[str]) -> list[str]:
    # A heading begins a paragraph by itself.
    return [f".SH {title}", *(lines[1:] if lines[0] == ".PP" else lines)] if lines else []


def page(command: dict, words: list[str], parent: str | None, version: str, date: str) -> str:
    name = "-".join(words)
    shown = [one for one in command.get("arguments", []) if one["shouldDisplay"]]
    below = subcommands(command)
    options = [one for one in shown if one["kind"] != "positional"]
    given = [one for one in shown if one["kind"] == "positional"]
    call = [bold(" ".join(words)), *(synopsis(one) for one in [*options, *given])]
    if below:
        call.append(r"\fIsubcommand\fR ...")
    abstract = command.get("abstract", "").strip()
    discussion = command.get("discussion", "").strip("\n")
    # What stands below a line such as `Examples:` gets a heading of its own.
    before, example, after = discussion, "", ""
    found = re.search(r"^Examples?:\n((?:(?:  .*|[ ]*)(?:\n|$))+)", discussion, re.MULTILINE)
    if found:
        before, example, after = discussion[:found.start()], found[1], discussion[found.end():]
    related = [parent, *("-".join([*words, one["commandName"]]) for one in below)]
    lines = [
        f'.TH {roff(name.upper())} 1 "{date}" "Roster {roff(version)}" "Roster"',
        ".SH NAME", rf"{roff(name)} \- {roff(abstract.rstrip('.'))}",
        *section("SYNOPSIS", [".nh", ".ad l", *call, ".ad", ".hy"]),
        *section("DESCRIPTION", [roff(abstract), *paragraphs("\n\n".join(filter(None, [before.strip("\n"), after.strip("\n")])))]),
        *section("SUBCOMMANDS", [line for one in below for line in (
            ".TP", rf"{bold(one['commandName'])}, see \fB{roff('-'.join([*words, one['commandName']]))}\fR(1)",
            roff(one.get("abstract", "")))]),
        *section("ARGUMENTS", [line for one in given for line in described(one)]),
        *section("OPTIONS", [line for one in options for line in described(one)]),
        *section("EXIT STATUS", [line for code, meaning in EXIT_STATUS for line in (".TP", bold(code), roff(meaning))]),
        *section("FILES", [line for path, what in FILES for line in (".TP", rf"\fI{roff(path)}\fR", roff(what))]
                 if parent is None or name == "roster-serve" else []),
        *section("EXAMPLES", paragraphs(example.rstrip())),
        *section("SEE ALSO", [",\n".join(rf"\fB{roff(one)}\fR(1)" for one in related if one)]
                 if any(related) else []),
    ]
    return "\n".join(lines) + "\n"


def subcommands(command: dict) -> list[dict]:
    return [one for one in command.get("subcommands", []) if one["commandName"] != "help" and one["shouldDisplay"]]


def write(folder: pathlib.Path, command: dict, words: list[str], parent: str | None, version: str, date: str):
    words = [*words, command["commandName"]]
    name = "-".join(words)
    (folder / f"{name}.1").write_text(page(command, words, parent, version, date))
    for one in subcommands(command):
        write(folder, one, words, name, version, date)


def main():
    program, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    build = said_by(program, "version", "--json")
    day = time.gmtime(int(os.environ["SOURCE_DATE_EPOCH"])) if "SOURCE_DATE_EPOCH" in os.environ else time.gmtime()
    date = build["date"] if build["date"] != "unknown" else time.strftime("%Y-%m-%d", day)
    write(folder, said_by(program, "--experimental-dump-help")["command"], [], None, build["version"], date)


if __name__ == "__main__":
    main()

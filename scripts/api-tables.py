#!/usr/bin/env python3
"""Writes the tables of parameters into a page, from docs/openapi.json: scripts/api-tables.py docs/api.md

A table stands between two comments, `<!-- parameters of GET /api/user -->` and `<!-- end -->`. The first may go on with `: ` and
the names of those that the table has, or with ` but: ` and the names of those that it leaves out. With --check nothing is
written, and the exit code is 1 if a table is not what the description says.
"""

import json
import re
import sys
import textwrap
from pathlib import Path

DESCRIPTION = Path(__file__).resolve().parent.parent / "docs/openapi.json"
TABLE = re.compile(r"(<!-- parameters of (GET|POST) (/\S+?)(?:( but)?: ([^>]*?))? -->\n)(.*?)(<!-- end -->)", re.DOTALL)


def code(words) -> str:
    words = [f"`{word}`" for word in words]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"


def form(schema: dict) -> str:
    """What a value looks like, in a few words."""
    if "anyOf" in schema:
        first, second = schema["anyOf"]
        return f"{form(first)}; or {'empty' if 'const' in second else 'null'}"
    if "oneOf" in schema:
        return f"a number from {schema['oneOf'][1]['minimum']} to {schema['oneOf'][1]['maximum']}, or its digits as a string"
    kind = schema["type"]
    if "enum" in schema:
        return code(schema["enum"])
    if kind == "integer":
        largest = schema["maximum"]
        return "a number from 0" if largest == 2**63 - 1 else f"a number from {schema['minimum']} to {largest}"
    if kind == "object":
        return "an object of attributes"
    if kind == "array":
        items, most = schema["items"], f"at most {schema['maxItems']:,}"
        if items["type"] == "object":
            return f"a list of {most} objects: " + ", ".join(
                f"`{name}`" if name in items["required"] else f"optional `{name}`" for name in items["properties"])
        if items.get("pattern", "").startswith("^(j-)"):
            return f"{most} identifiers of jobs, separated by commas or spaces"
        if "pattern" in items:
            return f"{most} words, separated by commas or spaces"
        return f"a list of {most} strings of at most {items['maxLength']:,} bytes"
    pattern = schema.get("pattern", "")
    if pattern.startswith("^[0-9]{4}-"):
        return "a time: `YYYY-MM-DDThh:mm:ssZ`"
    if pattern == "^[0-7]{3,4}$":
        return "three or four octal digits"
    if pattern == "^[!-~]{1,64}$":
        return "1 to 64 printable ASCII characters"
    if prefixes := re.fullmatch(r"\^\(([a-z|-]+)\)\[A-Za-z0-9\]\{1,32\}\$", pattern):
        return f"{code(prefixes[1].split('|'))} and 1 to 32 letters or digits"
    if pattern == "^(/.*)?$":
        return f"an absolute path of at most {schema['maxLength']:,} bytes"
    if pattern.startswith("^[0-9]{1,18}:"):
        return "`NUMBER:HEX`"
    if pattern and not pattern.startswith("^[^"):
        raise SystemExit(f"no words for the pattern {pattern}")
    return f"a text of at most {schema['maxLength']:,} bytes" if "maxLength" in schema else "a text"


def rows(document: dict, method: str, path: str, chosen, but: bool):
    operation = document["paths"][path][method.lower()]
    own = [one for one in operation["parameters"] if "$ref" not in one]
    found = [(one["name"], one["schema"], one["description"], one["required"]) for one in own]
    if method == "POST":
        body = operation["requestBody"]["content"]["application/json"]["schema"]
        found = [(name, one, one["description"], name in body["required"]) for name, one in body["properties"].items()]
    unknown = set(chosen) - {row[0] for row in found}
    if unknown:
        raise SystemExit(f"{method} {path} has no {', '.join(sorted(unknown))}")
    return [row for row in found if not chosen or (row[0] in chosen) != but]


def table(document: dict, method: str, path: str, but: str | None, names: str | None) -> str:
    chosen = [name.strip() for name in (names or "").split(",") if name.strip()]
    lines = ["| parameter | form | what |", "| --- | --- | --- |"]
    for name, schema, meaning, required in rows(document, method, path, chosen, bool(but)):
        default = schema.get("default", "")
        default = ",".join(default) if isinstance(default, list) else str(default)
        shape = form(schema) + (f"; `{default}` if absent" if default not in ("", "0") else "")
        what = re.sub(r"\b([a-z]+_[a-z_]+|describeUser)\b", r"`\1`", meaning.rstrip("."))
        lines.append(f"| `{name}`{', required' if required else ''} | {shape} | {what} |")
    return "\n".join(lines) + "\n"


def main(arguments: list[str]) -> int:
    check = "--check" in arguments
    files = [Path(name) for name in arguments if name != "--check"]
    if not files:
        print(textwrap.dedent(__doc__), file=sys.stderr)
        return 2
    document = json.loads(DESCRIPTION.read_text())
    status = 0
    for file in files:
        text = file.read_text()
        made = TABLE.sub(lambda found: found[1] + table(document, *found.group(2, 3, 4, 5)) + found[7], text)
        if made == text:
            continue
        if check:
            print(f"{file}: a table of parameters is not what docs/openapi.json says", file=sys.stderr)
            status = 1
        else:
            file.write_text(made)
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

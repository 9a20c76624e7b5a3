#!/usr/bin/env python3
"""Makes an object file with a small part of ICU's data: trim-icu.py OBJECT.

Foundation brings ICU, and with it 34 MB of names, rules and tables for all languages of the world, half of a program that is
linked with it. Roster speaks no language but English and converts text by the C library, so what stays is what does not
depend on a language, English, and the root of all languages, to which ICU falls back.

Prints the option of the linker that puts it in place of the toolchain's data: `--wrap` and the name of the data.
"""

import os
import pathlib
import re
import shutil
import struct
import subprocess
import sys
import tempfile

LIBRARY = "lib/swift_static/linux/lib_FoundationICU.a"
MEMBER = "icu_packaged_data.cpp.o"
# Of the files that have a language's name these stay.
KEPT_LANGUAGES = {"root", "en", "en_US", "en_US_POSIX"}
LANGUAGE = re.compile(r"^[a-z]{2,3}(_[A-Za-z0-9_]+)?$|^root$")
# Tables of other character sets; dictionaries by which Thai, Khmer and such are broken into words; transliterations.
LEFT_OUT = re.compile(r"\.cnv$|\.dict$|/translit/")


def said_by(*command) -> bytes:
    return subprocess.run([str(one) for one in command], check=True, capture_output=True).stdout


def is_kept(name: str) -> bool:
    stem, _, kind = name.rpartition("/")[2].rpartition(".")
    if LEFT_OUT.search(name):
        return False
    return kind != "res" or not LANGUAGE.match(stem) or stem in KEPT_LANGUAGES


def trimmed(data: bytes) -> bytes:
    """The same package (ICU's format CmnD: a header, a sorted table of names and places, the files) with fewer files."""
    header, = struct.unpack_from("<H", data)
    if data[2:4] != b"\xda\x27" or data[12:17] != b"CmnD\x01":
        raise ValueError("this is no package of ICU that is known")
    table = data[header:]
    count, = struct.unpack_from("<I", table)
    places = [struct.unpack_from("<II", table, 4 + 8 * number) for number in range(count)]
    ends = [place for _, place in places[1:]] + [len(table)]
    files = []
    for (name, begin), end in zip(places, ends):
        text = table[name:table.index(b"\0", name)].decode()
        if is_kept(text):
            files.append((text.encode() + b"\0", table[begin:end]))
    names = 4 + 8 * len(files)
    begin = names + sum(len(name) for name, _ in files)
    begin += -begin % 16
    toc, texts, content = struct.pack("<I", len(files)), b"", b""
    for name, file in files:
        toc += struct.pack("<II", names + len(texts), begin + len(content))
        texts += name
        content += file + bytes(-len(file) % 16)
    return data[:header] + (toc + texts).ljust(begin, b"\xaa") + content


def main():
    target = pathlib.Path(sys.argv[1]).absolute()
    target.parent.mkdir(parents=True, exist_ok=True)
    swift = pathlib.Path(os.path.realpath(shutil.which("swift"))).parent
    library = swift.parent / LIBRARY
    with tempfile.TemporaryDirectory() as folder:
        member, content = pathlib.Path(folder) / "member.o", pathlib.Path(folder) / "data"
        member.write_bytes(said_by("ar", "p", library, MEMBER))
        symbols = said_by("nm", "--defined-only", "--format=posix", member).decode().split("\n")
        found = [line.split()[0] for line in symbols if re.match(r"icudt\d+_dat ", line)]
        if len(found) != 1:
            raise ValueError(f"{library} has no data where it is looked for")
        said_by("objcopy", "-O", "binary", "--only-section=.rodata", member, content)
        before = content.read_bytes()
        after = trimmed(before)
        content.write_bytes(after)
        source = pathlib.Path(folder) / "data.S"
        symbol = f"__wrap_{found[0]}"
        source.write_text(f"""\
    .section .rodata
    .globl {symbol}
    .hidden {symbol}
    .type {symbol}, @object
    .balign 16
{symbol}:
    .incbin "{content}"
    .size {symbol}, . - {symbol}
    .section .note.GNU-stack, "", @progbits
""")
        said_by(swift / "clang", "-c", source, "-o", target)
    print(f"{len(after)} of {len(before)} bytes of ICU's data are kept", file=sys.stderr)
    print(f"--wrap={found[0]}")


if __name__ == "__main__":
    main()

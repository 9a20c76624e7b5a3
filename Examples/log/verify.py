#!/usr/bin/env python3
"""Proves that the lines of `roster operation export` are the operation log: none was changed, removed or added.

    verify.py chain.key log.jsonl [NUMBER:CODE]

chain.key is what `roster operation chain-key` printed. NUMBER:CODE is the head that an earlier run printed; a file that does
not begin with event 1 needs it, and must continue from there. It prints the new head. It needs Python's standard library only.
"""

import hashlib
import hmac
import json
import sys
from datetime import datetime


def chained(event):
    """The bytes that the code of an event covers: a version, then each field behind its length."""
    def number(value):
        return value.to_bytes(8, "big", signed=True)

    def text(value):
        encoded = (value or "").encode()
        return number(len(encoded)) + encoded

    def texts(values):
        return number(len(values)) + b"".join(map(text, values))

    time = datetime.fromisoformat(event["time"].replace("Z", "+00:00"))
    return b"".join([
        b"\x01", number(event["sequence"]), text(event["job_id"]), number(int(time.timestamp())), text(event["action"]),
        text(event.get("owner")), text(event["submitter"]), text(event["origin"]), texts(event["clusters"]),
        texts(event["resources"]), text(event["status"]), text(event.get("error")), text(event["message"])])


def main(key_file, log_file, head="0:"):
    with open(key_file) as file:
        key = bytes.fromhex(file.read().strip())
    last, _, code = head.partition(":")
    last, code = int(last), bytes.fromhex(code)
    with open(log_file, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            try:
                event = json.loads(line)
                if event["sequence"] != last + 1:
                    return f"line {number}: event {last + 1} is missing"
                expected = hmac.digest(key, code + chained(event), hashlib.sha256)
                if not hmac.compare_digest(expected, bytes.fromhex(event["code"])):
                    return f"line {number}: event {event['sequence']} was changed, or the key or head is another"
            except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
                return f"line {number}: this is no event: {error!r}"
            last, code = last + 1, expected
    print(f"the log is whole up to event {last}\nhead: {last}:{code.hex()}")
    return 0


if __name__ == "__main__":
    if not 3 <= len(sys.argv) <= 4:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))

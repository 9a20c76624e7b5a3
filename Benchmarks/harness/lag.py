"""How long after one replica has answered a write another one shows it."""

import dataclasses
import json
import re
import socket
import statistics
import time


@dataclasses.dataclass
class Found:
    """Microseconds."""

    lags: list
    plain: float
    write: float

    def at(self, share):
        """The lag that `share` of the writes do not exceed."""
        ordered = sorted(self.lags)
        return ordered[int((len(ordered) - 1) * share)]


class Connection:
    """One HTTP connection that is kept. A client that parses less is a smaller part of what it times."""

    REVISION = re.compile(rb"\r\nroster-revision: (\d+)", re.IGNORECASE)
    LENGTH = re.compile(rb"\r\ncontent-length: (\d+)", re.IGNORECASE)

    def __init__(self, server):
        self.socket = socket.create_connection(("127.0.0.1", server.port), timeout=20)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self, method, target, body="", revision=None):
        """The revision that the answer shows; an answer that refuses is an error."""
        wanted = f"Roster-Revision: {revision}\r\n" if revision is not None else ""
        self.socket.sendall(f"{method} {target} HTTP/1.1\r\nHost: 127.0.0.1\r\n{wanted}"
                            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode())
        bytes = b""
        while (end := bytes.find(b"\r\n\r\n")) < 0:
            bytes += self._more()
        length = int(self.LENGTH.search(bytes)[1])
        while len(bytes) < end + 4 + length:
            bytes += self._more()
        if json.loads(bytes[end + 4:])["ret_code"] != 0:
            raise RuntimeError(f"refused: {bytes[end + 4:][:300]!r}")
        return int(self.REVISION.search(bytes)[1])

    def _more(self):
        found = self.socket.recv(1 << 16)
        if not found:
            raise RuntimeError("the server closed the connection")
        return found

    def close(self):
        self.socket.close()


def measure(first, second, commands, signer, zone, count, most_seconds):
    """Writes through `first`, each followed by a read through `second` that asks for its revision.

    The lag is the time from the answer to the write until the answer to the read: the read is held until the revision
    is there, so nothing is polled. It includes the read itself; `plain` says what that takes with nothing to wait for.
    """
    writer, reader = Connection(first), Connection(second)
    lags, plain, writes = [], [], []
    # A signature is good for a minute; that of a read may be used again.
    signed, read = 0.0, ""
    start = time.monotonic()
    try:
        while len(lags) < count and time.monotonic() - start < most_seconds:
            if time.monotonic() - signed > 20:
                signed, read = time.monotonic(), signer.distinct({"zone": zone, "limit": 1})
            method, target, body = next(commands).split("\t")
            sent = time.perf_counter()
            revision = writer.ask(method, target, body)
            answered = time.perf_counter()
            shown = reader.ask("GET", read, revision=revision)
            seen = time.perf_counter()
            if shown < revision:
                raise RuntimeError(f"revision {revision} was asked for, {shown} shown")
            reader.ask("GET", read)
            plain.append((time.perf_counter() - seen) * 1e6)
            lags.append((seen - answered) * 1e6)
            writes.append((answered - sent) * 1e6)
    finally:
        writer.close()
        reader.close()
    return Found(lags, statistics.median(plain), statistics.median(writes))

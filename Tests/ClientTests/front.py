"""A server in front of the one under test, which answers, forwards or hangs up as a test tells it."""

import json
import socket
import threading
from contextlib import suppress

SECONDS = 20


def read_message(connection: socket.socket) -> bytes:
    """A request or a response whose body has a told length; what came of it where the other side hung up."""
    text = b""
    while b"\r\n\r\n" not in text:
        more = connection.recv(65536)
        if not more:
            return text
        text += more
    head = text.split(b"\r\n\r\n")[0]
    lengths = [line.split(b":")[1] for line in head.lower().split(b"\r\n")[1:] if line.startswith(b"content-length:")]
    whole = len(head) + 4 + int(lengths[0] if lengths else 0)
    while len(text) < whole:
        more = connection.recv(65536)
        if not more:
            return text
        text += more
    return text


# What a front does with a request: bytes are sent back, and None hangs up without a word.


def forwarded(site):
    def act(request: bytes) -> bytes:
        with socket.create_connection(("127.0.0.1", site.port), timeout=SECONDS) as server:
            server.sendall(request)
            return read_message(server)
    return act


def cut(site, then=lambda: None):
    """The server answers, and nobody hears it; `then` happens before the connection is cut."""
    def act(request: bytes) -> None:
        answer = forwarded(site)(request)
        if b'"ret_code":' not in answer:
            raise AssertionError(f"the server did not answer: {answer!r}")
        then()
    return act


def dropped(request: bytes) -> None:
    """The connection is cut, and the server never sees the request."""


def begun(site):
    """The answer breaks off in the middle of its body."""
    return lambda request: forwarded(site)(request)[:-10]


def answered(status: int = 200, /, *, headers=(), **members):
    body = json.dumps({"action": "HpcResponse", **members}).encode()
    return raw(f"HTTP/1.1 {status} Told\r\nContent-Type: application/json\r\n", headers, body)


def raw(head: str, headers, body: bytes):
    lines = "".join(f"{line}\r\n" for line in [*headers, f"Content-Length: {len(body)}", "Connection: close"])
    return lambda request: f"{head}{lines}\r\n".encode() + body


class Front:
    """Does the next of its actions with each request, and the last one with all that follow."""

    def __init__(self, *actions):
        self.actions, self.requests, self.faults = list(actions), [], []
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.socket.getsockname()[1]}"

    @property
    def targets(self) -> list[str]:
        return [request.split(b" ")[1].decode() for request in self.requests]

    def serve(self):
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return  # closed
            with connection:
                connection.settimeout(SECONDS)
                with suppress(OSError):
                    self.serve_one(connection)

    def serve_one(self, connection: socket.socket):
        request = read_message(connection)
        if not request:
            return
        self.requests.append(request)
        act = self.actions.pop(0) if len(self.actions) > 1 else self.actions[0]
        try:
            answer = act(request)
        except Exception as fault:
            self.faults.append(fault)
            return
        if answer is not None:
            connection.sendall(answer)

    def close(self):
        with suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
        self.thread.join(SECONDS)

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        self.close()
        if self.faults and kind is None:
            raise AssertionError(f"the front failed: {self.faults}")

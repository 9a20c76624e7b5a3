"""As much of LDAP as a look-up by name needs (RFC 4511), on one connection that stays open."""

import socket

BIND_RESPONSE, ENTRY, DONE = 0x61, 0x64, 0x65


def element(tag: int, *parts: bytes) -> bytes:
    content = b"".join(parts)
    if len(content) < 0x80:
        return bytes([tag, len(content)]) + content
    size = len(content).to_bytes((len(content).bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(size)]) + size + content


def integer(value: int, tag: int = 0x02) -> bytes:
    return element(tag, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def text(value: str, tag: int = 0x04) -> bytes:
    return element(tag, value.encode())


def split(data: bytes) -> tuple[int, bytes, bytes]:
    """Tag and content of the first element, and what follows it."""
    size, start = data[1], 2
    if size & 0x80:
        start += size & 0x7F
        size = int.from_bytes(data[2:start], "big")
    return data[0], data[start:start + size], data[start + size:]


class Connection:
    def __init__(self, port: int, name: str, password: str, seconds: float):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=seconds)
        self.file = self.socket.makefile("rb")
        self.count = 0
        self.ask(element(0x60, integer(3), text(name), text(password, 0x80)), BIND_RESPONSE)

    def close(self):
        self.file.close()
        self.socket.close()

    def receive(self) -> tuple[int, bytes]:
        """The operation of the next message: its tag and content."""
        head = self.file.read(2)
        if len(head) < 2:
            raise ConnectionError("the LDAP server closed the connection")
        more = self.file.read(head[1] & 0x7F) if head[1] & 0x80 else b""
        size = int.from_bytes(more, "big") if more else head[1]
        _, _, operation = split(self.file.read(size))
        tag, content, _ = split(operation)
        return tag, content

    def ask(self, operation: bytes, last: int) -> list[bytes]:
        """Sends a request and gives the entries before its last answer, which must say success."""
        self.count += 1
        self.socket.sendall(element(0x30, integer(self.count), operation))
        entries = []
        while True:
            tag, content = self.receive()
            if tag == last:
                _, code, _ = split(content)
                if code != b"\0":
                    raise ValueError(f"LDAP answered {code[0]}")
                return entries
            entries.append(content)

    def find(self, base: str, name: str) -> list[bytes]:
        """The entries of posixAccounts of this name."""
        condition = element(
            0xA0, element(0xA3, text("objectClass"), text("posixAccount")), element(0xA3, text("uid"), text(name)))
        whole_subtree, never_dereference = integer(2, 0x0A), integer(0, 0x0A)
        return self.ask(element(
            0x63, text(base), whole_subtree, never_dereference, integer(0), integer(0), element(0x01, b"\0"), condition,
            element(0x30, text("uidNumber"))), DONE)

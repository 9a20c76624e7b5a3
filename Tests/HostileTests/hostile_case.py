"""What the tests of attackers and victims share: a site, messages of LDAP, attackers in processes of their own, and times.

The tests say what must never happen; with ROSTER_HOSTILE_FIGURES=1 they are larger, and print what they saw, which
docs/threat-model.md quotes from a release build. Attackers use 127.0.0.2, victims other addresses of loopback.
"""

import contextlib
import json
import multiprocessing
import os
import pathlib
import socket
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "ClientTests"))

import people  # noqa: E402
import running_site  # noqa: E402
from running_site import PROGRAM, Site, free_port  # noqa: E402
from signer import common_parameters, signed_target  # noqa: E402

FIGURES = bool(os.environ.get("ROSTER_HOSTILE_FIGURES"))
ATTACKER, VICTIM = "127.0.0.2", "127.0.0.3"
PASSWORD = "Correct1Horse"
CLUSTER = "hpc-host0001"
BASE = "dc=ehpccloud,dc=com"


def tlv(tag, content):
    size = len(content)
    if size < 0x80:
        return bytes([tag, size]) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + content


def bind_request(number, name, password, controls=0):
    bind = tlv(0x60, tlv(2, b"\x03") + tlv(4, name.encode()) + tlv(0x80, password.encode()))
    tail = tlv(0xA0, tlv(0x30, tlv(4, b"1.2.3")) * controls) if controls else b""
    return tlv(0x30, tlv(2, number.to_bytes(2, "big")) + bind + tail)


def connect(port, address, timeout=30):
    return socket.create_connection(("127.0.0.1", port), timeout=timeout, source_address=(address, 0))


def result_code(connection):
    """The resultCode of the next response; None where the connection ends. Responses are shorter than 128 bytes."""
    head = connection.recv(2, socket.MSG_WAITALL)
    if len(head) < 2:
        return None
    body = connection.recv(head[1], socket.MSG_WAITALL)
    place = body.index(b"\x0a\x01")
    return body[place + 2]


def search_request(number, base, search_filter, scope=2, time_limit=0):
    """A search that asks for no attributes."""
    search = (tlv(4, base.encode()) + tlv(10, bytes([scope])) + tlv(10, b"\0") + tlv(2, b"\0")
              + tlv(2, time_limit.to_bytes(2, "big")) + tlv(1, b"\0") + search_filter + tlv(0x30, tlv(4, b"1.1")))
    return tlv(0x30, tlv(2, number.to_bytes(2, "big")) + tlv(0x63, search))


def service_name(key):
    return f"cn={key.id},ou=Services,{BASE}"


def message(connection):
    """The next LDAP message's content, after its number; empty where the connection ends."""
    def read(count):
        content = b""
        while len(content) < count:
            more = connection.recv(count - len(content))
            if not more:
                raise EOFError
            content += more
        return content

    try:
        head = read(2)
        length = head[1] if head[1] < 0x80 else int.from_bytes(read(head[1] & 0x7F), "big")
        content = read(length)
    except EOFError:
        return b""
    return content[2 + content[1]:]


def last_code(connection):
    """The resultCode of the message that ends a search; None where the connection ends."""
    while True:
        content = message(connection)
        if not content:
            return None
        if content[0] != 0x64:
            place = content.index(b"\x0a\x01")
            return content[place + 2]


def get(target, headers=""):
    return f"GET {target} HTTP/1.1\r\nHost: x\r\n{headers}\r\n".encode()


def post(target, length, body=b""):
    return f"POST {target} HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n".encode() + body


def read_answer(connection):
    """The body of the next response of HTTP, which has a Content-Length."""
    received = b""
    while b"\r\n\r\n" not in received:
        more = connection.recv(1 << 16)
        if not more:
            raise EOFError
        received += more
    head, _, body = received.partition(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length:")[2].split()[0])
    while len(body) < length:
        more = connection.recv(1 << 20)
        if not more:
            raise EOFError
        body += more
    return body


def size(short, full):
    """What a test of CI has, and one that prints figures."""
    return full if FIGURES else short


def figures(text):
    if FIGURES:
        print(text, file=sys.stderr)


def percentile(times, percent):
    return sorted(times)[min(len(times) - 1, len(times) * percent // 100)]


def summary(times):
    return f"p50 {percentile(times, 50):.1f}, p99 {percentile(times, 99):.1f}, longest {max(times):.0f} ms of {len(times)}"


@contextlib.contextmanager
def attacking(body, *arguments):
    """Runs an attacker in a process of its own, so that it and a victim do not wait for each other in this one. The attacker says
    through a queue what it saw, and is killed at the end, if it has not ended by then."""
    context = multiprocessing.get_context("fork")
    seen = context.Queue()
    attacker = context.Process(target=body, args=(seen, *arguments), daemon=True)
    attacker.start()
    try:
        yield seen
    finally:
        attacker.kill()
        attacker.join()


class HostileCase(unittest.TestCase):
    serve_options = []
    ldap = False

    def setUp(self):
        self.site = Site()
        self.addCleanup(self.site.close)
        self.site.must("cluster", "create", *self.site.store, "--zone", people.ZONE, "--cluster-id", CLUSTER,
                       "--nas-mount-point", self.mount())
        self.operator = self.site.make_key("--user-id", "usr-op", "--operator")
        self.reader = self.site.make_key("--reader")
        if self.ldap:
            self.ldap_port = free_port()
            self.site.serve_options += ["--ldap", f"127.0.0.1:{self.ldap_port}"]
        self.site.serve_options += self.serve_options

    def mount(self):
        return "/share"

    def serve_by(self, script):
        """Starts the server through a shell, in which "$@" is the program and its arguments."""
        wrapper = self.site.folder / "wrapper"
        wrapper.write_text(f'#!/bin/sh\nset -- {PROGRAM} "$@"\n{script}\n')
        wrapper.chmod(0o755)
        running_site.PROGRAM = wrapper
        try:
            self.site.serve()
        finally:
            running_site.PROGRAM = PROGRAM

    def serve_with_descriptors(self, count):
        self.serve_by(f'ulimit -n {count}\nexec "$@"')

    def log(self):
        return self.site.log.read_text("utf-8", "replace")

    def client(self, key):
        return {"ROSTER_ENDPOINT": self.site.endpoint, "ROSTER_ZONE": people.ZONE, "ROSTER_ACCESS_KEY_ID": key.id,
                "ROSTER_SECRET_ACCESS_KEY": key.secret}

    def command(self, key, *arguments, stdin=b""):
        return self.site.roster(*arguments, stdin=stdin, **self.client(key))

    def add(self, name, *options):
        done = self.command(self.operator, "user", "add", "--cluster-id", CLUSTER, name, *options, stdin=PASSWORD.encode())
        self.assertEqual(done.returncode, 0, done.stderr)

    def events(self, *options):
        done = self.command(self.operator, "operation", "list", "--json", "--limit", "100", *options)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)["job_set"]

    def wait_for(self, condition, why):
        for _ in range(200):
            if condition():
                return
            time.sleep(0.05)
        self.fail(f"{why}\n{self.log()[-2000:]}")

    def is_live(self, address=VICTIM, timeout=10):
        with connect(self.site.port, address, timeout) as connection:
            connection.sendall(b"GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            return connection.recv(100).startswith(b"HTTP/1.1 200")

    def processor_seconds(self):
        fields = pathlib.Path(f"/proc/{self.site.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def resident_megabytes(self):
        for line in pathlib.Path(f"/proc/{self.site.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
        return 0

    def target(self, path, key, method="GET", body=b"", seconds=0, **parameters):
        """A signed target; its number makes it another request than the one before."""
        self.requests = getattr(self, "requests", 0) + 1
        pairs = {**common_parameters(key, people.ZONE, seconds), "nonce": str(self.requests), **parameters}
        return signed_target(method, path, pairs, key, body=body)

    def wait_until_idle(self, seconds=60):
        """Until the server uses the processor no more."""
        end = time.monotonic() + seconds
        before = -1.0
        while time.monotonic() < end and self.processor_seconds() - before > 0.05:
            before = self.processor_seconds()
            time.sleep(1)

    def import_users(self, count, groups=0, members=0):
        """Users, and groups that have a part of them as members."""
        words = "Hubert Horatio Plugh of Quux and Frobnitz " * 2
        with open(self.site.folder / "passwd", "w") as file:
            for number in range(count):
                file.write(f"u{number:06}:x:{100_000 + number}:50000:{words}:/home/u{number:06}:/bin/bash\n")
        with open(self.site.folder / "group", "w") as file:
            file.write("everybody:x:50000:\n")
            for group in range(groups):
                names = ",".join(f"u{(group * 97 + number) % count:06}" for number in range(members))
                file.write(f"g{group:03}:x:{60_001 + group}:{names}\n")
        self.site.must("import", *self.site.store, "--zone", people.ZONE, "--cluster-id", CLUSTER, "--format", "passwd",
                       "--group", self.site.folder / "group", self.site.folder / "passwd", timeout=300)


class Victims:
    """Clients that only want to be served: health checks on new connections, and look-ups on connections that stay open, several,
    so that one at least shares its event loop with an attacker."""

    def __init__(self, case, ldap=False, patience=120):
        self.case = case
        self.patience = patience
        self.http = [connect(case.site.port, VICTIM, patience) for _ in range(4)]
        self.ldap = [connect(case.ldap_port, VICTIM, patience) for _ in range(4)] if ldap else []
        for connection in self.http + self.ldap:
            case.addCleanup(connection.close)
        for connection in self.ldap:
            connection.sendall(bind_request(1, service_name(case.reader), case.reader.secret))
            case.assertEqual(result_code(connection), 0)
        self.look_up = search_request(2, f"ou=People,ou={CLUSTER},{BASE}", tlv(0xA3, tlv(4, b"uid") + tlv(4, b"u000001")))

    def times(self, seconds, rounds=5):
        """Milliseconds of each request, for so many seconds and rounds at least."""
        times = []
        end = time.monotonic() + seconds
        while time.monotonic() < end or rounds > 0:
            rounds -= 1
            times.append(self.time(lambda: self.case.assertTrue(self.case.is_live(timeout=self.patience))))
            for connection in self.http:
                times.append(self.time(lambda: self.list(connection)))
            for connection in self.ldap:
                times.append(self.time(lambda: self.search(connection)))
        return times

    def stored_times(self, seconds, rounds=3, connections=4):
        """The same of reads of the operation log, which are not answered from memory."""
        times = []
        end = time.monotonic() + seconds
        while time.monotonic() < end or rounds > 0:
            rounds -= 1
            times += [self.time(lambda: self.list(connection, "/api/operation", self.case.operator))
                      for connection in self.http[:connections]]
        return times

    @staticmethod
    def time(body):
        start = time.monotonic()
        body()
        return 1000 * (time.monotonic() - start)

    def list(self, connection, path="/api/user", key=None):
        connection.sendall(get(self.case.target(path, key or self.case.reader, limit="10")))
        self.case.assertIn(b'"ret_code":0', read_answer(connection))

    def search(self, connection):
        connection.sendall(self.look_up)
        self.case.assertEqual(last_code(connection), 0)

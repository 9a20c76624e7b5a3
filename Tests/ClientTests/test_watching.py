"""What watches a server: /metrics and health on a listener of their own, `roster health`, and what systemd is told.

Written from docs/operations/watch.md. Its table of metrics is compared with what a server exports, in both directions.
"""

import contextlib
import json
import os
import re
import signal
import socket
import threading
import time
import unittest
from http.client import HTTPConnection
from pathlib import Path

try:
    from prometheus_client.parser import text_string_to_metric_families
except ImportError:
    raise unittest.SkipTest("needs prometheus_client (Debian: python3-prometheus-client)") from None

import case
import client_site
import people
import running_site
from case import tearDownModule  # noqa: F401 (unittest looks for the function)
from metrics_table import documented
from people import user
from running_site import Answer, Site, free_port, told
from signer import Key
from write_case import ADD, DELETE, MODIFY, WriteCase

PATIENCE = 15  # how long something may take that has no time of its own, in seconds
# Counts of users may be ten seconds old.
COUNTS_SECONDS = 10
# A loaded machine delays what is timed.
SLACK = 0.5
NOT_READY, READ_ONLY = 1, 3
WRONG_PASSWORD = "Wrong1Guess"


def setUpModule():
    """The site of people.py, with a metrics listener, LDAP, and a certificate."""
    case.setUpModule()
    site = case.site
    site.stop()
    client_site.encrypt(site)
    watch(site)
    site.serve()


def watch(site: Site, ldap: bool = True):
    site.metrics_port = free_port()
    site.serve_options += ["--metrics", f"127.0.0.1:{site.metrics_port}"]
    if ldap:
        site.ldap_port = free_port()
        site.serve_options += ["--ldap", f"127.0.0.1:{site.ldap_port}"]


def watched(path: str, site: Site | None = None, method: str = "GET", body: bytes | None = None, timeout: float = 20) -> Answer:
    """An answer of the metrics listener."""
    port = (site or case.site).metrics_port
    connection = HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        connection.request(method, path, body)
        response = connection.getresponse()
        return Answer(f"{method} {path}", response.status, response.headers, response.read())
    finally:
        connection.close()


def families(site: Site | None = None) -> list:
    answer = watched("/metrics", site)
    if answer.status != 200:
        raise AssertionError(answer)
    return list(text_string_to_metric_families(answer.body.decode()))


def samples(site: Site | None = None) -> dict:
    """Every sample's value, by its name and its labels."""
    return {(sample.name, *sorted(sample.labels.items())): sample.value
            for family in families(site) for sample in family.samples}


def value(name: str, site: Site | None = None, **labels) -> float:
    return samples(site)[(name, *sorted(labels.items()))]


def full_name(family) -> str:
    """The parser cuts the end off a counter's name."""
    return f"{family.name}_total" if family.type == "counter" else family.name


class Moves:
    """How the counts of requests and commits move while something is asked."""

    COUNTED = re.compile(r"roster_\w+_(total|seconds_count)$")
    # They move by themselves, or a poll of the store may move them.
    BY_THEMSELVES = {"roster_event_loop_delay_seconds_count", "roster_publish_seconds_count", "roster_load_seconds_count"}

    def __enter__(self):
        self.before = self.counts()
        return self

    def __exit__(self, *failure):
        self.after = self.counts()

    def counts(self) -> dict:
        return {sample: count for sample, count in samples().items()
                if self.COUNTED.match(sample[0]) and sample[0] not in self.BY_THEMSELVES}

    @property
    def moved(self) -> dict:
        return {self.written(sample): count - self.before.get(sample, 0)
                for sample, count in self.after.items() if count != self.before.get(sample, 0)}

    @staticmethod
    def written(sample) -> str:
        return sample[0] + "".join(f" {name}={text}" for name, text in sample[1:])


def calls(call: str, code: str, count: int = 1) -> dict:
    """How the counts move for calls with one code."""
    return {f"roster_http_requests_total call={call} code={code}": count,
            f"roster_http_request_seconds_count call={call}": count}


def operations(operation: str, result: str, count: int = 1) -> dict:
    return {f"roster_ldap_operations_total operation={operation} result={result}": count,
            f"roster_ldap_operation_seconds_count operation={operation}": count}


def commits(count: int = 1) -> dict:
    return {"roster_commits_total result=done": count, "roster_commit_seconds_count": count}


def refusals(reason: str, count: int = 1) -> dict:
    return {f"roster_refusals_total reason={reason}": count}


def tlv(tag: int, content: bytes) -> bytes:
    size = len(content)
    return bytes([tag]) + (bytes([size]) if size < 0x80 else b"\x82" + size.to_bytes(2, "big")) + content


class Directory:
    """A connection of LDAP that binds, and searches for names."""

    def __init__(self, site: Site):
        self.socket = socket.create_connection(("127.0.0.1", site.ldap_port), timeout=20)

    def __enter__(self):
        return self

    def __exit__(self, *failure):
        self.socket.close()

    def ask(self, operation: bytes) -> int:
        """Sends an operation; the result code of its last response."""
        self.socket.sendall(tlv(0x30, tlv(2, b"\x07") + operation))
        while True:
            content = self.read(self.length())
            if content[3] != 0x64:  # an entry of a search
                return content[content.index(b"\x0a\x01") + 2]

    def length(self) -> int:
        first = self.read(2)[1]
        return first if first < 0x80 else int.from_bytes(self.read(first & 0x7F), "big")

    def read(self, count: int) -> bytes:
        content = b""
        while len(content) < count:
            more = self.socket.recv(count - len(content))
            if not more:
                raise EOFError("the server closed the connection")
            content += more
        return content

    def bind(self, name: str, password: str) -> int:
        return self.ask(tlv(0x60, tlv(2, b"\x03") + tlv(4, name.encode()) + tlv(0x80, password.encode())))

    def search(self, base: str, uid: str) -> int:
        wanted = tlv(0xA3, tlv(4, b"uid") + tlv(4, uid.encode()))
        return self.ask(tlv(0x63, tlv(4, base.encode()) + b"\x0a\x01\x02\x0a\x01\x00\x02\x01\x00\x02\x01\x00\x01\x01\x00"
                            + wanted + tlv(0x30, tlv(4, b"uidNumber"))))


BASE = "dc=ehpccloud,dc=com"
BIND_RIGHT, BIND_WRONG = 0, 49


def key_name(key: Key) -> str:
    return f"cn={key.id},ou=Services,{BASE}"


def user_name(username: str, cluster: str) -> str:
    return f"uid={username},ou=People,ou={cluster},{BASE}"


class Metrics(WriteCase):
    def test_the_table_of_the_manual_has_every_metric_and_no_other(self):
        page, exported = documented(), {full_name(family): family for family in families()}
        self.assertEqual(set(exported) - set(page), set(), "exported, and not in the page")
        # No backup of this site was made.
        self.assertEqual(set(page) - set(exported), {"roster_backup_timestamp_seconds"}, "in the page, and not exported")
        for name, family in exported.items():
            kind, labels = page[name]
            with self.subTest(metric=name):
                self.assertEqual(family.type, kind)
                self.assertTrue(family.documentation.endswith("."), family.documentation)
                for sample in family.samples:
                    self.assertEqual(set(sample.labels) - {"le"}, labels, sample)

    def test_names_and_values_are_as_prometheus_wants_them(self):
        answer = watched("/metrics")
        self.assertEqual(answer.headers["Content-Type"], "text/plain; version=0.0.4; charset=utf-8")
        seen = set()
        for family in text_string_to_metric_families(answer.body.decode()):
            self.assertRegex(family.name, r"^(roster|process)_[a-z_]+$")
            self.assertNotIn(family.name, seen, "the family comes twice")
            seen.add(family.name)
            if family.type == "histogram":
                self.assert_is_histogram(family)
        lines = [line.rsplit(" ", 1)[0] for line in answer.body.decode().splitlines() if not line.startswith("#")]
        self.assertEqual(len(lines), len(set(lines)), "a sample comes twice")

    def assert_is_histogram(self, family):
        """Each series counts upwards to +Inf, which is its count."""
        series: dict = {}
        for sample in family.samples:
            labels = tuple(sorted((name, text) for name, text in sample.labels.items() if name != "le"))
            series.setdefault(labels, {}).setdefault(sample.name.removeprefix(family.name), []).append(sample)
        for labels, parts in series.items():
            with self.subTest(metric=family.name, labels=labels):
                bounds = [float(sample.labels["le"]) for sample in parts["_bucket"]]
                counts = [sample.value for sample in parts["_bucket"]]
                self.assertEqual((bounds, bounds[-1]), (sorted(set(bounds)), float("inf")))
                self.assertEqual(counts, sorted(counts))
                self.assertEqual(counts[-1], parts["_count"][0].value)
                self.assertGreaterEqual(parts["_sum"][0].value, 0)

    def test_calls_move_the_counts_by_what_was_asked(self):
        with Moves() as lists:
            for _ in range(3):
                self.users(cluster_id=people.ALPHA)
        self.assertEqual(lists.moved, calls("UserListUsers", "0", 3))
        with Moves() as refused:
            self.assert_refuses(self.ask(self.forged()), 1200)
            self.assert_refuses(self.ask(self.forged(), path="/api/cluster/list"), 1200)
        self.assertEqual(refused.moved, calls("UserListUsers", "1xxx") | calls("ClusterListCluster", "1xxx")
                         | refusals("signature", 2))
        with Moves() as malformed:
            self.assert_refuses(self.ask(limit="many"), 1100)
        self.assertEqual(malformed.moved, calls("UserListUsers", "1xxx"))
        with Moves() as unknown:
            self.ask(path="/api/anna")
        self.assertEqual(unknown.moved, calls("other", "3xxx"))
        with Moves() as none:
            self.site.send("GET", "/health/ready")
            watched("/health/ready")
        self.assertEqual(none.moved, {}, "health checks are not counted")

    def test_a_time_is_at_most_what_the_client_waits(self):
        def seconds():
            return value("roster_http_request_seconds_sum", call="UserListUsers")
        before, start = seconds(), time.monotonic()
        self.users(cluster_id=people.BULK)
        waited = time.monotonic() - start
        self.assertGreater(seconds() - before, 0)
        self.assertLessEqual(seconds() - before, waited)

    def test_too_many_calls_are_refusals_for_the_rate(self):
        site = case.site
        site.stop()
        site.serve_options += ["--rate", "2/3600"]
        try:
            site.serve()
            with Moves() as moves:
                for _ in range(5):
                    self.ask("member")
            self.assertEqual(moves.moved, calls("UserListUsers", "0", 2) | calls("UserListUsers", "2xxx", 3)
                             | refusals("rate", 3) | {"roster_http_request_seconds_count call=UserListUsers": 5})
        finally:
            site.stop()
            del site.serve_options[-2:]
            site.serve()

    def test_commits_move_the_counts_by_what_was_done(self):
        before = value("roster_snapshot_revision")
        with Moves() as added:
            self.assert_done(self.add("counted"), ADD)
        self.assertEqual(added.moved, calls("UserAddUser", "0") | commits())
        with Moves() as taken:
            self.assert_refuses_write(self.add("counted"), 1510)
        # The log keeps the refusal.
        self.assertEqual(taken.moved, calls("UserAddUser", "1xxx") | commits())
        with Moves() as forged:
            self.assert_refuses_write(self.add("other", key=self.forged()), 1200)
        self.assertEqual(forged.moved, calls("UserAddUser", "1xxx") | refusals("signature"))
        self.assertEqual(value("roster_snapshot_revision"), before + 2)
        self.assertEqual(value("roster_known_revision"), before + 2)

    def test_operations_of_ldap_move_the_counts_by_their_results(self):
        self.assert_done(self.modify("anna", people.BETA, new_password=self.password), MODIFY)
        name, reader = user_name("anna", people.BETA), self.key("reader")
        with Directory(self.site) as directory:
            with Moves() as wrong:
                self.assertEqual(directory.bind(name, WRONG_PASSWORD), BIND_WRONG)
                self.assertEqual(directory.bind(user_name("nobody", people.BETA), WRONG_PASSWORD), BIND_WRONG)
            self.assertEqual(wrong.moved, operations("bind", "invalidCredentials", 2))
            with Moves() as right:
                self.assertEqual(directory.bind(name, self.password), BIND_RIGHT)
                self.assertEqual(directory.bind(key_name(reader), reader.secret), BIND_RIGHT)
            self.assertEqual(right.moved, operations("bind", "success", 2))
            with Moves() as found:
                for uid in ("anna", "boss", "nobody"):
                    self.assertEqual(directory.search(f"ou={people.BETA},{BASE}", uid), 0)
            self.assertEqual(found.moved, operations("search", "success", 3))
            with Moves() as nowhere:
                self.assertEqual(directory.search(f"ou=hpc-nowhere1,{BASE}", "anna"), 32)
            self.assertEqual(nowhere.moved, operations("search", "noSuchObject"))

    def test_users_by_state_follow_a_lock_and_an_expiry(self):
        cluster = "hpc-states01"
        zone = self.new_cluster(cluster, *(user(cluster, name, 30_000 + n, n) for n, name in enumerate(["admin", "ann", "bob", "cat", "dan"])))
        for name, change in (("ann", {"state": "locked"}), ("bob", {"expires": "2001-01-01T00:00:00Z"}), ("cat", {"state": "locked"}),
                             ("cat", {"state": "active"})):
            self.assert_done(self.modify(name, cluster, zone=zone, **change), MODIFY)
        self.assert_done(self.delete("dan", cluster, zone=zone), DELETE)
        self.assert_states(zone, active=2, locked=1, expired=1)
        self.assertEqual(value("roster_clusters", zone=zone), 1)

    def assert_states(self, zone, **wanted):
        deadline = time.monotonic() + COUNTS_SECONDS + 2
        while True:
            now = {sample[1][1]: count for sample, count in samples().items()
                   if sample[0] == "roster_users" and ("zone", zone) in sample}
            if now == wanted or time.monotonic() > deadline:
                return self.assertEqual(now, wanted)
            time.sleep(0.1)

    def test_connections_are_counted_by_server(self):
        with contextlib.ExitStack() as stack:
            for server in ("http", "ldap"):  # those of other tests end
                self.assert_becomes(0, "roster_connections", server=server)
            for port, count in ((self.site.port, 3), (self.site.ldap_port, 2)):
                for _ in range(count):
                    stack.enter_context(socket.create_connection(("127.0.0.1", port)))
            self.assert_becomes(3, "roster_connections", server="http")
            self.assert_becomes(2, "roster_connections", server="ldap")
        for server in ("http", "ldap"):
            self.assert_becomes(0, "roster_connections", server=server)

    def assert_becomes(self, wanted, name, **labels):
        deadline = time.monotonic() + PATIENCE
        while value(name, **labels) != wanted and time.monotonic() < deadline:
            time.sleep(0.02)
        self.assertEqual(value(name, **labels), wanted, (name, labels))

    def test_the_process_is_as_the_system_sees_it(self):
        now, pid = samples(), self.site.process.pid
        status = Path(f"/proc/{pid}/status").read_text()
        memory = int(re.search(r"VmRSS:\s+(\d+) kB", status)[1]) * 1024
        self.assertAlmostEqual(now[("process_resident_memory_bytes",)], memory, delta=memory / 4)
        # Another connection may be open or closed when the folder is read.
        self.assertAlmostEqual(now[("process_open_fds",)], len(os.listdir(f"/proc/{pid}/fd")), delta=3)
        limit = re.search(r"Max open files\s+(\d+)", Path(f"/proc/{pid}/limits").read_text())[1]
        self.assertEqual(now[("process_max_fds",)], int(limit))
        self.assertAlmostEqual(now[("process_start_time_seconds",)], os.stat(f"/proc/{pid}").st_ctime, delta=5)
        self.assertGreater(now[("process_cpu_seconds_total",)], 0)

    def test_the_certificates_end_and_the_version_are_shown(self):
        ends = value("roster_certificate_expiry_timestamp_seconds")
        self.assertAlmostEqual(ends, time.time() + 2 * 86_400, delta=600)
        build = json.loads(self.site.must("version", "--json").stdout)
        self.assertEqual(value("roster_build_info", version=build["version"], commit=build["commit"]), 1)

    def test_event_loops_are_measured_all_the_time(self):
        before = value("roster_event_loop_delay_seconds_count")
        time.sleep(1)
        # Ten times a second and loop, of which there is at least one.
        self.assertGreaterEqual(value("roster_event_loop_delay_seconds_count") - before, 7)

    def test_strangers_make_no_series_and_labels_hold_nobody(self):
        """What strangers send becomes no label: neither a name, nor a path, nor an address."""
        before = set(samples())
        for path in ("/api/user/anna", "/api/user/addAnna", "/metrics", "/%61", "/api/user/addUser/x"):
            self.ask(path=path)
        for method in ("PUT", "PATCH", "ANNA", "DELETE"):
            self.ask(method=method)
        self.ask(zone="nowhere", cluster_id="hpc-nowhere1", search_word="anna")
        self.ask(Key("STRANGEKEYSTRANGEKEY", "0" * 40))
        self.write("/api/user/anna", {"username": "anna"})
        self.add("Anna\n\"}", key="member")
        with Directory(self.site) as directory:
            self.assertEqual(directory.bind(user_name("stranger", people.ALPHA), WRONG_PASSWORD), BIND_WRONG)
            directory.search(f"ou={people.ALPHA},{BASE}", "stranger")
        after = samples()
        self.assertEqual({sample for sample in after if sample[0] != "roster_users"} - before, set())
        labels = {text for sample in after for name, text in sample[1:] if name not in ("le", "version", "commit")}
        people_here = [row["username"] for row in people.HERE + people.THERE] + ["stranger", "Anna"]
        clusters = {row["cluster_id"] for row in people.HERE + people.THERE}
        held = (set(people_here) | clusters) & labels
        self.assertEqual(held, set(), "a label is a name")
        text = watched("/metrics").body.decode()
        for piece in [*(key.id for key in self.site.keys.values()), *clusters, *(row["user_id"] for row in people.HERE),
                      "STRANGEKEY", "127.0.0", "anna", "stranger", "nowhere", "/api"]:
            self.assertNotIn(piece, text)
        self.assertFalse(any(secret in text for secret in self.site.secrets))


class Listener(WriteCase):
    """The metrics listener itself, and what strangers do to it."""

    def assert_answers(self):
        self.assertEqual(watched("/metrics").status, 200)

    def test_it_has_three_paths_for_get_and_head(self):
        for path in ("/metrics", "/health/live", "/health/ready"):
            with self.subTest(path=path):
                got, head = watched(path), watched(path, method="HEAD")
                self.assertEqual((got.status, head.status, head.body), (200, 200, b""))
                self.assertEqual(head.headers["Content-Type"], got.headers["Content-Type"])
                self.assertGreater(int(head.headers["Content-Length"]), 0)
                self.assertEqual(watched(path + "?x=1").body[:10], got.body[:10], "a query changes nothing")
        for path in ("/", "/metrics/", "/api/user", "/health", "/health/", "/..", "/%6detrics", "//metrics"):
            with self.subTest(path=path):
                self.assertEqual(watched(path).status, 404)
        for method in ("POST", "PUT", "DELETE", "OPTIONS", "TRACE"):
            for path in ("/metrics", "/health/ready", "/"):
                with self.subTest(method=method, path=path):
                    self.assertEqual(watched(path, method=method, body=b"{}" if method == "POST" else None).status, 405)

    def test_health_is_what_the_api_listener_says(self):
        for path in ("/health/live", "/health/ready"):
            here, there = watched(path), self.site.send("GET", path)
            self.assertEqual((here.status, here.media_type, here.json), (there.status, there.media_type, there.json))
        self.assertEqual(watched("/health/ready").json["status"], "ready")

    def test_a_connection_has_one_request(self):
        with self.connection() as connection:
            connection.sendall(b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n" * 50 + b"GET /x HTTP/1.0\r\n\r\n")
            answers = self.read_to_the_end(connection)
        self.assertEqual(re.findall(rb"HTTP/1\.\d (\d+)", answers), [b"200"])
        self.assertIn(b"\r\nConnection: close\r\n", answers)

    def connection(self):
        return socket.create_connection(("127.0.0.1", self.site.metrics_port), timeout=PATIENCE)

    def read_to_the_end(self, connection) -> bytes:
        read = b""
        with contextlib.suppress(ConnectionResetError):
            while more := connection.recv(65536):
                read += more
        return read

    def test_what_is_not_http_is_refused_and_closed(self):
        for garbage in (b"garbage\r\n\r\n", b"\0" * 1000, b"\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03" + os.urandom(200),
                        b"GET /metrics HTTP/9.9\r\n\r\n", b"GET /metrics HTTP/1.1\r\nA" + b"a" * 200_000 + b"\r\n\r\n",
                        b"POST /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
                        b"POST /metrics HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"):
            with self.subTest(garbage=garbage[:30]), self.connection() as connection:
                with contextlib.suppress(ConnectionError):
                    connection.sendall(garbage)
                answer = self.read_to_the_end(connection)
                self.assertNotIn(b" 200 ", answer[:20])
        self.assert_answers()

    def test_a_slow_half_request_delays_nobody_and_is_answered_when_it_ends(self):
        with self.connection() as slow:
            slow.sendall(b"GET /health/live HT")
            start = time.monotonic()
            for _ in range(20):
                self.assert_answers()
            self.assertLess(time.monotonic() - start, PATIENCE)
            slow.sendall(b"TP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            self.assertIn(b'{"status":"live"}', self.read_to_the_end(slow))

    def test_two_hundred_connections_at_once_end_nothing(self):
        """Those beyond 64 wait. Each that asks is answered once others close, and then there is place for all."""
        others = []
        try:
            for _ in range(200):
                other = socket.socket()
                other.setblocking(False)
                with contextlib.suppress(BlockingIOError):
                    other.connect(("127.0.0.1", self.site.metrics_port))
                others.append(other)
            time.sleep(0.5)
            # The API is served meanwhile.
            self.assertEqual(len(self.users(cluster_id=people.BETA)), len(people.beta_users()))
        finally:
            for other in others:
                other.close()
        self.assert_answers()
        self.assertLess(value("process_open_fds"), 100, "connections stay open")

    def test_a_hundred_that_ask_at_once_are_all_answered(self):
        answers = []

        def ask():
            answers.append(watched("/metrics", timeout=60).status)
        threads = [threading.Thread(target=ask) for _ in range(100)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(answers, [200] * 100)


class Full(WriteCase):
    """A server whose API listener has as many connections as it may have, all of them idle."""

    def test_health_is_answered_while_no_client_of_the_api_is(self):
        site = Site()
        self.addCleanup(site.close)
        self.assertEqual(site.import_rows(people.ZONE, people.HERE, "--allow-boss").returncode, 0)
        watch(site, ldap=False)
        site.serve_prefix = ["prlimit", "--nofile=192:192"]  # 128 are kept for the program, 64 are for connections
        site.serve()
        with contextlib.ExitStack() as idle:
            for number in range(80):
                # The last eighth of the connections is for addresses that have none.
                idle.enter_context(socket.create_connection(
                    ("127.0.0.1", site.port), timeout=PATIENCE, source_address=(f"127.0.1.{number + 1}", 0)))
            deadline = time.monotonic() + PATIENCE
            while value("roster_connections", site, server="http") < 64 and time.monotonic() < deadline:
                time.sleep(0.05)
            with self.assertRaises(TimeoutError):
                site.send("GET", "/health/live", timeout=1)
            for path in ("/health/live", "/health/ready", "/metrics"):
                self.assertEqual(watched(path, site, timeout=5).status, 200, path)
            self.assertGreaterEqual(value("roster_connections", site, server="http"), 64)
            self.assertEqual(value("roster_ready", site), 1)
        deadline = time.monotonic() + PATIENCE
        while value("roster_connections", site, server="http") > 0 and time.monotonic() < deadline:
            time.sleep(0.05)
        self.assertEqual(site.send("GET", "/health/live").status, 200, "there is place again")


class Stub:
    """A server that is none of Roster: it reads a request, and sends what it is given; nothing keeps it silent."""

    def __init__(self, sends: bytes):
        self.sends, self.open = sends, []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self.listener.accept()
                self.open.append(connection)
                connection.recv(65536)
                if self.sends:
                    connection.sendall(self.sends)
                    connection.shutdown(socket.SHUT_WR)

    def close(self):
        self.listener.close()
        for connection in self.open:
            connection.close()


class HealthCommand(WriteCase):
    def health(self, *options, endpoint=None, **environment):
        return self.site.roster("health", "--endpoint", endpoint or self.site.endpoint, *options, timeout=30, **environment)

    def stub(self, sends: bytes) -> str:
        stub = Stub(sends)
        self.addCleanup(stub.close)
        return f"http://127.0.0.1:{stub.port}"

    def answering(self, status: str, body: str) -> str:
        return self.stub(f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n{body}".encode())

    def assert_tells(self, done, code: int, out: str, error: str):
        self.assertEqual(done.returncode, code, told(done))
        self.assertRegex(done.stdout, f"^{out}$", told(done))
        self.assertRegex(done.stderr, f"^{error}$", told(done))

    def test_a_ready_server(self):
        self.assert_tells(self.health(), 0, "ready\n", "")
        self.assert_tells(self.health("--quiet"), 0, "", "")
        for endpoint in (self.site.endpoint + "/", f"http://127.0.0.1:{self.site.metrics_port}"):
            self.assert_tells(self.health(endpoint=endpoint), 0, "ready\n", "")
        self.assert_tells(self.site.roster("health", ROSTER_ENDPOINT=self.site.endpoint), 0, "ready\n", "")

    def test_a_read_only_server(self):
        endpoint = self.answering("200 OK", json.dumps({
            "status": "read-only", "message": "read-only, store unreachable since 2026-11-27T09:00:00Z", "revision": 7}))
        self.assert_tells(self.health(endpoint=endpoint), READ_ONLY, "read-only: .*since 2026-11-27T09:00:00Z\n", "")
        self.assert_tells(self.health("--quiet", endpoint=endpoint), READ_ONLY, "", "")

    def test_a_starting_server(self):
        endpoint = self.answering("503 Service Unavailable", '{"status":"starting"}')
        self.assert_tells(self.health(endpoint=endpoint), NOT_READY, "starting\n", "")

    def test_nothing_listens(self):
        endpoint = f"http://127.0.0.1:{free_port()}"
        for options, error in ((), f"Error: cannot reach {endpoint}: Connection refused\n"), (("--quiet",), ""):
            self.assert_tells(self.health("--timeout", "1", *options, endpoint=endpoint), NOT_READY, "", error)

    def test_a_server_that_is_not_roster(self):
        for sends in (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}",
                      b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", b"SSH-2.0-OpenSSH_9.2\r\n",
                      b'HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n{"status":"mediocre"}'):
            with self.subTest(sends=sends):
                endpoint = self.stub(sends)
                done = self.health(endpoint=endpoint)
                self.assertEqual(done.returncode, NOT_READY, told(done))
                self.assertTrue(done.stdout or done.stderr, "it says nothing")
                self.assert_tells(self.health("--quiet", endpoint=endpoint), NOT_READY, "", "")

    def test_what_a_server_says_cannot_steer_the_terminal(self):
        endpoint = self.answering("200 OK", json.dumps({"status": "ready", "message": "\x1b[31mred\x07\nready"}))
        self.assert_tells(self.health(endpoint=endpoint), 0, "ready: [^\x00-\x1f]+\n", "")

    def test_a_server_that_hangs(self):
        endpoint, start = self.stub(b""), time.monotonic()
        done = self.health("--timeout", "1", endpoint=endpoint)
        self.assertEqual(done.returncode, NOT_READY, told(done))
        self.assertEqual(done.stderr, f"Error: {endpoint} gave no answer within 1 s\n")
        self.assertLess(time.monotonic() - start, 5)

    def test_what_is_no_endpoint_and_no_time(self):
        for options in (("--timeout", "0"), ("--timeout", "soon"), ("--endpoint", "127.0.0.1"), ("--endpoint", "ftp://x")):
            done = self.site.roster("health", *options)
            self.assertNotIn(done.returncode, (0, READ_ONLY), told(done))
            self.assertIn("Error: ", done.stderr)


class Systemd(unittest.TestCase):
    """What a service manager hears on its socket."""

    COUNT = 20_000  # users that take a moment to load
    WATCHDOG = 1.0  # seconds

    def setUp(self):
        self.site = Site()
        self.addCleanup(self.site.close)
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(self.socket.close)

    def listen(self, path: str):
        self.socket.bind("\0" + path[1:] if path.startswith("@") else path)
        self.site.serve_environment = {"NOTIFY_SOCKET": path}

    def next(self, seconds: float = PATIENCE) -> dict | None:
        """The next message; None where none comes in time."""
        self.socket.settimeout(seconds)
        try:
            message = self.socket.recv(4096).decode()
        except (TimeoutError, BlockingIOError):
            return None
        return dict(line.split("=", 1) for line in message.split("\n"))

    def until(self, name: str) -> list[dict]:
        """The messages up to the first that tells `name`."""
        heard = []
        while True:
            message = self.next()
            self.assertIsNotNone(message, f"no {name}; heard {heard}")
            heard.append(message)
            if name in message:
                return heard

    def end_with_stopping(self):
        process = self.site.process
        process.send_signal(signal.SIGTERM)
        self.until("STOPPING")
        self.assertEqual(process.wait(running_site.STOP_SECONDS), 0)
        self.assertIsNone(self.next(0.05), "there is something to tell after the end")
        self.site.process = None

    def test_ready_is_told_once_the_directory_is_loaded(self):
        cluster = "hpc-large001"
        rows = [{"cluster_id": cluster, "username": f"u{n}", "uid_number": 100_000 + n, "gid_number": 10_000,
                 "nas_mount_point": "/share"} for n in range(self.COUNT)]
        fields = ["cluster_id", "username", "uid_number", "gid_number", "nas_mount_point"]
        self.assertEqual(self.site.import_rows(people.ZONE, rows, fields=fields).returncode, 0)
        self.listen(f"@roster-test-{os.getpid()}")
        watch(self.site)
        ready = []
        listener = threading.Thread(target=lambda: ready.extend(self.until("READY")))
        # The messages come while the server starts, before anybody asks it.
        listener.start()
        self.site.serve()
        listener.join()
        *loading, last = ready
        self.assertGreater(len(loading), 0)
        for message in loading:
            self.assertEqual(message["EXTEND_TIMEOUT_USEC"], "10000000")
            self.assertRegex(message["STATUS"], r"\A(opening the data folder|loading the directory(, \d+ users so far)?|opening ports)\Z")
        self.assertEqual((last["READY"], last["STATUS"]), ("1", f"{self.COUNT} users at revision 1"))
        self.assertIn(503, self.site.statuses_while_starting, "it was never seen loading: give it more users")
        self.end_with_stopping()

    def test_ready_comes_when_every_server_answers_already(self):
        self.listen(str(self.site.folder / "notify"))
        watch(self.site)
        self.site.port = port = free_port()
        running_site_free_port, running_site.free_port = running_site.free_port, lambda: port
        seen = []

        def look():
            heard = self.until("READY")
            seen.append((watched("/health/ready", self.site).json["status"], self.site.send("GET", "/health/ready").status, heard))
            socket.create_connection(("127.0.0.1", self.site.ldap_port)).close()
            seen.append("ldap")
        listener = threading.Thread(target=look)
        listener.start()
        try:
            self.site.serve()
        finally:
            running_site.free_port = running_site_free_port
            listener.join()
        self.assertEqual(seen[0][:2], ("ready", 200))
        self.assertEqual(seen[1:], ["ldap"])
        self.end_with_stopping()

    def test_the_watchdog_hears_of_it_within_half_its_time(self):
        self.listen(f"@roster-test-{os.getpid()}")
        self.site.serve_environment["WATCHDOG_USEC"] = str(int(self.WATCHDOG * 1e6))
        self.site.serve()
        self.until("READY")
        times = [time.monotonic()]
        for _ in range(4):
            self.assertEqual(self.until("WATCHDOG")[-1]["WATCHDOG"], "1")
            times.append(time.monotonic())
        pauses = [later - earlier for earlier, later in zip(times, times[1:])]
        self.assertLess(max(pauses), self.WATCHDOG / 2 + SLACK, pauses)
        # A server that hangs is found: nothing comes any more.
        self.site.process.send_signal(signal.SIGSTOP)
        try:
            while self.next(0) is not None:
                pass
            self.assertIsNone(self.next(self.WATCHDOG))
        finally:
            self.site.process.send_signal(signal.SIGCONT)
        self.until("WATCHDOG")
        self.end_with_stopping()

    def test_a_socket_that_nobody_reads_and_one_that_is_not_there_stop_nothing(self):
        for path in (str(self.site.folder / "nowhere"), "@nobody-here", "/" + "long" * 50, "@", "relative"):
            with self.subTest(path=path):
                self.site.serve_environment = {"NOTIFY_SOCKET": path, "WATCHDOG_USEC": "soon"}
                self.site.serve()
                self.site.stop()


if __name__ == "__main__":
    unittest.main()

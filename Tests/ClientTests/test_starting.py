"""A server that waits for its database, and one whose store can never be opened."""

import re
import signal
import socket
import time
import unittest

import running_site
from running_site import Site, free_port, told
from test_watching import Directory, user_name

PASSWORD = "k7-very.secret"
TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"
NOT_READY, BIND_UNAVAILABLE = 1, 52


class WaitingForADatabase(unittest.TestCase):
    """Nobody listens where the database should be."""

    def setUp(self):
        self.site = Site()
        self.addCleanup(self.site.close)
        key = self.site.folder / "seal.key"
        self.site.must("store", "make-key", key)
        self.database_port = free_port()
        self.place = f"127.0.0.1:{self.database_port},localhost:{self.database_port}"
        self.site.store = []
        self.site.ldap_port, self.site.metrics_port = free_port(), free_port()
        self.site.serve_options = [
            "--seal-key", str(key), "--ldap", f"127.0.0.1:{self.site.ldap_port}", "--metrics", f"127.0.0.1:{self.site.metrics_port}"]
        self.site.serve_environment = {"ROSTER_STORE": f"postgres://roster:{PASSWORD}@{self.place}/roster"}
        self.site.secrets = [PASSWORD]

    def until(self, holds, what: str):
        deadline = time.monotonic() + running_site.START_SECONDS
        while not holds():
            if time.monotonic() > deadline:
                self.fail(f"{what}\n{self.site.log.read_text()}")
            time.sleep(0.02)

    def message(self) -> str:
        """What /health/ready says; empty while nothing listens."""
        try:
            answer = self.site.send("GET", "/health/ready")
        except OSError:
            return ""
        self.assertEqual((answer.status, answer.json["status"]), (503, "starting"), answer)
        return answer.json["message"]

    def test_it_says_what_it_waits_for(self):
        notified = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(notified.close)
        path = str(self.site.folder / "notify")
        notified.bind(path)
        notified.settimeout(running_site.START_SECONDS)
        self.site.serve_environment["NOTIFY_SOCKET"] = path
        self.site.begin()
        waiting = f"waiting for PostgreSQL at {re.escape(self.place)} since {TIME}"
        self.until(lambda: re.fullmatch(waiting, self.message()), "it does not say that it waits")
        since = self.message()
        live = self.site.send("GET", "/health/live")
        self.assertEqual((live.status, live.json["status"]), (200, "live"))
        # What needs the directory is refused, and can be sent again.
        refused = self.site.send("GET", "/api/user?zone=zone1")
        self.assertEqual((refused.status, refused.json["ret_code"]), (503, 5100), refused)
        health = self.site.roster("health", "--endpoint", self.site.endpoint)
        self.assertEqual(health.returncode, NOT_READY, told(health))
        self.assertRegex(health.stdout, rf"\Astarting: {waiting}\n\Z")
        self.site.port, port = self.site.metrics_port, self.site.port
        metrics = self.site.send("GET", "/metrics").body.decode()
        self.site.port = port
        self.assertRegex(metrics, r"(?m)^roster_ready 0$")
        self.assertRegex(metrics, r"(?m)^roster_store_reachable 0$")
        while True:
            told_systemd = notified.recv(4096).decode()
            self.assertNotIn("READY", told_systemd)
            self.assertIn("EXTEND_TIMEOUT_USEC", told_systemd)
            if "waiting" in told_systemd:
                break
        self.assertRegex(told_systemd, rf"(?m)^STATUS={waiting}$")
        self.assertEqual(self.message(), since, "the beginning of the wait moves")
        # It was tried more than once; the log says so once for each cause, without the password.
        log = self.site.log.read_text()
        self.assertRegex(log, r"warning roster: cause=.*127\.0\.0\.1.* the store cannot be read, trying again")
        self.assertNotIn(PASSWORD, log + health.stdout + health.stderr + metrics + told_systemd + since)

    def test_it_stops_while_it_waits(self):
        self.site.begin()
        self.until(lambda: "waiting" in self.message(), "it does not wait")
        process = self.site.process
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(running_site.STOP_SECONDS), 0)

    def test_nodes_are_told_that_the_directory_is_loaded_later(self):
        self.site.begin()
        self.until(lambda: "waiting" in self.message(), "it does not wait")
        self.until(lambda: "listening on ldap" in self.site.log.read_text(), "LDAP does not listen")
        with Directory(self.site) as node:
            self.assertEqual(node.bind(user_name("zhang", "hpc-test0001"), "a password"), BIND_UNAVAILABLE)


class StoresThatCannotBeOpened(unittest.TestCase):
    """What waiting does not mend ends the server, with the reason as its last line."""

    def setUp(self):
        self.site = Site()
        self.addCleanup(self.site.close)

    def assert_ends(self, expected: str):
        self.site.begin()
        self.assertEqual(self.site.process.wait(running_site.START_SECONDS), 1)
        self.assertRegex(self.site.log.read_text().splitlines()[-1], expected)
        self.site.process = None

    def test_a_store_that_is_none(self):
        self.site.make_key("--operator", "--user-id", "usr-a")
        (self.site.data / "roster.db").write_bytes(b"no store at all, and no database either" * 100)
        for leftover in self.site.data.glob("roster.db-*"):
            leftover.unlink()
        self.assert_ends(r"^Error: cannot open the store .*roster\.db: it is not a store of roster, or it is damaged$")

    def test_a_store_that_was_lost(self):
        self.site.make_key("--operator", "--user-id", "usr-a")
        for file in self.site.data.glob("roster.db*"):
            file.unlink()
        self.assert_ends(r"^Error: .*roster\.db is missing beside its seal\.key: put it back from your backup")

    def test_a_folder_that_is_served_already(self):
        self.site.serve()
        other = Site()
        self.addCleanup(other.close)
        other.store = self.site.store
        other.begin()
        self.assertEqual(other.process.wait(running_site.START_SECONDS), 1)
        self.assertRegex(other.log.read_text(), rf"already served by process {self.site.process.pid} on 127\.0\.0\.1:{self.site.port}\n\Z")
        self.assertNotIn("listening", other.log.read_text())
        other.process = None

    def test_a_port_that_is_taken(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            self.site.serve_options = ["--ldap", f"127.0.0.1:{taken.getsockname()[1]}"]
            self.assert_ends("^Error: .*Address already in use")


if __name__ == "__main__":
    unittest.main()

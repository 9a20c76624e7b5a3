"""The access log: docs/operations/watch.md, "Every request"."""

import os
import re
import signal
import socket
import stat
import subprocess
import threading
import unittest

import people
from running_site import REPOSITORY, Site
from signer import Key, common_parameters, signed_target
from test_reload import Running

LINE = re.compile(r'(\S+) - - \[(\d\d/[A-Z][a-z]{2}/\d{4}(?::\d\d){3} [+-]\d{4})\] "((?:[^"\\]|\\.)*)" (\d{3}) (\d+|-) "((?:[^"\\]|\\.)*)" "((?:[^"\\]|\\.)*)"')


class AccessLog(Running):
    def begin(self, settings: str = "") -> Site:
        # `start` makes the folder.
        self.path = None
        site = Site()
        self.addCleanup(site.close)
        self.site, self.file = site, site.folder / "config.yaml"
        self.path = site.folder / "logs" / "access.log"
        self.path.parent.mkdir()
        self.file.write_text(f"access_log: {self.path}\n{settings}")
        site.serve_options = ["--config", str(self.file)]
        self.assertEqual(site.import_rows(people.ZONE, people.HERE, "--allow-boss").returncode, 0)
        self.key = site.make_key("--user-id", people.NOBODY, "--operator")
        site.serve()
        return site

    def target(self, key: Key | None = None, **parameters) -> str:
        key = key or self.key
        pairs = {**common_parameters(key, people.ZONE), **{name: str(value) for name, value in parameters.items()}}
        return signed_target("GET", "/api/user", pairs, key)

    def lines(self, path=None) -> list[tuple]:
        """The lines that are no health check."""
        found = []
        for line in (path or self.path).read_text().splitlines():
            match = LINE.fullmatch(line)
            self.assertTrue(match, line)
            found.append(match.groups())
        return [line for line in found if "/health/" not in line[2]]

    def wait_for_lines(self, count: int):
        self.wait_for(lambda: len(self.lines()) >= count, "the lines are not written")

    def test_a_line_for_each_response(self):
        site = self.begin("trusted_proxies: 127.0.0.1\n")
        target = self.target(limit=1)
        answer = site.send("GET", target, headers={"User-Agent": 'a "tool"\\1.0', "Referer": f"https://a.example{target}",
                                                   "X-Forwarded-For": "10.9.8.7"})
        self.assertEqual(answer.json["ret_code"], 0)
        site.send("HEAD", "/api/openapi.json")
        site.send("GET", "/no/such/path")
        site.send_raw(b"NOT HTTP AT ALL\r\n\r\n")
        site.send_raw(b"GET /old/client HTTP/1.0\r\n\r\n")
        self.wait_for_lines(5)
        lines = {line[2].split("?")[0]: line for line in self.lines()}
        client, _, request, status, size, referer, agent = lines["GET /api/user"]
        self.assertEqual((client, status, int(size), agent), ("10.9.8.7", "200", len(answer.body), r"a \"tool\"\\1.0"))
        signature = re.search("signature=([^&]+)", target)[1]
        self.assertEqual(request, f"GET {target.replace(signature, '-')} HTTP/1.1")
        self.assertEqual(referer, f"https://a.example{target.replace(signature, '-')}")
        self.assertEqual([lines[name][3:5] for name in ("HEAD /api/openapi.json HTTP/1.1", "GET /no/such/path HTTP/1.1", "-")],
                         [("200", "-"), ("404", lines["GET /no/such/path HTTP/1.1"][4]), ("400", "-")])
        self.assertIn("GET /old/client HTTP/1.0", lines)
        text = self.path.read_text()
        for secret in (signature, self.key.secret):
            self.assertNotIn(secret, text)
        self.assertEqual(stat.S_IMODE(self.path.stat().st_mode), 0o640)

    def test_logrotate_with_the_rules_of_the_package_loses_nothing(self):
        site = self.begin()
        rules, state = site.folder / "logrotate", site.folder / "logrotate.state"
        text = (REPOSITORY / "packaging/logrotate").read_text()
        text, count = re.subn(r"(?m)^/var/log/roster/access\.log \{$", f"{self.path} {{", text)
        text, places = re.subn(r"(?m)^ *systemctl kill .*$", f"        kill -HUP {site.process.pid}", text)
        text = re.sub(r"(?m)^ *su .*\n", "", text).replace("roster roster\n", f"{os.geteuid()} {os.getegid()}\n")
        self.assertEqual((count, places), (1, 1))
        rules.write_text(text)
        rules.chmod(0o644)
        self.path.parent.chmod(0o750)
        sent, stop = [], threading.Event()

        def ask():
            while not stop.is_set():
                sent.append(site.send("GET", "/api/openapi.json").status)
        thread = threading.Thread(target=ask)
        thread.start()
        try:
            for _ in range(2):
                # Something must be there to rotate.
                self.wait_for(lambda: self.path.exists() and self.lines(), "nothing is written")
                before = self.log().count("SIGHUP")
                subprocess.run(["logrotate", "--force", "--state", str(state), str(rules)], check=True, timeout=30)
                self.wait_for(lambda: self.log().count("SIGHUP") > before, "the signal was not logged")
            self.wait_for(self.lines, "nothing is written after it")
        finally:
            stop.set()
            thread.join()
        site.stop()
        older = self.path.with_name("access.log.2.gz")
        unpacked = site.folder / "older.log"
        unpacked.write_bytes(subprocess.run(["zcat", str(older)], check=True, capture_output=True, timeout=30).stdout)
        counts = [len(self.lines(path)) for path in (unpacked, self.path.with_name("access.log.1"), self.path)]
        self.assertGreater(min(counts), 0, counts)
        self.assertEqual(sum(counts), len(sent))

    def test_a_reload_with_a_fault_in_the_settings_opens_the_file_too(self):
        site = self.begin()
        self.path.rename(self.path.with_name("old.log"))
        self.file.write_text(f"access_log: {self.path}\nrate: much\n")
        self.reload()
        self.wait_for(self.path.exists, "the file was not opened again")
        site.send("GET", "/api/openapi.json")
        self.wait_for_lines(1)

    def test_a_file_that_cannot_be_opened_again_is_told_and_the_old_one_stays(self):
        site = self.begin()
        folder = self.path.parent
        folder.rename(folder.with_name("moved"))
        self.site.process.send_signal(signal.SIGHUP)
        self.wait_for(lambda: "cannot be opened again; the old file stays" in self.log(), "nothing was told")
        site.send("GET", "/api/openapi.json")
        self.path = folder.with_name("moved") / "access.log"
        self.wait_for_lines(1)

    def test_a_full_disk_is_told_and_requests_are_answered(self):
        site = self.start("", "--access-log", "/dev/full")
        for _ in range(3):
            self.assertEqual(site.send("GET", "/health/live").status, 200)
        self.wait_for(lambda: "the access log cannot be written" in self.log(), "nothing was told")
        site.stop()
        log = self.log()
        self.assertEqual(log.count("the access log cannot be written"), 1)
        self.assertRegex(log, r"error roster: cause=No space left on device file=/dev/full \[\w+\] the access log")
        self.assertGreaterEqual(sum(map(int, re.findall(r"lines=(\d+) .*lines of the access log are lost", log))), 3)

    def test_a_reader_that_does_not_read_stops_nothing(self):
        site = Site()
        self.addCleanup(site.close)
        self.site, pipe = site, site.folder / "pipe"
        os.mkfifo(pipe)
        reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
        self.addCleanup(os.close, reader)
        site.serve_options = ["--access-log", str(pipe)]
        site.serve()
        with socket.create_connection(("127.0.0.1", site.port), timeout=10) as connection:
            request = b"GET /health/live?%s HTTP/1.1\r\nHost: a\r\n\r\n" % (b"x" * 4000)
            for _ in range(40):
                connection.sendall(request)
                connection.recv(65536)
        self.wait_for(lambda: "the access log cannot be written" in self.log(), "nothing was told")
        self.assertEqual(site.send("GET", "/health/live").status, 200)

    def test_a_file_that_cannot_be_made(self):
        site = Site()
        self.addCleanup(site.close)
        for path, why in (("/nowhere/access.log", "No such file or directory"), (str(site.folder), "Is a directory")):
            done = site.roster("serve", "--data", site.data, "--http", "127.0.0.1:0", "--access-log", path)
            self.assertEqual((done.returncode, done.stderr), (1, f"Error: --access-log: cannot open {path}: {why}\n"))
        self.assertFalse(site.data.exists(), "a folder was made for a server that does not start")


if __name__ == "__main__":
    unittest.main()

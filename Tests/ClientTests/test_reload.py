"""SIGHUP and the log: docs/operations.md, "Settings" and "The server's log"."""

import json
import re
import signal
import time
import unittest

from case import RosterCase, setUpModule, tearDownModule  # noqa: F401
from running_site import Site

PATIENCE = 15  # how long a server may take to answer a signal, in seconds
TEXT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d{4} (trace|debug|info|notice|warning|error|critical) roster:.* \[\w+\] .+")
SECRET = "hunter2hunter2"


class Running(unittest.TestCase):
    """A server of its own, with a file of settings."""

    def start(self, settings: str = "", *options: str, **environment: str) -> Site:
        self.site = Site()
        self.addCleanup(self.site.close)
        self.file = self.site.folder / "config.yaml"
        self.file.write_text(settings)
        self.site.serve_options = ["--config", str(self.file), *options]
        self.site.serve_environment = environment
        self.site.serve()
        return self.site

    def log(self) -> str:
        return self.site.log.read_text()

    def wait_for(self, holds, message: str):
        deadline = time.monotonic() + PATIENCE
        while not holds():
            self.assertLess(time.monotonic(), deadline, f"{message}\n{self.log()}")
            time.sleep(0.01)

    def reload(self) -> list[str]:
        """Sends SIGHUP; the lines of the log until the one that ends it, without time and source."""
        before = len(self.log().splitlines())
        self.site.process.send_signal(signal.SIGHUP)
        self.wait_for(lambda: "SIGHUP" in "\n".join(self.log().splitlines()[before:]), "the signal was not logged")
        lines = [line for line in self.log().splitlines()[before:] if "GET" not in line and "request_id" not in line]
        return [re.sub(r"^\S+ | \[\w+\]", "", line) for line in lines]


class Reloading(Running):
    def test_what_may_change_changes_and_the_rest_is_told(self):
        self.start("rate: 5/60\nuser_set: both\n")
        self.file.write_text("rate: 7/60\nuser_set: user_set\nlog_level: debug\ntrusted_proxies: 127.0.0.1\nhomes: off\n")
        self.assertEqual(self.reload(), [
            "notice roster: from=5/60 setting=rate to=7/60 a setting has changed",
            "notice roster: from=(not set) setting=trusted_proxies to=127.0.0.1 a setting has changed",
            "notice roster: from=info setting=log_level to=debug a setting has changed",
            "warning roster: running=both set=user_set setting=user_set a setting has changed and counts after a restart only",
            "notice roster: after_restart=1 changed=3 SIGHUP: the settings were read again",
        ])
        self.site.send("GET", "/api/user?action=UserListUsers")
        self.wait_for(lambda: " debug roster:" in self.log(), "the level did not change")
        # The one that waits is told again, the others are not.
        self.assertEqual([line.split("roster: ")[1].split()[0] for line in self.reload() if "setting" in line][:1], ["running=both"])
        self.file.write_text("")
        self.assertEqual(self.reload()[-1], "notice roster: after_restart=0 changed=3 SIGHUP: the settings were read again")

    def test_a_fault_changes_nothing_and_is_told(self):
        self.start("log_level: info\nrate: 5/60\n")
        for text, fault in (("log_level: debug\nrate: 5\n", "line 2: rate: must be"), (f"rate: [{SECRET}\n", "line 1: rate takes one value"),
                            (f"log_level: debug\nseal_key: {SECRET}\n", "line 2: seal_key needs store")):
            self.file.write_text(text)
            lines = self.reload()
            self.assertEqual(len(lines), 1, lines)
            self.assertRegex(lines[0], f"^error roster: cause=the configuration file {self.file}, {re.escape(fault)}.*"
                                       " SIGHUP: the settings cannot be used; nothing was changed$")
        self.file.unlink()
        self.assertIn("cannot be read", self.reload()[0])
        self.assertNotIn(SECRET, self.log())
        self.assertNotIn(" debug roster", self.log())
        self.file.write_text("log_level: info\nrate: 5/60\n")
        self.assertEqual(self.reload(), ["notice roster: after_restart=0 changed=0 SIGHUP: the settings were read again"])

    def test_flags_and_the_environment_come_before_the_file_still(self):
        self.start("rate: 5/60\n", "--log-level", "notice", ROSTER_TRUSTED_PROXIES="10.0.0.1")
        self.file.write_text("rate: 5/60\nlog_level: debug\ntrusted_proxies: 10.0.0.2\n")
        self.assertEqual(self.reload(), ["notice roster: after_restart=0 changed=0 SIGHUP: the settings were read again"])

    def test_many_signals_at_once_end_nothing(self):
        self.start("rate: 5/60\n")
        for number in range(200):
            self.file.write_text(f"rate: {number + 1}/60\n")
            self.site.process.send_signal(signal.SIGHUP)
        self.wait_for(lambda: "to=200/60" in self.log(), "the last settings do not count")
        self.assertEqual(self.site.send("GET", "/health/live").status, 200)


class RateWhileRunning(RosterCase):
    def test_a_new_rate_counts_at_once(self):
        site = self.site
        file = site.folder / "rate.yaml"
        file.write_text("rate: 2/3600\n")
        site.stop()
        site.serve_options += ["--config", str(file)]
        try:
            site.serve()
            asked = [self.ask("member").json["ret_code"] for _ in range(4)]
            self.assertEqual(asked, [0, 0, 2500, 2500])
            file.write_text("rate: 3/3600\n")
            site.process.send_signal(signal.SIGHUP)
            deadline = time.monotonic() + PATIENCE
            while "to=3/3600" not in site.log.read_text():
                self.assertLess(time.monotonic(), deadline)
                time.sleep(0.01)
            self.assertEqual([self.ask("member").json["ret_code"] for _ in range(4)], [0, 0, 0, 2500])
        finally:
            site.stop()
            del site.serve_options[-2:]
            site.serve()


class Logs(Running):
    HOSTILE = (b"/api/%0a%1b[2J%e2%80%ae\xc3\xa9?zone=%0afake&action=x", b"/api/user?action=UserListUsers&access_key_id=%1b%5d0;x%07%0a",
               b"/\x1b[2J\x9b31m")

    def served(self, *options: str) -> list[str]:
        """The log of a server that gets hostile requests and is ended by SIGINT."""
        self.start("log_level: debug\n", *options)
        for target in self.HOSTILE:
            self.site.send_target(target)
        process, self.site.process = self.site.process, None
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(PATIENCE), 0)
        text = self.site.log.read_bytes().decode()
        self.assertFalse([c for c in text if c != "\n" and (ord(c) < 32 or 127 <= ord(c) < 160 or c in "\u202e\u2028")])
        return text.splitlines()

    def test_text(self):
        lines = self.served()
        for line in lines:
            self.assertRegex(line, TEXT)
        stops = [line for line in lines if "stopping" in line]
        self.assertEqual(len(stops), 1, lines)
        self.assertRegex(stops[0], r" notice roster: signal=SIGINT \[\w+\] stopping$")

    def test_json(self):
        lines = [json.loads(line) for line in self.served("--log-format", "json")]
        for line in lines:
            self.assertEqual(list(line), ["time", "level", "logger", "source", "message", "fields"])
            self.assertRegex(line["time"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")
        self.assertIn(("stopping", {"signal": "SIGINT"}), [(line["message"], line["fields"]) for line in lines])

    def test_journal(self):
        lines = self.served("--log-format", "journal")
        for line in lines:
            self.assertRegex(line, r"^<[2-7]>roster: ")
        self.assertIn("<5>roster: signal=SIGINT stopping", lines)

    def test_a_format_that_there_is_not(self):
        site = Site()
        self.addCleanup(site.close)
        done = site.roster("serve", *site.store, "--log-format", "xml")
        self.assertIn("--log-format must be text, json or journal", done.stderr)

    def test_sigterm_is_named(self):
        self.start()
        self.site.stop()
        self.assertRegex(self.log(), r"signal=SIGTERM \[\w+\] stopping\n")


if __name__ == "__main__":
    unittest.main()

"""The settings: `roster config`, docs/operations/settings.md, and the file of the package tell the same."""

import json
import re
import unittest
from pathlib import Path

from case import setUpModule, tearDownModule  # noqa: F401
from running_site import REPOSITORY, told
from test_commands import Commands

PAGE = REPOSITORY / "docs/operations/settings.md"
PACKAGED = REPOSITORY / "packaging/config.yaml"
SECRET = "hunter2hunter2"
HIDDEN = "(hidden)"
# What the package's file shows in the place of the default, for settings that have none.
COMMENTED = re.compile(r"^#(\w+): (.+)$", re.MULTILINE)


class Settings(Commands):
    def file(self, text: str) -> Path:
        path = self.site.folder / f"{self.id().rsplit('.', 1)[-1]}.yaml"
        path.write_text(text)
        return path

    def shown(self, *arguments, **environment) -> dict[str, dict]:
        done = self.assert_succeeds(self.roster("config", "show", "--json", *arguments, **environment))
        return {row["name"]: row for row in json.loads(done.stdout)}

    def faults(self, text: str) -> list[str]:
        """What `config check` says of a file, without the file's name."""
        path = self.file(text)
        done = self.roster("config", "check", path)
        lines = done.stderr.splitlines()
        self.assertEqual(done.returncode, 1 if lines else 0, told(done))
        if lines:
            self.assertEqual(lines.pop(), f"Error: {path} has " + ("a fault" if len(lines) == 1 else f"{len(lines)} faults"))
        self.assertNotIn(SECRET, done.stdout + done.stderr)
        for line in lines:
            self.assertTrue(line.startswith(f"the configuration file {path}"), line)
        return [line.removeprefix(f"the configuration file {path}").removeprefix(", ") for line in lines]

    def test_the_page_and_the_program_tell_the_same(self):
        table = PAGE.read_text().split("\n## Every setting\n")[1].split("\n## ")[0]
        rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines() if line.startswith("| `")]
        wanted = []
        for name, row in self.shown().items():
            needs = " and ".join(f"`{one}`" for one in row["needs"])
            default = f"`{row['default']}`" if "default" in row else ""
            reload = row["reload"] if row["side"] == "server" else ""
            wanted.append([f"`{name}`", row["kind"], default, needs, reload, row["help"].rstrip(".")])
        self.assertEqual(rows, wanted)

    def test_the_file_of_the_package_has_every_setting_of_the_server_with_its_default(self):
        text = PACKAGED.read_text()
        rows = {name: row for name, row in self.shown().items() if row["side"] == "server"}
        self.assertEqual(sorted(name for name, _ in COMMENTED.findall(text)), sorted(rows))
        for name, value in COMMENTED.findall(text):
            if "default" in rows[name]:
                self.assertEqual(value, rows[name]["default"], name)
        # As it is, and with every line in it: what it shows fits together.
        self.assertEqual(self.faults(text), [])
        self.assertEqual(self.faults(COMMENTED.sub(r"\1: \2", text).replace("homes: false", "homes: true")), [])

    def test_each_value_is_told_with_its_origin(self):
        path = self.file(f"# a comment\nrate: 5/60\nsecret_access_key: {SECRET}\nstore: postgres://u:{SECRET}@h/d\n")
        rows = self.shown("--config", path, ROSTER_LOG_LEVEL="debug", ROSTER_QY_SECRET_ACCESS_KEY=SECRET)
        told = {name: (row.get("value"), row.get("source"), row.get("line")) for name, row in rows.items()}
        self.assertEqual(told["rate"], ("5/60", "file", 2))
        self.assertEqual(told["log_level"], ("debug", "environment", None))
        self.assertEqual(told["http"], ("127.0.0.1:8080", "default", None))
        self.assertEqual(told["https"], (None, None, None))
        self.assertEqual(told["secret_access_key"], (HIDDEN, "file", 3))
        self.assertEqual(told["qy_secret_access_key"], (HIDDEN, "environment", None))
        self.assertNotIn(SECRET, json.dumps(rows))
        done = self.assert_succeeds(self.roster("config", "show", "--config", path, ROSTER_SECRET_ACCESS_KEY=SECRET))
        self.assertRegex(done.stdout, rf"(?m)^rate +5/60 +{re.escape(str(path))}:2$")
        self.assertRegex(done.stdout, r"(?m)^secret_access_key +\(hidden\) +ROSTER_SECRET_ACCESS_KEY$")
        self.assertNotIn(SECRET, done.stdout + done.stderr)

    def test_a_hostile_value_controls_no_terminal(self):
        done = self.assert_succeeds(self.roster("config", "show", ROSTER_SKELETON="/\x1b[2J\nfake row"))
        self.assertRegex(done.stdout, r"(?m)^skeleton +/\?\[2J\?fake row +ROSTER_SKELETON$")

    def test_everything_that_is_wrong_is_told_with_its_line(self):
        faults = self.faults(f"""http: 8080
hoems: true
rate: 2000
tls_refresh: 0
tls_key: {SECRET}
ldaps: 0.0.0.0:636
homes: yes
seal_key: /etc/roster/seal.key
trusted_proxies: 10.0.0.1, {SECRET}
log_level: {SECRET}
store: {SECRET}
endpoint: ftp://x
keep_weak_hashes: perhaps
""")
        self.assertEqual([fault.split(": ")[0] for fault in faults], [f"line {n}" for n in (1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 13)])
        self.assertEqual(faults[3:7], [
            "line 4: tls_refresh must be from 1 to 86400 seconds", "line 5: tls_key needs tls_certificate",
            "line 6: ldaps needs tls_certificate", "line 7: homes needs home_root"])

    def test_what_is_useless_alone_is_refused(self):
        for text, fault in (
            ("tls_key: k\n", "tls_key needs tls_certificate"), ("tls_certificate: c\n", "tls_certificate needs tls_key"),
            ("https: 0.0.0.0:443\n", "https needs tls_certificate and tls_key"), ("homes: true\n", "homes needs home_root"),
            ("home_root: /share\nhomes: false\n", "home_root needs homes"), ("seal_key: k\n", "seal_key needs store"),
        ):
            with self.subTest(text):
                self.assertEqual(self.faults(text), [f"line 1: {fault}"])

    def test_a_file_that_is_no_map_is_told_of_with_its_line(self):
        self.assertEqual(self.faults("rate: 1/2\nrate: 3/4\nhttp: 80\n"), [
            "line 2: rate is set twice, first in line 1", "line 3: http must be HOST:PORT, such as 127.0.0.1:8080"])
        self.assertIn("line 2: the file is not a flat YAML map of settings, such as zone: zone1",
                      self.faults(f"zone: z\nrate: a: {SECRET}\n"))
        for text in (f"- {SECRET}\n", f"{SECRET}\n", "\0", "a" * 100_000):
            self.assertTrue(self.faults(text))

    def test_a_file_that_is_not_there_is_an_error(self):
        done = self.assert_fails(self.roster("config", "check", self.site.folder / "none.yaml"))
        self.assertIn("none.yaml cannot be read", done.stderr)

    def test_a_server_refuses_what_the_check_refuses(self):
        path = self.file("homes: maybe\nhoems: true\n")
        done = self.assert_fails(self.roster("serve", "--data", self.site.folder / "other", "--config", path))
        self.assertIn(f"{path}, line 1: homes must be true or false; 1 more: roster config check {path}", done.stderr)
        self.assertFalse((self.site.folder / "other").exists())

    def test_flags_and_variables_are_named_as_they_were_typed(self):
        serve = ["serve", "--data", self.site.folder / "other"]
        for options, environment, fault in (
            (["--tls-refresh", "x"], {}, "--tls-refresh must be from 1 to 86400 seconds"),
            ([], {"ROSTER_TLS_REFRESH": "x"}, "ROSTER_TLS_REFRESH must be from 1 to 86400 seconds"),
            (["--https", "127.0.0.1:0"], {}, "--https needs --tls-certificate and --tls-key"),
            ([], {"ROSTER_SEAL_KEY": "x"}, "ROSTER_SEAL_KEY needs --store"),
            (["--homes"], {}, "--homes needs --home-root"),
        ):
            with self.subTest(fault):
                done = self.assert_fails(self.roster(*serve, *options, **environment))
                self.assertIn(f"Error: {fault}\n", done.stderr)
        done = self.assert_fails(self.roster("user", "list", "--endpoint", "ftp://x"))
        self.assertIn("Error: --endpoint must be a URL", done.stderr)


if __name__ == "__main__":
    unittest.main()

"""Every program of Examples/clients, run as its page says: what it prints, how it fails, and that it shows no secret."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from urllib.parse import parse_qsl

import case
import client_site
import people
from client_site import MANY_ZONE, SIGNS, SIGNS_ZONE, tearDownModule  # noqa: F401 (unittest looks for the function)
from front import Front, answered, dropped, raw
from people import user
from running_site import REPOSITORY, free_port, told
from signer import Key, append_signature, join, signature, string_to_sign

CLIENTS = REPOSITORY / "Examples/clients"
# How each program tells the time, and how it would on a machine whose clock is two minutes late.
CLOCKS = {
    "python/roster.py": ("time.time() if now is None else now", "time.time() - 120"),
    "go/list.go": ("time.Now()", "time.Now().Add(-2 * time.Minute)"),
    "shell/list.sh": ("date -u", "date -u -d '-2 minutes'"),
    "javascript/list.mjs": ("new Date()", "new Date(Date.now() - 120000)"),
}
CA_FILE = {
    "python/roster.py": "ROSTER_CA_FILE", "go/list.go": "SSL_CERT_FILE", "shell/list.sh": "CURL_CA_BUNDLE",
    "javascript/list.mjs": "NODE_EXTRA_CA_CERTS",
}
made = None  # the programs that are compiled


def setUpModule():
    global made
    made = Path(tempfile.mkdtemp(prefix="roster-examples-"))
    unittest.addModuleCleanup(shutil.rmtree, made)
    client_site.setUpModule()
    compile_go(CLIENTS / "go/list.go")


def compile_go(source: Path) -> Path:
    program = made / f"list-{people.digest(source)}"
    if not program.exists():
        done = subprocess.run(["go", "build", "-o", program, source], capture_output=True, text=True, cwd=made)
        if done.returncode != 0:
            raise AssertionError(done.stderr)
    return program


def command(source: Path) -> list:
    return {
        ".py": lambda: [sys.executable, source, "list", "--search-word"],
        ".go": lambda: [compile_go(source)],
        ".sh": lambda: [source],
        ".mjs": lambda: ["node", source],
    }[source.suffix]()


def each(test):
    """Runs a test for every program; none of them is left out."""
    def run(self):
        for name in CLOCKS:
            with self.subTest(name):
                test(self, name)
    run.__name__ = test.__name__
    return run


class Examples(case.RosterCase):
    def environment(self, key="operator", **more) -> dict:
        key = self.key(key)
        kept = {name: value for name, value in os.environ.items() if not name.startswith("ROSTER_")}
        return {**kept, "HOME": str(made), "ROSTER_ENDPOINT": self.site.endpoint, "ROSTER_ZONE": people.ZONE,
                "ROSTER_ACCESS_KEY_ID": key.id, "ROSTER_SECRET_ACCESS_KEY": key.secret, **more}

    def run_program(self, name, *words, key="operator", without=(), **environment):
        source = name if isinstance(name, Path) else CLIENTS / name
        told_to = {name: value for name, value in self.environment(key, **environment).items() if name not in without}
        done = subprocess.run([*map(str, command(source)), *(words or [""])], env=told_to, capture_output=True, timeout=60)
        done.stdout, done.stderr = done.stdout.decode(), done.stderr.decode()
        for secret in [*self.site.secrets, self.key(key).secret]:
            self.assertNotIn(secret, done.stdout + done.stderr)
        self.assertNotIn("signature=", done.stdout + done.stderr)
        return done

    def names(self, name, *words, **options) -> list:
        done = self.run_program(name, *words, **options)
        self.assertEqual(done.returncode, 0, told(done))
        self.assertRegex(done.stderr, r"^(\d+ of )?\d+ users\n$")
        lines = done.stdout.splitlines()
        return [line.split("\t")[0] for line in (lines[1:] if name == "python/roster.py" else lines)]

    def expected(self, **asked) -> list:
        return [row["username"] for row in self.users(limit=100, **asked)]

    def assert_fails(self, done, *pieces: str):
        self.assertEqual((done.returncode, done.stdout), (1, ""), told(done))
        self.assertRegex(done.stderr, r"\AError: [^\n]+\n\Z")
        for piece in pieces:
            self.assertIn(piece, done.stderr)


class Answers(Examples):
    @each
    def test_lists_what_the_independent_client_lists(self, name):
        everybody = self.names(name)
        self.assertEqual(everybody[:100], self.expected())
        self.assertEqual(len(everybody), len(people.HERE) if name == "python/roster.py" else 100)
        self.assertEqual(self.names(name, key="member"), [row["username"] for row in self.users("member")])

    @each
    def test_seeks_words_with_every_odd_sign(self, name):
        for word in ["%", "Ünal", 'quo"te', "back\\", "no ~body*+%中文"]:
            with self.subTest(word):
                found = self.names(name, word)
                self.assertEqual(found, self.expected(search_word=word))
                self.assertEqual(len(found), len(people.named_like(word)))

    @each
    def test_finds_a_name_by_each_of_its_signs(self, name):
        for word in [SIGNS, SIGNS[20:]]:
            with self.subTest(word):
                self.assertEqual(self.names(name, word, ROSTER_ZONE=SIGNS_ZONE), [SIGNS])
        self.assertEqual(self.names(name, "sp%20ace", ROSTER_ZONE=SIGNS_ZONE), [])

    @each
    def test_reads_the_list_under_either_name(self, name):
        row = user(people.ALPHA, 'one "user_set": [{"username":"two"}] \\', 1, 0)
        for under in (("user_set",), ("users_set",), ("user_set", "users_set")):
            members = {"ret_code": 0, "total_count": 1, **{one: [row] for one in under}}
            with self.subTest(under), Front(answered(**members)) as front:
                self.assertEqual(self.names(name, ROSTER_ENDPOINT=front.endpoint), [row["username"]])


class Refusals(Examples):
    @each
    def test_a_wrong_key(self, name):
        self.assert_fails(self.run_program(name, key=self.forged()), "1200: ", "signature")

    @each
    def test_a_late_clock(self, name):
        text, (now, late) = (CLIENTS / name).read_text(), CLOCKS[name]
        self.assertEqual(text.count(now), 1)
        copy = made / f"late-{Path(name).name}"
        copy.write_text(text.replace(now, late))
        copy.chmod(0o755)
        self.assert_fails(self.run_program(copy), "1300: ")

    @each
    def test_other_refusals_of_the_server(self, name):
        self.assert_fails(self.run_program(name, ROSTER_ZONE="nowhere1"), "2100: ", "zone")
        self.assert_fails(self.run_program(name, "x" * 257), "1100: ", "search_word")
        message = 'zone: "a", {b} \\ ret_code: 0, wait'
        with Front(answered(ret_code=1400, message=message)) as front:
            done = self.run_program(name, ROSTER_ENDPOINT=front.endpoint)
        self.assertEqual(done.returncode, 1)
        self.assertIn("1400: " + message, done.stderr.replace('\\"', '"').replace("\\\\", "\\"))

    @each
    def test_what_is_no_response_of_roster(self, name):
        for act in (raw("HTTP/1.1 502 Bad\r\nContent-Type: text/html\r\n", (), b"<html>\nret_code\n"), dropped):
            with Front(act) as front:
                done = self.run_program(name, ROSTER_ENDPOINT=front.endpoint)
            self.assertNotEqual((done.returncode, done.stderr), (0, ""), told(done))
            self.assertEqual(done.stdout, "")
        done = self.run_program(name, ROSTER_ENDPOINT=f"http://127.0.0.1:{free_port()}")
        self.assertNotEqual((done.returncode, done.stderr), (0, ""), told(done))

    @each
    def test_missing_settings(self, name):
        for setting in ("ROSTER_ZONE", "ROSTER_ACCESS_KEY_ID", "ROSTER_SECRET_ACCESS_KEY"):
            done = self.run_program(name, without=[setting])
            self.assertGreater(done.returncode, 0)
            self.assertRegex(done.stderr, f"(?i){setting.removeprefix('ROSTER_')}")

    @each
    def test_a_certificate_that_nobody_vouches_for(self, name):
        endpoint = f"https://127.0.0.1:{self.site.https_port}"
        done = self.run_program(name, ROSTER_ENDPOINT=endpoint)
        self.assertGreater(done.returncode, 0)
        self.assertIn("certificate", done.stderr)
        trusted = {CA_FILE[name]: str(self.site.certificate)}
        self.assertEqual(self.names(name, "anna", ROSTER_ENDPOINT=endpoint, **trusted), self.expected(search_word="anna"))


class Secrets(Examples):
    """Keys of any form sign rightly, and are no argument of any program."""

    def verified(self, key: Key):
        """A server that takes only what the independent signer would have sent."""
        def act(request: bytes) -> bytes:
            path, query = request.split(b" ")[1].decode().split("?")
            pairs = [pair for pair in parse_qsl(query, keep_blank_values=True, strict_parsing=True) if pair[0] != "signature"]
            text = join(sorted(pairs))
            right = append_signature(text, signature(key.secret, string_to_sign("GET", path, text)))
            code = 0 if query == right else 1200
            return answered(ret_code=code, message=f"{query} is not {right}", total_count=0, user_set=[])(request)
        return act

    @each
    def test_keys_of_every_form_and_length_sign_rightly(self, name):
        secrets = ["-n", "6" * 40 + "\\%s'`id`", "a" * 64, "b" * 65, "é中" * 9, "".join(map(chr, range(32, 90)))]
        for secret in secrets:
            key = Key("ABCDEFGHIJKLMNOPQRST", secret)
            with self.subTest(secret), Front(self.verified(key)) as front:
                self.assertEqual(self.names(name, "~ *", key=key, ROSTER_ENDPOINT=front.endpoint), [])
                self.assertTrue(front.requests)

    def test_no_program_of_the_shell_is_told_the_key(self):
        """Each program that the script starts is replaced by one that notes its arguments first."""
        tools, notes = made / "tools", made / "notes"
        tools.mkdir()
        for tool in ("awk", "cat", "curl", "date", "grep", "od", "openssl", "sed", "tr"):
            file = tools / tool
            file.write_text(f'#!/bin/sh\n/bin/echo "{tool} $*" >>{notes}\nexec {shutil.which(tool)} "$@"\n')
            file.chmod(0o755)
        self.assertEqual(self.names("shell/list.sh", "anna", PATH=str(tools)), self.expected(search_word="anna"))
        noted, key = notes.read_text(), self.key("operator")
        for tool in ("curl", "openssl", "od"):
            self.assertRegex(noted, rf"(?m)^{tool} ")
        for secret in (key.secret, key.secret.encode().hex(), key.secret[:10], "signature=", key.id):
            self.assertNotIn(secret, noted)

    def test_a_shell_without_a_printf_of_its_own_is_refused(self):
        """There the key would be an argument of /usr/bin/printf."""
        script = (CLIENTS / "shell/list.sh").read_text()
        guard = re.search(r"(?m)^\[ \"\$\(command -v printf\)\".*$", script)[0]
        done = subprocess.run(["bash", "-c", f"enable -n printf\n{guard}"], capture_output=True, text=True)
        self.assertEqual(done.returncode, 1)
        self.assertIn("printf", done.stderr)
        self.assertLess(script.index(guard), script.index("printf %s"))


class CommandLine(Examples):
    """What `roster.py list` does beyond the others."""

    def test_prints_columns_of_a_cluster(self):
        done = subprocess.run([sys.executable, CLIENTS / "python/roster.py", "list", "--cluster-id", people.BETA, "--zone", people.ZONE,
                               "--endpoint", self.site.endpoint], env=self.environment(ROSTER_ZONE="nowhere1"), capture_output=True, text=True)
        columns = "username", "uid_number", "gid_number", "role", "cluster_id", "nas_mount_point"
        rows = [columns, *([row[name] for name in columns] for row in self.users(cluster_id=people.BETA))]
        self.assertEqual(done.stdout, "".join("\t".join(row) + "\n" for row in rows), done.stderr)
        self.assertEqual(done.stderr, f"{len(rows) - 1} users\n")

    def test_control_characters_do_not_reach_the_terminal(self):
        row = user(people.ALPHA, "a\x1b[31m\tb\n", 1, 0)
        with Front(answered(ret_code=0, total_count=1, user_set=[row])) as front:
            done = self.run_program("python/roster.py", ROSTER_ENDPOINT=front.endpoint)
        self.assertIn("a\\x1b[31m\\x09b\\x0a\t1\t", done.stdout)

    def test_a_reader_that_has_enough_is_no_error(self):
        line = " ".join(["exec", "2>&1;", sys.executable, str(CLIENTS / "python/roster.py"), "list", "|", "head", "-1"])
        done = subprocess.run(["bash", "-c", line], env=self.environment(ROSTER_ZONE=MANY_ZONE), capture_output=True, text=True)
        self.assertTrue(done.stdout.startswith("username\t"), done.stdout)
        self.assertEqual(done.stderr, "")


if __name__ == "__main__":
    unittest.main()

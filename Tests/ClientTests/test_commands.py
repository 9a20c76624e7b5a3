"""The program's commands, and that a running server follows what they change."""

import json
import os
import unittest
from contextlib import suppress
from http.client import HTTPConnection
from urllib.error import HTTPError
from urllib.request import urlopen

import people
from case import RosterCase, setUpModule, tearDownModule, within_a_second  # noqa: F401
from people import user
from running_site import Site, free_port, told
from signer import Key

FORMS = {
    "hpcuser_id": r"^hpcuser-[a-z0-9]{8}$",
    "user_id": r"^usr-[A-Za-z0-9]{8}$",
    "create_time": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$",
    "update_time": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$",
}


class Commands(RosterCase):
    def roster(self, *arguments, **options):
        """Runs a command, which may fail but not crash."""
        done = self.site.roster(*arguments, **options)
        self.assertGreaterEqual(done.returncode, 0, f"ended by a signal: {told(done)}")
        return done

    def assert_succeeds(self, done):
        self.assertEqual(done.returncode, 0, told(done))
        return done

    def assert_fails(self, done):
        self.assertGreater(done.returncode, 0, told(done))
        return done

    def import_rows(self, zone, rows, *options, **more):
        done = self.site.import_rows(zone, rows, *options, **more)
        self.assertGreaterEqual(done.returncode, 0, f"ended by a signal: {told(done)}")
        return done

    def names(self, zone, key="operator", **asked):
        """The names in a zone; None where the zone is not known."""
        answer = self.ask(key, zone=zone, limit=100, sort_key="username", **asked)
        return None if answer.json["ret_code"] in (1200, 2100) else [row["username"] for row in self.assert_lists(answer)]

    def assert_soon(self, holds, message):
        self.assertTrue(within_a_second(holds), message)

    def code(self, key) -> int:
        return self.ask(key).json["ret_code"]


class Keys(Commands):
    def create(self, *options, **more):
        return self.roster("key", "create", "--data", self.site.data, *options, **more)

    def test_makes_keys_in_the_documented_form(self):
        for key in self.site.keys.values():
            self.assertRegex(key.id, r"^[A-Z]{20}$")
            self.assertGreaterEqual(len(key.secret), 20)
        self.assertEqual(len({key.secret for key in self.site.keys.values()}), len(self.site.keys))

    def test_prints_a_key_without_json_too(self):
        done = self.assert_succeeds(self.create("--reader"))
        self.assertRegex(done.stdout, r"\b[A-Z]{20}\b")
        self.assertIn("access_key_id", done.stdout)
        self.assertIn("secret_access_key", done.stdout)

    def test_refuses_a_key_of_no_kind_or_of_two(self):
        for options in ((), ("--operator",), ("--reader", "--user-id", people.MEMBER), ("--reader", "--operator")):
            with self.subTest(options):
                self.assert_fails(self.create(*options))

    def test_refuses_a_malformed_account(self):
        for account in ("", "nobody", "usr-", "usr-a b", "hpcuser-abcdefgh"):
            with self.subTest(account):
                self.assert_fails(self.create("--user-id", account))

    def test_a_new_key_works_on_the_running_server(self):
        key = self.site.make_key("--user-id", people.MEMBER)
        self.assert_soon(lambda: self.code(key) == 0, "the new key was not taken within a second")
        self.assert_finds(self.users(key), people.of_account(people.MEMBER))

    def test_a_revoked_key_stops_working_within_a_second(self):
        for options in (("--user-id", people.ADMIN), ("--reader",), ("--user-id", people.NOBODY, "--operator")):
            with self.subTest(options):
                key = self.site.make_key(*options)
                self.assert_soon(lambda: self.code(key) == 0, "the new key was not taken within a second")
                self.assert_succeeds(self.roster("key", "revoke", "--data", self.site.data, key.id))
                self.assert_soon(lambda: self.code(key) == 1200, "the revoked key was still taken after a second")
                self.assert_same_answer(self.ask(key), self.ask(Key(key.id, "0" * 40)))
                self.assertEqual(self.code("admin"), 0, "another key of the account stopped working")

    def test_lists_keys_without_their_secrets(self):
        done = self.assert_succeeds(self.roster("key", "list", "--data", self.site.data))
        for key in self.site.keys.values():
            self.assertIn(key.id, done.stdout)
        self.assertFalse(any(secret in done.stdout + done.stderr for secret in self.site.secrets), "a secret was printed")

    def test_keeps_no_secret_in_the_clear(self):
        for path in self.site.data.rglob("*"):
            with suppress(FileNotFoundError, IsADirectoryError):  # a running store may drop a file at any time
                kept = path.read_bytes()
                self.assertFalse(any(secret.encode() in kept for secret in self.site.secrets), f"{path.name} holds a secret")

    def test_an_account_without_rows_has_no_right(self):
        # Open in the documents: whether such a key can be made before its rows are imported.
        account = "usr-LateOne1"
        done = self.create("--user-id", account, "--json")
        if done.returncode != 0:
            self.skipTest("a key needs an account with rows")
        made = json.loads(done.stdout)
        key = Key(made["access_key_id"], made["secret_access_key"])
        self.assert_refuses(self.ask(key), 1200)
        self.assert_refuses(self.ask(key, cluster_id=people.ALPHA), 1200)
        self.assert_succeeds(self.import_rows("late1", [user("hpc-late0001", "late", 500, 0, user_id=account)]))
        self.assert_soon(lambda: self.names("late1", key) == ["late"], "the key does not see its account's new row")


class Imports(Commands):
    def test_is_visible_on_the_running_server_within_a_second(self):
        self.assertIsNone(self.names("lab1"))
        self.assert_succeeds(self.import_rows("lab1", [user("hpc-labone01", "first", 100, 0)]))
        self.assert_soon(lambda: self.names("lab1") == ["first"], "the imported user did not appear within a second")
        self.assert_succeeds(self.import_rows("lab1", [user("hpc-labone01", "second", 101, 1)]))
        self.assert_soon(lambda: self.names("lab1") == ["first", "second"], "the second user did not appear within a second")

    def test_updates_and_never_deletes_when_repeated(self):
        rows = [user("hpc-labtwo02", name, 200 + n, n) for n, name in enumerate(("one", "two", "three"))]
        self.assert_succeeds(self.import_rows("lab2", rows))
        changed = {**rows[0], "mod": "750", "nas_mount_point": "/public/elsewhere"}
        self.assert_succeeds(self.import_rows("lab2", [changed]))

        def first():
            found = self.ask(zone="lab2", search_word="one").json.get("user_set")
            return found[0] if found else {}

        self.assert_soon(lambda: first().get("mod") == "750", "the changed row did not appear within a second")
        self.assertEqual(first()["nas_mount_point"], "/public/elsewhere")
        for field in ("hpcuser_id", "user_id", "uid_number", "create_time"):
            self.assertEqual(first()[field], rows[0][field])
        self.assertEqual(self.names("lab2"), ["one", "three", "two"])

    def test_changes_nothing_when_repeated_unchanged(self):
        rows = [user("hpc-labtri03", name, 300 + n, n) for n, name in enumerate(("one", "two"))]
        self.assert_succeeds(self.import_rows("lab3", rows))
        self.assert_soon(lambda: self.names("lab3") == ["one", "two"], "the rows did not appear within a second")
        before = self.users(zone="lab3")
        self.assert_succeeds(self.import_rows("lab3", rows))
        self.assertEqual(self.users(zone="lab3"), before)
        self.assertEqual(before, people.oldest_first(rows))

    def test_refuses_a_changed_uid(self):
        row = user("hpc-labfor04", "stable", 400, 0)
        self.assert_succeeds(self.import_rows("lab4", [row]))
        self.import_rows("lab4", [{**row, "uid_number": "401"}])
        self.assert_soon(lambda: self.names("lab4") == ["stable"], "the row did not appear within a second")
        self.assertFalse(within_a_second(lambda: self.users(zone="lab4")[0]["uid_number"] != "400"), "the uid changed")

    def test_keeps_the_identifiers_it_made(self):
        fields = ["username", "uid_number", "gid_number"]
        rows = [user("", "admin", 500, 0), user("", "made", 501, 0)]
        identifiers = []
        for _ in range(2):
            done = self.import_rows("lab5", rows, "--cluster-id", "ehpc-labfiv05", fields=fields)
            self.assert_succeeds(done)
            self.assert_soon(lambda: self.names("lab5") == ["admin", "made"], "the rows did not appear within a second")
            made = self.users(zone="lab5", sort_key="username")
            for row in made:
                for field, form in FORMS.items():
                    self.assertRegex(row[field], form, row)
                self.assertEqual((row["cluster_id"], row["mod"]), ("ehpc-labfiv05", None), row)
            self.assertEqual([row["role"] for row in made], ["admin", "member"])
            identifiers.append([(row["hpcuser_id"], row["user_id"]) for row in made])
        self.assertEqual(*identifiers)

    def test_reads_standard_input(self):
        text = b"username,uid_number,gid_number\npiped,600,600\n"
        done = self.roster("import", "--data", self.site.data, "--zone", "lab6", "--cluster-id", "hpc-labsix06",
                           "--format", "csv", "-", stdin=text)
        self.assert_succeeds(done)
        self.assert_soon(lambda: self.names("lab6") == ["piped"], "the row did not appear within a second")

    def test_changes_nothing_in_a_dry_run(self):
        self.assert_succeeds(self.import_rows("lab7", [user("hpc-labsev07", "dry", 700, 0)], "--dry-run"))
        self.assertFalse(within_a_second(lambda: self.names("lab7") is not None), "a dry run made a zone")

    def test_refuses_a_whole_file_for_one_conflict_and_names_each_line(self):
        good = user("hpc-labeig08", "good", 800, 0)
        files = {
            "a name twice": ([good, user("hpc-labeig08", "twin", 801, 1), user("hpc-labeig08", "twin", 802, 2)], r"[34]"),
            "a uid twice": ([good, user("hpc-labeig08", "left", 801, 1), user("hpc-labeig08", "right", 801, 2)], r"[34]"),
            "an unknown role": ([good, user("hpc-labeig08", "king", 801, 1, role="king")], "3"),
            "two faults, the first": ([user("hpc-labeig08", "king", 1, 1, role="king"), good,
                                       user("hpc-labeig08", "queen", 2, 1, role="queen")], "2"),
            "two faults, the second": ([user("hpc-labeig08", "king", 1, 1, role="king"), good,
                                        user("hpc-labeig08", "queen", 2, 1, role="queen")], "4"),
        }
        for what, (rows, line) in files.items():
            with self.subTest(what):
                done = self.assert_fails(self.import_rows("lab8", rows, name="faulty.csv"))
                self.assertRegex(done.stdout + done.stderr, rf"faulty\.csv: line {line}: \S", told(done))
                self.assertFalse(within_a_second(lambda: self.names("lab8") is not None), "a refused file left something")

    def test_takes_no_name_that_would_break_a_passwd_line(self):
        # Open in the documents: whether such a name refuses its row or its file.
        for n, name in enumerate(("", "x" * 65, "a:b", "a/b", "a\nb", "a\tb", "a\x7fb", "é" * 33)):
            with self.subTest(name=name):
                self.import_rows("lab9", [user("hpc-labnin09", name, 900 + n, n)])
                self.assertFalse(within_a_second(lambda: self.names("lab9")), "the name was taken")

    def test_takes_no_number_outside_its_range(self):
        for uid in ("0", "-1", "4294967295", "1e3", "x", "1.0"):
            with self.subTest(uid=uid):
                self.import_rows("lab10", [user("hpc-labten10", "odd", 1, 0, uid_number=uid)])
                self.assertFalse(within_a_second(lambda: self.names("lab10")), "the number was taken")

    def test_takes_a_boss_only_where_that_is_allowed(self):
        row = user("hpc-labelv11", "chief", 1100, 0, role="boss")
        self.import_rows("lab11", [row])
        self.assertFalse(within_a_second(lambda: self.names("lab11")), "a boss was imported unasked")
        self.assert_succeeds(self.import_rows("lab11", [row], "--allow-boss"))
        self.assert_soon(lambda: self.names("lab11") == ["chief"], "the boss did not appear within a second")

    def import_bytes(self, content: bytes):
        file = self.site.folder / "not-a-table.csv"
        file.write_bytes(content)
        return self.roster("import", "--data", self.site.data, "--zone", "lab12", "--cluster-id", "hpc-labtwe12", file)

    def test_refuses_files_that_are_not_tables(self):
        for what, content in {"noise": bytes(range(256)) * 20, "no header": b"anna,100,100\nzoe,101,101\n"}.items():
            with self.subTest(what):
                done = self.assert_fails(self.import_bytes(content))
                self.assertTrue(done.stderr.strip(), told(done))
                self.assertFalse(self.names("lab12"), told(done))

    def test_takes_nothing_from_files_without_a_good_row(self):
        header = b"username,uid_number,gid_number\n"
        for what, content in {"empty": b"", "a header alone": header, "a long line": header + b"x" * 10_000_000 + b",1,1\n"}.items():
            with self.subTest(what):
                self.import_bytes(content)
                self.assertFalse(within_a_second(lambda: self.names("lab12")), "something was imported")

    def test_refuses_a_file_that_is_not_there(self):
        done = self.roster("import", "--data", self.site.data, "--zone", "lab12", self.site.folder / "absent.csv")
        self.assert_fails(done)
        self.assertTrue(done.stderr.strip(), told(done))


class Serving(Commands):
    def test_refuses_a_second_server_on_the_same_folder(self):
        done = self.roster("serve", "--data", self.site.data, "--http", f"127.0.0.1:{free_port()}", timeout=20)
        self.assert_fails(done)
        self.assertEqual(len(done.stderr.strip().splitlines()), 1, told(done))
        self.assert_still_serves()

    def test_makes_its_folder_for_its_owner_alone(self):
        self.assertEqual(oct(self.site.data.stat().st_mode & 0o777), oct(0o700))

    def test_starts_on_nothing_and_stops_while_a_client_idles(self):
        fresh = Site()
        try:
            fresh.serve()
            self.assertEqual(oct(fresh.data.stat().st_mode & 0o777), oct(0o700))
            idle = HTTPConnection("127.0.0.1", fresh.port)
            idle.request("GET", "/health/live")
            idle.getresponse().read()
            fresh.stop()  # fails where it takes more than ten seconds
            idle.close()
        finally:
            fresh.close()

    def test_keeps_what_it_had_over_a_restart(self):
        before, revision = self.all_users(), int(self.ask().headers["Roster-Revision"])
        self.site.stop()
        self.site.serve()
        self.assertEqual(self.all_users(), before)
        self.assertGreaterEqual(int(self.ask().headers["Roster-Revision"]), revision)


class UserList(Commands):
    def list(self, *options, key="operator", zone=people.ZONE, **environment):
        key = self.key(key)
        settings = {
            "ROSTER_ENDPOINT": self.site.endpoint,
            "ROSTER_ACCESS_KEY_ID": key.id,
            "ROSTER_SECRET_ACCESS_KEY": key.secret,
            "ROSTER_ZONE": zone,
            **environment,
        }
        settings = {name: value for name, value in settings.items() if value is not None}
        done = self.roster("user", "list", *options, **settings)
        self.assertNotIn(key.secret, done.stdout + done.stderr)
        return done

    def json(self, *options, **more):
        return json.loads(self.assert_succeeds(self.list(*options, "--json", **more)).stdout)

    def users_in(self, text: str) -> list:
        """The users in one answer or several, one after the other: `--all` may print either."""
        found, decoder, at = [], json.JSONDecoder(), 0
        while text[at:].strip():
            at += len(text[at:]) - len(text[at:].lstrip())
            value, at = decoder.raw_decode(text, at)
            for answer in value if isinstance(value, list) else [value]:
                found += answer.get("user_set") or answer.get("users_set") or ([answer] if "username" in answer else [])
        return found

    def test_prints_the_answer_as_it_came(self):
        self.assertEqual(self.json(), self.ask().json)

    def test_passes_its_options_on(self):
        cases = [
            (("--cluster-id", people.BULK), {"cluster_id": people.BULK}),
            (("--user-id", people.TWO_ROWS), {"user_id": people.TWO_ROWS}),
            (("--search-word", "Anna Maria"), {"search_word": "Anna Maria"}),
            (("--search-word", "a+b"), {"search_word": "a+b"}),
            (("--search-word", "李"), {"search_word": "李"}),
            (("--search-word", "%"), {"search_word": "%"}),
            (("--limit", "3", "--offset", "4"), {"limit": 3, "offset": 4}),
            (("--sort-key", "username", "--reverse"), {"sort_key": "username", "reverse": 1}),
            (("--limit", "0"), {"limit": 0}),
        ]
        for options, asked in cases:
            with self.subTest(options):
                self.assertEqual(self.json(*options), self.ask(**asked).json)

    def test_takes_zone_and_endpoint_as_options_too(self):
        answer = self.json("--zone", people.FAR_ZONE, "--endpoint", self.site.endpoint, ROSTER_ENDPOINT=None, ROSTER_ZONE=None)
        self.assertEqual(answer, self.ask(zone=people.FAR_ZONE).json)
        self.assertEqual(self.json("--zone", people.FAR_ZONE), answer)

    def test_sees_what_its_key_may_see(self):
        self.assertEqual(self.json(key="member"), self.ask("member").json)

    def test_follows_all_pages(self):
        expected = {row["hpcuser_id"] for row in people.HERE}
        done = self.assert_succeeds(self.list("--all", "--json"))
        found = [row["hpcuser_id"] for row in self.users_in(done.stdout)]
        self.assertEqual(len(found), len(expected), told(done))
        self.assertEqual(set(found), expected)

    def test_prints_a_table_with_every_user(self):
        table = self.assert_succeeds(self.list("--all", "--cluster-id", people.BULK)).stdout
        for row in people.of_cluster(people.BULK):
            self.assertRegex(table, rf"(?m)(^|\W){row['username']}(\W|$)")
        self.assertIn("李雷", self.assert_succeeds(self.list("--search-word", "李")).stdout)

    def test_prints_a_url_that_another_program_can_fetch(self):
        for options, asked in (((), {}), (("--search-word", "Anna Maria & 李 +%"), {"search_word": "Anna Maria & 李 +%"}),
                               (("--limit", "2", "--cluster-id", people.BULK), {"limit": 2, "cluster_id": people.BULK})):
            with self.subTest(options):
                url = self.assert_succeeds(self.list("--print-url", *options)).stdout.strip().strip("'\"")
                self.assertTrue(url.startswith(f"{self.site.endpoint}/api/user"), url)
                self.assertRegex(url, r"^[!-~]+$")
                try:
                    with urlopen(url, timeout=20) as response:
                        answer = json.load(response)
                except HTTPError as fault:
                    self.fail(f"{url}\n{fault}")
                self.assertEqual(answer, self.ask(**asked).json, url)

    def test_reads_the_vendors_configuration_file(self):
        key = self.key("operator")
        for quote in ("", "'", '"'):
            with self.subTest(quote=quote):
                home = self.site.folder / "configured"
                (home / ".qingcloud").mkdir(parents=True, exist_ok=True)
                lines = {"qy_access_key_id": key.id, "qy_secret_access_key": key.secret, "zone": people.FAR_ZONE}
                text = "".join(f"{name}: {quote}{value}{quote}\n" for name, value in lines.items())
                file = home / ".qingcloud/config.yaml"
                file.write_text(text)
                os.chmod(file, 0o600)
                answer = self.json(HOME=str(home), ROSTER_ACCESS_KEY_ID=None, ROSTER_SECRET_ACCESS_KEY=None, ROSTER_ZONE=None)
                self.assertEqual(answer, self.ask(zone=people.FAR_ZONE).json)

    def test_fails_plainly(self):
        cases = {
            "an unknown cluster": (("--cluster-id", people.UNKNOWN_CLUSTER), {}),
            "an unknown zone": ((), {"ROSTER_ZONE": people.EMPTY_ZONE}),
            "a wrong secret": ((), {"ROSTER_SECRET_ACCESS_KEY": "0" * 40}),
            "no server": ((), {"ROSTER_ENDPOINT": f"http://127.0.0.1:{free_port()}"}),
            "a malformed endpoint": ((), {"ROSTER_ENDPOINT": "not a url"}),
            "no key": ((), {"ROSTER_ACCESS_KEY_ID": None, "ROSTER_SECRET_ACCESS_KEY": None}),
            "no zone": ((), {"ROSTER_ZONE": None}),
            "a malformed limit": (("--limit", "many"), {}),
        }
        for what, (options, environment) in cases.items():
            with self.subTest(what):
                done = self.assert_fails(self.list(*options, **environment))
                self.assertTrue(done.stderr.strip(), told(done))


if __name__ == "__main__":
    unittest.main()

"""The operation log on the command line: who got what, when, from what; its export and proof elsewhere; times as they are typed."""

import json
import subprocess
import sys
import tempfile
import time
import unittest
from datetime import datetime, timedelta, timezone
from pathlib import Path

from case import setUpModule, tearDownModule  # noqa: F401 (unittest looks for the two functions)
from people import ADMIN, ALPHA, BETA, BULK, ZONE
from running_site import REPOSITORY
from write_case import WriteCase, fresh_name

VERIFIER = REPOSITORY / "Examples/log/verify.py"


def jobs(done) -> list:
    """The jobs of `operation list --json`, of all its answers."""
    return [job for line in done.stdout.splitlines() for job in json.loads(line)["job_set"]]


class LogCase(WriteCase):
    def listed(self, *arguments) -> list:
        done = self.command("operation", "list", "--json", *arguments)
        self.assertEqual(done.returncode, 0, done.stderr)
        return jobs(done)

    def refused(self, *arguments, **options) -> str:
        done = self.command(*arguments, **options)
        self.assertNotEqual(done.returncode, 0, done.stdout)
        return done.stderr

    def group(self, name, **members):
        answer = self.write("/api/group/modifyGroup", {"cluster_id": ALPHA, "zone": ZONE, "group_name": name, **members})
        self.assertEqual(answer.json["ret_code"], 0, answer)


class WhoGotWhat(LogCase):
    def test_one_command_tells_who_made_somebody_an_admin_from_what(self):
        name, new, group = fresh_name("egao"), fresh_name("egao"), fresh_name("g")
        self.added(name, ALPHA)
        self.modify(name, ALPHA, role="admin")
        self.modify(name, ALPHA, new_username=new)
        self.write("/api/group/createGroup", {"cluster_id": ALPHA, "zone": ZONE, "group_name": group})
        self.group(group, add_members=[new])
        self.group(group, remove_members=[new])
        self.modify(new, ALPHA, role="member")
        self.delete(new, ALPHA)
        told = [(job["job_action"], job["action_describe"]) for job in self.listed("--user", name)]
        # Deleted, it has no identifier any more; its names tell what was done under each.
        self.assertIn(("ModifyUser", "role: member -> admin"), told)
        told = [(job["job_action"], job["action_describe"]) for job in self.listed("--user", new, "--cluster-id", ALPHA)]
        self.assertEqual([action for action, _ in told][:2], ["DeleteUser", "ModifyUser"])
        self.assertIn(("ModifyUser", "role: admin -> member"), told)

    def test_a_user_is_found_under_its_former_names_and_in_groups(self):
        name, new, group = fresh_name("egao"), fresh_name("egao"), fresh_name("g")
        self.added(name, ALPHA)
        self.modify(name, ALPHA, role="admin")
        self.modify(name, ALPHA, new_username=new)
        self.write("/api/group/createGroup", {"cluster_id": ALPHA, "zone": ZONE, "group_name": group})
        self.group(group, add_members=[new, "anna"])
        self.group(group, remove_members=[new])
        told = [(job["job_action"], job["action_describe"]) for job in self.listed("--user", new)]
        self.assertEqual([action for action, _ in told], ["ModifyGroup", "ModifyGroup", "ModifyUser", "ModifyUser", "AddUser"])
        self.assertEqual(told[0][1], f"0 joined, 1 left ({new})")
        self.assertEqual(told[1][1], f"2 joined (anna {new}), 0 left")
        self.assertEqual(told[3][1], "role: member -> admin")
        self.assertEqual(self.listed("--user", fresh_name("nobody")), [])

    def test_a_user_is_not_looked_for_where_the_key_may_not_look(self):
        name = fresh_name("egao")
        self.added(name, BULK)
        answer = self.ask("member", path="/api/operation", username=name)
        self.assertEqual((answer.json["ret_code"], answer.json["total_count"]), (0, 0))
        self.assertEqual(self.ask("member", path="/api/operation", cluster_id=BULK).json["ret_code"], 2100)
        for value, code in (("x", 1100), ("hpc-nosuch01", 2100)):
            self.assertEqual(self.ask(path="/api/operation", cluster_id=value).json["ret_code"], code, value)

    def test_a_password_is_told_of_and_not_told(self):
        name = fresh_name("egao")
        self.added(name, ALPHA)
        self.modify(name, ALPHA, new_password=self.other_password)
        job = self.listed("--user", name)[0]
        self.assertEqual(job["action_describe"], "password set")
        self.assertNotIn(self.other_password, str(job))


class Listing(LogCase):
    def setUp(self):
        self.names = [fresh_name("log") for _ in range(3)]
        for name in self.names:
            self.added(name, ALPHA)

    def test_the_newest_is_first_and_all_are_followed(self):
        everything = self.listed("--all")
        ids = [job["job_id"] for job in everything]
        self.assertEqual(len(ids), len(set(ids)))
        self.assertEqual(len(ids), self.ask(path="/api/operation", limit=1).json["total_count"])
        self.assertEqual([job["resource_ids"].split()[0] for job in everything[:3]], self.names[::-1])
        self.assertEqual([job["job_id"] for job in self.listed("--all", "--limit", "7")], ids)
        self.assertEqual([job["job_id"] for job in self.listed("--all", "--reverse")], ids[::-1])
        self.assertEqual([job["job_id"] for job in self.listed("--limit", "2", "--offset", "1")], ids[1:3])
        shown = self.command("operation", "list", "--all", "--limit", "5")
        self.assertEqual([line.split()[0] for line in shown.stdout.splitlines()[1:]], ids)
        self.assertIn(f"{len(ids)} of {len(ids)}", shown.stderr)

    def test_the_case_of_an_action_does_not_matter(self):
        expected = [job["job_id"] for job in self.listed("--all", "--action", "AddUser")]
        self.assertGreaterEqual(len(expected), 3)
        for action in ("adduser", "ADDUSER", "addUser"):
            self.assertEqual([job["job_id"] for job in self.listed("--all", "--job-action", action)], expected, action)
        for action in ("AddUse", "AddUser%", "_ddUser", "' OR 1=1 --"):
            self.assertEqual(self.listed("--action", action), [], action)

    def test_a_cluster_has_its_own_jobs(self):
        name = fresh_name("log")
        self.added(name, BETA)
        for cluster, users in ((ALPHA, self.names), (BETA, [name])):
            told = " ".join(job["resource_ids"] for job in self.listed("--all", "--cluster-id", cluster)).split()
            for user in self.names + [name]:
                self.assertEqual(user in told, user in users, (cluster, user))
        self.assertIn("no such cluster", self.refused("operation", "list", "--cluster-id", "hpc-nosuch01"))

    def test_times_are_days_durations_and_offsets(self):
        everything = [job["job_id"] for job in self.listed("--all", "--user", self.names[0])]
        today = datetime.now(timezone.utc).strftime("%Y-%m-%d")
        later = (datetime.now(timezone.utc) + timedelta(hours=9, minutes=1)).strftime("%Y-%m-%dT%H:%M+09:00")
        for since in ("2d", "1h", "1w", "2020-01-01", "2020-01-01 00:00", "2020-01-01T00:00:00Z", "2020-01-01T00:00:00-0330"):
            with self.subTest(since=since):
                self.assertEqual([job["job_id"] for job in self.listed("--user", self.names[0], "--since", since)], everything)
        for until in (today, later, "0s", "2099-12-31"):
            with self.subTest(until=until):
                self.assertEqual([job["job_id"] for job in self.listed("--user", self.names[0], "--until", until, "--time-zone", "UTC")], everything)
        for flags in (("--since", "2099-01-01"), ("--until", "2020-01-01"), ("--until", "1d"), ("--start-time", later)):
            with self.subTest(flags):
                self.assertEqual(self.listed("--user", self.names[0], *flags), [])
        for flag in ("--since", "--until", "--start-time", "--end-time"):
            for value in ("yesterday", "2027-13-01", "2027-02-30", "2d3h", "-2d", "2027-02-28T", "2027-02-28T10", "1700000000",
                          "2027-02-28T10:00:00+99:00", "9999999999d"):
                with self.subTest(flag, value=value):
                    told = self.refused("operation", "list", f"{flag}={value}")
                    self.assertIn(f"{flag}: '{value}' is not a time such as", told)
        self.assertIn("--time-zone", self.refused("operation", "list", "--since", "2027-01-01", "--time-zone", "Mars/Base"))


class Export(LogCase):
    def exported(self, *arguments) -> list:
        done = self.command("operation", "export", *arguments)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout.splitlines(keepends=True)

    def proved(self, lines, *head):
        with tempfile.TemporaryDirectory() as folder:
            key, log = Path(folder, "chain.key"), Path(folder, "log.jsonl")
            key.write_text(self.site.must("operation", "chain-key", *self.site.store).stdout)
            log.write_text("".join(lines))
            return subprocess.run([sys.executable, VERIFIER, key, log, *head], capture_output=True, text=True)

    def test_an_export_is_proved_elsewhere(self):
        name = fresh_name("Käthe")
        self.assertNotEqual(self.add(name, ALPHA).json["ret_code"], 0)  # a refusal with letters beyond ASCII
        self.added(cluster=ALPHA)
        lines = self.exported()
        proof = self.proved(lines)
        self.assertEqual(proof.returncode, 0, proof)
        head = proof.stdout.split("head: ")[1].strip()
        verified = self.command("operation", "verify", "--head", head)
        self.assertEqual(verified.returncode, 0, verified.stderr)
        self.assertEqual(self.site.must("operation", "export", *self.site.store).stdout, "".join(lines))
        # The next export continues from there.
        self.added(cluster=ALPHA)
        more = self.exported("--after", head.split(":")[0])
        self.assertEqual(len(more) >= 2 and json.loads(more[0])["sequence"], len(lines) + 1)
        self.assertEqual(self.proved(more, head).returncode, 0)
        self.assertEqual(self.proved(lines + more).returncode, 0)
        self.assertIn("1 is missing", self.proved(more).stderr)

    def test_what_was_changed_removed_or_added_is_found(self):
        lines = self.exported()
        place = next(place for place, line in enumerate(lines) if json.loads(line)["action"] == "ImportUsers")
        for field, value in (("message", "nothing"), ("owner", ADMIN), ("time", "2020-01-01T00:00:00Z"), ("resources", ["x"]),
                             ("clusters", []), ("submitter", "os:nobody"), ("status", "failed"), ("error", "busy"), ("origin", "x"),
                             ("action", "AddUser"), ("job_id", "j-aaaaaaaaaaa"), ("code", "00" * 32)):
            with self.subTest(field):
                changed = json.dumps({**json.loads(lines[place]), field: value}) + "\n"
                proof = self.proved(lines[:place] + [changed] + lines[place + 1:])
                self.assertNotEqual(proof.returncode, 0)
                self.assertIn(f"line {place + 1}: event {place + 1} was changed", proof.stderr)
        self.assertIn(f"event {place + 1} is missing", self.proved(lines[:place] + lines[place + 1:]).stderr)
        self.assertIn("is missing", self.proved(lines[:place] + lines[place:place + 1] + lines[place:]).stderr)
        for odd in ("\n", "[]\n", "{}\n", "null\n", '{"sequence": 1}\n', "{\n"):
            proof = self.proved([odd])
            self.assertIn("line 1: ", proof.stderr, odd)
            self.assertNotIn("Traceback", proof.stderr, odd)

    def test_only_operators_and_bosses_may_export(self):
        for key in ("admin", "member"):
            self.assertEqual(self.ask(key, path="/api/operation/events").json["ret_code"], 1400, key)
        self.assertEqual(self.ask("boss", path="/api/operation/events", limit=1).json["ret_code"], 0)
        for name in ("after", "limit"):
            for value in ("-1", "x", "1.5", "9223372036854775808"):
                answer = self.ask(path="/api/operation/events", **{name: value})
                self.assertEqual(answer.json["ret_code"], 1100, (name, value))
                self.assertIn(name, answer.json["message"])
        self.assertEqual(self.ask(path="/api/operation/events", after=2**63 - 1).json["event_set"], [])
        self.assertEqual(len(self.ask(path="/api/operation/events", limit=10**9).json["event_set"]) <= 1000, True)
        self.assertIn("--after", self.refused("operation", "export", "--after=-1"))

    def test_the_chain_key_opens_nothing_and_needs_the_store(self):
        seal = (self.site.data / "seal.key").read_text()
        self.assertNotIn(self.site.must("operation", "chain-key", *self.site.store).stdout.strip(), seal)


class Times(LogCase):
    def setUp(self):
        self.name = fresh_name("when")
        self.added(self.name, ALPHA)

    def expires(self):
        return self.ask(path="/api/user/describeUser", cluster_id=ALPHA, username=self.name).json["user"]["expires"]

    def test_an_expiry_is_a_day_a_time_or_a_duration(self):
        for text, zone, expected in (
                ("2099-02-28", "UTC", "2099-02-28T23:59:59Z"), ("2099-02-28", "Asia/Shanghai", "2099-02-28T15:59:59Z"),
                ("2030-07-01", "Europe/Berlin", "2030-07-01T21:59:59Z"), ("2030-01-01", "Europe/Berlin", "2030-01-01T22:59:59Z"),
                ("2099-02-28T18:00", "America/St_Johns", "2099-02-28T21:30:00Z"),
                ("2099-02-28T18:00:30+02:00", "Asia/Shanghai", "2099-02-28T16:00:30Z"),
                ("2099-02-28 18:00Z", "Asia/Shanghai", "2099-02-28T18:00:00Z"), ("never", "UTC", None)):
            with self.subTest(text, zone=zone):
                for options, more in ((("--time-zone", zone), {}), ((), {"TZ": zone})):
                    done = self.command("user", "expire", "--cluster-id", ALPHA, "--at", text, *options, self.name, **more)
                    self.assertEqual(done.returncode, 0, done.stderr)
                    self.assertEqual(self.expires(), expected)
        before = time.time()
        self.assertEqual(self.command("user", "expire", "--cluster-id", ALPHA, "--at", "90d", self.name).returncode, 0)
        moment = datetime.fromisoformat(self.expires().replace("Z", "+00:00")).timestamp()
        self.assertAlmostEqual(moment, before + 90 * 86400, delta=30)
        for value in ("tomorrow", "2027-02-29", "90", "d"):
            told = self.refused("user", "expire", "--cluster-id", ALPHA, f"--at={value}", self.name)
            self.assertIn("--at: ", told)
        other = fresh_name("when")
        self.assertIn("--expires: ", self.refused("user", "add", "--cluster-id", ALPHA, "--without-password", "--expires", "x", other))
        done = self.command("user", "add", "--cluster-id", ALPHA, "--without-password", "--expires", "2099-02-28", "--time-zone", "UTC", other)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.name = other
        self.assertEqual(self.expires(), "2099-02-28T23:59:59Z")

    def test_a_terminal_is_asked_about_an_expiry_in_the_past(self):
        arguments = ("user", "expire", "--cluster-id", ALPHA, "--at", "2020-02-28", self.name)
        code, shown = self.on_a_terminal("n", *arguments)
        self.assertNotEqual(code, 0)
        self.assertIn("--at 2020-02-2", shown)
        self.assertIsNone(self.expires())
        code, shown = self.on_a_terminal("y", *arguments)
        self.assertEqual((code, self.expires()[:9]), (0, "2020-02-2"), shown)
        self.command("user", "expire", "--cluster-id", ALPHA, "--at", "never", self.name)
        code, shown = self.on_a_terminal("n", *arguments, "--yes")
        self.assertEqual((code, self.expires()[:9]), (0, "2020-02-2"), shown)


class Ease(LogCase):
    def test_a_misspelt_command_is_named_with_the_one_that_was_meant(self):
        for words, told in ((("usr", "list"), "no such command 'usr'; did you mean 'user'?"),
                            (("user", "lsit"), "no such command 'lsit'; did you mean 'list'?"),
                            (("oparation", "list"), "no such command 'oparation'; did you mean 'operation'?"),
                            (("user", "key", "ad"), "no such command 'ad'; did you mean 'add'?"),
                            (("group", "xyzzy"), "no such command 'xyzzy': there are ")):
            with self.subTest(words):
                self.assertIn(told, self.refused(*words))
        self.assertEqual(self.command("user", "list", "--help").returncode, 0)
        self.assertEqual(self.command("help", "user", "list").returncode, 0)
        self.assertEqual(self.command("--help").returncode, 0)
        self.assertIn("?", self.refused("\x1b[2Jx"))
        self.assertNotIn("\x1b", self.refused("\x1b[2Jx"))

    def test_a_message_names_the_flag_that_was_typed(self):
        self.assertIn("--limit: ", self.refused("operation", "list", "--limit", "x"))
        self.assertIn("--owner: ", self.refused("operation", "list", "--owner=x"))

    def test_what_only_reads_makes_no_folder_and_no_key(self):
        for command in (("operation", "verify"), ("operation", "export"), ("operation", "chain-key"), ("key", "list"),
                        ("key", "revoke", "X"), ("uid", "history", "--cluster-id", ALPHA, "--uid-number", "5"),
                        ("store", "checksum"), ("attribute", "list"), ("map", "export", "--cluster-id", ALPHA),
                        ("user", "export", "--format", "csv", "--cluster-id", ALPHA), ("store", "migrate"), ("store", "check")):
            with self.subTest(command), tempfile.TemporaryDirectory() as folder:
                missing, empty = Path(folder, "typo"), Path(folder, "empty")
                empty.mkdir(mode=0o700)
                for place in (missing, empty):
                    told = self.refused(*command, "--data", place)
                    self.assertIn(f"there is no store in {place}", told)
                self.assertEqual((missing.exists(), list(empty.iterdir())), (False, []))


if __name__ == "__main__":
    unittest.main()

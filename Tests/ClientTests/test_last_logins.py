"""When users last logged in and were last refused: docs/api.md and docs/operations/users.md."""

import json
import time
import unittest
from datetime import datetime, timedelta, timezone

import case
from case import tearDownModule  # noqa: F401 (unittest looks for it)
from people import ALPHA, ZONE
from running_site import free_port, told
from test_watching import BIND_RIGHT, BIND_WRONG, Directory, user_name
from write_case import TIME, WriteCase

DESCRIBE, CHECK = "/api/user/describeUser", "/api/user/checkUser"
WRONG = "Wrong1Guess(Here)"
PATIENCE = 15


def setUpModule():
    """The site of people.py, with LDAP."""
    case.setUpModule()
    site = case.site
    site.stop()
    site.ldap_port = free_port()
    site.serve_options += ["--ldap", f"127.0.0.1:{site.ldap_port}"]
    site.serve()


def written(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


class LastLogins(WriteCase):
    def setUp(self):
        self.secret(WRONG)
        self.name = self.added(cluster=ALPHA)["username"]

    def bind(self, name, password):
        with Directory(self.site) as connection:
            return connection.bind(user_name(name, ALPHA), password)

    def check(self, name, password):
        answer = self.write(CHECK, {"cluster_id": ALPHA, "zone": ZONE, "username": name, "password": password})
        self.assertEqual(answer.json["ret_code"], 0, answer)
        return answer.json

    def times(self, name):
        user = self.ask(path=DESCRIBE, cluster_id=ALPHA, username=name).json["user"]
        return [user[member] for member in ("last_login", "last_login_over", "last_failure", "last_failure_over")]

    def unused(self, since, key="operator", **more):
        """The answer for those not used since a time; a server that has just started may have to read the record first."""
        deadline = time.monotonic() + PATIENCE
        while True:
            answer = self.ask(key, cluster_id=ALPHA, not_used_since=since, **more).json
            if answer["ret_code"] != 5100 or time.monotonic() > deadline:
                return answer
            time.sleep(0.05)

    def test_logins_are_told_with_their_server_and_survive_a_restart_and_a_rename(self):
        self.assertEqual(self.times(self.name), [None] * 4)
        revision = self.ask(limit=0).headers["Roster-Revision"]
        self.assertEqual(self.bind(self.name, WRONG), BIND_WRONG)
        self.check(self.name, self.password)
        login, over, failure, failed_over = self.times(self.name)
        self.assertEqual((over, failed_over), ("http", "ldap"))
        self.assertRegex(login, TIME)
        self.assertRegex(failure, TIME)
        self.assertEqual(self.bind(self.name, self.password), BIND_RIGHT)
        self.assertEqual(self.times(self.name)[1], "ldap")
        before = self.times(self.name)
        # No revision of the directory.
        self.assertEqual(self.ask(limit=0).headers["Roster-Revision"], revision)
        self.site.stop()
        self.site.serve()
        deadline = time.monotonic() + PATIENCE
        while self.times(self.name) != before and time.monotonic() < deadline:
            time.sleep(0.02)
        self.assertEqual(self.times(self.name), before)
        self.modify(self.name, ALPHA, new_username=self.name + "n")
        self.assertEqual(self.times(self.name + "n"), before)
        self.delete(self.name + "n", ALPHA)
        done = self.command("user", "restore", "--cluster-id", ALPHA, self.name + "n")
        self.assertEqual(done.returncode, 0, told(done))
        self.assertEqual(self.times(self.name + "n"), before)

    def test_the_verbose_list_and_the_commands_show_them(self):
        self.bind(self.name, self.password)
        row, = self.users(cluster_id=ALPHA, username=self.name, verbose=1)
        self.assertEqual([row[member] for member in ("last_login", "last_login_over", "last_failure")],
                         [self.times(self.name)[0], "ldap", None])
        self.assertNotIn("last_login", self.row(self.name, ALPHA))
        shown = self.command("user", "show", "--cluster-id", ALPHA, self.name).stdout
        self.assertIn(f"last_login         {row['last_login']}\n", shown)
        table = self.command("user", "list", "--cluster-id", ALPHA, "--username", self.name, "--verbose").stdout
        self.assertIn(row["last_login"], table)

    def test_who_has_not_logged_in_since_is_found_with_an_exact_total(self):
        used, unused = self.name, self.added(cluster=ALPHA)["username"]
        time.sleep(1.1)  # those who were added in the second of the question have not had time to log in
        now = written(datetime.now(timezone.utc))
        everybody = {row["username"] for row in self.all_users(cluster_id=ALPHA)}
        self.bind(used, self.password)
        self.bind(unused, WRONG)
        answer = self.unused(now, limit=100)
        names = {row["username"] for row in answer["user_set"]}
        self.assertEqual(answer["total_count"], len(everybody) - 1)
        self.assertEqual(names, everybody - {used})
        late = self.added(cluster=ALPHA)["username"]
        answer = self.unused(now, limit=0)
        self.assertEqual((answer["total_count"], answer["user_set"]), (len(everybody) - 1, []))
        self.assertEqual(self.unused(now, username=late)["total_count"], 0)
        self.assertEqual(self.unused(now, username=unused, state="active", search_word=unused[:2])["total_count"], 1)
        # A member finds itself or nobody.
        own = self.new_key("--user-id", self.row(unused, ALPHA)["user_id"])
        self.assertEqual([row["username"] for row in self.unused(now, own)["user_set"]], [unused])
        done = self.command("user", "list", "--cluster-id", ALPHA, "--not-used-since", now, "--all")
        self.assertIn(f"{len(everybody) - 1} of {len(everybody) - 1} users", done.stderr)

    def test_a_time_before_logins_were_recorded_is_refused_by_its_name(self):
        long_ago = written(datetime.now(timezone.utc) - timedelta(days=180))
        answer = self.unused(long_ago)
        self.assertEqual(answer["ret_code"], 1100)
        self.assertRegex(answer["message"], r"not_used_since: logins are recorded since \d{4}-")
        done = self.command("user", "list", "--cluster-id", ALPHA, "--not-used-since", "180d")
        self.assertEqual((done.returncode, done.stdout), (1, ""), told(done))
        self.assertIn("--not-used-since", done.stderr)
        self.assertIn("logins are recorded since", done.stderr)
        for value in ("yesterday", "2026-13-01T00:00:00Z"):
            self.assertEqual(self.unused(value)["ret_code"], 1100, value)
        done = self.command("user", "list", "--cluster-id", ALPHA, "--not-used-since", "soon")
        self.assertIn("--not-used-since", done.stderr)

    def test_user_check_tells_the_last_tries(self):
        for _ in range(12):
            self.bind(self.name, WRONG)
        self.bind(self.name, self.password)
        answer = self.write(CHECK, {"cluster_id": ALPHA, "zone": ZONE, "username": self.name}).json
        self.assertEqual(len(answer["last_tries"]), 10)
        for one in answer["last_tries"]:
            self.assertEqual((one["client"], one["over"]), ("127.0.0.1", "ldap"))
            self.assertRegex(one["time"], TIME)
        self.assertEqual({one["reason"] for one in answer["last_tries"]} - {None}, {"password_wrong"})
        done = self.command("user", "check", "--cluster-id", ALPHA, self.name)
        self.assertEqual(done.returncode, 0, told(done))
        self.assertEqual(done.stdout.splitlines()[0], answer["explanation"])
        self.assertEqual(len(done.stdout.splitlines()), 12)
        asked = json.loads(self.command("user", "check", "--cluster-id", ALPHA, "--json", self.name).stdout)
        self.assertEqual(asked["last_tries"], answer["last_tries"])
        unknown = self.write(CHECK, {"cluster_id": ALPHA, "zone": ZONE, "username": "nobody-here"}).json
        self.assertEqual(unknown["last_tries"], [])


if __name__ == "__main__":
    unittest.main()

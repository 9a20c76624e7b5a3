"""checkUser and `roster user check`: why a user cannot log in."""

import json
import os
import unittest
from concurrent.futures import ThreadPoolExecutor

import case
from case import tearDownModule  # noqa: F401 (unittest looks for it)
from people import ALPHA, BULK, FAR, FAR_ZONE, UNKNOWN_CLUSTER, ZONE, user
from running_site import free_port, told
from test_watching import BIND_RIGHT, BIND_WRONG, Directory, user_name
from write_case import ABSENT, WriteCase, fresh_name

CHECK = "/api/user/checkUser"
WRONG = "Wrong1Guess(Here)"
TOO_MANY = 53  # unwillingToPerform: too many failed binds
STATUSES = {"unknown": 10, "locked": 11, "expired": 12, "no_password": 13, "password_wrong": 15, "no_home": 17,
            "home_of_another": 18, "home_unreachable": 19, "key_withheld": 20, None: 0}


def setUpModule():
    """The site of people.py, with LDAP, and with homes below a folder of its own."""
    case.setUpModule()
    site = case.site
    site.stop()
    site.share, site.ldap_port = site.folder / "share", free_port()
    site.share.mkdir()
    site.serve_options += ["--ldap", f"127.0.0.1:{site.ldap_port}"]
    if os.geteuid() == 0:
        site.serve_options += ["--homes", "--home-root", str(site.share)]
    site.serve()


class CheckCase(WriteCase):
    def check(self, username, password=ABSENT, key="operator", cluster=ALPHA, zone=ZONE):
        members = {"cluster_id": cluster, "zone": zone, "username": username, "password": password}
        answer = self.write(CHECK, members, key, zone=zone)
        self.assert_is_json(answer)
        return answer.json

    def assert_stopped(self, reason, *words, **asked):
        answer = self.check(**asked)
        self.assertEqual((answer["ret_code"], answer["reason"], answer["can_log_in"]), (0, reason, reason is None), answer)
        self.assertEqual(len(answer["explanation"].splitlines()), 1)
        for word in words:
            self.assertIn(word, answer["explanation"])
        return answer

    def bind(self, username, password, cluster=ALPHA):
        with Directory(self.site) as connection:
            return connection.bind(user_name(username, cluster), password)


class CheckUser(CheckCase):
    def setUp(self):
        self.name = self.added(cluster=ALPHA)["username"]

    def changed(self, **members):
        answer = self.modify(self.name, ALPHA, **members)
        self.assertEqual(answer.json["ret_code"], 0, answer)
        return answer.json["job_id"]

    def test_who_is_let_in_is_stopped_by_nothing(self):
        answer = self.assert_stopped(None, "was not checked", username=self.name)
        self.assertEqual(set(answer), {"action", "ret_code", "can_log_in", "explanation", "last_tries", "near_names",
                                       "password_checked", "reason", "time", "username"})
        self.assertEqual((answer["action"], answer["password_checked"]), ("HpcUserCheckUserResponse", False))
        answer = self.assert_stopped(None, "the password is right", username=self.name.upper(), password=self.password)
        self.assertEqual((answer["password_checked"], answer["username"], answer["time"]), (True, self.name, None))
        self.assertEqual(self.bind(self.name, self.password), BIND_RIGHT)

    def test_an_unknown_name_gets_names_that_are_near(self):
        near = self.name + "q"
        answer = self.assert_stopped("unknown", "did you mean", username=near)
        self.assertIn(self.name, answer["near_names"])
        self.assertLessEqual(len(answer["near_names"]), 3)
        answer = self.assert_stopped("unknown", "search-word", username="somebody-else-entirely", password=WRONG)
        self.assertEqual((answer["near_names"], answer["password_checked"]), ([], False))

    def test_a_locked_user_is_told_with_when_and_by_whom(self):
        job = self.changed(state="locked")
        answer = self.assert_stopped("locked", job, self.key("operator").id, "user unlock", username=self.name, password=WRONG)
        self.assertRegex(answer["time"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
        self.assertFalse(answer["password_checked"])
        self.assertEqual(self.bind(self.name, self.password), BIND_WRONG)
        # What comes later in the log does not hide the lock, and what looks like one is none.
        self.changed(gecos="x; unlocked")
        self.assert_stopped("locked", job, username=self.name)
        self.changed(state="active")
        self.changed(gecos="y; locked")
        self.assert_stopped(None, username=self.name)

    def test_an_expired_user_and_one_without_a_password(self):
        self.changed(expires="2020-01-01T00:00:00Z")
        answer = self.assert_stopped("expired", "2020-01-01T00:00:00Z", "user expire", username=self.name)
        self.assertEqual(answer["time"], "2020-01-01T00:00:00Z")
        self.changed(expires=None)
        self.assert_stopped(None, username=self.name)
        self.assert_stopped("no_password", "user modify", username="anna", password=WRONG)

    def test_keys_that_have_all_expired_are_withheld(self):
        key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKb5vyKyVn2Q8sVtqvkP4zWm0d2yZ8nZ0zq3m1vJ4S6p"
        other = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAILb5vyKyVn2Q8sVtqvkP4zWm0d2yZ8nZ0zq3m1vJ4S6p"
        self.changed(attributes={"sshPublicKey": [f'expiry-time="20200101000000Z" {key} old']})
        self.assert_stopped("key_withheld", "user key add", username=self.name, password=self.password)
        self.changed(add_attributes={"sshPublicKey": [f"{other} new"]})
        self.assert_stopped(None, username=self.name, password=self.password)

    def test_hostile_values_are_refused_or_shown_without_control_characters(self):
        for name in ("a\nb", "\u001b[31m", "x" * 256, "'; DROP TABLE users; --", "%", "*)(uid=*", "李雷李雷"):
            with self.subTest(name):
                answer = self.assert_stopped("unknown", username=name)
                self.assertFalse(case.CONTROL_SIGNS & set(answer["explanation"]))
        for members in ({"username": ""}, {"username": "x" * 257}, {"username": ABSENT}, {"username": ["x"]},
                        {"password": ""}, {"password": "x" * 257}, {"password": None}, {"password": 7}):
            with self.subTest(members):
                body = {"cluster_id": ALPHA, "zone": ZONE, "username": self.name, **members}
                self.assert_refuses(self.write(CHECK, body), 1100, next(iter(members)))
        self.assert_stopped("password_wrong", username=self.name, password="x\u0000y")

    def test_members_check_themselves_admins_their_cluster_and_readers_nobody(self):
        own = self.new_key("--user-id", self.row(self.name, ALPHA)["user_id"])
        self.assert_stopped(None, username=self.name, password=self.password, key=own)
        other = self.added(cluster=ALPHA)["username"]
        # To a member, others look like users that do not exist; their names are not suggested either.
        answer = self.assert_stopped("unknown", username=other, password=self.password, key=own)
        self.assertNotIn(other, answer["near_names"])
        self.assert_stopped(None, username=other, key="admin")
        for key in ("reader", "alpha_reader"):
            self.assertEqual(self.check(self.name, key=key)["ret_code"], 1400)
        self.assertEqual(self.check("x", key="admin", cluster=BULK)["ret_code"], 2100)
        self.assertEqual(self.check("x", cluster=UNKNOWN_CLUSTER)["ret_code"], 2100)
        self.assertEqual(self.check("x", cluster=FAR)["ret_code"], 2100)
        self.assertEqual(self.check("admin", cluster=FAR, zone=FAR_ZONE)["ret_code"], 0)

    @unittest.skipUnless(os.geteuid() == 0, "homes need root")
    def test_a_home_that_is_missing_or_of_another(self):
        cluster = "hpc-chkhome1"
        mount = self.site.share / "disk"
        row = user(cluster, "admin", 45000, 0, role="admin", nas_mount_point=str(mount))
        zone = self.new_cluster(cluster, row)
        asked = {"username": "admin", "cluster": cluster, "zone": zone}
        answer = self.modify("admin", cluster, zone=zone, new_password=self.password)
        self.assertEqual(answer.json["ret_code"], 0, answer)
        home = self.ask(path="/api/user/describeUser", zone=zone, cluster_id=cluster, username="admin").json["user"]["home_directory"]
        self.assert_stopped("home_unreachable", "the mount", **asked)
        mount.mkdir()
        self.assert_stopped("no_home", home, "uid 45000", **asked)
        os.makedirs(home)
        self.assert_stopped("home_of_another", "uid 0", **asked)
        # A wrong password comes first: it stops the user before the home does.
        self.assert_stopped("password_wrong", password=WRONG, **asked)
        os.chown(home, 45000, 45000)
        self.assert_stopped(None, password=self.password, **asked)


class CheckCommand(CheckCase):
    def setUp(self):
        self.name = self.added(cluster=ALPHA)["username"]

    def command(self, *arguments, key="operator", stdin=b""):
        key = self.key(key)
        return self.site.roster("user", "check", "--zone", ZONE, "--cluster-id", ALPHA, *arguments, stdin=stdin,
                                ROSTER_ENDPOINT=self.site.endpoint, ROSTER_ACCESS_KEY_ID=key.id,
                                ROSTER_SECRET_ACCESS_KEY=key.secret)

    def test_prints_one_sentence_and_exits_with_the_status_of_the_reason(self):
        for reason, arguments, stdin in (
            (None, [self.name], b""), (None, ["--password-stdin", self.name], self.password.encode() + b"\n"),
            ("password_wrong", ["--password-stdin", self.name], WRONG.encode()), ("no_password", ["anna"], b""),
            ("unknown", [self.name + "q"], b""),
        ):
            with self.subTest(reason):
                done = self.command(*arguments, stdin=stdin)
                self.assertEqual(done.returncode, STATUSES[reason], told(done))
                self.assertEqual((done.stdout.count("\n") > 0, done.stderr), (True, ""), told(done))
                asked = json.loads(self.command("--json", *arguments, stdin=stdin).stdout)
                self.assertEqual(asked["reason"], reason)
                self.assertEqual(asked["explanation"], done.stdout.splitlines()[0])

    def test_what_cannot_be_asked_is_an_error(self):
        for done in (self.command("--password-stdin", self.name), self.command(self.name, key="reader")):
            self.assertEqual((done.returncode, done.stdout), (1, ""), told(done))
            self.assertTrue(done.stderr)
        self.assertEqual(self.command().returncode, 64)


class GuessedPasswords(CheckCase):
    """The last of the file: they use up the limit of this address."""

    def test_wrong_passwords_count_as_failed_logins_over_every_server(self):
        name = self.added(cluster=ALPHA)["username"]
        self.secret(WRONG)
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda _: self.check(name, WRONG), range(220)))
        self.assertEqual({one["reason"] for one in answers}, {"password_wrong", "throttled"})
        # The limit is 100, and lets some more pass while the time goes by.
        self.assertGreaterEqual(sum(one["reason"] == "password_wrong" for one in answers), 100)
        answer = next(one for one in answers if one["reason"] == "throttled")
        self.assertIn("a right one still lets", answer["explanation"])
        self.assertRegex(answer["time"], r"^\d{4}-.*Z$")
        # The same counter over LDAP, which by itself would take 100 more. They come at once: an address that failed too
        # often waits a second for each answer, and in a second the limit lets one more pass.
        with ThreadPoolExecutor(20) as pool:
            self.assertIn(TOO_MANY, set(pool.map(lambda _: self.bind(name, WRONG), range(40))))
        # A right password still passes over both.
        self.assertEqual(self.bind(name, self.password), BIND_RIGHT)
        self.assert_stopped(None, username=name, password=self.password)
        self.assert_keeps_no_password()


if __name__ == "__main__":
    unittest.main()

"""addUsers, modifyUsers and deleteUsers, and the commands on them: many users in one transaction."""

import re
import time
import unittest
from concurrent.futures import ThreadPoolExecutor

from case import setUpModule, tearDownModule  # noqa: F401 (unittest looks for the two functions)
from people import ALPHA, BETA, BULK, ZONE, user
from write_case import WriteCase, fresh_name

ADD, MODIFY, DELETE = "/api/user/addUsers", "/api/user/modifyUsers", "/api/user/deleteUsers"


class ManyUsers(WriteCase):
    def batch(self, path, members, key="operator", cluster=ALPHA, **options):
        answer = self.write(path, {"cluster_id": cluster, "zone": ZONE, **members}, key, **options)
        self.assert_is_json(answer)
        return answer.json

    def done(self, path, members, **options):
        answer = self.batch(path, members, **options)
        self.assertEqual(answer["ret_code"], 0, answer)
        return answer["outcome_set"]

    def add(self, count, **members):
        names = [fresh_name("many") for _ in range(count)]
        return names, self.done(ADD, {"users": [{"username": name, **members} for name in names]})

    def user(self, name, cluster=ALPHA):
        return self.ask(path="/api/user/describeUser", cluster_id=cluster, username=name).json.get("user")

    def states(self, names):
        return [(self.user(name) or {}).get("state") for name in names]

    def revision(self):
        return int(self.ask().headers["Roster-Revision"])

    def test_all_are_added_in_one_revision_with_uids_in_a_row(self):
        before = self.revision()
        names, outcomes = self.add(50, mod="750", expires="2099-01-01T00:00:00Z", attributes={"mail": ["a@b"]})
        self.assertEqual(self.revision(), before + 1)
        self.assertEqual([one["username"] for one in outcomes], names)
        uids = [int(one["uid_number"]) for one in outcomes]
        self.assertEqual(uids, list(range(uids[0], uids[0] + 50)))
        self.assertEqual(len({one["job_id"] for one in outcomes}), 50)
        shown = self.user(names[7])
        self.assertEqual((shown["uid_number"], shown["mod"], shown["expires"], shown["attributes"], shown["password_time"]),
                         (str(uids[7]), "750", "2099-01-01T00:00:00Z", {"mail": ["a@b"]}, None))
        job = self.ask(path="/api/operation", job_ids=outcomes[7]["job_id"]).json
        self.assertEqual((job["total_count"], names[7] in str(job)), (1, True))

    def test_one_that_is_refused_refuses_all_or_is_skipped(self):
        names, _ = self.add(3)
        fresh = fresh_name("many")
        users = [{"username": fresh}, {"username": names[1]}]
        answer = self.batch(ADD, {"users": users})
        self.assertEqual(answer["ret_code"], 1510, answer)
        self.assertIn(names[1], answer["message"])
        self.assertIsNone(self.user(fresh))
        outcomes = self.done(ADD, {"users": users, "on_fault": "skip"})
        self.assertEqual([one["ret_code"] for one in outcomes], [0, 1510])
        self.assertEqual(self.states([fresh]), ["active"])
        missing = fresh_name("none")
        self.assertEqual(self.batch(MODIFY, {"usernames": [names[0], missing], "state": "locked"})["ret_code"], 1610)
        self.assertEqual(self.states(names), ["active"] * 3)
        outcomes = self.done(MODIFY, {"usernames": [names[0], missing], "state": "locked", "on_fault": "skip"})
        self.assertEqual([one["ret_code"] for one in outcomes], [0, 1610])
        self.assertEqual(self.states(names), ["locked", "active", "active"])

    def test_a_number_that_was_given_refuses_all_or_is_skipped(self):
        _, [given] = self.add(1)
        taken, free = given["uid_number"], int(given["uid_number"]) + 5000
        first, second = fresh_name("many"), fresh_name("many")
        users = [{"username": first, "uid_number": taken}, {"username": second, "password": "Correct1Horse"}]
        answer = self.batch(ADD, {"users": users})
        self.assertEqual(answer["ret_code"], 2110, answer)
        self.assertIn(f"{first}: uid_number: {taken} was given to", answer["message"])
        self.assertEqual((self.user(first), self.user(second)), (None, None))
        outcomes = self.done(ADD, {"users": users, "on_fault": "skip"})
        self.assertEqual([one["ret_code"] for one in outcomes], [2110, 0])
        self.assertIn(taken, outcomes[0]["message"])
        self.assertTrue(self.user(second)["password_time"])
        twice = [{"username": fresh_name("many"), "uid_number": str(free)} for _ in range(2)]
        answer = self.batch(ADD, {"users": twice, "on_fault": "skip"})
        self.assertEqual(answer["ret_code"], 1100)
        self.assertIn(f"users: ask for uid_number {free} twice", answer["message"])

    def test_many_numbers_that_were_given_are_skipped(self):
        names, outcomes = self.add(60)
        self.done(DELETE, {"usernames": names[:30]})
        users = [{"username": fresh_name("many"), "uid_number": one["uid_number"]} for one in outcomes]
        last = fresh_name("many")
        codes = [one["ret_code"] for one in self.done(ADD, {"users": [*users, {"username": last}], "on_fault": "skip"})]
        self.assertEqual(codes, [2110] * 60 + [0])
        self.assertEqual(self.states([last]), ["active"])

    def test_a_kill_in_the_middle_leaves_all_or_nothing(self):
        found = set()
        for number, share in enumerate((0.1, 0.4, 0.7, 0.95)):
            cluster = f"hpc-batch00{number}"
            zone = self.new_cluster(cluster, user(cluster, "admin", 45000, 0, role="admin"))
            with self.subTest(share=share):
                found.add(self.kill_in_the_middle(cluster, zone, share))
        self.assertIn(False, found, "every kill came too late to be in the middle")

    def kill_in_the_middle(self, cluster, zone, share) -> bool:
        """Kills the server after this share of the time that a batch of 1,000 takes. Whether the batch was there then."""
        def request():
            users = [{"username": fresh_name("k")} for _ in range(1000)]
            members = {"cluster_id": cluster, "zone": zone, "users": users}
            return {one["username"] for one in users}, self.signed_write(ADD, members, zone=zone)

        def present(names):
            rows = [row for row in self.all_users(cluster_id=cluster, zone=zone) if row["username"] in names]
            self.assertEqual(len({row["uid_number"] for row in rows}), len(rows))
            return {row["username"] for row in rows}

        _, whole = request()
        begin = time.monotonic()
        self.assertEqual(self.post(*whole).json["done_count"], 1000)
        seconds = time.monotonic() - begin
        names, target = request()
        with ThreadPoolExecutor(1) as pool:
            waiting = pool.submit(self.post, *target)
            time.sleep(seconds * share)
            self.site.kill()
            acknowledged = waiting.exception() is None
        self.site.serve()
        there = present(names)
        self.assertIn(len(there), {1000} if acknowledged else {0, 1000})
        self.assertEqual(self.post(*target).json["done_count"], 1000)
        self.assertEqual(present(names), names)
        return bool(there)

    def test_many_are_changed_and_deleted(self):
        names, _ = self.add(5)
        self.done(MODIFY, {"usernames": names, "state": "locked", "login_shell": "/bin/zsh", "add_attributes": {"host": ["n1"]}})
        for name in names:
            shown = self.user(name)
            self.assertEqual((shown["state"], shown["login_shell"], shown["attributes"]), ("locked", "/bin/zsh", {"host": ["n1"]}))
        self.done(DELETE, {"usernames": names[:4]})
        self.assertEqual(self.states(names), [None] * 4 + ["locked"])

    def test_a_repeated_request_has_the_same_answer(self):
        names = [fresh_name("many") for _ in range(3)]
        target, body = self.signed_write(ADD, {"cluster_id": ALPHA, "zone": ZONE, "on_fault": "skip",
                                               "users": [{"username": name} for name in names] + [{"username": "root"}]})
        first = self.post(target, body).json
        again = self.post(target, body).json
        self.assertEqual([one["ret_code"] for one in first["outcome_set"]][:3], [0, 0, 0])
        self.assertNotEqual(first["outcome_set"][3]["ret_code"], 0)
        self.assertEqual(again, first)
        target, body = self.signed_write(DELETE, {"cluster_id": ALPHA, "zone": ZONE, "usernames": names})
        first = self.post(target, body).json
        self.assertEqual(self.states(names), [None] * 3)
        self.assertEqual([one["ret_code"] for one in self.post(target, body).json["outcome_set"]], [0] * 3)
        names, _ = self.add(1)
        self.assertEqual(len(self.all_users(cluster_id=ALPHA, search_word=names[0])), 1)

    def test_malformed_requests_change_nothing(self):
        name, = self.add(1)[0]
        for path, members, parameter in (
            (ADD, {}, "users"), (ADD, {"users": []}, "users"), (ADD, {"users": "x"}, "users"), (ADD, {"users": ["x"]}, "users"),
            (ADD, {"users": [{}]}, "username"), (ADD, {"users": [{"username": "ok1", "role": "boss"}]}, "role"),
            (ADD, {"users": [{"username": "ok1", "password": "short"}]}, "ok1"),
            (ADD, {"users": [{"username": "twice"}, {"username": "TWICE"}]}, "twice"),
            (ADD, {"users": [{"username": f"x{i}"} for i in range(1001)]}, "users"),
            (MODIFY, {"usernames": [name]}, "state"), (MODIFY, {"usernames": [], "state": "locked"}, "usernames"),
            (MODIFY, {"usernames": [name, name.upper()], "state": "locked"}, "twice"),
            (MODIFY, {"usernames": [name], "new_password": self.password}, "new_password"),
            (MODIFY, {"usernames": [name], "new_username": "x"}, "new_username"),
            (MODIFY, {"usernames": [name], "state": "locked", "on_fault": "go on"}, "on_fault"),
            (DELETE, {"usernames": name}, "usernames"), (DELETE, {"usernames": [f"x{i}" for i in range(1001)]}, "usernames"),
        ):
            with self.subTest(str(members)[:80]):
                answer = self.batch(path, members)
                self.assertNotEqual(answer["ret_code"], 0)
                self.assertIn(parameter, answer["message"].lower())
        for key in ("reader", "member"):
            self.assertNotEqual(self.batch(MODIFY, {"usernames": [name], "state": "locked"}, key)["ret_code"], 0)
        self.assertEqual(self.states([name]), ["active"])

    def test_a_cluster_keeps_a_user(self):
        zone = self.new_cluster("hpc-batch001", {"username": "a", "uid_number": "20001", "gid_number": "20001", "cluster_id": "hpc-batch001"},
                                {"username": "b", "uid_number": "20002", "gid_number": "20001", "cluster_id": "hpc-batch001"})
        answer = self.write(DELETE, {"cluster_id": "hpc-batch001", "zone": zone, "usernames": ["a", "b"]}, zone=zone).json
        self.assertEqual(answer["ret_code"], 1400, answer)
        self.assertEqual(len(self.users(zone=zone, cluster_id="hpc-batch001")), 2)

    # The program

    def test_the_program_adds_many_with_passwords_that_are_right(self):
        names = [fresh_name("cli") for _ in range(3)]
        done = self.command("user", "add", "--cluster-id", ALPHA, "--generate-password", *names)
        self.assertEqual(done.returncode, 0, done.stderr)
        rows = [line.split() for line in done.stdout.splitlines()[1:]]
        self.assertEqual([row[0] for row in rows], names)
        for row in rows:
            self.assertRegex(row[3], r"^[A-HJ-NP-Za-km-z2-9]{14}$")
            self.secret(row[3])
        self.assertEqual(len({row[3] for row in rows}), 3)
        refused = self.command("user", "add", "--cluster-id", ALPHA, *names)
        self.assertIn("--generate-password", refused.stderr)

    def test_the_program_takes_names_from_a_file_and_from_a_choice(self):
        names, _ = self.add(12)
        file = self.site.folder / fresh_name("names")
        file.write_text("# the course\n" + "\n".join(names[:6]) + "\n\n")
        dry = self.command("user", "lock", "--cluster-id", ALPHA, "--from", file, "--dry-run")
        self.assertEqual(dry.stdout.split(), names[:6])
        self.assertEqual(self.states(names), ["active"] * 12)
        done = self.command("user", "lock", "--cluster-id", ALPHA, "--from", file)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.states(names), ["locked"] * 6 + ["active"] * 6)
        group = fresh_name("g")
        self.assertEqual(self.write("/api/group/createGroup", {"cluster_id": ALPHA, "zone": ZONE, "group_name": group}).json["ret_code"], 0)
        self.assertEqual(self.write("/api/group/modifyGroup", {"cluster_id": ALPHA, "zone": ZONE, "group_name": group,
                                                               "add_members": names[6:]}).json["ret_code"], 0)
        done = self.command("user", "expire", "--cluster-id", ALPHA, "--at", "2099-01-01T00:00:00Z", "--group", group)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual([self.user(name)["expires"] for name in names], [None] * 6 + ["2099-01-01T00:00:00Z"] * 6)
        for arguments in (("user", "lock", "--cluster-id", ALPHA), ("user", "lock", "--cluster-id", ALPHA, "--group", fresh_name("none")),
                          ("user", "delete", "--cluster-id", ALPHA, names[0], "--state", "locked")):
            with self.subTest(arguments):
                self.assertNotEqual(self.command(*arguments).returncode, 0)
        partly = self.command("user", "unlock", "--cluster-id", ALPHA, "--skip-refused", names[0], fresh_name("none"))
        self.assertNotEqual(partly.returncode, 0)
        self.assertIn("1 of 2 users were refused", partly.stderr)
        self.assertEqual(self.states(names[:2]), ["active", "locked"])

    def test_a_terminal_is_asked_before_something_is_deleted(self):
        names, _ = self.add(2)
        code, shown = self.on_a_terminal("n", "user", "delete", "--cluster-id", ALPHA, names[0])
        self.assertNotEqual(code, 0)
        self.assertIn("uids are never given again", shown)
        self.assertEqual(self.states(names), ["active"] * 2)
        code, shown = self.on_a_terminal("y", "user", "delete", "--cluster-id", ALPHA, *names)
        self.assertEqual(code, 0, shown)
        self.assertEqual(self.states(names), [None] * 2)


if __name__ == "__main__":
    unittest.main()

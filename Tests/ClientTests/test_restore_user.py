"""restoreUser and `roster user restore`: the deletion of a user is undone."""

import os
import subprocess
import unittest

from case import setUpModule, tearDownModule  # noqa: F401 (unittest looks for the two functions)
from people import ALPHA, BETA, ZONE
from running_site import PROGRAM
from write_case import JOB_ID, MODIFY, WriteCase, fresh_name

RESTORE = "/api/user/restoreUser"
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl zhang@laptop"


class RestoredUsers(WriteCase):
    def restore(self, username, cluster=ALPHA, key="operator", zone=ZONE, **members):
        answer = self.write(RESTORE, {"cluster_id": cluster, "zone": zone, "username": username, **members}, key, zone=zone)
        self.assert_is_json(answer)
        self.assertEqual(answer.json["action"], "HpcUserRestoreUserResponse")
        return answer

    def restored(self, username, **options):
        answer = self.restore(username, **options).json
        self.assertEqual(answer["ret_code"], 0, answer)
        self.assertRegex(answer["job_id"], JOB_ID)
        return answer

    def user(self, name, cluster=ALPHA, zone=ZONE):
        return self.ask(path="/api/user/describeUser", cluster_id=cluster, username=name, zone=zone).json.get("user")

    def group(self, *members, **fields):
        name = fresh_name("g")
        body = {"cluster_id": ALPHA, "zone": ZONE, "group_name": name}
        self.assertEqual(self.write("/api/group/createGroup", {**body, **fields}).json["ret_code"], 0)
        self.assertEqual(self.write("/api/group/modifyGroup", {**body, "add_members": members}).json["ret_code"], 0)
        return name

    def job(self, job):
        [operation] = self.ask(path="/api/operation", job_ids=job).json["job_set"]
        return operation

    def deleted(self, username, **options):
        self.assert_done(self.delete(username, ALPHA, **options), "/api/user/deleteUser")

    def test_a_user_comes_back_as_it_was(self):
        name = fresh_name("back")
        row = self.added(name, ALPHA, mod="750")
        own = self.new_key("--user-id", row["user_id"])
        changes = {"state": "active", "expires": "2099-01-01T00:00:00Z", "gecos": "Zhang San", "login_shell": "/bin/zsh",
                   "attributes": {"mail": ["a@b.org", "c@d.org"], "sshPublicKey": KEY}}
        self.assert_done(self.modify(name, ALPHA, **changes), MODIFY)
        groups = sorted([self.group(name), self.group(name)])
        before = self.user(name)
        self.assertEqual([name for name in before["group_names"] if name in groups], groups)
        self.deleted(name)
        self.assertIsNone(self.user(name))
        self.assertEqual(self.ask(own, cluster_id=ALPHA).json["ret_code"], 1200)

        answer = self.restored(name)
        after = self.user(name)
        self.assertGreaterEqual(after.pop("update_time"), before.pop("update_time"))
        self.assertEqual(after, before)
        self.assertEqual((answer["username"], answer["uid_number"], answer["hpcuser_id"]),
                         (name, before["uid_number"], before["hpcuser_id"]))
        for group in groups:
            self.assertIn(group, answer["message"])
        # Its key and its password are the old ones.
        self.assertEqual(self.ask(own, cluster_id=ALPHA).json["ret_code"], 0)
        refused = self.modify(name, ALPHA, own, password="wrong", new_password=self.other_password)
        self.assert_refuses_write(refused, 1660)
        self.assert_done(self.modify(name, ALPHA, own, password=self.password, new_password=self.other_password), MODIFY)
        # The uid is its own again.
        [holder] = self.ask(path="/api/user/uidHistory", cluster_id=ALPHA, uid_number=before["uid_number"]).json["holder_set"]
        self.assertEqual((holder["hpcuser_id"], holder["until_time"]), (before["hpcuser_id"], None))
        # It is an event with a job, and no secret is in either.
        job = self.job(answer["job_id"])
        self.assertEqual((job["job_action"], job["status"]), ("RestoreUser", "successful"))
        self.assertIn(name, str(job))
        for text in (str(job), str(answer)):
            self.assertNotIn("$y$", text)

    def test_a_locked_expired_user_without_a_password_stays_so(self):
        name = fresh_name("back")
        self.assertEqual(self.write("/api/user/addUsers", {"cluster_id": ALPHA, "zone": ZONE, "users": [
            {"username": name, "expires": "2001-01-01T00:00:00Z"}]}).json["ret_code"], 0)
        self.assert_done(self.modify(name, ALPHA, state="locked"), MODIFY)
        before = self.user(name)
        self.deleted(name)
        message = self.restored(name)["message"]
        after = self.user(name)
        for field in ("state", "expires", "password_time", "uid_number", "create_time"):
            self.assertEqual(after[field], before[field], field)
        self.assertIn("no password", message)
        self.assertIn("locked", message)

    def test_an_attribute_that_is_no_longer_declared_does_not_come_back(self):
        name, attribute = fresh_name("back"), "goneCode"
        declare, remove = "/api/attribute/declareAttribute", "/api/attribute/removeAttribute"
        self.assertEqual(self.write(declare, {"zone": ZONE, "name": attribute, "syntax": "text"}).json["ret_code"], 0)
        self.added(name, ALPHA)
        self.assert_done(self.modify(name, ALPHA, attributes={attribute: "x1", "mail": ["a@b"]}), MODIFY)
        self.deleted(name)
        self.assertEqual(self.write(remove, {"zone": ZONE, "name": attribute}).json["ret_code"], 0)
        self.assertIn(f"no longer declared: {attribute}", self.restored(name)["message"])
        self.assertEqual(self.user(name)["attributes"], {"mail": ["a@b"]})
        self.assertEqual(self.write(declare, {"zone": ZONE, "name": attribute, "syntax": "integer"}).json["ret_code"], 0)
        self.assertEqual(self.user(name)["attributes"], {"mail": ["a@b"]})
        self.assertEqual(self.write(remove, {"zone": ZONE, "name": attribute}).json["ret_code"], 0)

    def test_groups_that_are_gone_are_named(self):
        name = fresh_name("back")
        self.added(name, ALPHA)
        kept, gone = self.group(name), self.group(name)
        system = self.group(name, gid_number="27")
        self.deleted(name)
        self.assertEqual(self.write("/api/group/deleteGroup", {"cluster_id": ALPHA, "zone": ZONE, "group_name": gone}).json["ret_code"], 0)
        # An admin gives nobody a system group, by a restoration neither.
        message = self.restored(name, key="admin")["message"]
        groups = set(self.user(name)["group_names"])
        self.assertIn(kept, groups)
        self.assertFalse(groups & {gone, system}, groups)
        self.assertIn(f"groups: {kept};", message)
        self.assertIn(f"{gone} (deleted)", message)
        self.assertIn(f"{system} (only an operator", message)

    def test_a_name_that_is_taken_is_refused_with_its_holder(self):
        name = fresh_name("back")
        first = self.added(name, ALPHA)
        self.deleted(name)
        second = self.added(name, ALPHA)
        answer = self.restore(name)
        self.assert_refuses_with_one_of(answer, (1510,))
        self.assertIn(second["hpcuser_id"], answer.json["message"])
        self.assertIn("new_username", answer.json["message"])
        taken = self.restore(name, new_username="anna")
        self.assert_refuses_with_one_of(taken, (1510,))
        self.assertIn("new_username: anna with uid 41002", taken.json["message"])
        for wrong in ("1bad", "x" * 33, "root", "ä"):
            with self.subTest(wrong):
                refused = self.restore(name, new_username=wrong)
                self.assert_refuses_with_one_of(refused, (1520,))
                self.assertIn("new_username", refused.json["message"])
        other = fresh_name("other")
        answer = self.restored(name, new_username=other)
        self.assertEqual((answer["username"], answer["hpcuser_id"]), (other, first["hpcuser_id"]))
        self.assertEqual(self.user(other)["uid_number"], first["uid_number"])
        self.assertEqual(self.user(name)["hpcuser_id"], second["hpcuser_id"])
        self.assertIn(other, str(self.job(answer["job_id"])))

    def test_the_last_of_a_name_comes_back_or_the_one_that_is_chosen(self):
        name = fresh_name("back")
        rows = []
        for _ in range(3):
            rows.append(self.added(name, ALPHA))
            self.deleted(name)
        answer = self.restored(name)
        self.assertEqual(answer["hpcuser_id"], rows[2]["hpcuser_id"])
        self.assertIn(rows[1]["hpcuser_id"], answer["message"])
        other = fresh_name("other")
        self.assertEqual(self.restored(name, hpcuser_id=rows[0]["hpcuser_id"], new_username=other)["uid_number"],
                         rows[0]["uid_number"])
        for wrong in (rows[2]["hpcuser_id"], "hpcuser-zzzzzz99"):
            self.assert_refuses_with_one_of(self.restore(name, hpcuser_id=wrong, new_username=fresh_name()), (1610,))
        refused = self.restore(name, hpcuser_id="'; --")
        self.assert_refuses_with_one_of(refused, (1100,))
        self.assertIn("hpcuser_id", refused.json["message"])

    def test_who_was_not_deleted_is_not_restored(self):
        name = fresh_name("back")
        self.added(name, ALPHA)
        for wrong in (name, fresh_name("never"), "%", "' OR 1=1 --", "张", "a\0b"):
            with self.subTest(wrong):
                answer = self.restore(wrong)
                self.assert_refuses_with_one_of(answer, (1610, 1100))
                self.assertIn("username", answer.json["message"])
        # Nor in a cluster where nobody of the name was.
        self.deleted(name)
        self.assert_refuses_with_one_of(self.restore(name, cluster=BETA), (1610,))
        self.assert_refuses_with_one_of(self.restore(name, cluster="hpc-zzzzzz99"), (2100,))
        self.restored(name)
        self.assert_refuses_with_one_of(self.restore(name), (1610,))

    def test_whoever_may_not_delete_may_not_restore(self):
        name = fresh_name("back")
        self.added(name, ALPHA)
        self.deleted(name)
        for key in ("member", "reader"):
            with self.subTest(key):
                self.assert_refuses_with_one_of(self.restore(name, key=key), (1400,))
        boss = fresh_name("boss")
        row = self.added(boss, ALPHA)
        own = self.new_key("--user-id", row["user_id"])
        self.assert_done(self.modify(boss, ALPHA, role="boss"), MODIFY)
        self.deleted(boss)
        # Neither an admin nor the account itself makes a boss again.
        self.assert_refuses_with_one_of(self.restore(boss, key="admin"), (1400,))
        self.assert_refuses_with_one_of(self.restore(boss, key=own), (1200, 1400, 2100))
        self.restored(boss)
        self.assertEqual(self.user(boss)["role"], "boss")
        self.restored(name, key="admin")

    def test_the_same_request_gets_the_same_answer(self):
        name = fresh_name("back")
        self.added(name, ALPHA)
        self.deleted(name)
        request = self.signed_write(RESTORE, {"cluster_id": ALPHA, "zone": ZONE, "username": name})
        first = self.post(*request).json
        self.assertEqual(first["ret_code"], 0, first)
        self.assertEqual(self.post(*request).json, first)
        self.assertEqual(len(self.ask(path="/api/operation", job_ids=first["job_id"]).json["job_set"]), 1)

    def test_a_restoration_outlives_a_kill(self):
        name = fresh_name("back")
        self.added(name, ALPHA)
        group = self.group(name)
        self.deleted(name)
        self.site.kill()
        self.site.serve()
        self.restored(name)
        self.site.kill()
        self.site.serve()
        self.assertIn(group, self.user(name)["group_names"])

    def test_deletion_and_restoration_may_go_round(self):
        name = fresh_name("back")
        row = self.added(name, ALPHA)
        group = self.group(name)
        for _ in range(5):
            self.deleted(name)
            self.assertIn(f"groups: {group}", self.restored(name)["message"])
        own = self.new_key("--user-id", row["user_id"])
        self.assert_done(self.modify(name, ALPHA, own, password=self.password, new_password=self.other_password), MODIFY)

    # The program

    def command(self, *arguments):
        key = self.key("operator")
        environment = {**os.environ, "ROSTER_ENDPOINT": f"http://127.0.0.1:{self.site.port}", "ROSTER_ZONE": ZONE,
                       "ROSTER_ACCESS_KEY_ID": key.id, "ROSTER_SECRET_ACCESS_KEY": key.secret}
        return subprocess.run([PROGRAM, "user", "restore", "--cluster-id", ALPHA, *arguments], capture_output=True, text=True,
                              timeout=60, env=environment)

    def test_the_program_restores(self):
        name, other = fresh_name("back"), fresh_name("other")
        row = self.added(name, ALPHA)
        self.deleted(name)
        done = self.command(name)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stdout, rf"(?s)^done, job j-\w+\ndirectory: restored with uid {row['uid_number']}; home: as it is\n$")
        self.deleted(name)
        self.added(name, ALPHA)
        refused = self.command(name)
        self.assertNotEqual(refused.returncode, 0)
        self.assertIn("has this name", refused.stderr)
        done = self.command(name, "--as", other, "--hpcuser-id", row["hpcuser_id"])
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(f"restored as {other} with uid {row['uid_number']}", done.stdout)

    def test_a_backup_and_a_check_know_what_was_deleted(self):
        name = fresh_name("back")
        row = self.added(name, ALPHA)
        group = self.group(name)
        self.deleted(name)
        backup, folder = self.site.folder / fresh_name("backup"), self.site.folder / fresh_name("folder")
        seal_key = self.site.data / "seal.key"
        self.site.must("backup", "--data", self.site.data, backup)
        self.site.must("restore", "--data", folder, "--seal-key", seal_key, backup)
        sums = [self.site.must("store", "checksum", "--data", data).stdout for data in (self.site.data, folder)]
        self.assertEqual(sums[0], sums[1])
        self.site.must("store", "check", "--data", folder)
        self.site.stop()
        before, self.site.store = self.site.store, ["--data", str(folder)]
        try:
            self.site.serve()
            self.assertEqual(self.user(name), None)
            answer = self.restored(name)
            self.assertEqual(answer["uid_number"], row["uid_number"])
            self.assertIn(f"groups: {group}", answer["message"])
        finally:
            self.site.stop()
            self.site.store = before
            self.site.serve()
        self.assertIsNone(self.user(name))

    def test_z_prints_and_stores_no_password(self):
        self.assert_keeps_no_password()


if __name__ == "__main__":
    unittest.main()

"""`roster import` of a file again, while the people of it have changed in Roster: `--only-new` and `--keep-passwords`."""

import unittest

from case import setUpModule, tearDownModule, within_a_second  # noqa: F401 (unittest looks for the two functions)
from people import digest, user
from write_case import MODIFY, WriteCase, fresh_name

HASH = "$6$rounds=5000$saltsaltsalt$ZbJmzmAUHMcfvT7dSAOMMYPKLdDWZP9XzPkRkYcWcHhZjFTGdEVnCLpNc0rZvJdH2DWUKu3L7xQHE6kLvCqQw0"


class ImportsAgain(WriteCase):
    def setUp(self):
        self.cluster = "hpc-" + digest("again", fresh_name())
        self.rows = [user(self.cluster, "admin", 45000, 0, role="admin"), user(self.cluster, "zhang", 45001, 1)]
        self.zone = self.new_cluster(self.cluster, *self.rows)

    def user(self, name):
        return self.ask(path="/api/user/describeUser", cluster_id=self.cluster, username=name, zone=self.zone).json.get("user")

    def again(self, rows, *options):
        done = self.site.import_rows(self.zone, rows, *options, name=f"{self.zone}.csv")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertTrue(done.stdout)
        return done.stdout

    def shadow_file(self, name):
        file = self.site.folder / fresh_name("passwd")
        file.write_text(f"{name}:{HASH}:45001:45000::/public/shanhe/home/{name}:/bin/bash\nwang:{HASH}:45002:45000::/h/wang:/bin/bash\n")
        return file

    def test_only_new_users_are_imported(self):
        self.assert_done(self.modify("zhang", self.cluster, zone=self.zone, login_shell="/bin/zsh", nas_mount_point="/elsewhere"), MODIFY)
        before = [self.user("admin"), self.user("zhang")]
        rows = [*self.rows, user(self.cluster, "wang", 45002, 2)]
        dry = self.again(rows, "--only-new", "--dry-run")
        self.assertIn("plan: 1 new, 0 changed, 0 unchanged, 2 left alone, 0 conflicting, 0 refused", dry)
        self.assertIsNone(self.user("wang"))
        self.assertIn("left alone zhang uid 45001", self.again(rows, "--only-new"))
        self.eventually(lambda: self.user("wang") is not None)
        self.assertEqual([self.user("admin"), self.user("zhang")], before)
        # Without it, the file counts.
        self.again(rows)
        self.eventually(lambda: self.user("zhang")["nas_mount_point"] == self.rows[1]["nas_mount_point"])

    def test_passwords_are_kept(self):
        self.assert_done(self.modify("zhang", self.cluster, zone=self.zone, new_password=self.password), MODIFY)
        own = self.new_key("--user-id", self.user("zhang")["user_id"])
        done = self.site.roster("import", *self.site.store, "--zone", self.zone, "--cluster-id", self.cluster, "--format", "passwd",
                                "--accept-odd", "--keep-passwords", self.shadow_file("zhang"))
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("; passwords kept: 1", done.stdout)
        self.assertNotIn(HASH, done.stdout + done.stderr)
        self.eventually(lambda: self.user("wang") is not None)
        self.assert_done(self.modify("zhang", self.cluster, own, zone=self.zone, password=self.password,
                                     new_password=self.other_password), MODIFY)

    def eventually(self, condition):
        self.assertTrue(within_a_second(condition))


if __name__ == "__main__":
    unittest.main()

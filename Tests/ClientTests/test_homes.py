"""Homes of added users: `user add --wait`, and what the server's log says of those that cannot be made."""

import os
import unittest

import case
from case import tearDownModule  # noqa: F401 (unittest looks for it)
from people import ALPHA, ZONE
from running_site import told
from write_case import WriteCase, fresh_name


def setUpModule():
    """The site of people.py with homes, whose root has no share yet."""
    case.setUpModule()
    site = case.site
    site.stop()
    site.share = site.folder / "share"
    if os.geteuid() == 0:
        site.serve_options += ["--homes", "--home-root", str(site.share)]
    site.serve()
    done = site.roster("cluster", "create", *site.store, "--zone", ZONE, "--nas-mount-point", str(site.share), "--cluster-id", "hpc-homes001")
    if done.returncode != 0:
        raise AssertionError(told(done))


@unittest.skipUnless(os.geteuid() == 0, "needs root")
class Homes(WriteCase):
    CLUSTER = "hpc-homes001"

    def add(self, *names, cluster=CLUSTER):
        return self.command("user", "add", "--cluster-id", cluster, "--wait", *names, stdin=self.password)

    def test_waits_for_the_home_of_one_user_and_of_many(self):
        self.site.share.mkdir(exist_ok=True)
        name, many = fresh_name("home"), [fresh_name("home") for _ in range(5)]
        done = self.add(name)
        self.assertEqual(done.returncode, 0, told(done))
        self.assertRegex(done.stdout, rf"^done, job j-\w+: directory: added; home: made {self.site.share}/\S*{name}\n$")
        self.assertEqual(os.stat(done.stdout.split()[-1]).st_uid, int(self.row(name, self.CLUSTER)["uid_number"]))
        done = self.add("--generate-password", *many)
        self.assertEqual(done.returncode, 0, told(done))
        homes = {path.name for path in self.site.share.rglob("*")}
        self.assertLessEqual(set(many), homes)

    def test_a_home_that_cannot_be_made_fails_and_is_in_the_log(self):
        name = fresh_name("home")
        # The cluster's mount is no folder below the root.
        done = self.add(name, cluster=ALPHA)
        self.assertEqual((done.returncode, done.stdout), (1, ""), told(done))
        self.assertRegex(done.stderr, r"Error: job j-\w+ failed: directory: added; home: ")
        line, = [line for line in self.site.log.read_text().splitlines() if "a home could not be made" in line and f"name={name} " in line]
        self.assertIn(f"cluster={ALPHA}", line)
        self.assertIsNotNone(self.row(name, ALPHA))


class WithoutHomes(WriteCase):
    @unittest.skipIf(os.geteuid() == 0, "the server makes homes")
    def test_there_is_nothing_to_wait_for(self):
        done = self.command("user", "add", "--cluster-id", ALPHA, "--wait", fresh_name("home"), stdin=self.password)
        self.assertEqual(done.returncode, 0, told(done))


if __name__ == "__main__":
    unittest.main()

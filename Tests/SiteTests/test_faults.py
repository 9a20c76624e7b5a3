"""What breaks under a running server: a disk that is full, a server that is killed while it makes homes.

Needs root: the tests mount a small tmpfs, and homes belong to their users.
"""

import json
import os
import pathlib
import subprocess
import tempfile
import time
import unittest

from test_site import ROSTER, Served, roster

CLUSTER = "hpc-fault001"
PASSWORD = "Correct1Horse"


class FaultTests(unittest.TestCase):
    def setUp(self):
        self.assertEqual(os.getuid(), 0, "run this as root: it mounts a tmpfs and makes homes")
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def tmpfs(self, name, size):
        path = os.path.join(self.folder, name)
        os.mkdir(path)
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size},mode=0700", "tmpfs", path], check=True)
        self.addCleanup(subprocess.run, ["umount", "-l", path], check=True)
        return path

    def create(self, data, share):
        done = roster("cluster", "create", "--data", data, "--zone", "zone1", "--cluster-id", CLUSTER,
                      "--nas-mount-point", share)
        self.assertEqual(done.returncode, 0, done.stderr)

    def serve(self, data, *options):
        served = Served(data, *options)
        self.addCleanup(served.stop)
        served.wait()
        return served

    def add(self, served, name):
        return roster("user", "add", "--cluster-id", CLUSTER, name, input=PASSWORD, env=served.environment)

    def test_a_full_disk_fails_the_order_whole_and_the_next_one_works(self):
        disk = self.tmpfs("disk", "3m")
        data = os.path.join(disk, "data")
        self.create(data, self.folder)
        served = self.serve(data)
        self.assertEqual(self.add(served, "before").returncode, 0)
        ballast = os.path.join(disk, "ballast")
        with open(ballast, "wb", buffering=0) as file:
            try:
                while True:
                    file.write(b"x" * 4096)
            except OSError:
                pass
        failed = None
        for number in range(200):
            done = self.add(served, f"full{number}")
            if done.returncode != 0:
                failed = f"full{number}"
                self.assertRegex(done.stderr, r"\((5100|5300)\)", done.stderr)
                break
        self.assertIsNotNone(failed, "the disk never was full")
        self.assertNotIn(failed, served.users(), "nothing of a failed order is there")
        self.assertIn("before", served.users(), "lists go on")
        os.remove(ballast)
        again = self.add(served, failed)
        self.assertEqual(again.returncode, 0, again.stderr)
        self.assertIn(failed, served.users())
        self.assertIn("whole", roster("operation", "verify", "--data", data).stdout)

    def test_a_killed_server_leaves_no_home_unmade_after_its_restart(self):
        share = os.path.join(self.folder, "share")
        os.mkdir(share)
        # A skeleton that takes a moment to copy, so that the kill comes in between.
        skeleton = os.path.join(self.folder, "skel")
        os.mkdir(skeleton)
        pathlib.Path(skeleton, "large").write_bytes(b"x" * (8 << 20))
        data = os.path.join(self.folder, "data")
        self.create(data, share)
        served = self.serve(data, "--homes", "--home-root", share, "--skeleton", skeleton)
        acknowledged = []
        for number in range(12):
            if self.add(served, f"user{number}").returncode == 0:
                acknowledged.append(f"user{number}")
        served.process.kill()
        served.process.wait()
        self.assertEqual(len(acknowledged), 12)
        again = self.serve(data, "--homes", "--home-root", share, "--skeleton", skeleton)
        for _ in range(300):
            jobs = json.loads(roster("operation", "list", "--json", "--limit", "100", "--job-action", "AddUser",
                                     env=again.environment).stdout)["job_set"]
            if all(job["status"] != "pending" for job in jobs):
                break
            time.sleep(0.1)
        self.assertEqual({job["status"] for job in jobs}, {"successful"}, jobs)
        users = again.users()
        for name in acknowledged:
            home = os.stat(os.path.join(share, "home", name))
            self.assertEqual((home.st_uid, home.st_mode & 0o7777), (int(users[name]["uid_number"]), 0o700))
            self.assertEqual(os.path.getsize(os.path.join(share, "home", name, "large")), 8 << 20)
        self.assertEqual(sorted(os.listdir(os.path.join(share, "home"))), sorted(acknowledged), "nothing is left over")


if __name__ == "__main__":
    unittest.main()

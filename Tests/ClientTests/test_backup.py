"""`roster backup` and `roster restore`: a copy of a store in use, proved, and put back."""

import os
import re
import shutil
import sqlite3
import stat
import threading
import unittest

from case import setUpModule, tearDownModule  # noqa: F401 (unittest looks for the two functions)
from people import ALPHA, ZONE
from running_site import Site, told
from write_case import MODIFY, WriteCase, fresh_name


class Backups(WriteCase):
    def setUp(self):
        self.folder = self.site.folder / fresh_name("backups")
        self.folder.mkdir(mode=0o700)
        self.data = self.site.store[1]
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def backup(self, target, *options, data=None):
        return self.site.roster("backup", "--data", data or self.data, *options, target)

    def restored(self, backup, *options, key=True):
        """A new data folder with the backup."""
        folder = self.folder / fresh_name("data")
        seal = ("--seal-key", os.path.join(self.data, "seal.key")) if key else ()
        done = self.site.roster("restore", "--data", folder, *seal, *options, backup)
        return folder, done

    def checksum(self, folder):
        return re.search(r"checksum (\S+)", self.site.must("store", "checksum", "--data", folder).stdout).group(1)

    def test_a_backup_of_a_store_in_use_is_restored_whole(self):
        name = self.added(cluster=ALPHA)["username"]
        self.assert_done(self.modify(name, ALPHA, attributes={"cn": ["Backed Up"]}), MODIFY)
        stop = threading.Event()

        def write():
            while not stop.is_set():
                self.added(cluster=ALPHA)

        writer = threading.Thread(target=write)
        writer.start()
        try:
            done = self.backup(self.folder / "site.db")
        finally:
            stop.set()
            writer.join()
        self.assertEqual(done.returncode, 0, told(done))
        checksum = re.search(r"checksum (\S+), head (\d+:\S+)", done.stdout)
        self.assertEqual(stat.S_IMODE((self.folder / "site.db").stat().st_mode), 0o600)
        self.assertEqual(sorted(os.listdir(self.folder)), ["site.db"])
        verified = self.site.must("backup", "verify", "--seal-key", os.path.join(self.data, "seal.key"), self.folder / "site.db")
        self.assertIn(checksum.group(1), verified.stdout)
        folder, done = self.restored(self.folder / "site.db")
        self.assertEqual(done.returncode, 0, told(done))
        self.assertEqual(self.checksum(folder), checksum.group(1))
        self.site.must("operation", "verify", "--data", folder, "--head", checksum.group(2))
        self.assertIn("Backed Up", self.site.must("user", "export", "--data", folder, "--zone", ZONE, "--format", "json").stdout)

    def test_older_backups_are_removed_and_nothing_else(self):
        (self.folder / "roster.db").write_text("mine")
        for year in range(2020, 2024):
            (self.folder / f"roster-{year}0101T000000Z.db").write_text("old")
        self.assertEqual(self.backup(self.folder, "--keep", "2").returncode, 0)
        names = sorted(os.listdir(self.folder))
        self.assertEqual(len(names), 3, names)
        self.assertIn("roster.db", names)
        self.assertIn("roster-20230101T000000Z.db", names)

    def test_nothing_is_overwritten(self):
        (self.folder / "site.db").write_text("mine")
        done = self.backup(self.folder / "site.db")
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("is there already", done.stderr)
        self.assertEqual((self.folder / "site.db").read_text(), "mine")
        for target in (self.folder / "none" / "site.db", "/proc/site.db"):
            self.assertNotEqual(self.backup(target).returncode, 0)
        self.assertNotEqual(self.backup(self.folder / "new.db", "--keep", "2").returncode, 0)
        empty = self.backup(self.folder / "new.db", data=self.folder / "nowhere")
        self.assertIn("there is no store", empty.stderr)
        self.assertFalse((self.folder / "nowhere").exists())
        self.assertEqual(sorted(os.listdir(self.folder)), ["site.db"])

    def test_a_damaged_backup_is_refused(self):
        self.assertEqual(self.backup(self.folder / "site.db").returncode, 0)
        whole = (self.folder / "site.db").read_bytes()
        for change in ("UPDATE users SET gecos = 'x' WHERE rowid = 1", "DELETE FROM operations WHERE sequence = 1",
                       "DELETE FROM access_keys", "DELETE FROM meta WHERE name = 'backup'"):
            with self.subTest(change):
                (self.folder / "site.db").write_bytes(whole)
                with sqlite3.connect(self.folder / "site.db") as database:
                    database.execute("PRAGMA journal_mode = DELETE")
                    database.execute(change)
                database.close()
                folder, done = self.restored(self.folder / "site.db")
                self.assertNotEqual(done.returncode, 0)
                self.assertIn("nothing was restored", done.stderr)
                self.assertEqual(set(os.listdir(folder)) - {"seal.key", "serve.lock", "open.lock"}, set())
        for content in (b"", b"text\n", whole[: len(whole) // 2]):
            (self.folder / "site.db").write_bytes(content)
            self.assertNotEqual(self.restored(self.folder / "site.db")[1].returncode, 0)

    def test_a_store_is_replaced_only_if_told_and_is_kept(self):
        self.assertEqual(self.backup(self.folder / "site.db").returncode, 0)
        folder, done = self.restored(self.folder / "site.db")
        self.assertEqual(done.returncode, 0, told(done))
        before = self.checksum(folder)
        self.site.must("key", "create", "--data", folder, "--reader")
        self.assertNotEqual(self.checksum(folder), before)
        refused = self.site.roster("restore", "--data", folder, self.folder / "site.db")
        self.assertIn("--replace", refused.stderr)
        # What a log beside the old store holds must not come back.
        with sqlite3.connect(folder / "roster.db") as database:
            database.execute("PRAGMA journal_mode = WAL")
            database.execute("UPDATE meta SET number = number WHERE name = 'revision'")
        done = self.site.roster("restore", "--data", folder, "--replace", self.folder / "site.db")
        self.assertEqual(done.returncode, 0, told(done))
        self.assertEqual(self.checksum(folder), before)
        self.assertEqual(len([name for name in os.listdir(folder) if re.fullmatch(r"roster\.db\.before-\d+T\d+Z", name)]), 1)

    def test_a_folder_that_is_served_is_left_alone(self):
        self.assertEqual(self.backup(self.folder / "site.db").returncode, 0)
        done = self.site.roster("restore", "--data", self.data, "--replace", self.folder / "site.db")
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("stop the server first", done.stderr)

    def test_the_seal_key_must_be_the_right_one(self):
        self.assertEqual(self.backup(self.folder / "site.db").returncode, 0)
        _, done = self.restored(self.folder / "site.db", key=False)
        self.assertIn("--seal-key", done.stderr)
        other = Site()
        try:
            other.must("key", "create", *other.store, "--reader")
            key = os.path.join(other.store[1], "seal.key")
            for command in (("backup", "verify", "--seal-key", key), ("restore", "--data", self.folder / "x", "--seal-key", key)):
                self.assertNotEqual(self.site.roster(*command, self.folder / "site.db").returncode, 0)
        finally:
            other.close()


if __name__ == "__main__":
    unittest.main()

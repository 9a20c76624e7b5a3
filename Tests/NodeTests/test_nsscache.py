"""nsscache, which writes a directory's users, groups and keys into files, by a full update and by what has changed since.

It is no package of Debian and none of PyPI: `ROSTER_NSSCACHE` names a folder with its source, and without it the test is passed over.
"""

import os
import pathlib
import sys
import time
import unittest

import applications
import people
import running
from applications import EXPIRED, GROUP, LOCKED, NAME, OTHER

SOURCE = pathlib.Path(os.environ.get("ROSTER_NSSCACHE", "/nonexistent"))
MAPS = ("passwd", "group", "shadow")
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl"


@unittest.skipUnless((SOURCE / "nsscache").exists(), "needs nsscache's source, in the folder that ROSTER_NSSCACHE names")
class NSSCache(applications.Cluster):
    def setUp(self):
        super().setUp()
        self.cache = self.place()

    def update(self, way, *options, maps=MAPS, **changes):
        """Runs an update; returns the lines of each file by their first field."""
        given = self.settings(way)
        settings = {
            "source": "ldap", "cache": "files", "maps": ", ".join(maps), "timestamp_dir": self.cache, "lockfile": self.cache / "lock",
            "files_dir": self.cache, "files_cache_filename_suffix": "cache", "ldap_uri": given["uri"], "ldap_base": given["user_base"],
            "ldap_filter": f"(objectClass={given['user_class']})", "ldap_bind_dn": given["bind_dn"],
            "ldap_bind_password": given["bind_password"], "ldap_retry_max": "1", "ldap_tls_starttls": int(way == "StartTLS"),
            "ldap_tls_cacertfile": given["certificate"]}
        lines = lambda values: "".join(f"{key} = {value}\n" for key, value in values.items())
        groups = {"ldap_base": given["group_base"], "ldap_filter": "(objectClass=posixGroup)"} | changes
        (self.cache / "nsscache.conf").write_text(
            f"[DEFAULT]\n{lines(settings)}[group]\n{lines(groups)}[shadow]\nldap_filter = (objectClass=shadowAccount)\n"
            "[sshkey]\nldap_filter = (objectClass=ldapPublicKey)\n")
        done = running.run(sys.executable, SOURCE / "nsscache", "-c", self.cache / "nsscache.conf", "update", *options)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        found = {}
        for name in maps:
            rows = (line.split(":") for line in (self.cache / f"{name}.cache").read_text().splitlines())
            found[name] = {row[0]: row[1:] for row in rows}
        return found

    def test_a_full_update_has_everybody(self):
        for name in (NAME, LOCKED):
            self.roster("user", "key", "add", name, "-", input=f"{KEY} {name}\n")
        for way in self.ways:
            with self.subTest(way):
                self.cache = self.place()
                found = self.update(way, "--full", maps=(*MAPS, "sshkey"))
                self.assertEqual(sorted(found["passwd"]), sorted(people.name(number) for number in range(5)))
                self.assertEqual(found["passwd"][NAME], ["x", "42001", str(people.GID), "Number One", "/public/s0723/home/1", "/bin/bash"])
                self.assertEqual(found["group"]["s0723"], ["*", str(people.GID), ""])
                self.assertEqual(sorted(found["group"][GROUP][2].split(",")), sorted([NAME, LOCKED, EXPIRED]))
                # A password is a star, and the day of the expiry is the first for those who may not log in.
                self.assertEqual({name: row[0] for name, row in found["shadow"].items()}, dict.fromkeys(found["passwd"], "*"))
                self.assertEqual([found["shadow"][name][6] for name in (NAME, OTHER, LOCKED, EXPIRED)], ["", "", "1", "1"])
                # Of the two who have a key, the one who may not log in shows none.
                self.assertIn(KEY.split()[1], found["sshkey"][NAME][0])
                self.assertEqual(found["sshkey"], {NAME: found["sshkey"][NAME], LOCKED: [""]})

    def test_members_are_read_by_their_dns_too(self):
        for schema in ("ldap_rfc2307bis", "ldap_rfc2307bis_alt"):
            with self.subTest(schema):
                self.cache = self.place()
                found = self.update("clear", "--full", **{schema: "1"})
                self.assertEqual(sorted(found["group"][GROUP][2].split(",")), sorted([NAME, LOCKED, EXPIRED]))

    def test_an_update_brings_what_has_changed(self):
        self.roster("user", "key", "add", OTHER, "-", input=f"{KEY} {OTHER}\n")
        maps = (*MAPS, "sshkey")
        first = self.update("clear", "--full", maps=maps)
        self.assertIn(KEY.split()[1], first["sshkey"][OTHER][0])
        stamps = [file.stat().st_mtime_ns for file in self.caches()]
        self.assertEqual(self.update("clear", maps=maps), first)
        self.assertEqual([file.stat().st_mtime_ns for file in self.caches()], stamps, "nothing has changed")
        # Its times are whole seconds, and it asks for what is later than the last.
        self.next_second()
        self.roster("user", "modify", NAME, "--login-shell", "/bin/zsh")
        self.roster("user", "lock", OTHER)
        self.roster("group", "add", GROUP, OTHER)
        self.roster("group", "create", "fresh")
        second = self.update("clear", maps=maps)
        self.assertEqual(second["passwd"], first["passwd"] | {NAME: first["passwd"][NAME][:-1] + ["/bin/zsh"]})
        self.assertEqual((second["shadow"][OTHER][6], second["sshkey"][OTHER]), ("1", [""]))
        self.assertEqual(sorted(second["group"][GROUP][2].split(",")), sorted([NAME, OTHER, LOCKED, EXPIRED]))
        self.assertEqual(sorted(second["group"]), sorted([*first["group"], "fresh"]))
        self.next_second()
        self.roster("group", "remove", GROUP, OTHER)
        self.roster("user", "unlock", OTHER)
        self.roster("group", "delete", "fresh")
        third = self.update("clear", maps=maps)
        for name in ("shadow", "sshkey"):
            self.assertEqual(third[name], first[name])
        self.assertEqual(third["group"][GROUP], first["group"][GROUP])
        # What is gone is seen by a full update alone.
        self.assertIn("fresh", third["group"])
        self.assertNotIn("fresh", self.update("clear", "--full")["group"])

    def caches(self):
        return [self.cache / f"{name}.cache" for name in MAPS]

    @staticmethod
    def next_second():
        now = int(time.time())
        while int(time.time()) == now:
            time.sleep(0.01)


if __name__ == "__main__":
    unittest.main()

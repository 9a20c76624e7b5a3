"""Stores of earlier schemas come up whole, and `roster upgrade check` says before what does not fit: docs/operations/upgrade.md.

Each file in stores/ is what sqlite3 dumps of a store that a program of its time has written: by an import, by calls of the
API, by keys. A schema that is shipped gets one here, and it is never written anew.
"""

import hashlib
import json
import sqlite3
import unittest
from pathlib import Path

from running_site import Site, told
from signer import Key, common_parameters, signed_target

STORES = Path(__file__).parent / "stores"
CLUSTER, ZONE = "hpc-old00001", "zone1"
USERS = {"li": (10_001, "active"), "zhang": (10_002, "locked"), "wang": (10_003, "active")}
# The program of step 1 took no groups from LDIF.
GROUPS = {"step1": {}, "step8": {"optics": 10_500}}
DELETED_UID = 10_004
FITS, DOES_NOT_FIT, NOT_LOOKED_AT = 0, 3, 1


class OldStore(unittest.TestCase):
    def make(self, name: str) -> Site:
        """A data folder with that store, as that version left it."""
        site = Site()
        self.addCleanup(site.close)
        text = (STORES / f"{name}.sql").read_text()
        seal_key, access_key = [line.removeprefix("-- ") for line in text.splitlines()[1:3]]
        made = json.loads(access_key)
        site.keys["operator"] = Key(made["access_key_id"], made["secret_access_key"])
        site.secrets.append(made["secret_access_key"])
        site.data.mkdir(mode=0o700)
        site.seal_key = site.data / "seal.key"
        site.seal_key.touch(mode=0o600)
        site.seal_key.write_text(seal_key + "\n")
        self.write(site.data / "roster.db", text)
        return site

    def write(self, path: Path, text: str):
        database = sqlite3.connect(path)
        database.executescript(text)
        database.close()
        path.chmod(0o600)

    def change(self, site: Site, sql: str):
        database = sqlite3.connect(site.data / "roster.db")
        database.executescript(sql)
        database.close()

    def get(self, site: Site, path: str, **parameters):
        key = site.keys["operator"]
        target = signed_target("GET", path, {**common_parameters(key, ZONE), **parameters}, key)
        return site.send("GET", target).json


class EarlierSchemas(OldStore):
    def test_every_store_has_one_and_comes_up_whole(self):
        names = sorted(file.stem for file in STORES.glob("*.sql"))
        self.assertGreaterEqual(len(names), 2)
        for name in names:
            with self.subTest(name):
                site = self.make(name)
                site.serve()
                users = self.get(site, "/api/user", cluster_id=CLUSTER)["user_set"]
                self.assertEqual({user["username"]: int(user["uid_number"]) for user in users},
                                 {name: uid for name, (uid, _) in USERS.items()})
                described = [self.get(site, "/api/user/describeUser", cluster_id=CLUSTER, username=user) for user in USERS]
                self.assertEqual([one["user"]["state"] if "user" in one else one["state"] for one in described],
                                 [state for _, state in USERS.values()])
                groups = self.get(site, "/api/group", cluster_id=CLUSTER)["group_set"]
                self.assertEqual({group["group_name"]: int(group["gid_number"]) for group in groups if not group.get("is_primary")},
                                 GROUPS[name])
                # The number of who was deleted stays given.
                history = self.get(site, "/api/user/uidHistory", cluster_id=CLUSTER, uid_number=str(DELETED_UID))
                self.assertEqual(history["ret_code"], 0, history)
                self.assertIn("chen", json.dumps(history))
                self.assertIsNone(self.get(site, "/api/operation/verify")["fault"])
                site.stop()
                site.must("store", "check", "--data", site.data)

    def test_a_backup_of_an_earlier_version_is_restored(self):
        site = self.make("step8")
        backup = site.folder / "backup.db"
        self.write(backup, (STORES / "step8.sql").read_text())
        digest = hashlib.sha256(backup.read_bytes()).hexdigest()
        verified = site.must("backup", "verify", "--seal-key", site.seal_key, backup)
        self.assertIn("is whole: of 2026-11-27T21:00:53Z", verified.stdout)
        restored = site.folder / "restored"
        site.must("restore", "--data", restored, "--seal-key", site.seal_key, backup)
        self.assertEqual(hashlib.sha256(backup.read_bytes()).hexdigest(), digest, "the backup was changed")
        checksum = site.must("store", "checksum", "--data", restored).stdout
        self.assertIn(checksum.split()[-1], verified.stdout)


class UpgradeCheck(OldStore):
    def check(self, site: Site, *options, **environment):
        return site.roster("upgrade", "check", "--data", site.data, *options, TMPDIR=str(site.folder), **environment)

    def assert_told(self, done, code: int, *patterns: str):
        self.assertEqual(done.returncode, code, told(done))
        lines = done.stdout.splitlines()
        self.assertEqual(len(lines), len(patterns), told(done))
        for line, pattern in zip(lines, patterns):
            self.assertRegex(line, pattern, told(done))

    def content(self, site: Site) -> dict:
        return {path.name: path.read_bytes() for path in site.data.iterdir() if not path.name.endswith(("-shm", "-wal"))}

    def test_what_fits_is_not_changed(self):
        for name in ("step1", "step8"):
            with self.subTest(name):
                site = self.make(name)
                before = self.content(site)
                done = self.check(site)
                self.assert_told(done, FITS, rf"^schema: step {name[4:]}, this version has \d+: the first start of this version brings",
                                 r"^everything fits version \d")
                self.assertEqual(self.content(site), before)
                self.assertEqual([path.name for path in site.folder.iterdir() if "upgrade" in path.name], [])

    def test_a_running_server_is_not_disturbed(self):
        site = self.make("step8")
        site.serve()
        self.assert_told(self.check(site), FITS, "^everything fits")
        self.assertEqual(self.get(site, "/api/user", cluster_id=CLUSTER)["ret_code"], 0)

    def test_each_setting_that_does_not_fit_is_told(self):
        site = self.make("step8")
        file = site.folder / "config.yaml"
        file.write_text("hoems: true\nldaps: 0.0.0.0:636\n")
        done = self.check(site, "--config", file)
        self.assert_told(done, DOES_NOT_FIT, "^settings: .*line 1: there is no setting hoems; is homes meant", "^settings: .*line 2: ldaps needs",
                         "^schema: step 8")
        self.assertRegex(done.stderr, r"^Error: 2 things do not fit version \d")
        only = site.roster("upgrade", "check", "--config", file)
        self.assertEqual((only.returncode, len(only.stdout.splitlines())), (DOES_NOT_FIT, 2), told(only))

    def test_each_damaged_record_is_told(self):
        site = self.make("step8")
        # The last two have no checksum that fits; the first breaks the chain of the log.
        self.change(site, "UPDATE users SET gid_number = 1 WHERE username = 'li'; UPDATE users SET gid_number = 1 WHERE username = 'wang'")
        self.assert_told(self.check(site), DOES_NOT_FIT, "^schema: ", "^records: ", "^records: ")
        site = self.make("step1")
        self.change(site, "UPDATE operations SET message = 'nothing' WHERE sequence = 3")
        self.assert_told(self.check(site), DOES_NOT_FIT, "^schema: ", "^operation log: event 3 was changed$")

    def test_a_store_of_a_newer_version_and_another_seal_key(self):
        site = self.make("step8")
        self.change(site, "INSERT INTO grdb_migrations VALUES ('99 of the future')")
        self.assert_told(self.check(site), DOES_NOT_FIT, "^schema: made by a newer version of roster")
        site, other = self.make("step8"), self.make("step1")
        site.seal_key.write_bytes(other.seal_key.read_bytes())
        self.assert_told(self.check(site), DOES_NOT_FIT, "^schema: ", "^store: the seal key is not the one that .*/data/roster.db was made with")

    def test_what_cannot_be_looked_at(self):
        site = self.make("step8")
        (site.data / "roster.db").write_bytes(b"no store" * 1000)
        for done in (self.check(site), site.roster("upgrade", "check", "--data", site.folder),
                     site.roster("upgrade", "check", "--config", site.folder / "none.yaml")):
            self.assertEqual(done.returncode, NOT_LOOKED_AT, told(done))
            self.assertEqual(len(done.stderr.strip().splitlines()), 1, told(done))
        self.assertNotIn(site.roster("upgrade", "check").returncode, (FITS, DOES_NOT_FIT))


if __name__ == "__main__":
    unittest.main()

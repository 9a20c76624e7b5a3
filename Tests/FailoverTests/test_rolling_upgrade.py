"""Replicas of two versions on one database: docs/operations/upgrade.md.

stores/step6.sql is what pg_dump says of a database that a program of schema step 6 has written. It is never written anew.
"""

import json
import pathlib
import unittest

import client_helpers  # before what it makes importable
import postgres
import replicas
import running_site
from postgres import OWNER
from running_site import told
from signer import Key, common_parameters, signed_target
from traffic import ADD

STORE = pathlib.Path(__file__).parent / "stores/step6.sql"
CLUSTER, ZONE = "hpc-old00001", "zone1"
USERS = {"li": "10001", "zhang": "10002", "wang": "10003"}
FITS, DOES_NOT_FIT = 0, 3


class RollingUpgrade(unittest.TestCase):
    def setUp(self):
        self.pair = postgres.Pair()
        self.addCleanup(self.pair.close)
        self.server = self.pair.primary
        self.server.initialise()
        text = STORE.read_text()
        seal_key, access_key = [line.removeprefix("-- ") for line in text.splitlines()[1:3]]
        made = json.loads(access_key)
        self.key = Key(made["access_key_id"], made["secret_access_key"])
        self.server.sql(text, user=OWNER)
        self.seal_key = self.pair.folder / "seal.key"
        self.seal_key.touch(mode=0o600)
        self.seal_key.write_text(seal_key + "\n")

    def replica(self, url: str | None = None) -> replicas.Replica:
        made = replicas.Replica("one", url or self.server.url(), self.seal_key, PGPASSFILE=str(self.pair.pass_file))
        made.secrets = [self.key.secret]
        self.addCleanup(made.close)
        return made

    def users(self, replica: replicas.Replica) -> dict[str, str]:
        return {row["username"]: row["uid_number"] for row in replica.everybody(self.key, zone=ZONE, cluster=CLUSTER)}

    def assert_refused(self, replica: replicas.Replica, why: str):
        replica.begin()
        self.assertEqual(replica.process.wait(running_site.START_SECONDS), 1)
        replica.process = None
        self.assertIn(why, replica.log.read_text().splitlines()[-1])

    def test_a_new_version_waits_for_its_schema_and_says_who_makes_it(self):
        replica, owner = self.replica(), self.replica(self.server.url(OWNER))
        done = replica.roster("upgrade", "check", *replica.store)
        self.assertEqual(done.returncode, FITS, told(done))
        self.assertRegex(done.stdout, rf"\Aschema: step 6, this version has \d+: run roster store migrate as the role {OWNER} first\n")
        self.assert_refused(replica, "run roster store migrate as the role that owns the database")
        owner.must("store", "migrate", *owner.store)
        replica.serve()
        self.assertEqual(self.users(replica), USERS)
        done = replica.roster("upgrade", "check", *replica.store)
        self.assertRegex(done.stdout, r"\Aeverything fits version \S+\n\Z", told(done))
        self.assertIn("the operation log is whole", replica.must("operation", "verify", *replica.store).stdout)

    def test_a_running_replica_goes_on_while_a_newer_version_makes_its_schema(self):
        replica, owner = self.replica(), self.replica(self.server.url(OWNER))
        owner.must("store", "migrate", *owner.store)
        replica.serve()
        # What steps have done so far: a table, and columns that may be empty.
        self.server.sql("BEGIN; CREATE TABLE of_the_future (n int); ALTER TABLE users ADD COLUMN of_the_future text;"
                        "INSERT INTO schema_steps (step) VALUES (999); COMMIT", user=OWNER)
        body = json.dumps({"cluster_id": CLUSTER, "zone": ZONE, "username": "during", "password": "Password12345"}).encode()
        target = signed_target("POST", ADD, common_parameters(self.key, ZONE), self.key, body=body)
        answer = replica.send("POST", target, body, {"Content-Type": "application/json"}).json
        self.assertEqual(answer["ret_code"], 0, answer)
        self.assertEqual(self.users(replica)["during"], "10005")
        done = replica.roster("upgrade", "check", *replica.store)
        self.assertEqual(done.returncode, DOES_NOT_FIT, told(done))
        self.assertIn("schema: made by a newer version of roster (step 999", done.stdout)
        replica.stop()
        self.assert_refused(replica, "made by a newer version of roster")


if __name__ == "__main__":
    unittest.main()

"""The tables are made by the role that owns them, and everything else is done by one that may only use them: the roles of
Examples/patroni/roles.sql, as the documentation tells a site to use them."""

import concurrent.futures
import unittest

import client_helpers  # before what it makes importable
import postgres
import replicas
from postgres import OWNER, SERVICE
from running_site import told
from traffic import Traffic


class RolesTest(unittest.TestCase):
    def setUp(self):
        self.pair = postgres.Pair()
        self.addCleanup(self.pair.close)
        self.server = self.pair.primary
        self.server.initialise()
        self.seal_key = self.pair.folder / "seal.key"
        self.settings = {"PGPASSFILE": str(self.pair.pass_file)}

    def replica(self, url: str) -> replicas.Replica:
        replica = replicas.Replica("one", url, self.seal_key, **self.settings)
        self.addCleanup(replica.close)
        return replica


class BeforeThereAreTables(RolesTest):
    def test_the_serving_role_makes_none_and_says_who_does(self):
        replica = self.replica(self.server.url())
        replica.must("store", "make-key", self.seal_key)
        done = replica.roster("store", "checksum", *replica.store)
        self.assertNotEqual(done.returncode, 0, told(done))
        self.assertIn("run roster store migrate as that role", done.stderr)
        self.assertEqual(len(done.stderr.strip().splitlines()), 1, told(done))

    def test_two_owners_at_once_make_them_once(self):
        replica = self.replica(self.server.url(OWNER))
        replica.must("store", "make-key", self.seal_key)
        with concurrent.futures.ThreadPoolExecutor() as pool:
            for done in pool.map(lambda _: replica.roster("store", "migrate", *replica.store), range(2)):
                self.assertEqual(done.returncode, 0, told(done))
        steps = self.server.sql("SELECT count(*), count(DISTINCT step), max(step) FROM roster.schema_steps").split("|")
        self.assertEqual(len(set(steps)), 1, steps)

    def test_a_password_in_the_command_line_is_refused_and_not_repeated(self):
        secret = self.pair.passwords[SERVICE]
        replica = self.replica(self.server.url(f"{SERVICE}:{secret}"))
        replica.must("store", "make-key", self.seal_key)
        done = replica.roster("store", "checksum", *replica.store)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("~/.pgpass", done.stderr)
        self.assertNotIn(secret, done.stdout + done.stderr)


class WithTables(RolesTest):
    FORBIDDEN = (
        "CREATE TABLE mine (n int)", "CREATE TABLE public.mine (n int)", "CREATE TEMPORARY TABLE mine (n int)",
        "CREATE SCHEMA mine", "DROP TABLE operations", "TRUNCATE operations", "ALTER TABLE users ADD COLUMN n int",
        "DROP SCHEMA roster CASCADE")

    def test_the_serving_role_does_all_that_replicas_do_and_no_more(self):
        deployment = replicas.Deployment(
            self.server.url(), self.server.url(OWNER), self.seal_key, **self.settings)
        self.addCleanup(deployment.close)
        clients = Traffic(deployment.replicas, deployment.operator, deployment.reader)
        self.addCleanup(clients.reading.clear)
        self.addCleanup(clients.writing.clear)
        clients.start()
        postgres.wait_until(lambda: clients.record.deleted, 30, "users are added and deleted")
        clients.stop()
        self.assertEqual(clients.record.faults, [])
        self.assertEqual(
            self.server.sql("SELECT DISTINCT usename FROM pg_stat_activity WHERE application_name = 'roster'"), SERVICE)
        for text in self.FORBIDDEN:
            with self.subTest(text), self.assertRaisesRegex(RuntimeError, "permission denied|must be owner"):
                self.server.sql(text, user=SERVICE)

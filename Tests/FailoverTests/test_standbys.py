"""What a standby costs where it is lost, and what is lost where it lacked something: the two that a synchronous pair that fails
over never shows."""

import time
import unittest

import client_helpers  # before what it makes importable
import postgres
import replicas
from postgres import wait_until
from traffic import ADD, PASSWORD, signed_order

DONE, AWAY = 0, 5100


class Standbys(unittest.TestCase):
    def setUp(self):
        self.pair = postgres.Pair()
        self.addCleanup(self.pair.close)
        self.pair.start()
        self.deployment = replicas.Deployment(
            self.pair.url(), self.pair.url(postgres.OWNER), self.pair.folder / "seal.key", PGPASSFILE=str(self.pair.pass_file))
        self.addCleanup(self.deployment.close)
        self.first, self.second = self.deployment.replicas

    def add(self, replica: replicas.Replica, name: str) -> int:
        """Orders an addition, and gives the code of the answer."""
        return self.send(replica, *signed_order(self.deployment.operator, ADD, name, password=PASSWORD))

    def send(self, replica: replicas.Replica, target: str, body: bytes) -> int:
        return replica.send("POST", target, body, {"Content-Type": "application/json"}, timeout=30).json["ret_code"]

    def names(self) -> list[set[str]]:
        return [{row["username"] for row in rows} for rows in self.deployment.lists()]

    def test_commits_wait_for_a_lost_synchronous_standby_and_are_done_once(self):
        self.assertEqual(self.add(self.first, "before"), DONE)
        self.pair.standby.kill()
        order = signed_order(self.deployment.operator, ADD, "doubtful", password=PASSWORD)
        start = time.monotonic()
        self.assertEqual(self.send(self.first, *order), AWAY)
        waited = time.monotonic() - start
        self.assertGreater(waited, 9)
        self.assertLess(waited, 15)
        self.assertEqual([row["username"] for row in self.deployment.lists()[0]].count("before"), 1)
        self.pair.primary.configure(synchronous_with=None)
        self.pair.primary.reload()
        # Sent again to the other replica: it is done, and was done once, whichever of the two did it.
        wait_until(lambda: self.send(self.second, *order) == DONE, 20, "the same order is done")
        self.deployment.wait_until_equal(10)
        for rows in self.deployment.lists():
            self.assertEqual([row["username"] for row in rows].count("doubtful"), 1)
        self.assertEqual(self.add(self.first, "after"), DONE)

    def test_replicas_go_back_with_a_standby_that_lacked_commits(self):
        self.pair.primary.configure(synchronous_with=None)
        self.pair.primary.reload()
        self.assertEqual(self.add(self.first, "kept"), DONE)
        shown = self.first.revision()
        kept = "SELECT count(*) FROM roster.users WHERE username = 'kept'"
        wait_until(lambda: self.pair.standby.sql(kept) == "1", 10, "the standby has it")
        self.pair.standby.kill()
        for n in range(5):
            self.assertEqual(self.add(self.first, f"lost{n}"), DONE)
        self.deployment.wait_until_equal(10)
        self.assertEqual(self.second.revision(), shown + 5)
        self.pair.primary.kill()
        self.pair.standby.start()
        self.pair.fail_over()
        for replica in self.deployment.replicas:
            wait_until(lambda: replica.revision() == shown, 20, f"{replica.name} shows what the standby has")
        for names in self.names():
            self.assertIn("kept", names)
            self.assertEqual([name for name in names if name.startswith("lost")], [])
        for n, replica in enumerate(self.deployment.replicas):
            wait_until(lambda: self.add(replica, f"new{n}") == DONE, 20, f"{replica.name} writes again")
        self.deployment.wait_until_equal(10)
        self.assertEqual(self.first.revision(), shown + 2)
        lists = self.deployment.lists()
        self.assertEqual(lists[0], lists[1])
        self.assertTrue({"kept", "new0", "new1"} <= self.names()[0])

"""Roster on PostgreSQL while servers die: nothing that was acknowledged is lost, no number is given twice, and every read is
answered.

Each test starts a primary, a synchronous standby and two replicas of its own, and lets clients write and read all the time.
What was measured is printed as a table at the end; only bounds that a person would call broken are asserted.
"""

import statistics
import time
import unittest

import client_helpers  # before what it makes importable
import people
import postgres
import replicas
import running_site
from postgres import wait_until
from traffic import Traffic

TO_WARM_UP, TO_CALM_DOWN = 2, 3
RESUME_SECONDS, LONGEST_REFUSAL = 20, 5
# A commit that the primary made at its last moment may still be answered: where it is not known whether it can be read back, that
# is tried for some three seconds.
LAST_ANSWER = 5
# What these find must be nothing. Users who were removed are among the rows.
TABLE_FAULTS = {
    "uids that the ledger has twice": """
        SELECT cluster_id, number FROM roster.number_ledger WHERE kind = 'uid' GROUP BY 1, 2 HAVING count(*) > 1""",
    "uids that two users have or had": """
        SELECT cluster_id, uid_number FROM roster.users GROUP BY 1, 2 HAVING count(*) > 1""",
    "users whose uid the ledger does not know as theirs": """
        SELECT u.cluster_id, u.uid_number, u.hpcuser_id FROM roster.users u LEFT JOIN roster.number_ledger l
        ON l.cluster_id = u.cluster_id AND l.kind = 'uid' AND l.number = u.uid_number
        WHERE l.holder IS DISTINCT FROM u.hpcuser_id""",
    "users of a revision that was never counted": """
        SELECT hpcuser_id FROM roster.users WHERE revision > (SELECT number FROM roster.meta WHERE name = 'revision')""",
    "events that are missing": """
        SELECT max(sequence) FROM roster.operations HAVING max(sequence) <> count(*)""",
}
table: list[tuple[str, str, str]] = []


def tearDownModule():
    print()
    for row in table:
        print(f"{row[0]:<34} | {row[1]:<58} | {row[2]}")


class Failover(unittest.TestCase):
    def setUp(self):
        self.pair = postgres.Pair()
        self.addCleanup(self.pair.close)
        self.pair.start()
        self.deployment = replicas.Deployment(
            self.pair.url(), self.pair.url(postgres.OWNER), self.pair.folder / "seal.key", PGPASSFILE=str(self.pair.pass_file))
        self.addCleanup(self.deployment.close)
        self.first, self.second = self.deployment.replicas
        self.traffic = Traffic(self.deployment.replicas, self.deployment.operator, self.deployment.reader)
        self.record = self.traffic.record

    def begin(self):
        self.traffic.start()
        self.addCleanup(self.traffic.writing.clear)
        self.addCleanup(self.traffic.reading.clear)
        self.wait_for_answers(20)
        time.sleep(TO_WARM_UP)

    def wait_for_answers(self, count: int, of: replicas.Replica | None = None, since: float | None = None):
        """Waits until so many writes were done since then or from now on, by a certain replica or by any."""
        start = time.monotonic() if since is None else since

        def done() -> int:
            with self.record.lock:
                return sum(at > start and (of is None or name == of.name) for at, name in self.record.answers)

        wait_until(lambda: done() >= count, RESUME_SECONDS, "writes are done")

    def report(self, what: str, value):
        table.append((self.id().rpartition("test_")[2].replace("_", " ")[:34], what, str(value)))

    # What must hold at the end of each

    def settle(self):
        """Ends the clients, then holds both replicas and the database to what was acknowledged."""
        time.sleep(TO_CALM_DOWN)
        self.traffic.stop()
        self.deployment.wait_until_equal(10)
        self.report("writes acknowledged", len(self.record.answers))
        self.report("reads answered, longest (ms)", f"{self.record.reads}, {self.record.longest_read * 1000:.0f}")
        if self.record.refusals:
            took = [seconds for _, seconds in self.record.refusals]
            self.report("writes refused with 5100", len(took))
            self.report("their answers, median and longest (ms)",
                      f"{statistics.median(took) * 1000:.0f}, {max(took) * 1000:.0f}")
            self.assertLess(max(took), LONGEST_REFUSAL, "a write was refused late")
        lists = self.deployment.lists()
        self.assertGreater(len(self.record.acknowledged), 50)
        lost = self.record.lost([*lists, self.stored()])
        twice = self.record.given_twice([(row["uid_number"], row["username"]) for row in lists[0]] + self.ledger())
        self.report("acknowledged writes lost", len(lost))
        self.report("uids given twice", len(twice))
        self.report("failed reads and other faults", len(self.record.faults))
        self.report("acknowledged before they could be read", len(self.record.unpublished))
        self.hold_tables()
        self.assertEqual(lists[0], lists[1])
        self.assertEqual((lost, twice, self.record.faults), ([], [], []))

    def stored(self) -> list[dict]:
        """The users of the cluster as the database has them."""
        rows = self.pair.primary.sql(f"""
            SELECT username, uid_number FROM roster.users
            WHERE cluster_id = '{replicas.CLUSTER}' AND deleted_time IS NULL""")
        return [dict(zip(("username", "uid_number"), row.split("|"))) for row in rows.splitlines()]

    def ledger(self) -> list[tuple[str, str]]:
        """Each uid that was ever given in the cluster, and to whom."""
        rows = self.pair.primary.sql(f"""
            SELECT number, name FROM roster.number_ledger WHERE cluster_id = '{replicas.CLUSTER}' AND kind = 'uid'""")
        return [tuple(row.split("|")) for row in rows.splitlines()]

    def hold_tables(self):
        """What the tables themselves must show: each uid once, with one holder, and an operation log without a gap."""
        for what, query in TABLE_FAULTS.items():
            self.assertEqual(self.pair.primary.sql(query), "", what)
        done = self.first.roster("operation", "verify", *self.first.store)
        self.assertEqual(done.returncode, 0, running_site.told(done))

    # The tests

    def test_a_killed_primary(self):
        self.begin()
        lost = time.monotonic()
        self.pair.primary.kill()
        self.hold_outage(lost)
        self.take_over(lost)
        self.pair.rejoin()
        self.settle()

    def hold_outage(self, lost: float):
        """While no primary is there: writes are refused, none is done, and readiness says so and stays."""
        wait_until(lambda: self.record.states and self.record.refusals, 10, "writes are refused and /health/ready says why")
        with self.record.lock:
            self.report("seconds until the first refusal", f"{self.record.refusals[0][0] - lost:.1f}")
        time.sleep(max(0, lost + LAST_ANSWER + 1 - time.monotonic()))
        with self.record.lock:
            late = [at - lost for at, _ in self.record.answers if at > lost]
            self.report("last write that was acknowledged, seconds after", f"{max(late, default=0):.1f}")
            self.assertLess(max(late, default=0), LAST_ANSWER, f"a write was done without a primary; {self.record.faults}")

    def take_over(self, lost: float):
        """Promotes the standby, and tells when each replica writes again."""
        self.pair.fail_over()
        promoted = time.monotonic()
        for replica in self.deployment.replicas:
            self.wait_for_answers(3, of=replica, since=promoted)
        with self.record.lock:
            for replica in self.deployment.replicas:
                resumed = min(at for at, name in self.record.answers if at > lost + LAST_ANSWER and name == replica.name)
                self.report(f"seconds until {replica.name} wrote, from promotion", f"{max(0, resumed - promoted):.1f}")

    def test_a_cut_off_primary_that_comes_back(self):
        self.begin()
        old = self.pair.primary
        cut = time.monotonic()
        old.pause()
        self.hold_outage(cut)
        self.take_over(cut)
        # The network heals before anybody has fenced the old primary. It takes itself for the primary still, but its
        # standby is gone, so it acknowledges nothing.
        old.resume()
        time.sleep(3)
        self.wait_for_answers(10)
        old.kill()
        self.wait_for_answers(10)
        self.pair.rejoin()
        self.settle()

    def test_a_replica_that_was_stopped_for_long(self):
        self.begin()
        self.second.pause()
        self.wait_for_answers(50, of=self.first)
        rows = [
            people.user("hpc-large001", f"u{n:05}", 100_000 + n, n, hpcuser_id=f"hpcuser-{n:08}") for n in range(21_000)]
        start = time.monotonic()
        done = self.first.import_rows(replicas.ZONE, rows, name="large.csv")
        self.report("seconds that an import took beside it", f"{time.monotonic() - start:.1f}")
        self.assertEqual(done.returncode, 0, running_site.told(done))
        self.wait_for_answers(50, of=self.first)
        behind = self.first.revision()
        self.second.resume()
        start = time.monotonic()
        wait_until(lambda: self.second.revision() >= behind, 20, "the replica has caught up")
        self.report("seconds until it caught up", f"{time.monotonic() - start:.1f}")
        self.second.away = False
        self.wait_for_answers(10, of=self.second)
        self.settle()
        large = [replica.everybody(self.deployment.operator, cluster="hpc-large001") for replica in self.deployment.replicas]
        self.assertEqual(len(large[0]), 21_000)
        self.assertEqual(large[0], large[1])

    def test_replicas_that_are_killed_in_turn(self):
        self.begin()
        for replica in self.deployment.replicas * 2:
            replica.kill()
            self.wait_for_answers(10)
            replica.serve()
            self.wait_for_answers(10)
        self.settle()

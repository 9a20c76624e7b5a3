"""Ways to write, as fast as they go: signed commands over HTTP, and bare statements of the same durability."""

import random
import sqlite3
import time

from . import load
from .data import ZONE
from .rows_write import change, shuffled_names
from .table import micros

CONNECTIONS = 64
# More than any store commits: whoever is free sends the next order at once.
AS_FAST_AS_IT_CAN = 100_000
# A row of about the length that one command leaves in the tables.
BARE_TABLES = """
    CREATE TABLE IF NOT EXISTS bare (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, line text NOT NULL);
    CREATE TABLE IF NOT EXISTS counter (number bigint NOT NULL);
    INSERT INTO counter SELECT 0 WHERE NOT EXISTS (SELECT FROM counter);
"""
BARE = "INSERT INTO bare (line) VALUES (repeat('x', 200));"
COUNTED = f"WITH revision AS (UPDATE counter SET number = number + 1 RETURNING number) {BARE}"


class Run:
    """Writes a second, and what stands behind them."""

    def __init__(self, rate, text):
        self.rate = rate
        self.text = text


class Writers:
    """Ways to write, each for some seconds."""

    def __init__(self, site, server, seconds):
        self.site = site
        self.server = server
        self.seconds = seconds
        self.names = shuffled_names(site, 17)
        self.source = random.Random(23)
        # A store that was kept has those of an earlier run.
        self.start, self.added = f"{int(time.time()):x}", 0
        self.embedded = self._bare_database()

    def changes(self, signer):
        return change(self.site, *next(self.names), signer)

    def additions(self, signer):
        self.added += 1
        cluster = self.site.population().cluster_of_a_user(self.source)[0]
        return signer.addition(cluster, f"b{self.start}x{self.added}", ZONE, "Aa0" + "x" * 12)

    def commands(self, replicas, make=None):
        """Signed commands over HTTP, the connections shared out among the replicas."""
        make = make or self.changes
        count = 8_000 if make == self.changes else 1_000
        lines = [[make(signer) for _ in range(count * self.seconds // len(replicas))] for _, signer in replicas]
        before = [replica.cpu() for replica, _ in replicas], self.server.cpu()
        clients = [
            load.Paced(self.site.tools, replica, own, AS_FAST_AS_IT_CAN, CONNECTIONS // len(replicas), self.seconds,
                       self.site.folder / f"commands-{index}.tsv", once=True)
            for index, ((replica, _), own) in enumerate(zip(replicas, lines))]
        reports = [client.report() for client in clients]
        refused = sum(report["failed"] for report in reports)
        if refused:
            raise RuntimeError(f"{refused} commands were refused: {reports[0]['message']}")
        if not all(report["unsent"] for report in reports):
            raise RuntimeError("the commands ran out before the time")
        own = sum(replica.cpu() - then for (replica, _), then in zip(replicas, before[0])) / self.seconds
        database = (self.server.cpu() - before[1]) / self.seconds
        client = sum(report["client_cpu"] for report in reports) / self.seconds
        return Run(sum(report["rate"] for report in reports),
                   f"of a core: roster {own:.0%}, PostgreSQL {database:.0%}, client {client:.0%}")

    def one(self, replica):
        """One command after the other on one connection."""
        server, signer = replica
        targets = [self.changes(signer).split("\t", 1)[1] for _ in range(2_000 * self.seconds)]
        report = load.turn(self.site.tools, server, {"commands": targets}, self.seconds, self.site.folder,
                           most=len(targets), method="POST")["commands"]
        return Run(report["count"] / self.seconds, f"median {micros(report['median'])}, p99 {micros(report['p99'])}")

    def bare(self, script, connections=CONNECTIONS):
        rate, used = self.server.commits(script, connections, self.seconds)
        return Run(rate, f"pgbench used {used:.0%} of a core")

    def bare_sqlite(self):
        """One INSERT a transaction, by one connection: SQLite has one writer, and others would stand in its way."""
        used, start, count = time.process_time(), time.perf_counter(), 0
        while time.perf_counter() - start < self.seconds:
            self.embedded.execute(self.INSERT)
            count += 1
        taken, used = time.perf_counter() - start, time.process_time() - used
        return Run(count / taken, f"the writer used {used / taken:.0%} of a core")

    INSERT = f"INSERT INTO bare (line) VALUES ('{'x' * 200}')"

    def _bare_database(self):
        """A database whose log has grown to its full size: to grow a file costs a sync more than to write over it."""
        file = self.site.folder / "bare.db"
        file.unlink(missing_ok=True)
        connection = sqlite3.connect(file, isolation_level=None)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("CREATE TABLE bare (id INTEGER PRIMARY KEY, line TEXT NOT NULL)")
        connection.execute("PRAGMA synchronous = OFF")
        for _ in range(5_000):
            connection.execute(self.INSERT)
        connection.execute("PRAGMA synchronous = FULL")
        return connection

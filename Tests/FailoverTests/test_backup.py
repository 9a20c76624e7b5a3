"""Backups of a directory on PostgreSQL, taken while clients write, restored on another server, and held against the first."""

import contextlib
import time
import unittest

import client_helpers  # before what it makes importable
import postgres
import replicas
from traffic import Traffic


class Backup(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.pair = postgres.Pair()
        cls.addClassCleanup(cls.pair.close)
        cls.pair.start()
        cls.settings = {"PGPASSFILE": str(cls.pair.pass_file)}
        cls.seal_key = cls.pair.folder / "seal.key"
        cls.deployment = replicas.Deployment(
            cls.pair.url(), cls.pair.url(postgres.OWNER), cls.seal_key, **cls.settings)
        cls.addClassCleanup(cls.deployment.close)

    def hold(self, server: postgres.Server, take, restore):
        """Takes a backup while clients write, and another one when they are at rest; restores both."""
        clients = Traffic(
            self.deployment.replicas, self.deployment.operator, self.deployment.reader, prefix=server.name)
        clients.start()
        self.addCleanup(clients.reading.clear)
        self.addCleanup(clients.writing.clear)
        postgres.wait_until(lambda: len(clients.record.acknowledged) > 20, 20, "clients write")
        with clients.record.lock:
            before = dict(clients.record.acknowledged)
        take()
        time.sleep(0.5)
        clients.stop()
        self.assertEqual(clients.record.faults, [])
        self.deployment.wait_until_equal(10)
        restore()
        there = {row["username"] for row in self.served(server)}
        self.assertEqual([name for name in before if name not in there and name not in clients.record.deleted], [])
        take()
        restore()
        checksum = ("store", "checksum")
        self.assertEqual(self.told_of(server, *checksum), self.told_of(self.pair.primary, *checksum))
        head = self.told_of(self.pair.primary, "operation", "verify").rpartition("head: ")[2].strip()
        self.told_of(server, "operation", "verify", "--head", head)
        self.assertEqual(self.served(server), self.deployment.lists()[0])

    @contextlib.contextmanager
    def replica(self, server: postgres.Server):
        replica = replicas.Replica(server.name, server.url(), self.seal_key, **self.settings)
        with contextlib.closing(replica):
            yield replica

    def told_of(self, server: postgres.Server, *command: str) -> str:
        """What a command says of the directory on a server; it must succeed."""
        with self.replica(server) as replica:
            return replica.must(*command, *replica.store).stdout

    def served(self, server: postgres.Server) -> list[dict]:
        """What a replica on a restored server lists."""
        with self.replica(server) as replica:
            replica.serve()
            return replica.everybody(self.deployment.operator)

    def test_a_dump_restores_all(self):
        server = self.pair.another("dumped")
        server.initialise()
        file = self.pair.folder / "roster.dump"

        def take():
            primary = f"host=127.0.0.1 port={self.pair.primary.port} user={postgres.OWNER} dbname={postgres.DATABASE}"
            self.pair.command("pg_dump", "--format=custom", f"--file={file}", f"--dbname={primary}")

        def restore():
            target = f"host=127.0.0.1 port={server.port} user={postgres.OWNER} dbname={postgres.DATABASE}"
            self.pair.command(
                "pg_restore", "--clean", "--if-exists", "--exit-on-error", "--single-transaction", f"--dbname={target}", file)

        self.hold(server, take, restore)

    def test_a_base_backup_of_the_standby_restores_all(self):
        server = self.pair.another("copied")

        def take():
            server.kill()
            server.copy(self.pair.standby)
            self.pair.command("pg_verifybackup", "--ignore=postgresql.conf", server.data)

        def restore():
            (server.data / "standby.signal").unlink()  # it is the standby's, and would make another standby
            server.start()

        self.hold(server, take, restore)

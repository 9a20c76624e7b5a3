"""PostgreSQL as a page has it: a primary `db1`, its standby `db2`, and another server `db3`, each at its own address."""

import sys

import pages

sys.path.insert(0, str(pages.ROOT / "Tests/FailoverTests"))
import postgres  # noqa: E402

PORT = 5432


class Machine(postgres.Server):
    """A server at the usual port of a machine of its own."""

    def __init__(self, pair: postgres.Pair, name: str, address: str):
        super().__init__(pair, name)
        self.port, self.address = PORT, address

    def configure(self, synchronous_with=None):
        super().configure(synchronous_with)
        with open(self.data / "postgresql.conf", "a") as settings:
            settings.write("unix_socket_directories = ''\n")
        for database in ("all", "replication"):
            with open(self.data / "pg_hba.conf", "a") as rules:
                rules.write(f"host {database} all 127.0.0.0/8 scram-sha-256\n")


class Machines(postgres.Pair):
    """The three servers, without the roles of Roster; none but the superuser `postgres` and `replicator` may log in."""

    def __init__(self):
        super().__init__()
        self.servers = [Machine(self, f"db{number}", f"127.0.0.{number}") for number in (1, 2)]
        self.primary, self.standby = self.servers
        self.third = Machine(self, "db3", "127.0.0.3")
        self.others.append(self.third)

    def start(self):
        self.primary.make()
        self.standby.follow(self.primary)
        self.third.make()

    def make_roles(self):
        """Roster's roles and an empty database; what was there before is gone."""
        for what in ("DATABASE IF EXISTS roster WITH (FORCE)", "ROLE IF EXISTS roster, roster_owner"):
            self.primary.sql(f"DROP {what}", database="postgres")
        self.primary.sql(postgres.ROLES.read_text(), database="postgres")

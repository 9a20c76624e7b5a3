"""A server that is started before its database, and databases that it can never use."""

import unittest

import client_helpers  # before what it makes importable
import postgres
import replicas
import running_site
from postgres import wait_until


class Starting(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.pair = postgres.Pair()
        cls.addClassCleanup(cls.pair.close)
        cls.database = cls.pair.primary
        cls.database.initialise()
        cls.seal_key = cls.pair.folder / "seal.key"
        owner = replicas.Replica("owner", cls.database.url(postgres.OWNER), cls.seal_key, PGPASSFILE=str(cls.pair.pass_file))
        cls.addClassCleanup(owner.close)
        owner.must("store", "make-key", cls.seal_key)
        owner.must("store", "migrate", *owner.store)

    def replica(self, url: str, **settings: str) -> replicas.Replica:
        made = replicas.Replica("one", url, self.seal_key, **{"PGPASSFILE": str(self.pair.pass_file), **settings})
        self.addCleanup(made.close)
        return made

    def says(self, replica: replicas.Replica) -> str:
        try:
            return replica.send("GET", "/health/ready").json.get("message", "")
        except OSError:
            return ""

    def test_it_is_ready_once_the_database_is_there(self):
        replica = self.replica(self.database.url())
        self.database.stop()
        replica.begin()
        wait_until(lambda: self.says(replica).startswith("waiting for PostgreSQL at 127.0.0.1:"), 30, "it waits")
        self.database.start()
        replica.wait_until_ready()
        log = replica.log.read_text()
        self.assertEqual(log.count("the store cannot be read, trying again"), 1, log)
        replica.make_key("--operator", "--user-id", "usr-a")

    def assert_ends(self, replica: replicas.Replica, expected: str):
        replica.begin()
        self.assertEqual(replica.process.wait(running_site.START_SECONDS), 1)
        replica.process = None
        self.assertRegex(replica.log.read_text().splitlines()[-1], expected)

    def test_what_waiting_does_not_mend_ends_it(self):
        wrong = self.pair.write("wrong.pgpass", f"*:*:*:{postgres.SERVICE}:not-the-password\n")
        service = self.database.url()
        for what, url, settings, expected in (
            ("a wrong password", service, {"PGPASSFILE": str(wrong)}, "password authentication failed"),
            ("no password", service, {"PGPASSFILE": "/dev/null"}, "no password supplied"),
            ("no such database", service.removesuffix(postgres.DATABASE) + "nothing", {}, "does not exist"),
            # The superuser's database has no tables of roster, and the service may make none.
            ("no rights", service.removesuffix(postgres.DATABASE) + "postgres", {}, "permission denied|may not do it"),
        ):
            with self.subTest(what):
                self.assert_ends(self.replica(url, **settings), f"^Error: .*({expected})")

    def test_another_seal_key_ends_it(self):
        replica = self.replica(self.database.url())
        replica.must("key", "list", *replica.store)
        other = replica.folder / "other.key"
        replica.must("store", "make-key", other)
        replica.store = ["--store", self.database.url(), "--seal-key", str(other)]
        self.assert_ends(replica, "^Error: the seal key is not the one")


if __name__ == "__main__":
    unittest.main()

"""Two `roster serve` on one PostgreSQL, each with its own ports and log."""

import contextlib
import pathlib
import signal

import client_helpers  # before what it makes importable
import people
import postgres
import running_site
from signer import Key, common_parameters, signed_target

CLUSTER, ZONE = people.BULK, people.ZONE


class Replica(running_site.Site):
    """One server. While `away` is set it is expected not to answer; nothing else may keep it from answering."""

    def __init__(self, name: str, url: str, seal_key: pathlib.Path, **settings: str):
        """`settings` are variables of libpq that the connection string leaves out: PGPASSFILE above all."""
        super().__init__()
        self.name, self.settings = name, settings
        self.store = ["--store", url, "--seal-key", str(seal_key)]
        self.ldap_port = 0
        self.away = False

    def environment(self, **more) -> dict:
        return super().environment(**more, **self.settings)

    def serve(self):
        self.ldap_port = running_site.free_port()
        self.serve_options = ["--ldap", f"127.0.0.1:{self.ldap_port}"]
        super().serve()
        self.away = False

    def pause(self):
        self.away = True
        self.process.send_signal(signal.SIGSTOP)

    def resume(self):
        self.process.send_signal(signal.SIGCONT)

    def kill(self):
        self.away = True
        super().kill()

    # Signed calls

    def target(self, key: Key, path: str = "/api/user", zone: str = ZONE, **parameters) -> str:
        pairs = {**common_parameters(key, zone), **{name: str(value) for name, value in parameters.items()}}
        return signed_target("GET", path, pairs, key)

    def revision(self) -> int:
        return int(self.send("GET", "/health/ready").headers["Roster-Revision"])

    def everybody(self, key: Key, zone: str = ZONE, cluster: str = CLUSTER) -> list[dict]:
        """Every user of a cluster as this replica lists them."""
        found = []
        while True:
            answer = self.send("GET", self.target(key, zone=zone, cluster_id=cluster, limit=100, offset=len(found)))
            body = answer.json
            if body["ret_code"] != 0:
                raise AssertionError(f"{self.name}: {answer}")
            found += body["user_set"]
            if not body["user_set"]:
                return found


class Deployment:
    """The people of the test site in a database, and two replicas that serve them. The seal key is made where there is none."""

    def __init__(
        self, url: str, owner_url: str, seal_key: pathlib.Path, second_url: str | None = None, **settings: str
    ):
        """`owner_url` is for who makes the tables, as a site has it; who serves may make none. The second replica may have a
        way to the database of its own."""
        self.replicas = [
            Replica(name, way, seal_key, **settings) for name, way in (("first", url), ("second", second_url or url))]
        first = self.replicas[0]
        try:
            if not seal_key.exists():
                first.must("store", "make-key", seal_key)
            first.must("store", "migrate", "--store", owner_url, "--seal-key", seal_key)
            done = first.import_rows(ZONE, people.HERE, "--allow-boss")
            if done.returncode != 0:
                raise AssertionError(running_site.told(done))
            self.operator = first.make_key("--user-id", people.NOBODY, "--operator")
            self.reader = first.make_key("--reader")
            for replica in self.replicas:
                replica.secrets = [self.operator.secret, self.reader.secret]
                replica.serve()
        except BaseException:
            self.close()
            raise

    def close(self):
        with contextlib.ExitStack() as each:  # all of them, whatever becomes of one
            for replica in self.replicas:
                each.callback(replica.close)
                if replica.process is not None:
                    replica.resume()  # what is stopped cannot end

    def lists(self) -> list[list[dict]]:
        """What each replica lists."""
        return [replica.everybody(self.operator) for replica in self.replicas]

    def wait_until_equal(self, seconds: float):
        """Waits until the replicas show the same revision. Writers must be at rest."""
        postgres.wait_until(
            lambda: len({replica.revision() for replica in self.replicas}) == 1, seconds, "all show one revision")

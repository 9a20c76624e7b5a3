"""The first steps of the manual in every order, each on a new data folder.

Whatever the order, no command ends by a signal, each that fails says which parameter is wrong, and a server that is
started in the end gets ready and lists exactly what was made.
"""

import concurrent.futures
import itertools
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.request

import pages

sys.path.insert(0, str(pages.ROOT / "Tests/ClientTests"))
from running_site import PROGRAM, free_port  # noqa: E402

ZONE, EMPTY, FULL = "zone1", "hpc-empty001", "hpc-full0001"
USERS = f"cluster_id,username,uid_number,gid_number,nas_mount_point\n{FULL},zhangwei,41532,41500,/share\n"
READY_SECONDS, STOP_SECONDS, FOLLOW_SECONDS = 30, 15, 10
WORKERS = 2


class Wrong(Exception):
    """What a site did that it must not do."""


class Site:
    """A new data folder, and what the commands on it have made."""

    def __init__(self, folder: pathlib.Path):
        self.folder, self.data = folder, folder / "data"
        self.users = folder / "users.csv"
        self.users.write_text(USERS)
        self.clusters: set[str] = set()
        self.names: set[str] = set()
        self.operator: dict | None = None
        self.reader: dict | None = None
        self.server: subprocess.Popen | None = None
        self.port = 0

    def environment(self) -> dict:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("ROSTER_", "QY_"))}
        return {**kept, "HOME": str(self.folder), "LC_ALL": "C.UTF-8"}

    def roster(self, *arguments, parameter: str, **more: str) -> str | None:
        """What a command printed; None where it was refused, which must name the parameter."""
        done = subprocess.run(
            [PROGRAM, *arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60,
            env={**self.environment(), **more})
        if done.returncode == 0:
            return done.stdout
        if done.returncode != 1 or parameter not in done.stderr:
            said = f"exit code {done.returncode}\n{done.stdout}{done.stderr}"
            raise Wrong(f"roster {' '.join(map(str, arguments))}: {said}")
        return None

    # The first steps

    def create_cluster(self):
        done = self.roster("cluster", "create", "--data", self.data, "--zone", ZONE, "--cluster-id", EMPTY,
                           "--nas-mount-point", "/share", parameter="cluster_id")
        self.must(done, "cluster create")
        self.clusters.add(EMPTY)

    def import_users(self):
        done = self.roster("import", "--data", self.data, "--zone", ZONE, self.users, parameter="users.csv")
        self.must(done, "import")
        self.clusters.add(FULL)
        self.names.add("zhangwei")

    def make_operator(self):
        done = self.roster("key", "create", "--data", self.data, "--user-id", "usr-myname01", "--operator", "--json",
                           parameter="--user-id")
        self.operator = json.loads(self.must(done, "key create --operator"))

    def make_reader(self):
        done = self.roster("key", "create", "--data", self.data, "--reader", "--cluster-id", EMPTY, "--json",
                           parameter=EMPTY)
        if done is not None:
            self.reader = json.loads(done)
        elif EMPTY in self.clusters:
            raise Wrong("key create --reader: refused, though its cluster is there")

    def serve_and_stop(self):
        self.serve()
        self.stop()

    @staticmethod
    def must(done: str | None, what: str) -> str:
        if done is None:
            raise Wrong(f"{what}: refused, though nothing stands in its way")
        return done

    # The server

    def serve(self):
        self.port = free_port()
        with open(self.folder / "serve.log", "ab") as log:
            self.server = subprocess.Popen(
                [PROGRAM, "serve", "--data", self.data, "--http", f"127.0.0.1:{self.port}"], stdin=subprocess.DEVNULL,
                stdout=log, stderr=log, env=self.environment())
        deadline = time.monotonic() + READY_SECONDS
        while not self.is_ready():
            self.look_after_server()
            if time.monotonic() > deadline:
                raise Wrong(f"serve: not ready after {READY_SECONDS} s\n{self.log}")
            time.sleep(0.02)

    def is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health/ready", timeout=5) as answer:
                return answer.status == 200
        except OSError:
            return False

    def look_after_server(self):
        if self.server.poll() is not None:
            raise Wrong(f"serve: ended with exit code {self.server.returncode}\n{self.log}")

    @property
    def log(self) -> str:
        return (self.folder / "serve.log").read_text(errors="replace")[-3000:]

    def stop(self):
        server, self.server = self.server, None
        server.send_signal(signal.SIGTERM)
        code = server.wait(STOP_SECONDS)
        if code != 0:
            raise Wrong(f"serve: ended with exit code {code} on SIGTERM\n{self.log}")

    def close(self):
        if self.server:
            self.server.kill()
            self.server.wait()

    # What is there

    def asked(self, key: dict, *arguments) -> dict | None:
        """What the server answers a key; None where it refuses because of the key, the zone or the cluster."""
        answer = self.roster(
            *arguments, "--json", parameter="", ROSTER_ENDPOINT=f"http://127.0.0.1:{self.port}", ROSTER_ZONE=ZONE,
            ROSTER_ACCESS_KEY_ID=key["access_key_id"], ROSTER_SECRET_ACCESS_KEY=key["secret_access_key"])
        return None if answer is None else json.loads(answer)

    def listed(self) -> tuple[set, set]:
        """The clusters and the names that the operator sees."""
        clusters = self.asked(self.operator, "cluster", "list")
        users = self.asked(self.operator, "user", "list")
        return ({one["cluster_id"] for one in clusters["cluster_set"]} if clusters else set(),
                {one["username"] for one in users["user_set"]} if users else set())

    def must_list_what_was_made(self):
        """Looks for as long as a server may take that has to follow what was changed below it."""
        expected = (self.clusters, self.names)
        deadline = time.monotonic() + FOLLOW_SECONDS
        while (seen := self.listed()) != expected:
            self.look_after_server()
            if time.monotonic() > deadline:
                raise Wrong(f"listed are {seen}, made were {expected}\n{self.log}")
            time.sleep(0.1)
        if self.reader:
            users = self.asked(self.reader, "user", "list")
            if users is None or users["user_set"]:
                raise Wrong(f"the reader of an empty cluster is answered {users}")
        self.look_after_server()


STEPS = (Site.create_cluster, Site.import_users, Site.make_operator, Site.make_reader, Site.serve_and_stop)


def fault_of(order) -> str | None:
    """What goes wrong when the steps are made in this order."""
    with tempfile.TemporaryDirectory(prefix="roster-first-") as folder:
        site = Site(pathlib.Path(folder))
        try:
            for step in order:
                step(site)
            site.serve()
            site.must_list_what_was_made()
            site.stop()
        except (Wrong, subprocess.TimeoutExpired) as fault:
            return f"{', '.join(step.__name__ for step in order)}: {fault}"
        finally:
            site.close()
    return None


class FirstSteps(unittest.TestCase):
    def test_in_every_order(self):
        orders = list(itertools.permutations(STEPS))
        with concurrent.futures.ThreadPoolExecutor(WORKERS) as workers:
            faults = [fault for fault in workers.map(fault_of, orders) if fault]
        self.assertEqual(len(faults), 0, f"{len(faults)} of {len(orders)} orders; the first:\n" + "\n".join(faults[:3]))

    def test_while_a_server_runs_on_the_empty_folder(self):
        for first, second in itertools.permutations((Site.create_cluster, Site.import_users)):
            with self.subTest(first=first.__name__), tempfile.TemporaryDirectory(prefix="roster-first-") as folder:
                site = Site(pathlib.Path(folder))
                try:
                    site.serve()
                    site.make_operator()
                    for step in (first, second):
                        step(site)
                        site.must_list_what_was_made()
                    site.stop()
                except Wrong as fault:
                    self.fail(str(fault))
                finally:
                    site.close()


if __name__ == "__main__":
    unittest.main()

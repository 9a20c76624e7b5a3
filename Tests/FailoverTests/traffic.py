"""What clients do while servers fail: writers that never give up an order, readers that never wait, and their records."""

import contextlib
import itertools
import json
import random
import threading
import time
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException

import client_helpers  # before what it makes importable
import ldap_wire
import people
from replicas import CLUSTER, ZONE, Replica
from signer import Key, common_parameters, signed_target

ADD, DELETE = "/api/user/addUser", "/api/user/deleteUser"
PASSWORD = "Correct8Horse(Battery)"
SECONDS_FOR_AN_ANSWER = 60
BASE = "dc=ehpccloud,dc=com"


@dataclass
class Record:
    """What was asked and answered. Times are of the monotonic clock."""

    acknowledged: dict[str, str] = field(default_factory=dict)  # name to uid as first listed, or "" where nobody looked
    deleted: set[str] = field(default_factory=set)
    answers: list[tuple[float, str]] = field(default_factory=list)  # of writes that were done: when, and by which replica
    refusals: list[tuple[float, float]] = field(default_factory=list)  # of 5100: when, and after how long
    unpublished: set[str] = field(default_factory=set)  # acknowledged as committed, and listed later
    faults: list[str] = field(default_factory=list)
    reads: int = 0
    longest_read: float = 0
    states: set[str] = field(default_factory=set)  # what /health/ready said while something was wrong
    lock: threading.Lock = field(default_factory=threading.Lock)

    def fault(self, text: str):
        with self.lock:
            self.faults.append(text)

    def read(self, seconds: float):
        with self.lock:
            self.reads += 1
            self.longest_read = max(self.longest_read, seconds)

    # What must be empty at the end; clients must be at rest.

    def lost(self, lists: list[list[dict]]) -> list[tuple[str, str]]:
        """Who was acknowledged and is not in every list under the same uid, and who was deleted and is."""
        kept = {name: uid for name, uid in self.acknowledged.items() if name not in self.deleted}
        lost = []
        for rows in lists:
            there = {row["username"]: row["uid_number"] for row in rows}
            lost += [(name, uid) for name, uid in kept.items() if name not in there or uid not in ("", there[name])]
            lost += [(name, "deleted") for name in self.deleted if name in there]
        return lost

    def given_twice(self, given: list[tuple[str, str]]) -> list[tuple[str, set[str]]]:
        """Which uids more than one name has or had, among those of `given` (uid, name) and those seen at the time."""
        holders: dict[str, set[str]] = {}
        for uid, name in given + [(uid, name) for name, uid in self.acknowledged.items() if uid]:
            holders.setdefault(uid, set()).add(name)
        return [(uid, names) for uid, names in holders.items() if len(names) > 1]

    def longest_gap(self, of: Replica) -> float:
        """The longest time in which a replica did no write, though clients went on trying."""
        times = sorted(at for at, name in self.answers if name == of.name)
        return max((after - before for before, after in zip(times, times[1:])), default=0)


def signed_order(key: Key, path: str, name: str, **members) -> tuple[str, bytes]:
    """Target and body of an order about a user; good for a minute, and run once, however often it is sent."""
    body = json.dumps({"cluster_id": CLUSTER, "zone": ZONE, "username": name, **members}).encode()
    pairs = {**common_parameters(key, ZONE), "nonce": f"{path}{name}"}
    return signed_target("POST", path, pairs, key, body=body), body


class Line:
    """One kept connection to a replica."""

    def __init__(self, replica: Replica):
        self.replica, self.connection = replica, None
        self.revision = 0

    def ask(self, method: str, target: str, body: bytes = b""):
        """Status and decoded body. Throws `OSError` or `HTTPException` where there is no answer."""
        try:
            if self.connection is None:
                self.connection = HTTPConnection("127.0.0.1", self.replica.port, timeout=SECONDS_FOR_AN_ANSWER)
            headers = {"Content-Type": "application/json"} if body else {}
            self.connection.request(method, target, body or None, headers)
            response = self.connection.getresponse()
            self.revision = int(response.headers.get("Roster-Revision") or 0)
            return response.status, json.loads(response.read())
        except (OSError, HTTPException):
            self.close()
            raise

    def close(self):
        if self.connection is not None:
            self.connection.close()
        self.connection, self.revision = None, 0  # a restarted server begins with what it loads


class Traffic:
    """Writers and readers on every replica, until `stop`. Names of added users begin with `prefix`, which nobody else uses."""

    def __init__(self, replicas: list[Replica], operator: Key, reader: Key, prefix: str = "w", writers_each: int = 2):
        self.replicas, self.operator, self.reader, self.prefix = replicas, operator, reader, prefix
        self.record = Record()
        self.writing, self.reading = threading.Event(), threading.Event()
        for event in (self.writing, self.reading):
            event.set()
        self.names = itertools.count(1)
        self.writers = [
            threading.Thread(target=self.guarded, args=(self.write, replicas[n % len(replicas):] + replicas[:n % len(replicas)]))
            for n in range(writers_each * len(replicas))]
        self.readers = [
            threading.Thread(target=self.guarded, args=(work, replica))
            for replica in replicas for work in (self.list_users, self.list_users, self.look_up, self.ask_ready)]

    def start(self):
        for thread in self.writers + self.readers:
            thread.start()

    def stop(self):
        """Lets every writer bring its last order to an end, then ends the readers."""
        self.writing.clear()
        for thread in self.writers:
            thread.join(SECONDS_FOR_AN_ANSWER)
        self.reading.clear()
        for thread in self.readers:
            thread.join(SECONDS_FOR_AN_ANSWER)
        if any(thread.is_alive() for thread in self.writers + self.readers):
            raise AssertionError("a client still waits for an answer")

    def guarded(self, work, *arguments):
        try:
            work(*arguments)
        except Exception as fault:  # a thread that dies in silence would prove nothing
            self.record.fault(f"{work.__name__}: {fault!r}")

    # Writers

    def write(self, replicas: list[Replica]):
        with contextlib.ExitStack() as each:
            lines = [each.enter_context(contextlib.closing(Line(replica))) for replica in replicas]
            self.write_by(lines)

    def write_by(self, lines: list[Line]):
        mine, added = [], 0
        while self.writing.is_set():
            name = f"{self.prefix}{next(self.names)}"
            if not self.order(lines, ADD, name, password=PASSWORD):
                continue
            self.see(lines[0], name)
            mine.append(name)
            added += 1
            if added % 7 == 0:
                gone = mine.pop(random.randrange(len(mine)))
                if self.order(lines, DELETE, gone):
                    with self.record.lock:
                        self.record.deleted.add(gone)

    def order(self, lines: list[Line], path: str, name: str, **members) -> bool:
        """Sends one signed order until it is answered. Whoever is refused or cut off sends the very same request again, and
        turns to the next replica where one does not answer at all; the first of `lines` is whoever answered last."""
        target, body = signed_order(self.operator, path, name, **members)
        deadline = time.monotonic() + SECONDS_FOR_AN_ANSWER - 5  # a signature is good for a minute
        while time.monotonic() < deadline:
            start = time.monotonic()
            try:
                status, answer = lines[0].ask("POST", target, body)
            except (OSError, HTTPException) as fault:
                if not lines[0].replica.away:
                    self.record.fault(f"{name} at {lines[0].replica.name}: {fault!r}")
                lines.append(lines.pop(0))
                time.sleep(0.02)
                continue
            end = time.monotonic()
            with self.record.lock:
                if answer["ret_code"] == 0:
                    self.record.answers.append((end, lines[0].replica.name))
                    return True
                if answer["ret_code"] != 5100:
                    self.record.faults.append(f"{path} {name}: {status} {answer}")
                    return False
                # A replica that was stopped on purpose answers as late as it was resumed.
                if not lines[0].replica.away:
                    self.record.refusals.append((end, end - start))
            time.sleep(0.05)
        self.record.fault(f"{path} {name}: no answer but refusals within a minute")
        return False

    def see(self, line: Line, name: str):
        """Who wrote, reads it there at once: keeps the uid under which the name is listed. Only where the store went away
        between the commit and its publication the answer bears a revision that is not shown yet; then it comes later."""
        written, found = line.revision, []
        deadline = time.monotonic() + SECONDS_FOR_AN_ANSWER
        while not found and time.monotonic() < deadline:
            try:
                target = line.replica.target(self.operator, cluster_id=CLUSTER, search_word=name, limit=100)
                _, answer = line.ask("GET", target)
            except (OSError, HTTPException) as fault:
                if not line.replica.away:  # else it was killed between its answer and this question
                    self.record.fault(f"list at {line.replica.name}: {fault!r}")
                break
            found = [user["uid_number"] for user in answer.get("user_set", []) if user["username"] == name]
            if not found:
                if line.revision >= written:
                    self.record.fault(f"{name} was acknowledged by {line.replica.name} and is not listed: {answer}")
                    break
                with self.record.lock:
                    self.record.unpublished.add(name)
                time.sleep(0.1)
        with self.record.lock:
            self.record.acknowledged[name] = found[0] if found else ""

    # Readers

    def repeat(self, replica: Replica, pause: float, read, renew):
        """Reads again and again; what goes wrong is a fault unless the replica is away on purpose."""
        while self.reading.is_set():
            if replica.away:
                renew()
                time.sleep(0.02)
                continue
            start = time.monotonic()
            try:
                read()
                if not replica.away:
                    self.record.read(time.monotonic() - start)
            except (OSError, HTTPException, ValueError, AssertionError) as fault:
                renew()
                if not replica.away:
                    self.record.fault(f"read at {replica.name}: {fault!r}")
            time.sleep(pause)
        renew()

    def list_users(self, replica: Replica):
        line = Line(replica)

        def read():
            newest = line.revision
            target = replica.target(self.reader, cluster_id=CLUSTER, limit=10, offset=random.randrange(100))
            status, answer = line.ask("GET", target)
            assert status == 200 and answer["ret_code"] == 0 and len(answer["user_set"]) == 10, answer
            assert line.revision >= newest, f"revision {line.revision} after {newest}"

        self.repeat(replica, 0.01, read, line.close)

    def look_up(self, replica: Replica):
        connections = []

        def read():
            if not connections:
                bind_name = f"cn={self.reader.id},ou=Services,{BASE}"
                connections.append(ldap_wire.Connection(
                    replica.ldap_port, bind_name, self.reader.secret, SECONDS_FOR_AN_ANSWER))
            user = random.choice(people.bulk_users())
            found = connections[0].find(f"ou={CLUSTER},{BASE}", user["username"])
            assert len(found) == 1 and user["uid_number"].encode() in found[0], (user, found)

        def renew():
            while connections:
                connections.pop().close()

        self.repeat(replica, 0.02, read, renew)

    def ask_ready(self, replica: Replica):
        line = Line(replica)

        def read():
            status, answer = line.ask("GET", "/health/ready")
            assert status == 200, (status, answer)
            told = json.dumps(answer)
            if "read-only" in told:
                with self.record.lock:
                    self.record.states.add(told)

        self.repeat(replica, 0.05, read, line.close)

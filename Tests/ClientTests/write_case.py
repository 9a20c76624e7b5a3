"""What the tests of writes share: signed bodies, the shape of an answer to a write, and clusters of a test's own."""

import itertools
import json
import os
import pty
import re
import subprocess
import time
from contextlib import suppress

import people
from case import RosterCase, within_a_second
from running_site import PROGRAM, Answer, told
from signer import Habits, Key, common_parameters, signed_target

ADD, MODIFY, DELETE = "/api/user/addUser", "/api/user/modifyUser", "/api/user/deleteUser"
ACTIONS = {ADD: "HpcUserAddUserResponse", MODIFY: "HpcUserModifyUserResponse", DELETE: "HpcUserDeleteUserResponse"}
JOB_ID = r"^j-[a-z0-9]{11}$"
TIME = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$"
UID_RANGE = range(10_000, 60_000)
ABSENT = object()  # a member that is left out of a body

numbers = itertools.count(1)


def fresh_name(start: str = "u") -> str:
    return f"{start}{next(numbers)}x"


def as_json(members) -> bytes:
    """A body. A list of pairs may hold a name twice; bytes stay as they are."""
    if isinstance(members, bytes):
        return members
    if isinstance(members, list):
        return ("{" + ", ".join(f"{json.dumps(name)}: {json.dumps(value)}" for name, value in members) + "}").encode()
    return json.dumps({name: value for name, value in members.items() if value is not ABSENT}).encode()


class WriteCase(RosterCase):
    def secret(self, password: str) -> str:
        """Marks a password: from here on no answer and no output of the server may hold it."""
        if password not in self.site.secrets:
            self.site.secrets.append(password)
        return password

    @property
    def password(self) -> str:
        return self.secret("Correct8Horse(Battery)")

    @property
    def other_password(self) -> str:
        return self.secret("Staple9Wagon$Wheel")

    # Calls

    def signed_write(self, path: str, members, key="operator", *, zone=people.ZONE, query=None, without=(),
                     seconds=0, habits=Habits()) -> tuple[str, bytes]:
        """Target and body of a write. Each bears a number of its own, as the same signature again is a replay."""
        key, body = self.key(key), as_json(members)
        pairs = {**common_parameters(key, zone, seconds), "nonce": str(next(numbers)), **(query or {})}
        pairs = {name: value for name, value in pairs.items() if name not in without}
        return signed_target("POST", path, pairs, key, habits, body), body

    def write(self, path: str, members, key="operator", **options) -> Answer:
        return self.post(*self.signed_write(path, members, key, **options))

    def post(self, target: str, body: bytes) -> Answer:
        return self.send("POST", target, body)

    def add_members(self, username, cluster=people.BULK, zone=people.ZONE, **members) -> dict:
        return {"cluster_id": cluster, "username": username, "password": self.password, "zone": zone, **members}

    def modify_members(self, username, cluster=people.BULK, zone=people.ZONE, **members) -> dict:
        wanted = members or {"new_password": self.other_password}
        return {"cluster_id": cluster, "username": username, "zone": zone, **wanted}

    def delete_members(self, username, cluster=people.BULK, zone=people.ZONE, **members) -> dict:
        return {"cluster_id": cluster, "username": username, "zone": zone, **members}

    def add(self, username, cluster=people.BULK, key="operator", zone=people.ZONE, **members) -> Answer:
        return self.write(ADD, self.add_members(username, cluster, zone, **members), key, zone=zone)

    def modify(self, username, cluster=people.BULK, key="operator", zone=people.ZONE, **members) -> Answer:
        return self.write(MODIFY, self.modify_members(username, cluster, zone, **members), key, zone=zone)

    def delete(self, username, cluster=people.BULK, key="operator", zone=people.ZONE) -> Answer:
        return self.write(DELETE, self.delete_members(username, cluster, zone), key, zone=zone)

    def added(self, username=None, cluster=people.BULK, key="operator", zone=people.ZONE, **members) -> dict:
        """Adds a user and gives its row."""
        username = username or fresh_name()
        self.assert_done(self.add(username, cluster, key, zone, **members), ADD)
        row = self.row(username, cluster, zone)
        self.assertIsNotNone(row, f"{username} was added and is not listed")
        return row

    def row(self, username, cluster=people.BULK, zone=people.ZONE):
        """The user of this very name in the list, or None."""
        found = self.all_users(cluster_id=cluster, zone=zone, search_word=username)
        found = [row for row in found if row["username"] == username]
        self.assertLessEqual(len(found), 1, found)
        return found[0] if found else None

    def new_cluster(self, cluster: str, *rows: dict, options=()) -> str:
        """Imports a cluster into a zone of its own and waits until it is served. Gives the zone."""
        zone = "z" + people.digest(cluster)
        done = self.site.import_rows(zone, rows, *options, name=f"{zone}.csv")
        self.assertEqual(done.returncode, 0, told(done))
        self.assertTrue(within_a_second(lambda: self.ask(zone=zone, cluster_id=cluster).json["ret_code"] == 0), cluster)
        return zone

    def command(self, *arguments, stdin=None, **more):
        """Runs the program with the operator's key; standard output and error come back as text."""
        key = self.key("operator")
        environment = {**os.environ, **more, "ROSTER_ENDPOINT": f"http://127.0.0.1:{self.site.port}", "ROSTER_ZONE": people.ZONE,
                       "ROSTER_ACCESS_KEY_ID": key.id, "ROSTER_SECRET_ACCESS_KEY": key.secret}
        return subprocess.run([PROGRAM, *map(str, arguments)], input=stdin, capture_output=True, text=True,
                              timeout=60, env=environment)

    def on_a_terminal(self, answer, *arguments):
        """As `command`, on a terminal on which its question gets an answer: the exit code, and what was shown."""
        key = self.key("operator")
        environment = {**os.environ, "ROSTER_ENDPOINT": f"http://127.0.0.1:{self.site.port}", "ROSTER_ZONE": people.ZONE,
                       "ROSTER_ACCESS_KEY_ID": key.id, "ROSTER_SECRET_ACCESS_KEY": key.secret}
        terminal, side = pty.openpty()
        try:
            process = subprocess.Popen([PROGRAM, *arguments], stdin=side, stdout=side, stderr=side, env=environment)
            os.close(side)
            shown = b""
            deadline = time.monotonic() + 30
            asked = False
            while time.monotonic() < deadline:
                try:
                    part = os.read(terminal, 4096)
                except OSError:
                    break
                if not part:
                    break
                shown += part
                if not asked and b"[y/N]" in shown:
                    asked = True
                    os.write(terminal, answer.encode() + b"\n")
            return process.wait(timeout=30), shown.decode()
        finally:
            os.close(terminal)

    def new_key(self, *options) -> Key:
        """A new key, once the running server takes it or has had its second for that."""
        key = self.site.make_key(*options)
        within_a_second(lambda: self.ask(key).json["ret_code"] != 1200)
        return key

    # What an answer must be

    def assert_done(self, answer: Answer, path: str) -> str | None:
        """A write that was done; gives its job."""
        self.assert_is_json(answer)
        body = answer.json
        self.assertEqual(body["ret_code"], 0, answer)
        self.assertIs(type(body["ret_code"]), int, answer)
        self.assertEqual(body["action"], ACTIONS[path], answer)
        if path != MODIFY or "job_id" in body:
            # Open in the documents: whether modifyUser has a job; the page names none, but every operation is logged.
            self.assertRegex(body["job_id"], JOB_ID, answer)
        self.assertLessEqual(set(body), {"action", "ret_code", "job_id", "message"}, answer)
        self.assertRegex(answer.headers.get("Roster-Revision") or "absent", r"^[0-9]+$")
        return body.get("job_id")

    def assert_refuses_write(self, answer: Answer, codes, *names: str):
        """A refusal by one of the codes, of this call's own action, whose message holds one of the names."""
        codes = (codes,) if isinstance(codes, int) else codes
        self.assert_refuses_with_one_of(answer, codes)
        path = re.search(r"(/api/user/\w+)/?(\?|$)", answer.url)
        if path and path[1] in ACTIONS:
            self.assertEqual(answer.json["action"], ACTIONS[path[1]], answer)
        message = answer.json["message"].lower()
        self.assertTrue(not names or any(name.lower() in message for name in names),
                        f"message names none of {names}: {answer}")

    def assert_keeps_no_password(self):
        """Neither a file of the data folder nor what the server printed holds a password or another secret."""
        for path in [self.site.log, *self.site.data.rglob("*")]:
            with suppress(FileNotFoundError, IsADirectoryError):  # a running store may drop a file at any time
                kept = path.read_bytes()
                held = [secret for secret in self.site.secrets if secret.encode() in kept or secret.encode("utf-16-le") in kept]
                self.assertFalse(held, f"{path.name} holds a secret")

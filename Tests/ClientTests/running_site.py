"""Starts and stops the program under test on a data folder of its own, and speaks HTTP with it."""

import json
import os
import random
import re
import shutil
import socket
import subprocess
import tempfile
import time
from http.client import HTTPConnection, HTTPException, HTTPResponse
from pathlib import Path

import people
from signer import Key

REPOSITORY = Path(__file__).resolve().parents[2]
PROGRAM = Path(os.environ.get("ROSTER_BIN") or REPOSITORY / ".build/debug/roster").absolute()
START_SECONDS, STOP_SECONDS = 30, 10


class Answer:
    def __init__(self, url: str, status: int, headers, body: bytes):
        self.url, self.status, self.headers, self.body = url, status, headers, body

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def media_type(self) -> str:
        return (self.headers.get("Content-Type") or "").split(";")[0].strip().lower()

    def __str__(self) -> str:
        return f"\n  {self.url[:2000]}\n  status {self.status}\n  {self.body[:2000].decode('utf-8', 'replace')}"


def free_port() -> int:
    """A port that nobody listens on. It is none of those that the system gives to clients, or one of them might have it by the
    time that a server wants it, above all a server that is started again."""
    first_of_clients = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    while True:
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", random.randrange(first_of_clients // 2, first_of_clients)))
            except OSError:
                continue
            return probe.getsockname()[1]


class Site:
    """A data folder, and perhaps a server on it."""

    def __init__(self):
        if not PROGRAM.exists():
            raise RuntimeError(f"no program at {PROGRAM}: build it, or set ROSTER_BIN")
        self.folder = Path(tempfile.mkdtemp(prefix="roster-client-"))
        self.data = self.folder / "data"
        self.store = ["--data", str(self.data)]  # what every command on the store is told
        self.serve_options: list[str] = []
        self.serve_prefix: list[str] = []  # a program that runs the server, with its options
        self.serve_environment: dict[str, str] = {}
        self.log = self.folder / "serve.log"
        self.keys: dict[str, Key] = {}
        self.secrets: list[str] = []
        self.process = None
        self.port = 0
        self.statuses_while_starting: set[int] = set()

    # The command line

    def environment(self, **more) -> dict:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("ROSTER_", "QY_"))}
        home = self.folder / "home"
        home.mkdir(exist_ok=True)
        return {**kept, "HOME": str(home), "LC_ALL": "C.UTF-8", **more}

    def roster(self, *arguments, stdin: bytes = b"", timeout: float = 60, **environment):
        """Runs the program to its end; standard output and error come back as text."""
        command = [str(PROGRAM), *map(str, arguments)]
        done = subprocess.run(
            command, input=stdin, capture_output=True, timeout=timeout, env=self.environment(**environment)
        )
        done.stdout, done.stderr = done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace")
        return done

    def must(self, *arguments, **options):
        done = self.roster(*arguments, **options)
        if done.returncode != 0:
            raise AssertionError(f"{told(done)}\nexpected success")
        return done

    def import_rows(self, zone: str, rows, *options, name: str = "rows.csv", fields=people.FIELDS):
        file = people.write_csv(self.folder / name, rows, fields)
        return self.roster("import", *self.store, "--zone", zone, "--accept-odd", *options, file)

    def make_key(self, *options) -> Key:
        made = json.loads(self.must("key", "create", *self.store, *options, "--json").stdout)
        self.secrets.append(made["secret_access_key"])
        return Key(made["access_key_id"], made["secret_access_key"])

    # The server

    def serve(self):
        """Starts the server and waits until it is ready."""
        self.begin()
        self.wait_until_ready()

    def begin(self):
        """Starts the server."""
        self.port = free_port()
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [*self.serve_prefix, str(PROGRAM), "serve", *self.store, "--http", f"127.0.0.1:{self.port}", *self.serve_options],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=self.environment(**self.serve_environment),
            )

    def wait_until_ready(self):
        deadline = time.monotonic() + START_SECONDS
        while not self.is_ready():
            if self.process.poll() is not None or time.monotonic() > deadline:
                tail = self.log.read_text("utf-8", "replace")[-4000:]
                raise RuntimeError(f"the server did not get ready (exit code {self.process.poll()}):\n{tail}")
            time.sleep(0.02)

    def is_ready(self) -> bool:
        try:
            status = self.send("GET", "/health/ready").status
        except OSError:
            return False  # it does not listen yet
        self.statuses_while_starting.add(status)
        return status == 200

    def stop(self):
        """Ends the server as a service manager would. It has ten seconds, and must not have logged a secret."""
        if self.process is None:
            return
        process, self.process = self.process, None
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise AssertionError(f"the server did not stop within {STOP_SECONDS} s of SIGTERM") from None
        logged = self.log.read_bytes()
        if any(secret.encode() in logged for secret in self.secrets):
            raise AssertionError("the server's output holds a secret access key")

    def kill(self):
        """Ends the server as a loss of power would end the program: at once, wherever it is."""
        process, self.process = self.process, None
        process.kill()
        process.wait()

    def close(self):
        try:
            self.stop()
        finally:
            shutil.rmtree(self.folder, ignore_errors=True)

    # HTTP

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def send(self, method: str, target: str, body: bytes = b"", headers=None, timeout: float = 20) -> Answer:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            connection.request(method, target, body or None, headers or {})
            response = connection.getresponse()
            return Answer(f"{method} {self.endpoint}{target}", response.status, response.headers, response.read())
        finally:
            connection.close()

    def send_raw(self, request: bytes, timeout: float = 10) -> Answer | None:
        """Sends bytes that an HTTP library would refuse to; None where the server closed or kept silent."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=timeout) as connection:
            try:
                connection.sendall(request)
            except OSError:
                pass  # closed by the server in the middle of it: an answer may still have come
            return read_answer(connection, request[:200].decode("latin-1"))

    def send_target(self, target: bytes, method: str = "GET") -> Answer | None:
        head = b"%s %s HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n" % (method.encode(), target)
        return self.send_raw(head)


def read_answer(connection: socket.socket, url: str) -> Answer | None:
    response = HTTPResponse(connection)
    try:
        response.begin()
        return Answer(url, response.status, response.headers, response.read())
    except (HTTPException, OSError):
        return None
    finally:
        response.close()


def told(done) -> str:
    """What a finished command said, for a failing test's message; secrets are cut out."""
    text = f"{' '.join(map(str, done.args))}\nexit code {done.returncode}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    return re.sub(r'("?secret_access_key"?\s*[:=]\s*)\S+', r"\1…", text)


def populated_site() -> Site:
    """The site of people.py with a key of each kind, being served."""
    site = Site()
    try:
        for zone, rows in ((people.ZONE, people.HERE), (people.FAR_ZONE, people.THERE)):
            done = site.import_rows(zone, rows, "--allow-boss", name=f"{zone}.csv")
            if done.returncode != 0:
                raise AssertionError(told(done))
        site.keys = {
            "operator": site.make_key("--user-id", people.NOBODY, "--operator"),
            "reader": site.make_key("--reader"),
            "alpha_reader": site.make_key("--reader", "--cluster-id", people.ALPHA),
            "boss": site.make_key("--user-id", people.BOSS),
            "admin": site.make_key("--user-id", people.ADMIN),
            "member": site.make_key("--user-id", people.MEMBER),
            "two_rows": site.make_key("--user-id", people.TWO_ROWS),
            "far_admin": site.make_key("--user-id", people.FAR_ADMIN),
        }
        site.serve()
    except BaseException:
        site.close()
        raise
    return site

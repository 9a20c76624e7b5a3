"""The processes that are measured: roster and the peer."""

import http.client
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import time

TICKS = os.sysconf("SC_CLK_TCK")


class Process:
    """A running server; `port` is where it listens."""

    def __init__(self, process, port):
        self.process = process
        self.port = port

    def cpu(self):
        """Seconds of CPU time so far, in user and system mode together."""
        text = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text()
        fields = text[text.rindex(")") + 2:].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def resident(self):
        """Bytes of resident memory."""
        return self._status("VmRSS")

    def peak(self):
        """The largest number of bytes of resident memory so far."""
        return self._status("VmHWM")

    def _status(self, name):
        for line in pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith(f"{name}:"):
                return int(line.split()[1]) * 1024
        raise RuntimeError(f"no {name}")

    def get(self, target):
        """The body of the answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request("GET", target)
            return connection.getresponse().read()
        finally:
            connection.close()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


class Roster(Process):
    """`roster serve` on a store: a data folder, or one that names itself by `options` and its `folder`.

    `seconds_to_ready` is the time from its start until it is ready. `options` are further ones of `serve`; `ldap_port`
    is there where `--ldap` is among them. Of several on one store, each has a `log` of another name.
    """

    def __init__(self, program, data, *options, log="serve"):
        self.log = data.folder / f"{log}.log" if hasattr(data, "options") else pathlib.Path(f"{data}.log")
        start = time.perf_counter()
        with open(self.log, "w") as log:
            process = subprocess.Popen(
                [program, "serve", *store_options(data), "--http", "127.0.0.1:0", *options], stderr=log)
        super().__init__(process, 0)
        try:
            self.port = self._listening_port("http")
            if "--ldap" in options:
                self.ldap_port = self._listening_port("ldap")
            while not self._is_ready():
                time.sleep(0.002)
            self.seconds_to_ready = time.perf_counter() - start
        except BaseException:
            self.stop()
            raise

    def _listening_port(self, scheme):
        while True:
            # The line end belongs to it: half a line would give half a port.
            found = re.search(rf"listening on {scheme}://\S*:(\d+)\s", self.log.read_text())
            if found:
                return int(found[1])
            self._check_alive()
            time.sleep(0.002)

    def _check_alive(self):
        if self.process.poll() is not None:
            raise RuntimeError(f"roster has ended:\n{self.log.read_text()}")

    def _is_ready(self):
        self._check_alive()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request("GET", "/health/ready")
            return connection.getresponse().status == 200
        finally:
            connection.close()


class Peer(Process):
    """The bare route, with `body` as its answer."""

    def __init__(self, program, body, folder):
        file = folder / "peer-answer.json"
        file.write_bytes(body)
        process = subprocess.Popen([program, "0", file], stdout=subprocess.PIPE, text=True)
        line = process.stdout.readline()
        super().__init__(process, int(line.rsplit(" ", 1)[1]))


class Slapd(Process):
    """slapd on the database that its configuration names."""

    def __init__(self, program, configuration):
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.ldap_port = free.getsockname()[1]
        process = subprocess.Popen(
            [program, "-h", f"ldap://127.0.0.1:{self.ldap_port}", "-f", configuration, "-d", "0"],
            stderr=subprocess.DEVNULL)
        super().__init__(process, 0)
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.ldap_port)).close()
                return
            except ConnectionRefusedError:
                if process.poll() is not None:
                    raise RuntimeError(f"slapd has ended with {process.returncode}")
                time.sleep(0.01)


OPERATOR = ("--user-id", "usr-bench001", "--operator")


def store_options(store):
    """How the command line names a store; a path is one of a data folder."""
    return getattr(store, "options", None) or ["--data", store]


def make_key(program, store, kind=OPERATOR):
    """A new key of a store: access_key_id and secret_access_key."""
    command = [program, "key", "create", *store_options(store), *kind, "--json"]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


def timed(command, log):
    """Runs a command to its end: wall seconds, CPU seconds, and its largest resident memory in bytes."""
    os.sync()
    start = time.perf_counter()
    with open(log, "w") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
        _, status, use = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise RuntimeError(f"{command[0]} failed:\n{pathlib.Path(log).read_text()[-2000:]}")
    return wall, use.ru_utime + use.ru_stime, use.ru_maxrss * 1024

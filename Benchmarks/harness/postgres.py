"""A PostgreSQL of the benchmark's own, and a standby of it, below the measured folder. Durable as it is by default."""

import glob
import os
import pathlib
import pwd
import re
import shutil
import signal
import subprocess
import time

from .tools import version

DATABASE, SCHEMA = "roster", "roster"
START_SECONDS = 60


def binaries():
    """Where the newest of the installed versions has its programs, which Debian keeps out of PATH; None without one."""
    found = glob.glob("/usr/lib/postgresql/*/bin/initdb")
    if found:
        return pathlib.Path(max(found, key=lambda path: float(path.split("/")[4]))).parent
    initdb = shutil.which("initdb")
    return pathlib.Path(initdb).resolve().parent if initdb else None


def account():
    """How to start a process as somebody whom PostgreSQL accepts: it refuses to run as root."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
            return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
        except KeyError:
            continue
    raise RuntimeError("there is neither postgres nor nobody to run PostgreSQL as")


class Server:
    """One server over a Unix socket in a folder that only its account and root may enter; nobody needs a password."""

    # As a machine of this size would have it. What makes commits durable is left as it comes: all of it is on.
    SETTINGS = """
        listen_addresses = ''
        unix_socket_directories = '{folder}'
        shared_buffers = '1GB'
        max_wal_size = '4GB'
        max_connections = 200
        wal_level = replica
        hot_standby = on
        log_line_prefix = '%m [%p] '
    """

    def __init__(self, folder, name="primary"):
        self.binaries = binaries()
        self.folder = folder
        self.data = folder / name
        self.log = folder / f"{name}.log"
        self.process = None
        folder.mkdir(exist_ok=True, mode=0o700)
        self.account = account()
        if self.account:
            os.chown(folder, self.account["user"], self.account["group"])
            # It must come by on its way to its own folder.
            folder.parent.chmod(0o711)
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
        self.environment["LC_ALL"] = "C.UTF-8"
        self.socket_folder = folder / f"{name}-socket"

    # ---- life

    def start(self, source=None):
        """Starts it; makes it first where it is not there, or anew as a standby of `source`."""
        self.socket_folder.mkdir(exist_ok=True, mode=0o700)
        if self.account:
            os.chown(self.socket_folder, self.account["user"], self.account["group"])
        if source:
            shutil.rmtree(self.data, ignore_errors=True)
            self._command("pg_basebackup", f"--pgdata={self.data}", "--checkpoint=fast", "--wal-method=stream",
                          "--write-recovery-conf",
                          f"--dbname=host={source.socket_folder} user=postgres application_name=standby")
        elif not (self.data / "PG_VERSION").exists():
            self._command("initdb", f"--pgdata={self.data}", "--username=postgres", "--auth=trust", "--encoding=UTF8",
                          "--locale=C.UTF-8", "--no-instructions")
        (self.data / "postgresql.conf").write_text(self.SETTINGS.format(folder=self.socket_folder))
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen([self.binaries / "postgres", "-D", self.data], stdin=subprocess.DEVNULL,
                                            stdout=log, stderr=log, env=self.environment, **self.account)
        deadline = time.monotonic() + START_SECONDS
        ready = [self.binaries / "pg_isready", "-q", "-h", self.socket_folder]
        while subprocess.run(ready, env=self.environment).returncode != 0:
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"PostgreSQL does not answer:\n{self.log.read_text()[-2000:]}")
            time.sleep(0.02)
        return self

    def stop(self):
        """Ends its sessions and itself."""
        if self.process is None:
            return
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None

    def cpu(self):
        """Seconds of CPU time that its processes have used so far, those that have ended included."""
        ticks = 0
        for listed in [self.process.pid, *self._children()]:
            try:
                text = pathlib.Path(f"/proc/{listed}/stat").read_text()
            except OSError:
                continue  # it has just ended
            fields = text[text.rindex(")") + 2:].split()
            # Of the parent's, those of the children that it has waited for belong to it.
            ticks += sum(map(int, fields[11:15 if listed == self.process.pid else 13]))
        return ticks / os.sysconf("SC_CLK_TCK")

    def _children(self):
        return pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()

    # ---- asking

    def url(self, database=DATABASE):
        return f"host={self.socket_folder} dbname={database} user=postgres"

    def sql(self, text, database=DATABASE):
        """What psql printed: a line a row, `|` between columns."""
        done = subprocess.run(self.psql(database), input=text, capture_output=True, text=True, env=self.environment)
        if done.returncode != 0:
            raise RuntimeError(done.stderr)
        return done.stdout.strip()

    def psql(self, database=DATABASE):
        """psql, which reads a script from its input and stops at the first error."""
        return [self.binaries / "psql", "--no-psqlrc", "--quiet", "--no-align", "--tuples-only",
                "--set=ON_ERROR_STOP=1", f"--dbname={self.url(database)}"]

    def make_database(self, name=DATABASE):
        self.sql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)", "postgres")
        self.sql(f"CREATE DATABASE {name}", "postgres")

    def commits(self, script, connections, seconds):
        """Runs a script as fast as pgbench can, prepared, one thread: transactions a second and its CPU in cores."""
        file = self.folder / "pgbench.sql"
        file.write_text(script)
        before = os.times()
        done = subprocess.run(
            [self.binaries / "pgbench", "--no-vacuum", "--protocol=prepared", f"--client={connections}", "--jobs=1",
             f"--time={seconds}", f"--file={file}", self.url()],
            capture_output=True, text=True, env=self.environment)
        if done.returncode != 0:
            raise RuntimeError(done.stderr)
        after = os.times()
        used = after.children_user + after.children_system - before.children_user - before.children_system
        return float(re.search(r"tps = ([\d.]+)", done.stdout)[1]), used / seconds

    def describe(self):
        """Which version, and the settings that make a commit durable."""
        names = ("fsync", "synchronous_commit", "full_page_writes", "wal_sync_method")
        shown = ", ".join(f"{name} {self.sql(f'SHOW {name}', 'postgres')}" for name in names)
        return f"{version([self.binaries / 'postgres', '--version'])}: {shown}"

    def _command(self, name, *arguments):
        done = subprocess.run([self.binaries / name, *map(str, arguments)], stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, env=self.environment, cwd=self.folder, **self.account)
        if done.returncode != 0:
            raise RuntimeError(f"{name} failed:\n{done.stderr}")


class Store:
    """The directory in a database, as the options of `roster` name it."""

    def __init__(self, program, server, key, database=DATABASE):
        self.url = server.url(database)
        self.key = key
        self.folder = key.parent
        if not key.exists():
            subprocess.run([program, "store", "make-key", key], check=True, capture_output=True)

    @property
    def options(self):
        return ["--store", self.url, "--seal-key", self.key]

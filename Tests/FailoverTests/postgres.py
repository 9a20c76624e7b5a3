"""Real PostgreSQL servers on loopback: a primary and a synchronous standby, in a temporary folder.

A server is stopped as operations know it: cleanly, as a machine that loses its power (`kill`), or as one that is
cut off (`pause`): its kernel still takes connections, and nothing ever answers on them.
"""

import atexit
import glob
import os
import pathlib
import pwd
import re
import secrets
import shutil
import signal
import subprocess
import tempfile
import time

import client_helpers  # before what it makes importable
from running_site import free_port

DATABASE = "roster"
SUPERUSER, REPLICATOR, OWNER, SERVICE = "postgres", "replicator", "roster_owner", "roster"
# The roles and the database as the documentation tells a site to make them.
ROLES = pathlib.Path(__file__).resolve().parents[2] / "Examples/patroni/roles.sql"
START_SECONDS, COMMAND_SECONDS = 30, 60


def newest_binaries() -> pathlib.Path:
    """Where the newest of the installed versions has its programs; Debian keeps them out of PATH."""
    found = glob.glob("/usr/lib/postgresql/*/bin/initdb")
    if not found:
        raise RuntimeError("no PostgreSQL is installed: scripts/system-packages.sh postgresql")
    return pathlib.Path(max(found, key=lambda path: float(path.split("/")[4]))).parent


def account() -> dict:
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


def wait_until(holds, seconds: float, what: str, every: float = 0.02):
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            raise AssertionError(f"after {seconds} s it does not hold: {what}")
        time.sleep(every)


def family(pid: int) -> list[int]:
    """A process and all that descend from it; parents first."""
    found = [pid]
    for one in found:
        for listed in glob.glob(f"/proc/{one}/task/*/children"):
            try:
                found += [int(child) for child in pathlib.Path(listed).read_text().split()]
            except OSError:
                continue  # it has just ended
    return found


def signal_all(pids, number):
    for pid in pids:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            continue


class Server:
    """One PostgreSQL server: a folder with its data, an address and a port, and while it runs a process."""

    address = "127.0.0.1"

    def __init__(self, pair: "Pair", name: str):
        self.pair, self.name = pair, name
        self.port = free_port()
        self.data = pair.folder / name
        self.log = pair.folder / f"{name}.log"
        self.process = None

    # Making the data

    def initialise(self):
        """An empty server with its roles; it runs afterwards."""
        self.make()
        # Passwords go by standard input: an argument is in the list of processes.
        self.sql(ROLES.read_text(), database="postgres")

    def make(self):
        """An empty server with nobody but the superuser and the role of standbys; it runs afterwards."""
        password_file = self.pair.write("superuser.password", self.pair.passwords[SUPERUSER] + "\n")
        self.pair.command(
            "initdb", f"--pgdata={self.data}", f"--username={SUPERUSER}", f"--pwfile={password_file}",
            "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions")
        password_file.unlink()
        self.configure(synchronous_with=None)
        self.start()
        self.sql(
            f"CREATE ROLE {REPLICATOR} LOGIN REPLICATION PASSWORD '{self.pair.passwords[REPLICATOR]}'", database="postgres")

    def copy(self, source: "Server", *options: str):
        """Takes a base backup of another server, which may be a standby itself; what the folder held before is gone."""
        shutil.rmtree(self.data, ignore_errors=True)
        self.pair.command(
            "pg_basebackup", f"--pgdata={self.data}", "--checkpoint=fast", "--wal-method=stream", "--no-sync", *options,
            f"--dbname=host={source.address} port={source.port} user={REPLICATOR} application_name={self.name} "
            f"passfile={self.pair.pass_file}")
        self.configure(synchronous_with=None)

    def follow(self, primary: "Server"):
        """Runs as a standby of the primary, from a copy of it."""
        self.copy(primary, "--write-recovery-conf")
        self.start()

    def configure(self, synchronous_with: "Server | None"):
        """Writes the configuration; with a standby named, no commit is acknowledged that the standby lacks."""
        names = f"FIRST 1 ({synchronous_with.name})" if synchronous_with else ""
        (self.data / "postgresql.conf").write_text(f"""
            listen_addresses = '{self.address}'
            port = {self.port}
            unix_socket_directories = '{self.pair.folder}'
            shared_buffers = '32MB'
            max_connections = 60
            wal_level = replica
            wal_keep_size = '128MB'
            wal_retrieve_retry_interval = '200ms'
            wal_receiver_status_interval = '1s'
            hot_standby = on
            synchronous_commit = on
            synchronous_standby_names = '{names}'
            log_line_prefix = '%m [%p] %q%u@%d '
        """)

    def url(self, user: str = SERVICE) -> str:
        """The connection string of this server alone."""
        return f"postgres://{user}@{self.address}:{self.port}/{DATABASE}"

    # Running

    def start(self):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [self.pair.binaries / "postgres", "-D", self.data], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                cwd=self.pair.folder, start_new_session=True, env=self.pair.environment, **account())
        wait_until(self.is_ready, START_SECONDS, f"PostgreSQL {self.name} answers")

    def is_ready(self) -> bool:
        if self.process.poll() is not None:
            raise RuntimeError(f"PostgreSQL {self.name} has ended:\n{self.log.read_text()[-3000:]}")
        asked = [self.pair.binaries / "pg_isready", "-q", "-t", "1", "-h", self.address, "-p", str(self.port)]
        return subprocess.run(asked, env=self.pair.environment, timeout=10).returncode == 0

    def kill(self):
        """Ends every process of the server at one moment, as a loss of power does: no goodbye, no last write."""
        if self.process is None:
            return
        pids = self.pause()
        signal_all(pids, signal.SIGKILL)
        self.process.wait()
        self.process = None
        wait_until(lambda: not any(is_alive(pid) for pid in pids), 10, "the killed processes are gone")

    def pause(self) -> list[int]:
        """Stops every process of the server. The parent is first, so that none is born while the rest are found."""
        signal_all([self.process.pid], signal.SIGSTOP)
        pids = family(self.process.pid)
        signal_all(pids, signal.SIGSTOP)
        return pids

    def resume(self):
        signal_all(reversed(family(self.process.pid)), signal.SIGCONT)

    def stop(self):
        """A clean stop, which ends sessions."""
        self.process.send_signal(signal.SIGINT)
        self.process.wait(COMMAND_SECONDS)
        self.process = None

    def promote(self):
        """Makes a primary of a standby; done when it takes writes."""
        self.pair.command("pg_ctl", "promote", f"--pgdata={self.data}", "--wait", "--timeout=30")

    # Asking

    def sql(self, text: str, user: str = SUPERUSER, database: str = DATABASE, seconds: float = COMMAND_SECONDS) -> str:
        """Runs SQL by psql and gives what it printed: a line a row, `|` between columns."""
        target = f"host={self.address} port={self.port} user={user} dbname={database} connect_timeout=5"
        done = subprocess.run(
            [self.pair.binaries / "psql", "--no-psqlrc", "--quiet", "--no-align", "--tuples-only",
             "--set=ON_ERROR_STOP=1", "--file=-", f"--dbname={target}"],
            input=text, capture_output=True, text=True, timeout=seconds, env=self.pair.environment)
        if done.returncode != 0:
            raise RuntimeError(done.stderr)
        return done.stdout.strip()

    def reload(self):
        self.sql("SELECT pg_reload_conf()", database="postgres")


def is_alive(pid: int) -> bool:
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


class Pair:
    """A primary, a synchronous standby, and who is which after a failover."""

    def __init__(self):
        self.binaries = newest_binaries()
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="roster-pg-"))
        atexit.register(self.close)
        self.passwords = {role: secrets.token_hex(16) for role in (SUPERUSER, REPLICATOR, OWNER, SERVICE)}
        lines = [f"*:*:*:{role}:{password}\n" for role, password in self.passwords.items()]
        self.pass_file = self.write("pgpass", "".join(lines))
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
        self.environment = {**kept, "PGPASSFILE": str(self.pass_file), "LC_ALL": "C.UTF-8",
                            "OWNER_PASSWORD": self.passwords[OWNER], "SERVICE_PASSWORD": self.passwords[SERVICE]}
        self.own(self.folder)
        self.servers = [Server(self, "one"), Server(self, "two")]
        self.others: list[Server] = []
        self.primary, self.standby = self.servers

    def start(self):
        self.primary.initialise()
        self.standby.follow(self.primary)
        self.synchronise()

    def url(self, user: str = SERVICE, options: str = "connect_timeout=2") -> str:
        """The connection string of both servers; the password is in the file that `environment` names."""
        hosts = ",".join(f"127.0.0.1:{server.port}" for server in self.servers)
        return f"postgres://{user}@{hosts}/{DATABASE}?target_session_attrs=read-write&{options}"

    def another(self, name: str) -> Server:
        """A server beside the pair, which ends with it."""
        self.others.append(Server(self, name))
        return self.others[-1]

    def synchronise(self):
        """From here on the standby has what the primary acknowledges."""
        self.primary.configure(synchronous_with=self.standby)
        self.primary.reload()
        asked = f"SELECT sync_state FROM pg_stat_replication WHERE application_name = '{self.standby.name}'"
        wait_until(lambda: self.primary.sql(asked) == "sync", START_SECONDS, "the standby is synchronous")

    def fail_over(self):
        """Promotes the standby. It answers for itself alone until `rejoin`."""
        self.standby.promote()
        self.primary, self.standby = self.standby, self.primary

    def rejoin(self):
        """Makes a new standby of what was the primary once. It must have been killed or stopped."""
        self.standby.follow(self.primary)
        self.synchronise()

    def close(self):
        atexit.unregister(self.close)
        for server in self.servers + self.others:
            server.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    # For the servers

    def own(self, path: pathlib.Path):
        if "user" in account():
            os.chown(path, account()["user"], account()["group"])

    def write(self, name: str, text: str) -> pathlib.Path:
        """A file of mode 0600 that belongs to whom PostgreSQL runs as."""
        path = self.folder / name
        path.touch(mode=0o600)
        path.write_text(text)
        self.own(path)
        return path

    def command(self, name: str, *arguments):
        done = subprocess.run(
            [self.binaries / name, *map(str, arguments)], stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=COMMAND_SECONDS, cwd=self.folder, env=self.environment, **account())
        if done.returncode != 0:
            raise RuntimeError(f"{name} failed:\n{done.stdout}\n{done.stderr}")


def version(server: Server) -> str:
    return re.match(r"[\d.]+", server.sql("SHOW server_version"))[0]

"""Starts and stops the program under test, and a slapd to hold it against; both on loopback, on free ports."""

import json
import os
import pathlib
import shutil
import socket
import subprocess
import tempfile
import time

import people

ROOT = pathlib.Path(__file__).resolve().parents[2]
ROSTER = os.environ.get("ROSTER_BIN", str(ROOT / ".build/debug/roster"))
SBIN = os.environ["PATH"] + ":/usr/sbin:/sbin"
SLAPD = shutil.which("slapd", path=SBIN)


def run(*arguments, **options):
    return subprocess.run([str(one) for one in arguments], capture_output=True, text=True, timeout=120, **options)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for_port(port, process):
    for _ in range(300):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        if process.poll() is not None:
            raise RuntimeError("the server has ended")
        time.sleep(0.1)
    raise RuntimeError("the server does not listen")


class Served:
    """`roster serve` on a data folder of its own, filled from LDIF, with a reader key of the cluster."""

    def __init__(self, count, *options, with_password=True):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="roster-node-"))
        self.data = self.folder / "data"
        self.options = options
        source = self.folder / "people.ldif"
        source.write_text(people.ldif(count, with_password))
        done = run(ROSTER, "import", "--data", self.data, "--zone", "zone1", "--accept-odd", source)
        if done.returncode != 0:
            raise RuntimeError(done.stdout + done.stderr)
        self.reader = self.key("--reader", "--cluster-id", people.CLUSTER)
        self.operator = self.key("--user-id", "usr-op", "--operator")
        self.port, self.tls_port, self.http_port = free_port(), free_port(), free_port()
        self.process = None
        self.start()

    def key(self, *arguments):
        return json.loads(run(ROSTER, "key", "create", "--data", self.data, *arguments, "--json").stdout)

    def start(self):
        self.log = open(self.folder / "serve.log", "a")
        self.process = subprocess.Popen(
            [ROSTER, "serve", "--data", self.data, "--http", f"127.0.0.1:{self.http_port}",
             "--ldap", f"127.0.0.1:{self.port}", *self.options], stderr=self.log)
        wait_for_port(self.port, self.process)
        # The server listens before the directory is loaded, and says so.
        for _ in range(300):
            if self.search("-s", "base", "-b", people.BASE).returncode == 0:
                return
            time.sleep(0.1)
        raise RuntimeError(pathlib.Path(self.folder / "serve.log").read_text())

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(15)
        self.log.close()

    def close(self):
        self.stop()
        shutil.rmtree(self.folder)

    @property
    def uri(self):
        return f"ldap://127.0.0.1:{self.port}"

    @staticmethod
    def name_of(key):
        return f"cn={key['access_key_id']},ou=Services,{people.BASE}"

    @property
    def bind_name(self):
        return self.name_of(self.reader)

    @property
    def secret(self):
        return self.reader["secret_access_key"]

    def search(self, *arguments):
        return run("ldapsearch", "-x", "-LLL", "-o", "ldif-wrap=no", "-H", self.uri, "-D", self.bind_name, "-w",
                   self.secret, *arguments)

    def roster(self, *arguments, **options):
        """The command line as an operator."""
        environment = os.environ | {
            "ROSTER_ENDPOINT": f"http://127.0.0.1:{self.http_port}", "ROSTER_ZONE": "zone1",
            "ROSTER_ACCESS_KEY_ID": self.operator["access_key_id"],
            "ROSTER_SECRET_ACCESS_KEY": self.operator["secret_access_key"]}
        return run(ROSTER, *arguments, env=environment, **options)


class Slapd:
    """A slapd with the same people; its root may see everything."""

    def __init__(self, count):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="roster-slapd-"))
        self.port = free_port()
        (self.folder / "db").mkdir()
        configuration = self.folder / "slapd.conf"
        configuration.write_text(
            "include /etc/ldap/schema/core.schema\ninclude /etc/ldap/schema/cosine.schema\n"
            "include /etc/ldap/schema/inetorgperson.schema\ninclude /etc/ldap/schema/nis.schema\n"
            "modulepath /usr/lib/ldap\nmoduleload back_mdb\nsizelimit unlimited\n"
            f"pidfile {self.folder}/slapd.pid\n"
            f"database mdb\nmaxsize 67108864\nsuffix {people.BASE}\nrootdn cn=Manager,{people.BASE}\nrootpw secret\n"
            f"directory {self.folder}/db\nindex objectClass,uid,cn,uidNumber,gidNumber eq\n")
        self.process = subprocess.Popen(
            [SLAPD, "-d", "0", "-f", configuration, "-h", f"ldap://127.0.0.1:{self.port}"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for_port(self.port, self.process)
        done = run("ldapadd", "-x", "-H", f"ldap://127.0.0.1:{self.port}", "-D", f"cn=Manager,{people.BASE}", "-w",
                   "secret", input=people.ldif(count, with_password=False))
        if done.returncode != 0:
            raise RuntimeError(done.stderr)

    def close(self):
        self.process.terminate()
        self.process.wait(15)
        shutil.rmtree(self.folder)

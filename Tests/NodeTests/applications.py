"""What the tests of applications share: a served cluster with a member of each kind, and servers that are stopped by their process."""

import base64
import json
import pathlib
import subprocess
import sys
import tempfile
import textwrap
import time
import unittest

import people
import running
import test_tools

# A member of the group, one who is in no group, and two who may not log in although their password is right.
NAME, OTHER, LOCKED, EXPIRED = people.name(1), people.name(0), people.name(2), people.name(3)
NUMBER = 42001
GROUP = "optics"
# What nobody gets in with: a name, and the password that comes with it.
REFUSED = ((NAME, "wrong"), (LOCKED, people.PASSWORD), (EXPIRED, people.PASSWORD), ("nobody", "x"), ("*", people.PASSWORD))
MAIL = {NAME: "one@example.org", OTHER: "other@example.org", LOCKED: "locked@example.org", EXPIRED: "expired@example.org"}


def dn(name):
    return f"uid={people.escaped(name)},{people.PEOPLE}"


def basic(name, password):
    """What HTTP sends as a name and a password."""
    return "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()


def lines_of(text):
    """The settings that `roster ldap config --client generic` prints, by their names."""
    return dict(line.split(": ", 1) for line in text.splitlines() if not line.startswith("#"))


class Cluster(unittest.TestCase):
    """A cluster with people and a group, served in clear and over TLS; the certificate signs itself. The tests of a file share it."""

    ways = ("clear", "TLS", "StartTLS")
    served = None

    @classmethod
    def setUpClass(cls):
        if not Cluster.served:
            unittest.addModuleCleanup(Cluster.leave)
            Cluster.serve_people()

    @classmethod
    def serve_people(cls):
        cls.temporary = tempfile.TemporaryDirectory()
        cls.folder = pathlib.Path(cls.temporary.name)
        # Some servers go on as a user of their own.
        cls.folder.chmod(0o755)
        cls.certificate, cls.certificate_key = test_tools.certificate(cls.folder)
        port = running.free_port()
        cls.served = running.Served(
            5, "--ldaps", f"127.0.0.1:{port}", "--tls-certificate", str(cls.certificate), "--tls-key", str(cls.certificate_key))
        cls.uris = {"clear": cls.served.uri, "TLS": f"ldaps://127.0.0.1:{port}"}
        cls.roster("group", "create", GROUP)
        cls.roster("group", "add", GROUP, NAME, LOCKED, EXPIRED)
        cls.roster("user", "modify", NAME, "--full-name", "Number One")
        for name, address in MAIL.items():
            cls.roster("user", "modify", name, "--mail", address)
        # What follows keeps these two out, and nothing else does.
        for name in (LOCKED, EXPIRED):
            done = running.run("ldapwhoami", "-x", "-H", cls.served.uri, "-D", dn(name), "-w", people.PASSWORD)
            assert done.returncode == 0, done.stderr
        cls.roster("user", "lock", LOCKED)
        cls.roster("user", "expire", EXPIRED, "--at", "2020-01-01T00:00:00Z")

    @classmethod
    def leave(cls):
        served, cls.served = cls.served, None
        if served:
            served.close()
        cls.temporary.cleanup()

    @classmethod
    def roster(cls, *arguments, **options):
        done = cls.served.roster(*arguments, "--cluster-id", people.CLUSTER, **options)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def configuration(self, client, way="clear"):
        """What `roster ldap config` prints, with the secret."""
        done = running.run(
            running.ROSTER, "ldap", "config", "--client", client, "--cluster-id", people.CLUSTER, "--uri", self.uris[way],
            "--key", self.served.reader["access_key_id"], "--ca-certificate", self.certificate)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout.replace("SECRET", self.served.secret)

    def settings(self, way="clear"):
        """The settings of an application that has no form of its own; where it has a way of its own to say StartTLS, those in clear."""
        return lines_of(self.configuration("generic", way if way in self.uris else "clear"))

    def python(self, script, asked, **options):
        """What a script that is given `asked` as JSON prints as JSON, in a Python of its own: such libraries have one setting a process."""
        done = running.run(sys.executable, "-c", "import json, sys\nasked = json.load(sys.stdin)\n" + textwrap.dedent(script),
                           input=json.dumps(asked), **options)
        self.assertEqual(done.returncode, 0, done.stdout[-3000:] + done.stderr[-3000:])
        return json.loads(done.stdout.splitlines()[-1])

    def place(self):
        """A new folder that every user may read."""
        folder = pathlib.Path(tempfile.mkdtemp(dir=self.folder))
        folder.chmod(0o755)
        return folder

    def setUp(self):
        self.processes = []
        self.addCleanup(self.stop_all)

    def launch(self, *command, log, port=None, **options):
        """A server until the end of the test; it writes into the log."""
        with open(log, "a") as output:
            process = subprocess.Popen(
                [str(one) for one in command], stdin=subprocess.DEVNULL, stdout=output, stderr=output, **options)
        self.processes.append(process)
        if port:
            try:
                running.wait_for_port(port, process)
            except RuntimeError as error:
                self.fail(f"{command[0]}: {error}\n{pathlib.Path(log).read_text()[-3000:]}")
        return process

    def until(self, true, process, log):
        """Waits until something is true, or the process has ended."""
        deadline = time.monotonic() + 60
        while not true():
            if process.poll() is not None or time.monotonic() > deadline:
                self.fail(pathlib.Path(log).read_text()[-3000:])
            time.sleep(0.02)

    def stop_all(self):
        """Some take a second: all are told first, and waited for then."""
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

"""A node's own clients, nslcd and SSSD of Debian, resolve users and check passwords through Roster.

They run in a folder made by `scripts/node-root.sh`, which `ROSTER_NODE_ROOT` names, as root by chroot, with the
configuration that `roster ldap config` prints. Without it these tests are passed over.
"""

import os
import pathlib
import shutil
import subprocess
import tempfile
import time
import unittest

import people
import running
import test_tools
from dialogue import dialogue

NODE = pathlib.Path(os.environ.get("ROSTER_NODE_ROOT", "/nonexistent"))
NAME, UID = people.name(1), 42001
OTHER, OTHER_UID = people.name(2), 42002
NEW = "Newhorse1!abc"
HOST = "roster.cluster"


def inside(*command, **options):
    return running.run("chroot", NODE, *command, **options)


@unittest.skipUnless(os.geteuid() == 0 and NODE.is_dir(), "needs root, and a node's root in ROSTER_NODE_ROOT")
class Node:
    """What every node can do, however it speaks with Roster."""

    client, source, module, encrypted = "", "", "", False
    # Further options of `roster ldap config`.
    parts = []

    @classmethod
    def setUpClass(cls):
        options = []
        if cls.encrypted:
            folder = tempfile.TemporaryDirectory()
            cls.addClassCleanup(folder.cleanup)
            certificate, key = test_tools.certificate(pathlib.Path(folder.name), HOST)
            cls.write("etc/ssl/certs/roster.crt", certificate.read_text())
            cls.write("etc/hosts", f"127.0.0.1 localhost {HOST}\n")
            options = ["--tls-certificate", str(certificate), "--tls-key", str(key)]
        cls.served = running.Served(40, *options)
        cls.addClassCleanup(cls.served.close)
        cls.how = ["--uri", cls.served.uri]
        if cls.encrypted:
            # nslcd does not start where the file it is told is not there.
            cls.how = ["--uri", f"ldap://{HOST}:{cls.served.port}", "--ca-certificate", "/etc/ssl/certs/roster.crt"]
        cls.write(
            "etc/nsswitch.conf", f"passwd: files {cls.source}\ngroup: files {cls.source}\nshadow: files {cls.source}\n")
        cls.write("etc/pam.d/roster-test", f"auth required {cls.module}\naccount required {cls.module}\n")
        cls.write("etc/pam.d/passwd", f"password required {cls.module}\n")
        done = running.run(
            running.ROSTER, "ldap", "config", "--client", cls.client, "--cluster-id", people.CLUSTER,
            "--key", cls.served.reader["access_key_id"], *cls.how, *cls.parts)
        assert done.returncode == 0, done.stderr
        cls.configure(done.stdout.replace("SECRET", cls.served.secret))
        cls.fill()
        cls.log = open(cls.served.folder / "client.log", "w")
        cls.process = cls.launch()
        cls.addClassCleanup(cls.end)

    @classmethod
    def fill(cls):
        """Brings in what the client is to find at its start; SSSD looks for sudo rules then, and hours later."""

    @classmethod
    def write(cls, path, text, mode=0o644):
        """Writes a file of the node. What was there before is put back: other tests use the same root, as its packages left it."""
        file = NODE / path
        before = (file.read_bytes(), file.stat().st_mode & 0o7777) if file.exists() else None
        cls.addClassCleanup(cls.put_back, file, before)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        file.chmod(mode)

    @staticmethod
    def put_back(file, before):
        file.unlink(missing_ok=True)
        if before:
            file.write_bytes(before[0])
            file.chmod(before[1])

    @classmethod
    def end(cls):
        cls.process.terminate()
        cls.process.wait(15)
        cls.log.close()

    def eventually(self, *command):
        """The output of a command, once it succeeds: a client that has just lost its server looks again in its time."""
        for _ in range(60):
            done = inside(*command)
            if done.returncode == 0:
                return done.stdout.strip()
            time.sleep(0.5)
        self.fail(f"{command}: {done.stderr}\n{(self.served.folder / 'client.log').read_text()[-3000:]}")

    def login(self, name, password):
        return inside("pamtester", "roster-test", name, "authenticate", "acct_mgmt", input=password + "\n")

    def test_1_resolves_names_and_numbers(self):
        line = f"{NAME}:x:{UID}:{people.GID}:"
        self.assertTrue(self.eventually("getent", "passwd", NAME).replace(":*:", ":x:").startswith(line))
        self.assertIn("/public/s0723/home/1:/bin/bash", self.eventually("getent", "passwd", str(UID)))
        self.assertRegex(self.eventually("getent", "group", "s0723"), f"^s0723:.:{people.GID}:")
        self.assertRegex(self.eventually("getent", "group", str(people.GID)), "^s0723:")
        self.assertIn(f"uid={UID}({NAME}) gid={people.GID}(s0723)", self.eventually("id", NAME))
        self.assertNotEqual(inside("getent", "passwd", "nobodyhere").returncode, 0)

    def test_2_logs_in_by_the_password(self):
        self.eventually("getent", "passwd", NAME)
        done = self.login(NAME, people.PASSWORD)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertNotEqual(self.login(NAME, "wrong").returncode, 0)

    def passwd(self, *answers):
        """`passwd`, as the user himself would run it."""
        return dialogue(["chroot", f"--userspec={OTHER_UID}:{people.GID}", NODE, "passwd"], answers)

    def test_3_a_user_changes_his_password(self):
        self.eventually("getent", "passwd", OTHER)
        for answers, told in (
                (("wrong", NEW, NEW), ""), ((people.PASSWORD, "short", "short"), "12 to 30 characters")):
            code, shown = self.passwd(*answers)
            self.assertNotEqual(code, 0, shown)
            self.assertIn(told, shown)
        self.assertEqual(self.login(OTHER, people.PASSWORD).returncode, 0)
        code, shown = self.passwd(people.PASSWORD, NEW, NEW)
        self.assertEqual(code, 0, shown)
        self.assertNotIn(NEW, shown)
        self.assertEqual(self.login(OTHER, NEW).returncode, 0)
        self.assertNotEqual(self.login(OTHER, people.PASSWORD).returncode, 0)


class InClear(Node):
    """What does not depend on how it speaks: tried on loopback in clear."""

    def test_4_goes_on_after_a_restart_of_roster(self):
        self.served.stop()
        self.served.start()
        self.assertIn(str(42005), self.eventually("getent", "passwd", people.name(5)))

    def test_5_a_deleted_user_vanishes(self):
        self.eventually("getent", "passwd", people.name(4))
        done = self.served.roster("user", "delete", "--cluster-id", people.CLUSTER, people.name(4))
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.forget()
        for _ in range(60):
            if inside("getent", "passwd", people.name(4)).returncode != 0:
                return
            time.sleep(0.5)
        self.fail("the user is still there")

    def test_6_a_locked_user_is_let_in_by_no_way(self):
        name = people.name(6)
        self.eventually("getent", "passwd", name)
        self.assertEqual(inside("pamtester", "roster-test", name, "acct_mgmt").returncode, 0)
        done = self.served.roster("user", "lock", "--cluster-id", people.CLUSTER, name)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.forget()
        for _ in range(60):
            if inside("pamtester", "roster-test", name, "acct_mgmt").returncode != 0:
                break
            time.sleep(0.5)
        else:
            self.fail("a locked user is let in")
        # It is listed all the same, so that its files keep their owner's name.
        self.assertIn(name, self.eventually("getent", "passwd", name))


class NslcdClient:
    client, source, module = "nslcd", "ldap", "pam_ldap.so"

    @classmethod
    def configure(cls, text):
        cls.write("etc/nslcd.conf", text, 0o600)

    @classmethod
    def launch(cls):
        (NODE / "run/nslcd").mkdir(parents=True, exist_ok=True)
        inside("chown", "nslcd:nslcd", "/run/nslcd")
        return subprocess.Popen(["chroot", str(NODE), "nslcd", "-n", "-d"], stdout=cls.log, stderr=cls.log)

    def forget(self):
        """nslcd keeps nothing."""


class SSSDClient:
    client, source, module = "sssd", "sss", "pam_sss.so"

    @classmethod
    def configure(cls, text):
        for folder in ("var/lib/sss/db", "var/lib/sss/mc"):
            for one in (NODE / folder).glob("*"):
                one.unlink()
        cls.write("etc/sssd/sssd.conf", text, 0o600)

    @classmethod
    def launch(cls):
        return subprocess.Popen(["chroot", str(NODE), "sssd", "-i", "-d", "3"], stdout=cls.log, stderr=cls.log)

    def forget(self):
        """SSSD keeps what it knows for its time; its own tool makes it ask again."""
        self.assertIsNotNone(shutil.which("sss_cache", path=f"{NODE}/usr/sbin"))
        inside("sss_cache", "-E")


class Nslcd(NslcdClient, InClear, unittest.TestCase):
    pass


class NslcdOverStartTLS(NslcdClient, Node, unittest.TestCase):
    encrypted = True


class SSSD(SSSDClient, InClear, unittest.TestCase):
    pass


class SSSDOverStartTLS(SSSDClient, Node, unittest.TestCase):
    encrypted = True


class SSSDThatReads(SSSDClient, InClear):
    """SSSD with another sign of a lock than the one of the printed configuration."""

    setting = ("", "")

    @classmethod
    def configure(cls, text):
        before, after = cls.setting
        assert text.count(before + "\n") == 1, text
        super().configure(text.replace(before + "\n", after + "\n"))


class SSSDThatReadsNsAccountLock(SSSDThatReads, unittest.TestCase):
    setting = ("ldap_account_expire_policy = shadow", "ldap_account_expire_policy = 389ds")


class SSSDThatReadsUserAccountControl(SSSDThatReads, unittest.TestCase):
    setting = ("ldap_account_expire_policy = shadow", "ldap_account_expire_policy = ad")


class SSSDThatReadsPpolicy(SSSDThatReads, unittest.TestCase):
    setting = ("ldap_access_order = expire", "ldap_access_order = ppolicy")


class SSSDThatReadsLockout(SSSDThatReads, unittest.TestCase):
    setting = ("ldap_access_order = expire", "ldap_access_order = lockout")


class SSSDThatServesKeys(SSSDClient, Node, unittest.TestCase):
    """What sshd asks SSSD for."""

    parts = ["--ssh"]
    test_1_resolves_names_and_numbers = test_2_logs_in_by_the_password = test_3_a_user_changes_his_password = None
    KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKb5vyKyVn2Q8sVtqvkP4zWm0d2yZ8nZ0zq3m1vJ4S6p"

    def test_keys_of_those_who_may_log_in(self):
        for name in (NAME, OTHER):
            done = self.served.roster("user", "key", "add", "--cluster-id", people.CLUSTER, name, "-", input=f"{self.KEY} laptop\n")
            self.assertEqual(done.returncode, 0, done.stderr)
        done = self.served.roster("user", "lock", "--cluster-id", people.CLUSTER, OTHER)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.eventually("getent", "passwd", NAME)
        self.assertIn(self.KEY, self.eventually("sss_ssh_authorizedkeys", NAME))
        self.assertEqual(self.eventually("sss_ssh_authorizedkeys", OTHER), "")


if __name__ == "__main__":
    unittest.main()

"""Users that a site has already: in a real slapd laid out as the vendor does, and in this machine's passwd.

Needs Debian's slapd and ldap-utils. The slapd runs on loopback, on a free port, in a temporary folder.
"""

import json
import os
import pathlib
import shutil
import socket
import subprocess
import tempfile
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
ROSTER = os.environ.get("ROSTER_BIN", str(ROOT / ".build/debug/roster"))
SLAPD = shutil.which("slapd", path=os.environ["PATH"] + ":/usr/sbin")
SLAPCAT = shutil.which("slapcat", path=os.environ["PATH"] + ":/usr/sbin")
BASE = "dc=ehpccloud,dc=com"
CLUSTER = "hpc-qig9xu97"
PASSWORD = "Clear-Text-2021"


def roster(*arguments, **options):
    return subprocess.run([ROSTER, *arguments], capture_output=True, text=True, timeout=120, **options)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def vendor_ldif(count):
    """The vendor's tree: one cluster, people by `cn`, the time of creation in `description`, a password in clear text."""
    entries = [f"dn: {BASE}\nobjectClass: dcObject\nobjectClass: organization\no: ehpccloud\ndc: ehpccloud",
               f"dn: ou=People,{BASE}\nobjectClass: organizationalUnit\nou: People",
               f"dn: ou=Group,{BASE}\nobjectClass: organizationalUnit\nou: Group"]
    for number in range(count):
        name = "admin" if number == 0 else f"user{number}"
        lines = [f"dn: cn={name},ou=People,{BASE}", "objectClass: posixAccount", "objectClass: inetOrgPerson",
                 "objectClass: shadowAccount", f"cn: {name}", f"sn: {name}", f"uid: {name}",
                 f"uidNumber: {41500 + number}", "gidNumber: 41500", f"homeDirectory: /home/s0723/home/{name}",
                 "loginShell: /bin/bash", f"description: 2021-08-17 09:12:{number % 60:02}"]
        if number < 3:
            lines.append(f"userPassword: {PASSWORD}")
        entries.append("\n".join(lines))
    entries.append(f"dn: cn=s0723,ou=Group,{BASE}\nobjectClass: posixGroup\ncn: s0723\ngidNumber: 41500\nmemberUid: user1")
    return "\n\n".join(entries) + "\n"


class Slapd:
    """A slapd of the test's own, filled by ldapadd as a site's is."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.port = free_port()
        (self.folder / "db").mkdir()
        self.configuration = self.folder / "slapd.conf"
        self.configuration.write_text(
            "include /etc/ldap/schema/core.schema\ninclude /etc/ldap/schema/cosine.schema\n"
            "include /etc/ldap/schema/inetorgperson.schema\ninclude /etc/ldap/schema/nis.schema\n"
            "modulepath /usr/lib/ldap\nmoduleload back_mdb\n"
            f"pidfile {self.folder}/slapd.pid\n"
            f"database mdb\nmaxsize 67108864\nsuffix {BASE}\nrootdn cn=Manager,{BASE}\nrootpw secret\n"
            f"directory {self.folder}/db\n")
        self.process = subprocess.Popen(
            [SLAPD, "-d", "0", "-f", self.configuration, "-h", f"ldap://127.0.0.1:{self.port}"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.1)
        raise RuntimeError("slapd does not listen")

    def add(self, ldif):
        subprocess.run(
            ["ldapadd", "-x", "-H", f"ldap://127.0.0.1:{self.port}", "-D", f"cn=Manager,{BASE}", "-w", "secret"],
            input=ldif, text=True, check=True, capture_output=True)

    def stop(self):
        self.process.terminate()
        self.process.wait(10)

    def slapcat(self):
        return subprocess.run([SLAPCAT, "-f", self.configuration], check=True, capture_output=True, text=True).stdout


class Served:
    """`roster serve` on a data folder, asked through `roster user list`."""

    def __init__(self, data, *options):
        key = json.loads(roster("key", "create", "--data", data, "--user-id", "usr-op", "--operator", "--json").stdout)
        port = free_port()
        self.environment = os.environ | {
            "ROSTER_ENDPOINT": f"http://127.0.0.1:{port}", "ROSTER_ZONE": "zone1",
            "ROSTER_ACCESS_KEY_ID": key["access_key_id"], "ROSTER_SECRET_ACCESS_KEY": key["secret_access_key"]}
        self.process = subprocess.Popen(
            [ROSTER, "serve", "--data", data, "--http", f"127.0.0.1:{port}", *options], stderr=subprocess.DEVNULL)

    def wait(self):
        """Until the server answers a list; what it answers."""
        for _ in range(100):
            done = roster("user", "list", "--all", "--json", env=self.environment)
            if done.returncode == 0:
                return done.stdout
            time.sleep(0.1)
        raise RuntimeError(done.stderr)

    def users(self):
        answers = [json.loads(line) for line in self.wait().splitlines()]
        return {user["username"]: user for answer in answers for user in answer["user_set"]}

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(10)


class SiteTests(unittest.TestCase):
    def setUp(self):
        self.assertTrue(SLAPD and SLAPCAT, "install Debian's slapd and ldap-utils")
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.data = os.path.join(self.folder, "data")

    def dump(self, count):
        with tempfile.TemporaryDirectory() as folder:
            slapd = Slapd(folder)
            try:
                slapd.add(vendor_ldif(count))
            finally:
                slapd.stop()
            return slapd.slapcat()

    def test_a_real_slapd_dumped_by_slapcat_imports_whole(self):
        dump = self.dump(150)
        self.assertIn("entryCSN", dump)
        done = roster("import", "--data", self.data, "--zone", "zone1", "--cluster-id", CLUSTER, "--format", "ldif", "-",
                      input=dump, env=os.environ | {"TZ": "Asia/Shanghai"})
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("150 new", done.stdout)
        self.assertNotIn(PASSWORD, done.stdout + done.stderr)
        served = Served(self.data)
        self.addCleanup(served.stop)
        users = served.users()
        self.assertEqual(len(users), 150)
        self.assertEqual(users["admin"]["role"], "admin")
        self.assertEqual(users["user7"]["role"], "member")
        self.assertEqual(users["user7"]["uid_number"], "41507")
        self.assertEqual(users["user7"]["gid_number"], "41500")
        self.assertEqual(users["user7"]["cluster_id"], CLUSTER)
        # 09:12:07 by the clock of the site.
        self.assertEqual(users["user7"]["create_time"], "2021-08-17T01:12:07Z")
        self.assertEqual(users["user7"]["nas_mount_point"], "/home/s0723")

    def test_clear_text_passwords_do_not_reach_the_disk(self):
        done = roster("import", "--data", self.data, "--zone", "zone1", "--cluster-id", CLUSTER, "--format", "ldif", "-",
                      input=vendor_ldif(5))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("3 clear-text passwords", done.stderr)
        for path in pathlib.Path(self.data).iterdir():
            self.assertNotIn(PASSWORD.encode(), path.read_bytes(), path)

    def test_the_same_dump_again_changes_nothing(self):
        arguments = ("import", "--data", self.data, "--zone", "zone1", "--cluster-id", CLUSTER, "--format", "ldif", "-")
        dump = vendor_ldif(20)
        self.assertEqual(roster(*arguments, input=dump).returncode, 0)
        again = roster(*arguments, input=dump)
        self.assertIn("plan: 0 new, 0 changed, 20 unchanged", again.stdout)

    def test_the_vendors_tree_needs_to_be_told_its_cluster(self):
        done = roster("import", "--data", self.data, "--zone", "zone1", "--format", "ldif", "-", input=vendor_ldif(5))
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("--cluster-id", done.stderr)

    def test_getent_passwd_imports(self):
        getent = subprocess.run(["getent", "passwd"], capture_output=True, text=True, check=True).stdout
        line = "zhangs:x:10432:10000:Zhang San:/home/zhangs:/bin/zsh\n"
        done = roster("import", "--data", self.data, "--zone", "zone1", "--cluster-id", CLUSTER, "--format", "passwd", "-",
                      input=getent + line)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("root", done.stdout, "skipped system users are reported")
        expected = {row.split(":")[0] for row in (getent + line).splitlines()
                    if int(row.split(":")[2]) >= 1000 and row.split(":")[2] != "65534"}
        served = Served(self.data)
        self.addCleanup(served.stop)
        users = served.users()
        self.assertEqual(set(users), expected)
        self.assertEqual(users["zhangs"]["nas_mount_point"], "/home")


if __name__ == "__main__":
    unittest.main()

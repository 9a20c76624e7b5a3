"""Sudo rules, automount maps and netgroups, as a node's clients read them: SSSD with sudo, autofs with LDAP, nslcd.

The clients run in the folder that `ROSTER_NODE_ROOT` names (test_nodes.py); without it only the searches are tried.
"""

import os
import pathlib
import subprocess
import tempfile
import time
import unittest

import people
import running
from test_nodes import NODE, Node, NslcdClient, SSSDClient, inside

USER = people.name(1)
SITE = "dc=example,dc=org"
MAPS = f"""dn: ou=SUDOers,{SITE}
objectClass: organizationalUnit
ou: SUDOers

dn: cn=defaults,ou=SUDOers,{SITE}
objectClass: sudoRole
cn: defaults
sudoOption: env_keep+=ROSTER_TEST

dn: cn=ops,ou=SUDOers,{SITE}
objectClass: sudoRole
cn: ops
sudoUser: {USER}
sudoHost: ALL
sudoCommand: /usr/bin/id
sudoCommand: !/usr/bin/su
sudoRunAsUser: root
sudoOption: !authenticate
sudoOrder: 2

dn: cn=late,ou=SUDOers,{SITE}
objectClass: sudoRole
cn: late
sudoUser: {USER}
sudoHost: ALL
sudoCommand: /usr/bin/late
sudoNotAfter: 20200101000000Z

dn: cn=elsewhere,ou=SUDOers,{SITE}
objectClass: sudoRole
cn: elsewhere
sudoUser: {USER}
sudoHost: another-host
sudoCommand: /usr/bin/elsewhere

dn: automountMapName=auto.master,ou=automount,{SITE}
objectClass: automountMap
automountMapName: auto.master

dn: automountKey=/scratch,automountMapName=auto.master,ou=automount,{SITE}
objectClass: automount
automountKey: /scratch
automountInformation: auto.scratch

dn: automountMapName=auto.scratch,ou=automount,{SITE}
objectClass: automountMap
automountMapName: auto.scratch

dn: automountKey=one,automountMapName=auto.scratch,ou=automount,{SITE}
objectClass: automount
automountKey: one
automountInformation: -fstype=tmpfs,size=64k :one

dn: automountKey=*,automountMapName=auto.scratch,ou=automount,{SITE}
objectClass: automount
automountKey: *
automountInformation: -fstype=nfs4 server:/scratch/&

dn: cn=nodes,ou=netgroup,{SITE}
objectClass: nisNetgroup
cn: nodes
nisNetgroupTriple: (n1,{USER},)
memberNisNetgroup: more

dn: cn=more,ou=netgroup,{SITE}
objectClass: nisNetgroup
cn: more
nisNetgroupTriple: (n2,-,example.org)
"""


def bring_in(served, text=MAPS):
    """Imports map entries while the server runs, and waits until it serves them."""
    done = running.run(running.ROSTER, "map", "import", "--data", served.data, "--zone", "zone1",
                       "--cluster-id", people.CLUSTER, "-", input=text)
    assert done.returncode == 0, done.stdout + done.stderr
    # A write is answered once it is published here, and what was committed before is published then.
    done = served.roster("map", "put", "--cluster-id", people.CLUSTER, "--kind", "organizationalUnit", "ou=last")
    assert done.returncode == 0, done.stderr
    return done


class Searches(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.served = running.Served(5)
        cls.addClassCleanup(cls.served.close)
        bring_in(cls.served)

    def roster(self, *arguments):
        done = self.served.roster(*arguments)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def found(self, base, *search):
        done = self.served.search("-b", f"{base},{people.CLUSTER_DN}", *search)
        self.assertEqual(done.returncode, 0, done.stderr)
        return sorted(line.split(",")[0][4:] for line in done.stdout.splitlines() if line.startswith("dn:"))

    def test_the_filters_of_sudo_and_autofs_find_their_entries(self):
        self.assertEqual(self.found("ou=SUDOers", "(cn=defaults)"), ["cn=defaults"])
        self.assertEqual(
            self.found("ou=SUDOers", f"(&(objectClass=sudoRole)(|(sudoUser={USER})(sudoUser=ALL))"
                       "(|(!(sudoNotAfter=*))(sudoNotAfter>=20260101000000.0Z)))"), ["cn=elsewhere", "cn=ops"])
        self.assertEqual(
            self.found("automountMapName=auto.scratch,ou=automount",
                       "(&(objectClass=automount)(|(automountKey=two)(automountKey=/)(automountKey=\\2A)))"),
            ["automountKey=*"])
        self.assertEqual(self.found("ou=netgroup", "(memberNisNetgroup=more)"), ["cn=nodes"])

    def test_the_command_line_lists_shows_and_removes(self):
        self.assertIn("cn=ops,ou=SUDOers", self.roster(
            "map", "list", "--cluster-id", people.CLUSTER, "--kind", "sudoRole", "--limit", "100"))
        self.assertIn(f"sudoUser: {USER}\n", self.roster(
            "map", "show", "--cluster-id", people.CLUSTER, "cn=OPS,ou=sudoers"))
        self.roster("map", "put", "--cluster-id", people.CLUSTER, "--kind", "sudoRole", "cn=x,ou=sudoers", "sudoUser: x")
        self.assertEqual(self.found("ou=SUDOers", "(sudoUser=x)"), ["cn=x"])
        self.roster("map", "remove", "--cluster-id", people.CLUSTER, "cn=x,ou=sudoers")
        self.assertEqual(self.found("ou=SUDOers", "(sudoUser=x)"), [])

    def test_what_is_exported_is_imported_again(self):
        def export(data):
            done = running.run(running.ROSTER, "map", "export", "--data", data, "--cluster-id", people.CLUSTER)
            self.assertEqual(done.returncode, 0, done.stderr)
            return done.stdout

        exported = export(self.served.data)
        self.assertEqual(exported.count("dn: "), 15, exported)
        with tempfile.TemporaryDirectory() as folder:
            source = os.path.join(folder, "people.ldif")
            with open(source, "w") as file:
                file.write(people.ldif(5) + "\n" + exported)
            done = running.run(running.ROSTER, "import", "--data", f"{folder}/data", "--zone", "zone1", source)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            self.assertIn("map entries: 15 new", done.stdout)
            done = running.run(running.ROSTER, "import", "--data", f"{folder}/data", "--zone", "zone1", source)
            self.assertIn("map entries: 15 unchanged", done.stdout)
            again = export(f"{folder}/data")
        self.assertEqual(again, exported)


class OnANode(Node):
    """Clients that need nothing but the maps: what `Node` tries is tried elsewhere."""

    test_1_resolves_names_and_numbers = test_2_logs_in_by_the_password = test_3_a_user_changes_his_password = None

    @classmethod
    def fill(cls):
        bring_in(cls.served)


class Nslcd(NslcdClient, OnANode, unittest.TestCase):
    @classmethod
    def configure(cls, text):
        super().configure(text)
        cls.write("etc/nsswitch.conf", "passwd: files ldap\ngroup: files ldap\nnetgroup: ldap\n")

    def test_getent_shows_a_netgroup(self):
        self.assertEqual(
            self.eventually("getent", "netgroup", "nodes").split(None, 1)[1], f"(n1,{USER},) (n2,-,example.org)")


class SSSD(SSSDClient, OnANode, unittest.TestCase):
    parts = ["--sudo", "--autofs"]

    @classmethod
    def configure(cls, text):
        base = "sudo_provider = ldap\n"
        assert text.count(base) == 1, text
        # Without these two, SSSD asks DNS for the node's name, and waits up to half a minute, before it reads the rules.
        super().configure(text.replace(base, base + "ldap_sudo_hostnames = node1.example.org\nldap_sudo_random_offset = 0\n"))
        cls.write("etc/nsswitch.conf", "passwd: files sss\ngroup: files sss\nnetgroup: sss\nsudoers: sss\n")

    def test_getent_shows_a_netgroup(self):
        shown = self.eventually("getent", "netgroup", "nodes")
        self.assertIn(f"(n1,{USER},)", shown)
        self.assertIn("(n2,-,example.org)", shown)

    def rules(self):
        """What sudo says that the user may run, once SSSD has read the rules."""
        until = time.monotonic() + 60
        while True:
            shown = self.eventually("sudo", "-l", "-U", USER)
            if "/usr/bin/id" in shown or time.monotonic() > until:
                return shown
            time.sleep(0.5)

    def test_sudo_lists_the_rules_of_a_user(self):
        self.eventually("getent", "passwd", USER)
        shown = self.rules()
        self.assertRegex(shown, r"\(root\) NOPASSWD: /usr/bin/id, !/usr/bin/su")
        self.assertNotIn("late", shown)
        self.assertNotIn("elsewhere", shown)

    def test_sudo_runs_what_a_rule_allows(self):
        self.eventually("getent", "passwd", USER)
        self.rules()
        done = subprocess.run(
            ["chroot", f"--userspec={42001}:{people.GID}", str(NODE), "sudo", "-n", "/usr/bin/id", "-u"],
            capture_output=True, text=True, timeout=60)
        self.assertEqual((done.returncode, done.stdout.strip()), (0, "0"), done.stderr)


class Autofs(NslcdClient, OnANode, unittest.TestCase):
    """nslcd runs beside it, for nothing."""

    def take_trial_mounts_away(self):
        begin = str(NODE.resolve() / "tmp" / "auto")
        for line in pathlib.Path("/proc/mounts").read_text().splitlines():
            place = line.split()[1]
            if place.startswith(begin):
                subprocess.run(["umount", "-l", place], check=True)
                os.rmdir(place)

    def test_automount_lists_the_maps(self):
        self.write("etc/nsswitch.conf", "passwd: files\nautomount: ldap\n")
        self.write("etc/autofs.conf", f"""[ autofs ]
timeout = 300
master_map_name = auto.master
ldap_uri = {self.served.uri}
search_base = ou=automount,{people.CLUSTER_DN}
map_object_class = automountMap
entry_object_class = automount
map_attribute = automountMapName
entry_attribute = automountKey
value_attribute = automountInformation
auth_conf_file = /etc/autofs_ldap_auth.conf
""")
        self.write("etc/autofs_ldap_auth.conf", f"""<?xml version="1.0" ?>
<autofs_ldap_sasl_conf usetls="no" tlsrequired="no" authrequired="simple"
 user="{self.served.bind_name}" secret="{self.served.secret}" />
""", 0o600)
        # automount tries out bind mounts, and cannot take them away again in a folder without /etc/mtab.
        self.addCleanup(self.take_trial_mounts_away)
        shown = inside("automount", "-m")
        self.assertIn("/scratch", shown.stdout, shown.stderr)
        self.assertRegex(shown.stdout, r"one \| -fstype=tmpfs,size=64k :one")
        self.assertRegex(shown.stdout, r"\* \| -fstype=nfs4 server:/scratch/&")


if __name__ == "__main__":
    unittest.main()

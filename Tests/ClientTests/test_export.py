"""`roster user export`: what it writes, and that an import of it gives the same directory again."""

import base64
import csv
import io
import json
import stat
import unittest

import people
from case import setUpModule, tearDownModule  # noqa: F401 (unittest looks for the two functions)
from people import ALPHA, BETA, BULK, FAR, FAR_ZONE, ZONE
from running_site import Site, told
from write_case import MODIFY, WriteCase, fresh_name

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKb5vyKyVn2Q8sVtqvkP4zWm0d2yZ8nZ0zq3m1vJ4S6p laptop"


class Exporting(WriteCase):
    def export(self, *options, site=None):
        site = site or self.site
        return site.must("user", "export", *site.store, *options).stdout

    def somebody(self, **members):
        name = self.added(cluster=ALPHA)["username"]
        self.assert_done(self.modify(name, ALPHA, **members), MODIFY)
        return name

    def test_an_import_of_ldif_gives_the_same_directory(self):
        self.somebody(state="locked", expires="2099-03-04T05:06:07Z", mod="2750", gecos="Room 7", nas_mount_point="/elsewhere",
                      attributes={"cn": ["Zoë Ünal", " two "], "mail": ["a@b", "c@d"], "sshPublicKey": KEY, "jpegPhoto": "/9j/AA==",
                                  "description": "#;: <x>", "host": "*", "shadowMax": "90"})
        self.somebody(expires="2001-01-01T00:00:00Z", login_shell="/sbin/nologin")
        self.somebody(role="admin", home_directory="/a/b c/ü")
        members = [self.somebody(gecos="x") for _ in range(3)]
        group = {"cluster_id": ALPHA, "zone": ZONE, "group_name": fresh_name("g")}
        self.assertEqual(self.write("/api/group/createGroup", group).json["ret_code"], 0)
        self.assertEqual(self.write("/api/group/modifyGroup", {**group, "add_members": members}).json["ret_code"], 0)
        outer = {**group, "group_name": fresh_name("g")}
        self.assertEqual(self.write("/api/group/createGroup", outer).json["ret_code"], 0)
        self.assertEqual(self.write("/api/group/modifyGroup", {
            **outer, "add_member_groups": [group["group_name"]], "add_member_names": ["slurm"]}).json["ret_code"], 0)
        for place, kind, attributes in (("ou=SUDOers", "organizationalUnit", []),
                                        ("cn=ops,ou=SUDOers", "sudoRole", ["sudoUser: %wheel", "sudoHost: ALL", "sudoCommand: /bin/ls -l"]),
                                        ("ou=netgroup", "organizationalUnit", ["description: Netzgruppen Süd"]),
                                        ("cn=nodes,ou=netgroup", "nisNetgroup", ["nisNetgroupTriple: (n1,,)", "nisNetgroupTriple: (n2,,)"])):
            entry = {"cluster_id": ALPHA, "zone": ZONE, "place": place, "kind": kind, "attributes": attributes}
            self.assertEqual(self.write("/api/map/putEntry", entry).json["ret_code"], 0)
        changed = {"cluster_id": ALPHA, "zone": ZONE, "cluster_name": "Alpha, the first", "uid_first": "20000", "uid_last": "29999",
                   "home_template": "/h/{username}", "login_shell": "/bin/sh", "description": "what it is", "password_rule": "vendor"}
        self.assertEqual(self.write("/api/cluster/modifyCluster", changed).json["ret_code"], 0)
        for zone in (ZONE, FAR_ZONE):
            with self.subTest(zone):
                text = self.export("--format", "ldif", "--zone", zone)
                self.assertEqual("sudoCommand: /bin/ls -l" in text, zone == ZONE)
                other = Site()
                try:
                    source = other.folder / "site.ldif"
                    source.write_text(text)
                    done = other.roster("import", *other.store, "--zone", zone, "--allow-boss", "--accept-odd", source)
                    self.assertEqual(done.returncode, 0, told(done))
                    self.assertNotIn("not kept", done.stdout + done.stderr)
                    self.assertEqual("member: cn=" in text, zone == ZONE)
                    self.assertEqual(self.export("--format", "ldif", site=other), text)
                    again = other.roster("import", *other.store, "--zone", zone, "--allow-boss", "--accept-odd", source)
                    self.assertEqual(again.returncode, 0, told(again))
                    self.assertEqual(self.export("--format", "ldif", site=other), text)
                finally:
                    other.close()

    def test_files_of_accounts(self):
        name = self.somebody(gecos="Room 7", expires="2099-01-01T00:00:00Z", login_shell="/bin/zsh", attributes={"shadowMin": "1", "shadowMax": "90"})
        locked = self.somebody(state="locked")
        row = self.row(name, ALPHA)
        options = ["--cluster-id", ALPHA, "--format"]
        passwd = {line.split(":")[0]: line.split(":") for line in self.export(*options, "passwd").splitlines()}
        self.assertEqual(passwd[name][:5] + passwd[name][6:], [name, "x", row["uid_number"], row["gid_number"], "Room 7", "/bin/zsh"])
        self.assertTrue(passwd[name][5].endswith("/" + name), passwd[name])
        self.assertEqual(len(passwd), self.ask(cluster_id=ALPHA).json["total_count"])
        shadow = {line.split(":")[0]: line.split(":") for line in self.export(*options, "shadow").splitlines()}
        self.assertTrue(shadow[name][1].startswith("$y$"), shadow[name])
        self.assertEqual((shadow[name][3:5], shadow[name][7], len(shadow[name])), (["1", "90"], "47117", 9))
        self.assertTrue(shadow[locked][1].startswith("!$y$"), shadow[locked])
        self.assertEqual(shadow[locked][7], "1")
        late = self.somebody(expires="2099-01-01T00:00:01Z")
        line = next(line for line in self.export(*options, "shadow").splitlines() if line.startswith(late + ":"))
        self.assertEqual(line.split(":")[7], "47118", "not a day early")
        hidden = {line.split(":")[0]: line.split(":")[1] for line in self.export(*options, "shadow", "--without-passwords").splitlines()}
        self.assertEqual((hidden[name], hidden[locked]), ("*", "!*"))
        groups = [line.split(":") for line in self.export(*options, "group").splitlines()]
        self.assertTrue(all(len(fields) == 4 and fields[1] == "*" for fields in groups), groups)
        self.assertIn("41000", {fields[2] for fields in groups})
        inner, outer = fresh_name("g"), fresh_name("g")
        for name_of_group in (inner, outer):
            self.write("/api/group/createGroup", {"cluster_id": ALPHA, "zone": ZONE, "group_name": name_of_group})
        for body in ({"group_name": inner, "add_members": [name]},
                     {"group_name": outer, "add_members": [locked], "add_member_groups": [inner], "add_member_names": ["slurm"]}):
            self.assertEqual(self.write("/api/group/modifyGroup", {"cluster_id": ALPHA, "zone": ZONE, **body}).json["ret_code"], 0)
        lines = {line.split(":")[0]: line.split(":")[3] for line in self.export(*options, "group").splitlines()}
        self.assertEqual((lines[inner], lines[outer]), (name, ",".join(sorted([name, locked, "slurm"]))))

    def test_csv_and_json(self):
        name = self.somebody(gecos='says "x", or so', attributes={"mail": "a@b", "jpegPhoto": "/9j/AA=="})
        rows = {row["username"]: row for row in csv.DictReader(io.StringIO(self.export("--format", "csv", "--cluster-id", ALPHA)))}
        self.assertEqual({field: rows[name][field] or None for field in people.FIELDS}, self.row(name, ALPHA))
        self.assertEqual(rows[name]["gecos"], 'says "x", or so')
        users = [json.loads(line) for line in self.export("--format", "json").splitlines()]
        self.assertEqual({user["cluster_id"] for user in users} & {ALPHA, BETA, BULK, FAR}, {ALPHA, BETA, BULK, FAR})
        described = self.ask(path="/api/user/describeUser", cluster_id=ALPHA, username=name).json["user"]
        # Logins are no part of the directory.
        described = {member: value for member, value in described.items() if not member.startswith("last_")}
        self.assertEqual([user for user in users if user["username"] == name], [described])

    def test_other_servers_get_standard_ldif(self):
        name = self.somebody(state="locked", attributes={"sshPublicKey": KEY})
        text = self.export("--format", "ldif", "--cluster-id", ALPHA, "--only-standard", "--base", "dc=example,dc=org", "--without-passwords")
        self.assertIn(f"dn: uid={name},ou=People,ou={ALPHA},dc=example,dc=org\n", text)
        self.assertIn("dn: dc=example,dc=org\nobjectClass: organization\nobjectClass: dcObject\ndc: example\n", text)
        for word in ("roster", "pwdAccountLockedTime", "userPassword", "createTimestamp"):
            self.assertNotIn(word, text)

    def test_a_locked_user_stays_out_of_other_servers(self):
        """Their own signs of a lock are not standard: the hash stands behind the mark of usermod(8), and the account has expired."""
        locked, open_ = self.somebody(state="locked", expires="2099-01-01T00:00:01Z"), self.somebody(expires="2099-01-01T00:00:01Z")
        text = self.export("--format", "ldif", "--cluster-id", ALPHA, "--only-standard", "--base", "dc=example,dc=org")
        entries = {entry.split("dn: uid=", 1)[1].split(",")[0]: entry.splitlines() for entry in text.split("\n\n") if "dn: uid=" in entry}

        def password(name):
            line = next(line for line in entries[name] if line.startswith("userPassword:"))
            return base64.b64decode(line.split(":: ")[1]).decode() if ":: " in line else line.split(": ", 1)[1]

        self.assertTrue(password(locked).startswith("{CRYPT}!$y$"), password(locked))
        self.assertTrue(password(open_).startswith("{CRYPT}$y$"), password(open_))
        self.assertIn("shadowExpire: 1", entries[locked])
        self.assertIn("shadowExpire: 47118", entries[open_])
        other = Site()
        try:
            source = other.folder / "standard.ldif"
            source.write_text(text)
            other.must("import", *other.store, "--zone", ZONE, "--accept-odd", source)
            users = {user["username"]: user for user in map(json.loads, self.export("--format", "json", site=other).splitlines())}
            self.assertEqual((users[locked]["state"], users[open_]["state"]), ("locked", "active"))
        finally:
            other.close()

    def test_a_file_is_new_and_for_its_owner(self):
        target = self.site.folder / (fresh_name() + ".ldif")
        done = self.site.must("user", "export", *self.site.store, "--format", "ldif", "--output", target)
        self.assertEqual((done.stdout, stat.S_IMODE(target.stat().st_mode)), ("", 0o600))
        before = target.read_bytes()
        again = self.site.roster("user", "export", *self.site.store, "--format", "csv", "--output", target)
        self.assertEqual((again.returncode, target.read_bytes()), (1, before))
        self.assertIn("is there already", again.stderr)

    def test_says_what_it_needs(self):
        for options, word in ((["--format", "xml"], "--format"), (["--format", "passwd"], "--cluster-id"),
                              (["--format", "csv", "--cluster-id", "hpc-zzzzzz99"], "hpc-zzzzzz99"),
                              (["--format", "ldif", "--base", "example"], "--base"), ([], "--format")):
            with self.subTest(options):
                done = self.site.roster("user", "export", *self.site.store, *options)
                self.assertNotEqual(done.returncode, 0)
                self.assertIn(word, done.stderr)
                self.assertEqual(done.stdout, "")

    def test_an_empty_store(self):
        empty = Site()
        try:
            done = empty.roster("user", "export", *empty.store, "--format", "ldif")
            self.assertEqual(done.returncode, 1)
            self.assertIn("there is no store in", done.stderr)
        finally:
            empty.close()


if __name__ == "__main__":
    unittest.main()

"""`roster user modify|rename|key|list`: the command line on the calls of the API."""

import shutil
import subprocess
import unittest

from case import setUpModule, tearDownModule  # noqa: F401 (unittest looks for the two functions)
from people import ALPHA, ZONE, user
from running_site import told
from write_case import WriteCase, fresh_name


class UserCommands(WriteCase):
    def setUp(self):
        self.name = self.added(cluster=ALPHA)["username"]

    def user(self, action, *arguments, key="operator", stdin=b""):
        key = self.key(key)
        return self.site.roster("user", *action.split(), "--zone", ZONE, "--cluster-id", ALPHA, *arguments, stdin=stdin,
                                ROSTER_ENDPOINT=f"http://127.0.0.1:{self.site.port}", ROSTER_ACCESS_KEY_ID=key.id,
                                ROSTER_SECRET_ACCESS_KEY=key.secret)

    def done(self, action, *arguments, **options):
        done = self.user(action, *arguments, **options)
        self.assertEqual(done.returncode, 0, told(done))
        return done.stdout

    def refused(self, word, action, *arguments, **options):
        done = self.user(action, *arguments, **options)
        self.assertNotEqual(done.returncode, 0, told(done))
        self.assertIn(word, done.stderr)

    def described(self, name=None):
        return self.ask(path="/api/user/describeUser", cluster_id=ALPHA, username=name or self.name).json["user"]

    def test_changes_fields_and_attributes(self):
        photo = self.site.folder / "p.jpg"
        photo.write_bytes(b"\xff\xd8\xff\x00")
        self.done("modify", "--login-shell", "/bin/zsh", "--home-directory", "/x/y", "--mod", "2750", "--full-name", "Zoë Ünal",
                  "--mail", "a@b", "--mail", "c@d", "--set", "title=Dr", "--set", "title=Prof=x", "--set", f"jpegPhoto=@{photo}", self.name)
        user = self.described()
        self.assertEqual((user["login_shell"], user["home_directory"], user["mod"], user["gecos"]), ("/bin/zsh", "/x/y", "2750", "Zoë Ünal"))
        self.assertEqual(user["attributes"], {"cn": ["Zoë Ünal"], "mail": ["a@b", "c@d"], "title": ["Dr", "Prof=x"], "jpegPhoto": ["/9j/AA=="]})
        self.done("modify", "--mod", "", "--unset", "title", "--unset", "rfc822Mailbox", "--unset", "jpegPhoto", self.name)
        self.assertEqual((self.described()["attributes"], self.described()["mod"]), ({"cn": ["Zoë Ünal"]}, None))
        shown = self.done("show", self.name)
        self.assertIn("Zoë Ünal", shown)

    def test_without_fields_sets_the_password(self):
        before = self.described()["password_time"]
        self.done("modify", self.name, stdin=self.other_password.encode())
        self.assertGreaterEqual(self.described()["password_time"], before)
        own = self.new_key("--user-id", self.described()["user_id"])
        self.done("modify", "--own", self.name, key=own, stdin=f"{self.other_password}\n{self.password}\n".encode())
        self.done("modify", "--own", "--set", "displayName=D", self.name, key=own, stdin=self.password.encode())
        self.assertEqual(self.described()["attributes"], {"displayName": ["D"]})

    def test_says_what_is_wrong(self):
        self.refused("attribute=value", "modify", "--set", "title", self.name)
        self.refused("to be set and to be unset", "modify", "--set", "title=x", "--unset", "title", self.name)
        self.refused("nosuch", "modify", "--set", "nosuch=x", self.name)
        self.refused("cannot read", "modify", "--set", "title=@/nowhere/at/all", self.name)
        self.refused("--home-directory: ", "modify", "--home-directory", "x", self.name)
        self.refused("no user", "modify", "--mod", "700", "nobodyatall")
        self.assertEqual(self.described()["attributes"], {})

    def test_the_cluster_comes_from_the_settings_or_is_the_only_one(self):
        key = self.key("operator")
        settings = {"ROSTER_ENDPOINT": f"http://127.0.0.1:{self.site.port}", "ROSTER_ACCESS_KEY_ID": key.id,
                    "ROSTER_SECRET_ACCESS_KEY": key.secret}

        def show(name, zone, *arguments, **more):
            return self.site.roster("user", "show", "--zone", zone, *arguments, name, **settings, **more)

        several = show(self.name, ZONE)
        self.assertNotEqual(several.returncode, 0)
        self.assertRegex(several.stderr, rf"{ZONE} has \d+ clusters: use --cluster-id, or ROSTER_CLUSTER_ID")
        named = show(self.name, ZONE, ROSTER_CLUSTER_ID=ALPHA)
        self.assertEqual((named.returncode, self.name in named.stdout), (0, True), told(named))
        # The flag counts before the settings.
        flag = show(self.name, ZONE, "--cluster-id", ALPHA, ROSTER_CLUSTER_ID="hpc-nowhere1")
        self.assertEqual(flag.returncode, 0, told(flag))
        alone = "hpc-alone001"
        zone = self.new_cluster(alone, user(alone, "admin", 45000, 0, role="admin"))
        self.assertEqual(show("admin", zone).returncode, 0)
        added = self.site.roster("user", "add", "--zone", zone, "--without-password", "anna", **settings)
        self.assertEqual(added.returncode, 0, told(added))
        self.assertIn("anna", self.site.must("user", "list", "--zone", zone, **settings).stdout)
        empty = show("admin", "zoneless")
        self.assertNotEqual(empty.returncode, 0)
        self.assertIn("zoneless", empty.stderr)

    def test_renames(self):
        other = fresh_name()
        self.done("rename", self.name, other)
        self.assertEqual(self.described(other)["home_directory"].rsplit("/", 1)[1], self.name)
        self.refused("no user", "rename", self.name, other)
        self.refused("username", "rename", other, "root")

    def test_lists_with_filters(self):
        self.done("modify", "--mail", f"{self.name}@example.org", self.name)
        for options in (["--username", self.name], ["--search-word", f"{self.name}@EXAMPLE", "--search-in", "mail"],
                        ["--state", "active", "--role", "member", "--search-word", self.name], ["--uid-number", self.described()["uid_number"]]):
            with self.subTest(options):
                self.assertIn("\n" + self.name, self.done("list", *options))
        self.assertEqual(self.done("list", "--username", self.name, "--state", "locked").count("\n"), 1)
        self.assertIn("/home/" + self.name, self.done("list", "--username", self.name, "--verbose"))
        self.refused("state", "list", "--state", "asleep")

    @unittest.skipUnless(shutil.which("ssh-keygen"), "needs ssh-keygen")
    def test_keeps_ssh_keys(self):
        file = self.site.folder / f"{self.name}-key"
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "z@laptop", "-f", file], check=True)
        public = file.with_suffix(".pub") if file.suffix else file.parent / (file.name + ".pub")
        fingerprint = subprocess.run(["ssh-keygen", "-l", "-f", public], check=True, capture_output=True, text=True).stdout.split()[1]
        self.done("key add", self.name, public)
        table = self.done("key list", self.name)
        self.assertIn(fingerprint, table)
        self.assertIn("z@laptop", table)
        self.assertEqual(self.done("key list", "--lines", self.name), public.read_text())
        # The same key again, with an expiry; the line is one that sshd's own tool reads.
        self.done("key add", "--expires", "2099-06-30T22:00:00Z", self.name, stdin=b"# mine\n\n" + public.read_bytes())
        self.assertIn("2099-06-30T22:00:00Z", self.done("key list", self.name))
        line = self.done("key list", "--lines", self.name)
        self.assertEqual(line.split(" ", 1), ['expiry-time="20990630220000Z"', public.read_text()])
        judged = subprocess.run(["ssh-keygen", "-l", "-f", "-"], input=line, capture_output=True, text=True)
        self.assertIn(fingerprint, judged.stdout)
        self.refused("no such key", "key remove", self.name, "SHA256:x")
        self.done("key remove", self.name, "z@laptop")
        self.assertEqual(self.described()["attributes"], {})
        self.refused("no such key", "key remove", "--all", self.name)

    @unittest.skipUnless(shutil.which("ssh-keygen"), "needs ssh-keygen")
    def test_takes_no_short_rsa_key_anew_and_imports_one_with_a_word(self):
        for bits in ("2048", "3072"):
            file = self.site.folder / f"{self.name}-{bits}"
            subprocess.run(["ssh-keygen", "-q", "-t", "rsa", "-b", bits, "-N", "", "-f", file], check=True)
        short, long = (self.site.folder / f"{self.name}-{bits}.pub" for bits in ("2048", "3072"))
        self.refused("3072", "key add", self.name, short)
        self.done("key add", self.name, long)
        entry = self.site.folder / f"{self.name}.ldif"
        row = self.row(self.name, ALPHA)
        entry.write_text(f"dn: uid={self.name},ou=People,ou={ALPHA},dc=x\nobjectClass: posixAccount\nuid: {self.name}\n"
                         f"uidNumber: {row['uid_number']}\ngidNumber: {row['gid_number']}\nsshPublicKey: {short.read_text()}\n")
        done = self.site.roster("import", *self.site.store, "--zone", ZONE, entry)
        self.assertEqual(done.returncode, 0, told(done))
        self.assertIn("a short RSA key is kept", done.stdout + done.stderr)

    def test_refuses_what_is_no_key(self):
        key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKb5vyKyVn2Q8sVtqvkP4zWm0d2yZ8nZ0zq3m1vJ4S6p"
        for line in ("", "# nothing", "ssh-rsa AAAA", 'command="x" ' + key, 'expiry-time="20990101" ' + key, 'expiry-time="209901010000" ' + key,
                     'expiry-time="20991301000000Z" ' + key, 'expiry-time="20990101000000Z",command="x" ' + key, "\u0000" + key):
            with self.subTest(line[:30]):
                self.refused("key", "key add", self.name, stdin=line.encode())
        self.assertEqual(self.described()["attributes"], {})


if __name__ == "__main__":
    unittest.main()

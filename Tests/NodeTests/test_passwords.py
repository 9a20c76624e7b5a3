"""The password modify operation (RFC 3062) by OpenLDAP's `ldappasswd` and by ldap3, in clear on loopback and over TLS."""

import os
import pathlib
import re
import tempfile
import unittest

import ldap3

import people
import running
from test_tools import certificate

OLD, NEW, NEWER = people.PASSWORD, "Correct1Horse", "Battery2Staple"
NAME = f"uid={people.name(1)},{people.PEOPLE}"
OTHER = f"uid={people.name(2)},{people.PEOPLE}"


class Case(unittest.TestCase):
    served = None

    def passwd(self, *arguments, name=NAME, password=OLD, options=(), environment=None):
        return running.run(
            "ldappasswd", "-x", "-H", self.served.uri, *options, "-D", name, "-w", password, *arguments,
            env=os.environ | (environment or {}))

    def by_key(self, key, *arguments):
        return self.passwd(*arguments, name=self.served.name_of(key), password=key["secret_access_key"])

    def lets_in(self, password, name=NAME):
        done = running.run("ldapwhoami", "-x", "-H", self.served.uri, "-D", name, "-w", password)
        self.assertIn(done.returncode, (0, 49), done.stderr)
        return done.returncode == 0

    def assert_done(self, done):
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def assert_refused(self, done, kind):
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        self.assertIn(f"Result: {kind}", done.stdout + done.stderr)


class Passwords(Case):
    def setUp(self):
        self.served = running.Served(6)
        self.addCleanup(self.served.close)

    def test_a_user_changes_his_own(self):
        self.assert_done(self.passwd("-s", NEW))
        self.assertTrue(self.lets_in(NEW))
        self.assertFalse(self.lets_in(OLD))
        self.assert_done(self.passwd("-a", NEW, "-s", NEWER, NAME, password=NEW))
        self.assertTrue(self.lets_in(NEWER))

    def test_a_password_is_made_where_none_is_given(self):
        done = self.passwd()
        self.assert_done(done)
        made = re.fullmatch(r"New password: ([A-Za-z0-9]{20})", done.stdout.strip())
        self.assertTrue(self.lets_in(made[1]))

    def test_what_is_refused_has_the_codes_of_openldap(self):
        self.assert_refused(self.passwd("-s", "short"), "Constraint violation (19)")
        self.assert_refused(self.passwd("-a", "wrong", "-s", NEW), "Server is unwilling to perform (53)")
        self.assert_refused(self.passwd("-s", NEW, "nonsense"), "Invalid syntax (21)")
        self.assert_refused(self.passwd("-s", NEW, f"uid=nobody,{people.PEOPLE}"), "No such object (32)")
        self.assert_refused(self.passwd("-s", NEW, OTHER), "No such object (32)")
        self.assert_refused(
            self.by_key(self.served.reader, "-s", NEW, NAME), "Insufficient access (50)")
        anonymous = running.run("ldappasswd", "-x", "-H", self.served.uri, "-s", NEW, NAME)
        self.assert_refused(anonymous, "Strong(er) authentication required (8)")
        self.assertTrue(self.lets_in(OLD))
        self.assertTrue(self.lets_in(OLD, OTHER))

    def test_a_key_with_rights_changes_anybodys(self):
        self.assert_done(self.by_key(self.served.operator, "-s", NEW, NAME))
        self.assertTrue(self.lets_in(NEW))
        self.assertFalse(self.lets_in(OLD))
        self.assertTrue(self.lets_in(OLD, OTHER))

    def test_ldap3_changes_one_and_has_one_made(self):
        server = ldap3.Server("127.0.0.1", self.served.port)
        client = ldap3.Connection(server, NAME, OLD, auto_bind=True)
        self.assertTrue(client.extend.standard.modify_password(NAME, OLD, NEW), client.result)
        self.assertTrue(self.lets_in(NEW))
        # The bind was by a password that is another one by now.
        self.assertFalse(client.extend.standard.modify_password(NAME, None, NEWER))
        self.assertEqual(client.result["result"], 8)
        self.assertTrue(client.rebind(NAME, NEW))
        made = client.extend.standard.modify_password(NAME)
        self.assertTrue(self.lets_in(made))
        client.unbind()

    def test_the_operation_log_says_who_asked_and_shows_no_password(self):
        self.assert_done(self.passwd("-s", NEW))
        self.assert_refused(self.passwd("-s", "Short1", password=NEW), "Constraint violation (19)")
        told = self.served.roster("operation", "list").stdout
        self.assertIn(f"user:{people.name(1)}", told)
        self.assertIn("ModifyUser", told)
        log = pathlib.Path(self.served.folder / "serve.log").read_text()
        for secret in (OLD, NEW, "Short1"):
            self.assertNotIn(secret, told)
            self.assertNotIn(secret, log)

    def test_a_changed_password_outlives_a_restart(self):
        self.assert_done(self.passwd("-s", NEW))
        self.served.stop()
        self.served.start()
        self.assertTrue(self.lets_in(NEW))
        self.assertFalse(self.lets_in(OLD))


class OverTLS(Case):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.crt, key = certificate(pathlib.Path(folder.name))
        cls.served = running.Served(6, "--tls-certificate", str(cls.crt), "--tls-key", str(key))
        cls.addClassCleanup(cls.served.close)

    def test_a_user_changes_his_own_over_starttls(self):
        self.assert_done(self.passwd("-s", NEW, options=["-ZZ"], environment={"LDAPTLS_CACERT": str(self.crt)}))
        self.assertTrue(self.lets_in(NEW))


if __name__ == "__main__":
    unittest.main()

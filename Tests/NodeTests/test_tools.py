"""The tools of the field against `roster serve --ldap`: OpenLDAP's commands and Python's ldap3."""

import os
import pathlib
import shutil
import socket
import ssl
import tempfile
import time
import unittest

import ldap3

import people
import running

COUNT = 60
NAME = people.name(1)
ENTRY = f"uid={NAME},{people.PEOPLE}"


def certificate(folder, common_name="localhost"):
    """A certificate that signs itself, and its key, in PEM files."""
    files = folder / f"{common_name}.crt", folder / f"{common_name}.key"
    done = running.run(
        "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
        "-subj", f"/CN={common_name}", "-addext", f"subjectAltName=DNS:localhost,DNS:{common_name},IP:127.0.0.1", "-out", files[0],
        "-keyout", files[1])
    assert done.returncode == 0, done.stderr
    return files


class Tools(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.served = running.Served(COUNT)
        cls.addClassCleanup(cls.served.close)

    def test_searches_are_sorted_and_leave_the_base_out(self):
        done = self.served.search(
            "-s", "children", "-M", "-M", "-E", "!domainScope", "-E", "!sss=-uidNumber:2.5.13.15", "-E", "pr=7/noprompt",
            "-b", people.PEOPLE, "(name=*)", "uidNumber")
        self.assertEqual(done.returncode, 0, done.stderr)
        numbers = [line.split(": ")[1] for line in done.stdout.splitlines() if line.startswith("uidNumber: ")]
        self.assertEqual(numbers, [str(42000 + number) for number in reversed(range(COUNT))])
        refused = self.served.search("-E", "!sss=nosuch", "-b", people.PEOPLE, "(uid=*)")
        self.assertEqual(refused.returncode, 12)

    def test_the_policy_of_the_cluster_says_that_locks_count(self):
        done = self.served.search("-s", "base", "-b", f"cn=ppolicy,{people.CLUSTER_DN}", "(objectClass=pwdPolicy)")
        self.assertIn("pwdLockout: TRUE\n", done.stdout)

    def whoami(self, name, password, *options):
        return running.run("ldapwhoami", "-x", "-H", self.served.uri, "-D", name, "-w", password, *options)

    def connection(self):
        server = ldap3.Server("127.0.0.1", self.served.port, get_info=ldap3.ALL)
        client = ldap3.Connection(server, self.served.bind_name, self.served.secret, auto_bind=True)
        self.addCleanup(client.unbind)
        return client

    def test_ldapsearch_finds_a_user(self):
        done = self.served.search("-b", people.BASE, f"(uid={NAME})", "uidNumber", "homeDirectory")
        self.assertEqual(done.stdout.strip().splitlines(), [
            f"dn: {ENTRY}", "uidNumber: 42001", "homeDirectory: /public/s0723/home/1"])

    def test_ldapsearch_pages_through_all(self):
        done = self.served.search("-b", people.PEOPLE, "-E", "pr=7/noprompt", "(objectClass=posixAccount)", "uid")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stdout.count("\nuid: "), COUNT)

    def test_a_user_binds_by_either_name(self):
        for name in (ENTRY, f"cn={NAME},{people.PEOPLE}", f"UID={NAME.upper()}, {people.PEOPLE}"):
            done = self.whoami(name, people.PASSWORD)
            self.assertEqual(done.stdout.strip(), f"dn:{ENTRY}", done.stderr)

    def test_a_wrong_password_and_no_user_are_told_the_same(self):
        answers = [self.whoami(ENTRY, "wrong"), self.whoami(f"uid=nobody,{people.PEOPLE}", people.PASSWORD)]
        self.assertEqual([one.returncode for one in answers], [49, 49])
        self.assertEqual(answers[0].stderr, answers[1].stderr)

    def test_a_locked_user_does_not_bind_and_its_entry_says_so(self):
        name = people.name(2)
        entry = f"uid={name},{people.PEOPLE}"
        self.assertEqual(self.whoami(entry, people.PASSWORD).returncode, 0)
        done = self.served.roster("user", "lock", "--cluster-id", people.CLUSTER, name)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertEqual(self.whoami(entry, people.PASSWORD).returncode, 49)
        self.assertIn("shadowExpire: 1", self.served.search("-b", entry, "-s", "base", "shadowExpire").stdout)

    def test_a_user_sees_its_own_entry_only(self):
        done = running.run("ldapsearch", "-x", "-LLL", "-H", self.served.uri, "-D", ENTRY, "-w", people.PASSWORD, "-b",
                           people.PEOPLE, "(uid=*)", "uid")
        self.assertEqual(done.stdout.count("dn: "), 1, done.stderr)

    def test_no_password_is_ever_shown(self):
        done = self.served.search("-b", people.BASE, "(uid=*)", "userPassword", "*", "+")
        self.assertNotIn("userPassword", done.stdout)
        self.assertNotIn("$y$", done.stdout)

    def test_ldap3_reads_the_schema_and_pages(self):
        client = self.connection()
        self.assertIn("uidNumber", client.server.schema.attribute_types)
        found = list(client.extend.standard.paged_search(
            people.PEOPLE, "(objectClass=posixAccount)", attributes=["*", "+"], paged_size=9, generator=True))
        self.assertEqual(len(found), COUNT)
        self.assertEqual(client.extend.standard.who_am_i(), f"dn:{self.served.bind_name}")
        self.assertTrue(client.compare(ENTRY, "uidNumber", "42001"))
        self.assertFalse(client.compare(ENTRY, "uidNumber", "42002"))

    def test_writes_are_refused_and_the_api_is_named(self):
        client = self.connection()
        for write in (lambda: client.delete(ENTRY),
                      lambda: client.add(f"ou=new,{people.PEOPLE}", ["organizationalUnit"], {"ou": "new"}),
                      lambda: client.modify(ENTRY, {"loginShell": [(ldap3.MODIFY_REPLACE, ["/bin/sh"])]}),
                      lambda: client.modify_dn(ENTRY, "uid=other")):
            self.assertFalse(write())
            self.assertEqual(client.result["result"], 53)
            self.assertIn("HTTP API", client.result["message"])

    def test_a_connection_that_drops_in_the_middle_leaves_the_rest_alone(self):
        client = self.connection()
        for _ in range(50):
            other = ldap3.Connection(client.server, self.served.bind_name, self.served.secret, auto_bind=True)
            other.strategy.send("searchRequest", ldap3.operation.search.search_operation(
                people.BASE, "(objectClass=*)", ldap3.SUBTREE, 0, ["*"], 0, 0, False, None, None))
            other.socket.close()
        self.assertTrue(client.search(people.PEOPLE, f"(uid={NAME})"))

    def test_noise_is_refused_and_harms_nobody(self):
        for noise in (b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01\x02\x00", b"\x30\x84\xff\xff\xff\xff", b"\x30\x80\x00\x00"):
            with socket.create_connection(("127.0.0.1", self.served.port)) as one:
                one.sendall(noise)
                one.settimeout(10)
                received = b""
                while chunk := one.recv(4096):
                    received += chunk
                self.assertIn(b"1.3.6.1.4.1.1466.20036", received)
        self.assertTrue(self.connection().bound)


class Encrypted(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.port = running.free_port()
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)
        cls.crt, key = certificate(cls.folder)
        cls.served = running.Served(
            5, "--ldaps", f"127.0.0.1:{cls.port}", "--tls-certificate", str(cls.crt), "--tls-key", str(key))
        cls.addClassCleanup(cls.served.close)

    def whoami(self, uri, *options):
        return running.run(
            "ldapwhoami", "-x", "-H", uri, "-D", self.served.bind_name, "-w", self.served.secret, *options,
            env=os.environ | {"LDAPTLS_CACERT": str(self.crt), "LDAPTLS_REQCERT": "demand"})

    def test_start_tls_encrypts_the_connection(self):
        done = self.whoami(self.served.uri, "-ZZ")
        self.assertEqual(done.stdout.strip(), f"dn:{self.served.bind_name}", done.stderr)

    def test_ldaps_is_encrypted_from_the_start(self):
        done = self.whoami(f"ldaps://127.0.0.1:{self.port}")
        self.assertEqual(done.stdout.strip(), f"dn:{self.served.bind_name}", done.stderr)

    def test_what_comes_in_clear_behind_start_tls_is_refused(self):
        start = bytes.fromhex("301d02010177188016") + b"1.3.6.1.4.1.1466.20037"
        with socket.create_connection(("127.0.0.1", self.served.port)) as one:
            one.sendall(start + bytes.fromhex("300c020102600702010304008000"))
            one.settimeout(10)
            try:
                while one.recv(4096):
                    pass
            except ConnectionResetError:
                pass

    def test_a_client_that_never_shakes_hands_keeps_nobody_out(self):
        idle = [socket.create_connection(("127.0.0.1", self.port)) for _ in range(20)]
        self.assertEqual(self.whoami(f"ldaps://127.0.0.1:{self.port}").returncode, 0)
        for one in idle:
            one.close()


class Renewed(unittest.TestCase):
    def test_a_certificate_that_was_changed_is_served_to_new_connections(self):
        port = running.free_port()
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        folder = pathlib.Path(folder.name)
        first, second = certificate(folder, "first"), certificate(folder, "second")
        used = folder / "used.crt", folder / "used.key"
        for source, target in zip(first, used):
            shutil.copy(source, target)
        served = running.Served(
            3, "--ldaps", f"127.0.0.1:{port}", "--tls-certificate", str(used[0]), "--tls-key", str(used[1]),
            "--tls-refresh", "1")
        self.addCleanup(served.close)
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        old = context.wrap_socket(socket.create_connection(("127.0.0.1", port)))
        self.addCleanup(old.close)
        self.assertEqual(ssl.DER_cert_to_PEM_cert(old.getpeercert(True)), first[0].read_text())
        for source, target in zip(second, used):
            shutil.copy(source, folder / "new")
            (folder / "new").rename(target)
        deadline = time.monotonic() + 30
        while ssl.get_server_certificate(("127.0.0.1", port)) != second[0].read_text():
            self.assertLess(time.monotonic(), deadline, "the old certificate is served still")
            time.sleep(0.1)
        # A connection that was there goes on: who am I, by nobody.
        old.sendall(bytes.fromhex("301e02010177198017") + b"1.3.6.1.4.1.4203.1.11.3")
        self.assertEqual(old.recv(4096)[:1], b"\x30")


if __name__ == "__main__":
    unittest.main()

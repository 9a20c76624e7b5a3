"""What the log says of refused binds and signatures, and what their clients are not told. Written from docs/operations/watch.md."""

import time
import unittest

import case
from case import tearDownModule  # noqa: F401 (unittest looks for it)
from people import ALPHA
from running_site import free_port
from signer import Key
from test_watching import BIND_RIGHT, BIND_WRONG, Directory, tlv, user_name
from write_case import WriteCase

BASE = "dc=ehpccloud,dc=com"
WRONG = "Wrong1Guess(Here)"
PATIENCE = 15
INVALID_DN_SYNTAX, TOO_MANY = 34, 53
CODE = b"\x0a\x01\x31\x04\x00\x04\x00"  # invalidCredentials, no name, no text


def setUpModule():
    """The site of people.py, with LDAP."""
    case.setUpModule()
    site = case.site
    site.stop()
    site.ldap_port = free_port()
    site.serve_options += ["--ldap", f"127.0.0.1:{site.ldap_port}"]
    site.serve()


class RefusalCase(WriteCase):
    def setUp(self):
        self.secret(WRONG)  # no log may hold it

    def lines(self, start=0):
        return self.site.log.read_text("utf-8", "replace")[start:].splitlines()

    def logged(self, *words, start=0):
        """The first line of the log with all of these words; it may come a moment after the answer."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            for line in self.lines(start):
                if all(word in line for word in words):
                    return line
            time.sleep(0.02)
        self.fail(f"no line with {words}")

    def answer_to_bind(self, name, password):
        """What follows the message id of the response to a bind."""
        with Directory(self.site) as connection:
            connection.socket.sendall(tlv(0x30, tlv(2, b"\x07") + tlv(
                0x60, tlv(2, b"\x03") + tlv(4, name.encode()) + tlv(0x80, password.encode()))))
            content = connection.read(connection.length())
        return content[content.index(b"\x0a\x01"):]


class RefusedBinds(RefusalCase):
    def test_the_log_says_why_a_bind_is_refused_and_the_client_is_told_the_same_whatever_it_is(self):
        names = {reason: self.added(cluster=ALPHA)["username"] for reason in ("locked", "expired", "password_wrong")}
        self.modify(names["locked"], ALPHA, state="locked")
        self.modify(names["expired"], ALPHA, expires="2020-01-01T00:00:00Z")
        names |= {"unknown": "nobody-of-that-name", "no_password": "anna"}
        for reason, name in names.items():
            with self.subTest(reason):
                self.assertEqual(self.answer_to_bind(user_name(name, ALPHA), WRONG), CODE)
                self.logged("a bind was refused", f"name=user {ALPHA} {name} ", f"reason={reason} ", "client=127.0.0.1")
        with Directory(self.site) as connection:
            self.assertEqual(connection.bind(user_name(names["password_wrong"], ALPHA), self.password), BIND_RIGHT)

    def test_keys_and_other_names(self):
        key = self.key("operator")
        for name, reason in ((f"cn={key.id},ou=Services,{BASE}", "secret_wrong"),
                             (f"cn=AAAAAAAAAAAAAAAAAAAA,ou=Services,{BASE}", "key_unknown"),
                             (f"ou=People,{BASE}", "that of no user and no key")):
            with self.subTest(reason):
                self.assertEqual(self.answer_to_bind(name, WRONG), CODE)
                self.logged("a bind was refused", f"reason={reason}" if "_" in reason else reason)

    def test_the_log_says_why_a_signature_is_refused_and_the_client_is_told_the_same_whatever_it_is(self):
        member = self.added(cluster=ALPHA)
        own = self.new_key("--user-id", member["user_id"])
        self.modify(member["username"], ALPHA, state="locked")
        forged, unknown = self.forged(), Key("AAAAAAAAAAAAAAAAAAAA", "0" * 40)
        messages = set()
        for key, reason in ((forged, "signature_wrong"), (unknown, "key_unknown"), (own, "account_without_active_user")):
            with self.subTest(reason):
                answer = self.ask(key, cluster_id=ALPHA).json
                messages.add((answer["ret_code"], answer["message"]))
                self.logged("a signature was refused", f"name=key {key.id} ", f"reason={reason} ", "request_id=", "client=127.0.0.1")
        self.assertEqual(len(messages), 1, messages)
        self.assertEqual(self.ask(seconds=-86_400).json["ret_code"], 1300)
        self.logged("a signature was refused", "reason=request_expired")

    def test_hostile_names_stay_in_their_line(self):
        start = len(self.lines())
        for name in ("x\nnotice roster: name=forged", "\u001b[31mred\u202e", "y" * 5000, "*)(uid=*", "\u0000"):
            self.assertIn(self.answer_to_bind(user_name(name, ALPHA), WRONG)[2], (INVALID_DN_SYNTAX, BIND_WRONG))
        self.logged("a bind was refused", "y" * 50)
        for line in self.lines()[start:]:
            self.assertFalse(case.CONTROL_SIGNS & set(line))
            self.assertLess(len(line), 500)
            self.assertFalse(line.startswith("notice"), line)


class TheFlood(RefusalCase):
    """Runs last: it leaves few lines to others."""

    def test_a_flood_is_logged_in_few_lines(self):
        before = len([line for line in self.lines() if "was refused" in line])
        with Directory(self.site) as connection:
            for _ in range(90):
                # A key's secret needs no hashing, and the answer to a wrong one does not wait.
                code = connection.bind(f"cn=FLOODFLOODFLOODFLOOD,ou=Services,{BASE}", WRONG)
                self.assertIn(code, (BIND_WRONG, TOO_MANY))
        after = len([line for line in self.lines() if "was refused" in line])
        self.assertLess(after - before, 85)


if __name__ == "__main__":
    unittest.main()

"""Servers of Debian that ask a directory: dovecot, postfix, squid and OpenVPN, with the names and filters that
`roster ldap config --client generic` prints.
"""

import functools
import http.server
import imaplib
import os
import pathlib
import threading
import time
import unittest
import urllib.error
import urllib.request

import applications
import people
import running
from applications import EXPIRED, GROUP, LOCKED, MAIL, NAME, NUMBER, OTHER, REFUSED

OPEN = "(!(nsAccountLock=TRUE))"


class Dovecot(applications.Cluster):
    """IMAP, and the look-ups of a user."""

    def serve(self, way="clear", who="", **changes):
        """Starts dovecot; returns its port and the file of its settings."""
        folder, port, given = self.place(), running.free_port(), self.settings(way)
        (folder / "mail").mkdir()
        (folder / "mail").chmod(0o1777)
        users = f"(&(objectClass={given['user_class']})(|(uid=%u)(mail=%u)){who})"
        settings = {
            "uris": given["uri"], "tls_ca_cert_file": given["certificate"], "dn": given["bind_dn"], "dnpass": given["bind_password"],
            "base": given["user_base"], "scope": "onelevel", "auth_bind": "yes", "pass_filter": users, "pass_attrs": "uid=user",
            "user_filter": users, "user_attrs": "homeDirectory=home,uidNumber=uid,gidNumber=gid,mail=address",
            "iterate_filter": f"(&(objectClass={given['user_class']}){OPEN})", "iterate_attrs": "uid=user",
            "tls": "yes" if way == "StartTLS" else "no"} | changes
        (folder / "ldap.conf").write_text("".join(f"{key} = {value}\n" for key, value in settings.items()))
        (folder / "dovecot.conf").write_text(f"""
protocols = imap
listen = 127.0.0.1
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
auth_debug = yes
auth_failure_delay = 0
ssl = no
mail_location = maildir:{folder}/mail/%u
passdb {{
  driver = ldap
  args = {folder}/ldap.conf
}}
userdb {{
  driver = ldap
  args = {folder}/ldap.conf
}}
service imap-login {{
  inet_listener imap {{
    port = {port}
  }}
}}
service anvil {{
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
""")
        self.log = folder / "log"
        self.launch("dovecot", "-F", "-c", folder / "dovecot.conf", log=folder / "errors", port=port)
        return port, folder / "dovecot.conf"

    def opens(self, port, name, password):
        """Whether the user gets at its mail."""
        with imaplib.IMAP4("127.0.0.1", port, timeout=60) as client:
            try:
                client.login(name, password)
            except client.error as error:
                self.assertIn("AUTHENTICATIONFAILED", str(error), self.log.read_text()[-3000:])
                return False
            self.assertEqual(client.select()[0], "OK", self.log.read_text()[-3000:])
            return True

    def user(self, configuration, *arguments):
        done = running.run("doveadm", "-c", configuration, "user", *arguments)
        return dict(line.split(None, 1) for line in done.stdout.splitlines()[1:]) if done.returncode == 0 else None

    def test_users_read_their_mail(self):
        for way in self.ways:
            with self.subTest(way):
                port, configuration = self.serve(way)
                for name in (NAME, MAIL[NAME]):
                    self.assertTrue(self.opens(port, name, people.PASSWORD), self.log.read_text()[-3000:])
                # The folder has the name and the number that the directory has.
                self.assertEqual((configuration.parent / "mail" / NAME / "cur").stat().st_uid, NUMBER)
                # Each of these takes dovecot half a second.
                refused = REFUSED if way == "clear" else REFUSED[:1]
                self.assertEqual([one for one in refused if self.opens(port, *one)], [])

    def test_members_of_a_group_read_their_mail(self):
        port, _ = self.serve(who=f"(memberOf=cn={GROUP},{people.GROUPS})")
        self.assertTrue(self.opens(port, NAME, people.PASSWORD))
        self.assertFalse(self.opens(port, OTHER, people.PASSWORD))

    def test_deliveries_find_a_user_without_a_password(self):
        _, configuration = self.serve()
        expected = {"uid": str(NUMBER), "gid": str(people.GID), "home": "/public/s0723/home/1", "address": MAIL[NAME]}
        for name in (NAME, MAIL[NAME]):
            found = self.user(configuration, name)
            self.assertEqual({key: found.get(key) for key in expected}, expected)
        self.assertIsNone(self.user(configuration, "nobody"))
        # A locked user gets mail, unless the filter says otherwise; a list has what the filter of lists says.
        self.assertEqual(self.user(configuration, LOCKED)["uid"], "42002")
        listed = running.run("doveadm", "-c", configuration, "user", "*").stdout.split()
        self.assertEqual(sorted(listed), sorted([NAME, OTHER, people.name(4)]))
        _, configuration = self.serve(who=OPEN)
        self.assertEqual([bool(self.user(configuration, name)) for name in (NAME, LOCKED, EXPIRED)], [True, False, False])


class Postfix(applications.Cluster):
    """The tables of postfix."""

    def setUp(self):
        super().setUp()
        self.main = self.place()
        self.write("main.cf", "compatibility_level = 3.6\n")

    def write(self, name, text):
        """With a file that is new, postfix waits until nobody can be writing it any more: it gets an old time."""
        file = self.main / name
        file.write_text(text)
        os.utime(file, (10 ** 9, 10 ** 9))
        return file

    def table(self, query, result, way="clear", **changes):
        """Asks a table for each key, as postfix does."""
        given = self.settings(way)
        settings = {
            "server_host": given["uri"], "version": "3", "tls_ca_cert_file": given["certificate"], "tls_require_cert": "yes",
            "start_tls": "yes" if way == "StartTLS" else "no",
            "bind": "yes", "bind_dn": given["bind_dn"], "bind_pw": given["bind_password"], "search_base": given["user_base"],
            "scope": "one", "query_filter": query, "result_attribute": result} | changes
        file = self.write("table.cf", "".join(f"{key} = {value}\n" for key, value in settings.items()))

        def ask(key):
            done = running.run("postmap", "-c", self.main, "-q", key, f"ldap:{file}")
            # A key that is not there: 1 without a word. A server that does not answer: 1 with one.
            self.assertEqual(done.stderr, "", key)
            return sorted(done.stdout.strip().split(",")) if done.returncode == 0 else None

        return ask

    def test_addresses_are_those_of_users(self):
        for way in self.ways:
            with self.subTest(way):
                ask = self.table(f"(&(objectClass=posixAccount)(mail=%s){OPEN})", "uid", way)
                self.assertEqual([ask(MAIL[name]) for name in (NAME, OTHER, LOCKED, EXPIRED)], [[NAME], [OTHER], None, None])
                self.assertEqual([ask(MAIL[NAME].upper()), ask("nobody@example.org"), ask("*")], [[NAME], None, None])
        ask = self.table("(&(objectClass=posixAccount)(uid=%u))", "mail", domain="example.org")
        self.assertEqual([ask(f"{NAME}@example.org"), ask(f"{LOCKED}@example.org"), ask(f"{NAME}@example.com")],
                         [[MAIL[NAME]], [MAIL[LOCKED]], None])

    def test_a_group_is_a_list_of_addresses(self):
        self.roster("group", "create", "outer")
        self.roster("group", "add", "outer", OTHER)
        self.roster("group", "add", "outer", "--member-group", GROUP)
        inner, outer = sorted(MAIL[name] for name in (NAME, LOCKED, EXPIRED)), sorted(MAIL.values())
        # By the DNs of the members: postfix reads each entry, that of the inner group too, and so some addresses come twice.
        ask = self.table("(&(objectClass=groupOfNames)(cn=%u))", "mail", search_base=people.GROUPS,
                         special_result_attribute="member", domain="lists.example.org")
        self.assertEqual([ask("optics@lists.example.org"), ask("none@lists.example.org"), ask("optics")], [inner, None, None])
        self.assertEqual(sorted(set(ask("outer@lists.example.org"))), outer)
        # By one search of the users: it can leave out those who may not log in.
        ask = self.table(f"(&(memberOf=cn=%u,{people.GROUPS}){OPEN})", "mail", domain="lists.example.org")
        self.assertEqual([ask("optics@lists.example.org"), ask("outer@lists.example.org"), ask("none@lists.example.org")],
                         [[MAIL[NAME]], sorted([MAIL[NAME], MAIL[OTHER]]), None])

    def test_a_wrong_secret_is_told(self):
        with self.assertRaisesRegex(AssertionError, "Unable to bind to server .*49"):
            self.table("(mail=%s)", "uid", bind_pw="wrong")(MAIL[NAME])


class Pages(http.server.BaseHTTPRequestHandler):
    """What lies behind the proxy."""

    def do_GET(self):
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_):
        pass


class Squid(applications.Cluster):
    """A proxy that asks for a name and a password."""

    helpers = pathlib.Path("/usr/lib/squid")

    def setUp(self):
        super().setUp()
        self.pages = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Pages)
        self.addCleanup(self.pages.server_close)
        self.addCleanup(self.pages.shutdown)
        threading.Thread(target=self.pages.serve_forever, args=(0.05,), daemon=True).start()

    def proxy(self, way="clear", group=GROUP):
        """Starts squid: everybody with a password gets pages, and members of the group those below /members."""
        folder, port, given = self.place(), running.free_port(), self.settings(way)
        (folder / "log").mkdir()
        (folder / "log").chmod(0o777)
        (folder / "secret").write_text(given["bind_password"])
        users = f"(&(objectClass={given['user_class']})(uid=%s))"
        groups = (f"-b {given['group_base']} -s one -f (&(objectClass={given['group_class']})(cn=%g)(member=%u)) "
                  f"-B {given['user_base']} -F {users}")
        reader = f"-v 3 {'-Z' if way == 'StartTLS' else ''} -H {given['uri']} -D {given['bind_dn']} -W {folder}/secret"
        (folder / "squid.conf").write_text(f"""
http_port 127.0.0.1:{port}
pid_filename {folder}/log/pid
cache_log {folder}/log/cache
access_log stdio:{folder}/log/access
cache_mem 8 MB
memory_cache_shared off
pinger_enable off
shutdown_lifetime 0 seconds
visible_hostname localhost
auth_param basic program {self.helpers}/basic_ldap_auth {reader} -b {given['user_base']} -s one -f {users}
auth_param basic children 1
external_acl_type groups children-max=1 %LOGIN {self.helpers}/ext_ldap_group_acl {reader} {groups}
acl known proxy_auth REQUIRED
acl members external groups {group}
acl below urlpath_regex ^/members
http_access deny !known
http_access deny below !members
http_access allow known
http_access deny all
""")
        self.log = folder / "log/cache"
        self.launch("squid", "--foreground", "-n", f"roster{port}", "-f", folder / "squid.conf", log=folder / "errors", port=port,
                    env=os.environ | {"PATH": running.SBIN, "LDAPTLS_CACERT": given["certificate"]})

        def ask(name, password, path="/"):
            opener = urllib.request.build_opener(urllib.request.ProxyHandler({"http": f"http://127.0.0.1:{port}"}))
            request = urllib.request.Request(f"http://127.0.0.1:{self.pages.server_port}{path}")
            if name:
                request.add_header("Proxy-Authorization", applications.basic(name, password))
            try:
                return opener.open(request, timeout=60).status
            except urllib.error.HTTPError as error:
                error.close()
                return error.code

        return ask

    def test_a_password_and_a_group_open_the_proxy(self):
        for way in self.ways:
            with self.subTest(way):
                ask = self.proxy(way)
                told = [ask(NAME, people.PASSWORD), ask(OTHER, people.PASSWORD)]
                self.assertEqual(told, [200, 200], self.log.read_text()[-3000:])
                self.assertEqual([ask(*one) for one in REFUSED] + [ask(None, None)], [407] * (len(REFUSED) + 1))
                told = [ask(NAME, people.PASSWORD, "/members"), ask(OTHER, people.PASSWORD, "/members")]
                self.assertEqual(told, [200, 407], self.log.read_text()[-3000:])

    def helper(self, program, *arguments):
        """Whether a helper says yes, line by line. basic_ldap_auth says BH in the place of ERR, to a slapd's refusal too."""
        def ask(*lines):
            done = running.run(self.helpers / program, "-v", "3", "-H", self.served.uri, *arguments, input="\n".join(lines) + "\n")
            return [line.startswith("OK") for line in done.stdout.splitlines()]

        return ask

    def test_helpers_need_no_key_where_the_name_makes_the_dn(self):
        ask = self.helper("basic_ldap_auth", "-b", people.PEOPLE, "-u", "uid")
        asked = [f"{name} {people.PASSWORD}" for name in (NAME, OTHER, LOCKED, EXPIRED)] + [f"{NAME} wrong"]
        self.assertEqual(ask(*asked), [True, True, False, False, False])

    def test_groups_are_asked_by_the_name_of_a_member_too(self):
        key = ("-D", self.served.bind_name, "-w", self.served.secret)
        ask = self.helper("ext_ldap_group_acl", *key, "-b", people.GROUPS, "-f", "(&(objectClass=posixGroup)(cn=%g)(memberUid=%u))")
        self.assertEqual(ask(f"{NAME} {GROUP}", f"{OTHER} {GROUP}", f"{OTHER} none {GROUP}", f"{NAME} none {GROUP}"),
                         [True, False, False, True])
        # One search of the user's entry leaves out those who may not log in.
        ask = self.helper("ext_ldap_group_acl", *key, "-b", people.PEOPLE, "-f", f"(&(uid=%u)(memberOf=cn=%g,{people.GROUPS}){OPEN})")
        self.assertEqual(ask(*(f"{name} {GROUP}" for name in (NAME, OTHER, LOCKED, EXPIRED))), [True, False, False, False])


@unittest.skipUnless(os.geteuid() == 0 and pathlib.Path("/dev/net/tun").exists(), "needs root, and /dev/net/tun")
class OpenVPN(applications.Cluster):
    """A server with openvpn-auth-ldap, and clients of it; its device is never up, and has no address."""

    def serve(self, way="clear", group=""):
        """Starts a server; returns what logs in as a user and says whether it is connected."""
        folder, port, given = self.place(), running.free_port(), self.settings(way)
        settings = {"URL": given["uri"], "BindDN": given["bind_dn"], "Password": given["bind_password"], "Timeout": "15",
                    "TLSCACertFile": given["certificate"], "TLSEnable": "yes" if way == "StartTLS" else "no"}
        lines = "".join(f'    {key} "{value}"\n' for key, value in settings.items())
        (folder / "ldap.conf").write_text(f"""<LDAP>
{lines}</LDAP>
<Authorization>
    BaseDN "{given['user_base']}"
    SearchFilter "(&(objectClass=posixAccount)(uid=%u))"
    RequireGroup {'true' if group else 'false'}
{group}</Authorization>
""")
        self.log = folder / "log"
        self.launch(
            "openvpn", "--dev", f"roster{port}", "--dev-type", "tun", "--proto", "tcp4-server", "--local", "127.0.0.1", "--lport", port,
            "--mode", "server", "--tls-server", "--ca", self.certificate, "--cert", self.certificate, "--key", self.certificate_key,
            "--dh", "none", "--verify-client-cert", "none", "--username-as-common-name", "--duplicate-cn",
            "--plugin", "/usr/lib/openvpn/openvpn-auth-ldap.so", folder / "ldap.conf", log=self.log, port=port)
        return functools.partial(self.connects, folder, port)

    @staticmethod
    def group(filter, *further):
        lines = "".join(f"        {line}\n" for line in (f'BaseDN "{people.GROUPS}"', f'SearchFilter "{filter}"', *further))
        return f"    <Group>\n{lines}    </Group>\n"

    def test_a_password_connects(self):
        for way in self.ways:
            with self.subTest(way):
                connects = self.serve(way)
                self.assertTrue(connects(NAME, people.PASSWORD))
                self.assertEqual([one for one in REFUSED if connects(*one)], [])

    def test_only_members_of_a_group_connect(self):
        # By comparing the member, by a search for it, and by the name of the user.
        for further in (("MemberAttribute member",), ("MemberAttribute member", "UseCompareOperation false"),
                        ("MemberAttribute memberUid", "RFC2307bis false")):
            with self.subTest(further):
                connects = self.serve(group=self.group(f"(cn={GROUP})", *further))
                self.assertTrue(connects(NAME, people.PASSWORD))
                self.assertEqual([connects(OTHER, people.PASSWORD), connects(NAME, "wrong"), connects(LOCKED, people.PASSWORD)],
                                 [False] * 3)

    def connects(self, folder, port, name, password):
        (folder / "login").write_text(f"{name}\n{password}\n")
        (folder / "login").chmod(0o600)
        log = folder / "client.log"
        log.write_text("")
        process = self.launch(
            "openvpn", "--client", "--dev", "null", "--proto", "tcp4-client", "--remote", "127.0.0.1", port,
            "--nobind", "--ca", self.certificate, "--auth-user-pass", folder / "login", "--connect-retry-max", "1", log=log)
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            text = log.read_text()
            for sign, told in (("Initialization Sequence Completed", True), ("AUTH_FAILED", False)):
                if sign in text:
                    process.terminate()
                    return told
            if process.poll() is not None:
                break
            time.sleep(0.05)
        self.fail(log.read_text()[-3000:] + self.log.read_text()[-3000:])


if __name__ == "__main__":
    unittest.main()

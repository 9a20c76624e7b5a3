"""Applications that log users in, with the configuration that `roster ldap config` prints for each: Apache and FreeRADIUS of Debian,
the authenticator of JupyterHub; and the searches that GitLab and Grafana make of theirs.
"""

import re
import unittest
import urllib.error
import urllib.request

import ldap3

import applications
import people
import running
from applications import GROUP, NAME, OTHER, REFUSED


class Applications(applications.Cluster):
    def with_group(self, text, without, comment):
        """The lines that let only members of a group in, in the place of the one that lets everybody in."""
        self.assertIn(without, text)
        self.assertIn(comment, text)
        return text.replace(without, "").replace(comment, comment[2:]).replace("cn=GROUP", f"cn={GROUP}")

    def test_nothing_else_is_taken(self):
        for options in (("--client", "apache", "--sudo"), ("--client", "generic", "--schema", "rfc2307bis"),
                        ("--client", "apache", "--uri", "ldapi:///run/x"), ("--client", "grafana", "--uri", "ldap://")):
            done = running.run(running.ROSTER, "ldap", "config", "--cluster-id", people.CLUSTER, *options)
            self.assertNotEqual(done.returncode, 0, options)
            self.assertEqual(done.stdout, "", options)

    # MARK: Apache

    def apache(self, text):
        """Serves one page under the configuration; returns what asks for it as a user."""
        folder = self.place()
        (folder / "index.html").write_text("hello\n")
        self.log = folder / "log"
        port = running.free_port()
        modules = "mpm_event authn_core authz_core authz_user auth_basic ldap authnz_ldap"
        loaded = "".join(f"LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so\n" for name in modules.split())
        (folder / "httpd.conf").write_text(
            f"ServerRoot {folder}\nServerName localhost\nListen 127.0.0.1:{port}\nPidFile {folder}/pid\nErrorLog {folder}/log\nLogLevel info\n"
            f"{loaded}DocumentRoot {folder}\nUser www-data\nGroup www-data\n{text}")
        self.launch("/usr/sbin/apache2", "-f", folder / "httpd.conf", "-DFOREGROUND", log=folder / "errors", port=port)

        def ask(name, password):
            request = urllib.request.Request(f"http://127.0.0.1:{port}/index.html")
            request.add_header("Authorization", applications.basic(name, password))
            try:
                return urllib.request.urlopen(request, timeout=30).status
            except urllib.error.HTTPError as error:
                error.close()
                return error.code

        return ask

    def test_apache(self):
        for way in self.uris:
            with self.subTest(way):
                ask = self.apache(self.configuration("apache", way))
                self.assertEqual(ask(NAME, people.PASSWORD), 200, self.log.read_text()[-3000:])
                self.assertEqual([ask(*one) for one in (*REFUSED, (NAME, ""))], [401] * (len(REFUSED) + 1))
        ask = self.apache(self.with_group(self.configuration("apache"), "Require valid-user\n", "# Require ldap-group"))
        self.assertEqual([ask(NAME, people.PASSWORD), ask(OTHER, people.PASSWORD)], [200, 401])

    # MARK: FreeRADIUS

    def test_freeradius(self):
        for way in self.uris:
            with self.subTest(way):
                ask = self.freeradius(self.configuration("freeradius", way))
                self.assertIn("Access-Accept", ask(NAME, people.PASSWORD))
                for name, password in REFUSED:
                    self.assertIn("Access-Reject", ask(name, password), name)

    def freeradius(self, text):
        folder = self.place()
        port = running.free_port()
        (folder / "ldap.conf").write_text(text)
        (folder / "radiusd.conf").write_text(f"""
name = radiusd
prefix = /usr
libdir = /usr/lib/freeradius
logdir = {folder}
run_dir = {folder}
security {{
    allow_vulnerable_openssl = yes
    reject_delay = 0
}}
client localhost {{
    ipaddr = 127.0.0.1
    secret = testing123
}}
modules {{
    $INCLUDE {folder}/ldap.conf
}}
server default {{
    listen {{
        type = auth
        ipaddr = 127.0.0.1
        port = {port}
    }}
    authorize {{
        ldap
        if ((ok || updated) && User-Password) {{
            update control {{
                Auth-Type := LDAP
            }}
        }}
    }}
    authenticate {{
        Auth-Type LDAP {{
            ldap
        }}
    }}
}}
""")
        process = self.launch(
            "freeradius", "-f", "-l", "stdout", "-n", "radiusd", "-d", folder, "-D", "/usr/share/freeradius", log=folder / "log")
        # radtest waits three seconds for the answer to a packet that nobody has read.
        self.until(lambda: "Ready to process requests" in (folder / "log").read_text(), process, folder / "log")

        def ask(name, password):
            for _ in range(20):
                done = running.run("radtest", "-t", "pap", name, password, f"127.0.0.1:{port}", "0", "testing123")
                if "Access-" in done.stdout.split("Sent Access-Request", 1)[-1].split("\n", 1)[-1]:
                    return done.stdout
                self.assertIsNone(process.poll(), (folder / "log").read_text()[-3000:])
            self.fail(done.stdout + done.stderr + (folder / "log").read_text()[-3000:])

        return ask

    # MARK: JupyterHub

    def test_jupyterhub(self):
        asked = [(NAME, people.PASSWORD), *REFUSED, (NAME, "")]
        for way in self.uris:
            with self.subTest(way):
                self.assertEqual(self.jupyterhub(self.configuration("jupyterhub", way), asked), [NAME] + [None] * (len(asked) - 1))
        text = self.configuration("jupyterhub").replace("c.Authenticator.allow_all = True\n", "")
        text = text.replace("# c.LDAPAuthenticator", "c.LDAPAuthenticator").replace("cn=GROUP", f"cn={GROUP}")
        self.assertEqual(self.jupyterhub(text, [(NAME, people.PASSWORD), (OTHER, people.PASSWORD)]), [NAME, None])

    def jupyterhub(self, text, asked):
        """Who JupyterHub's authenticator says that each user is."""
        file = self.folder / "jupyterhub_config.py"
        file.write_text(text)
        return self.python("""
            import asyncio
            from traitlets.config.loader import PyFileConfigLoader
            from ldapauthenticator import LDAPAuthenticator
            config = PyFileConfigLoader(asked["file"]).load_config()
            assert config.JupyterHub.authenticator_class == "ldap"
            authenticator = LDAPAuthenticator(config=config)

            async def answers():
                given = ({"username": name, "password": password} for name, password in asked["users"])
                found = [await authenticator.get_authenticated_user(None, one) for one in given]
                return [one and one["name"] for one in found]

            print(json.dumps(asyncio.run(answers())))
            """, {"file": str(file), "users": asked})

    # MARK: Those that are no packages

    def connection(self, text, names):
        """A connection as the bind name and secret that the configuration has under these names."""
        values = [re.search(rf"^ *'?{name}'?(?::| =>?) ['\"]?(.*?)['\"]?,?$", text, re.M).group(1) for name in names]
        return ldap3.Connection(ldap3.Server(self.served.uri), *values, auto_bind=True, read_only=True)

    def test_what_gitlab_and_grafana_ask(self):
        for client, names in (("grafana", ("bind_dn", "bind_password")), ("gitlab", ("bind_dn", "password")),
                              ("generic", ("bind_dn", "bind_password"))):
            with self.subTest(client), self.connection(self.configuration(client), names) as connection:
                for name, filter in (("uid", f"(uid={NAME})"), ("mail", "(&(objectClass=posixAccount)(mail=one@example.org))"),
                                     ("memberOf", f"(&(uid={NAME})(memberOf=cn={GROUP},{people.GROUPS}))")):
                    self.assertTrue(connection.search(
                        people.PEOPLE, filter, ldap3.LEVEL, attributes=["uid", "cn", "mail", "givenName", "sn", "memberOf"]), name)
                    entry = connection.entries[0]
                    self.assertEqual((entry.uid.value, entry.cn.value, entry.mail.value), (NAME, "Number One", "one@example.org"))
                    self.assertEqual(entry.memberOf.value, f"cn={GROUP},{people.GROUPS}")
                self.assertTrue(connection.search(people.GROUPS, f"(&(objectClass=groupOfNames)(member={entry.entry_dn}))"))
                self.assertTrue(connection.rebind(entry.entry_dn, people.PASSWORD))


if __name__ == "__main__":
    unittest.main()

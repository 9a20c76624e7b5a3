"""Web frameworks that log users in through LDAP: django-auth-ldap and Flask-AppBuilder (which Airflow and Superset use); and ldap-ui,
which shows a directory in a browser. They have the names and filters that `roster ldap config --client generic` prints.
"""

import json
import os
import sys
import unittest
import urllib.error
import urllib.parse
import urllib.request

import applications
import people
import running
from applications import GROUP, MAIL, NAME, OTHER, REFUSED

GROUP_DN = f"cn={GROUP},{people.GROUPS}"
ASKED = [(NAME, people.PASSWORD), (OTHER, people.PASSWORD), *REFUSED, (NAME, "")]
OUT = [None] * (len(REFUSED) + 1)


class Django(applications.Cluster):
    def logs_in(self, *variants, users=ASKED, way="clear"):
        """What Django knows of each user after the log-in, for each variant of the settings."""
        return self.python("""
            import django, ldap
            from django.conf import settings
            from django_auth_ldap import config as types
            given = asked["given"]
            searches = {name: types.LDAPSearch(given[name + "_base"], ldap.SCOPE_ONELEVEL, filter) for name, filter in (
                ("user", given["user_filter"].replace("%s", "%(user)s")), ("group", f"(objectClass={given['group_class']})"))}
            settings.configure(
                INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes"], DEFAULT_AUTO_FIELD="django.db.models.AutoField",
                DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
                AUTHENTICATION_BACKENDS=["django_auth_ldap.backend.LDAPBackend"],
                AUTH_LDAP_SERVER_URI=given["uri"], AUTH_LDAP_BIND_DN=given["bind_dn"], AUTH_LDAP_BIND_PASSWORD=given["bind_password"],
                AUTH_LDAP_GLOBAL_OPTIONS={
                    ldap.OPT_X_TLS_CACERTFILE: given["certificate"], ldap.OPT_X_TLS_REQUIRE_CERT: ldap.OPT_X_TLS_DEMAND},
                AUTH_LDAP_START_TLS=asked["start_tls"], AUTH_LDAP_USER_SEARCH=searches["user"], AUTH_LDAP_GROUP_SEARCH=searches["group"],
                AUTH_LDAP_GROUP_TYPE=types.GroupOfNamesType(),
                AUTH_LDAP_USER_ATTR_MAP={"first_name": "cn", "last_name": "sn", "email": "mail"})
            django.setup()
            from django.contrib.auth import authenticate
            from django.contrib.auth.models import Group, Permission, User
            from django.core.management import call_command
            from django.test import override_settings
            call_command("migrate", verbosity=0)
            # What a Django has given to a group with the name of a directory's.
            Group.objects.create(name=asked["group"]).permissions.add(Permission.objects.get(codename="add_user"))

            def told(user):
                groups = sorted(user.ldap_user.group_names) if user.ldap_user.settings.GROUP_SEARCH else []
                return {"name": user.username, "first": user.first_name, "last": user.last_name, "mail": user.email,
                        "staff": user.is_staff, "may": user.has_perm("auth.add_user"), "groups": groups,
                        "mirrored": sorted(one.name for one in user.groups.all())}

            answers = []
            for variant in asked["variants"]:
                changes = {"AUTH_LDAP_" + name: value for name, value in variant.items()}
                if "GROUP_TYPE" in variant:
                    changes["AUTH_LDAP_GROUP_TYPE"] = getattr(types, variant["GROUP_TYPE"])()
                User.objects.all().delete()
                with override_settings(**changes):
                    found = [authenticate(username=name, password=password) for name, password in asked["users"]]
                    answers.append([user and told(user) for user in found])
            print(json.dumps(answers))
            """, {"given": self.settings(way), "variants": variants, "users": users, "group": GROUP, "start_tls": way == "StartTLS"})

    def test_a_user_is_made_of_its_entry(self):
        one = {"name": NAME, "first": "Number One", "last": NAME, "mail": MAIL[NAME], "staff": False, "may": False,
               "groups": [GROUP], "mirrored": []}
        for way in self.ways:
            with self.subTest(way):
                (member, other, *refused), = self.logs_in({}, way=way)
                self.assertEqual(member, one)
                self.assertEqual((other["mail"], other["groups"]), (MAIL[OTHER], []))
                self.assertEqual(refused, OUT)

    def test_groups_let_in_keep_out_and_give_rights(self):
        kinds = ("GroupOfNamesType", "NestedGroupOfNamesType", "GroupOfUniqueNamesType", "PosixGroupType")
        conditions = ({"REQUIRE_GROUP": GROUP_DN}, {"DENY_GROUP": GROUP_DN},
                      {"FIND_GROUP_PERMS": True, "USER_FLAGS_BY_GROUP": {"is_staff": GROUP_DN}}, {"MIRROR_GROUPS": True})
        answers = self.logs_in(*({"GROUP_TYPE": kind} | condition for kind in kinds for condition in conditions), users=ASKED[:2])
        for number, kind in enumerate(kinds):
            with self.subTest(kind):
                required, denied, rights, mirrored = answers[number * len(conditions):][:len(conditions)]
                self.assertEqual([bool(one) for one in required], [True, False])
                self.assertEqual([bool(one) for one in denied], [False, True])
                self.assertEqual([(one["may"], one["staff"]) for one in rights], [(True, True), (False, False)])
                # By the gid, a posixGroup has the users whose primary group it is, too.
                primary = ["s0723"] if kind == "PosixGroupType" else []
                self.assertEqual([one["mirrored"] for one in mirrored], [[GROUP] + primary, primary])

    def test_a_user_reads_its_own_entry_and_groups(self):
        template = {"USER_DN_TEMPLATE": f"uid=%(user)s,{people.PEOPLE}", "BIND_AS_AUTHENTICATING_USER": True, "BIND_DN": "",
                    "BIND_PASSWORD": "", "REQUIRE_GROUP": GROUP_DN}
        (member, *refused), = self.logs_in(template)
        self.assertEqual((member["mail"], member["groups"]), (MAIL[NAME], [GROUP]))
        self.assertEqual(refused, [None] + OUT)


class FlaskAppBuilder(applications.Cluster):
    def logs_in(self, way, **changes):
        """What an application knows of each user after the log-in over HTTP."""
        given = self.settings(way)
        settings = {
            "AUTH_TYPE": 2, "AUTH_LDAP_SERVER": given["uri"], "AUTH_LDAP_USE_TLS": way == "StartTLS",
            "AUTH_LDAP_TLS_CACERTFILE": given["certificate"], "AUTH_LDAP_TLS_DEMAND": True, "AUTH_LDAP_SEARCH": given["user_base"],
            "AUTH_LDAP_BIND_USER": given["bind_dn"], "AUTH_LDAP_BIND_PASSWORD": given["bind_password"],
            "AUTH_LDAP_UID_FIELD": given["user_name"], "AUTH_LDAP_FIRSTNAME_FIELD": "cn", "AUTH_LDAP_LASTNAME_FIELD": "sn",
            "AUTH_LDAP_EMAIL_FIELD": given["user_mail"], "AUTH_LDAP_GROUP_FIELD": "memberOf", "AUTH_ROLES_SYNC_AT_LOGIN": True,
            "AUTH_USER_REGISTRATION": True, "AUTH_USER_REGISTRATION_ROLE": "Public", "AUTH_ROLES_MAPPING": {GROUP_DN: ["Admin"]}} | changes
        return self.python("""
            from flask import Flask
            from flask_appbuilder import AppBuilder
            from flask_appbuilder.models.sqla.base import SQLA
            app = Flask("trial")
            app.config.update(SECRET_KEY="x", SQLALCHEMY_DATABASE_URI="sqlite://", WTF_CSRF_ENABLED=False, RATELIMIT_ENABLED=False,
                              **asked["settings"])
            answers = []
            with app.app_context():
                builder = AppBuilder(app, SQLA(app).session)
            for name, password in asked["users"]:
                # A context of each: in one, the first user who is logged in stays so.
                client = app.test_client()
                client.post("/login/", data={"username": name, "password": password})
                with client.session_transaction() as session, app.app_context():
                    user = builder.sm.get_user_by_id(session["_user_id"]) if "_user_id" in session else None
                    roles = user and sorted(role.name for role in user.roles)
                    answers.append(user and [user.username, user.first_name, user.last_name, user.email, roles])
            print(json.dumps(answers))
            """, {"settings": settings, "users": ASKED})

    def test_a_user_is_registered_with_the_roles_of_its_groups(self):
        member, other, *refused = self.logs_in("TLS")
        self.assertEqual(member, [NAME, "Number One", NAME, MAIL[NAME], ["Admin", "Public"]])
        self.assertEqual(other, [OTHER, OTHER, OTHER, MAIL[OTHER], ["Public"]])
        self.assertEqual(refused, OUT)

    def test_a_filter_lets_in_the_members_of_a_group(self):
        member, *refused = self.logs_in("StartTLS", AUTH_LDAP_SEARCH_FILTER=f"(memberOf={GROUP_DN})")
        self.assertEqual((member[0], refused), (NAME, [None] + OUT))


class LDAPUI(applications.Cluster):
    """The server of ldap-ui, asked as its pages ask it. In clear: over TLS its library (ldap3, asynchronous) fails at one connection
    in ten, with a slapd too.
    """

    def serve(self):
        given, port, log = self.settings(), running.free_port(), self.place() / "log"
        self.launch(
            sys.executable, "-m", "ldap_ui", "--port", port, "--ldap-url", given["uri"], log=log, port=port,
            env=os.environ | {"BIND_PATTERN": "%s", "BASE_DN": people.CLUSTER_DN})

        def ask(path, name=self.served.bind_name, password=self.served.secret):
            request = urllib.request.Request(f"http://127.0.0.1:{port}/api/{urllib.parse.quote(path)}")
            request.add_header("Authorization", applications.basic(name, password))
            try:
                with urllib.request.urlopen(request, timeout=60) as answer:
                    return json.load(answer)
            except urllib.error.HTTPError as error:
                with error:
                    self.assertEqual(error.code, 401, log.read_text()[-3000:])
                    return error.code

        return ask

    def test_the_directory_is_shown(self):
        ask = self.serve()
        self.assertEqual([one["dn"] for one in ask("tree/base")], [people.CLUSTER_DN])
        below = {one["dn"]: one["hasSubordinates"] for one in ask(f"tree/{people.CLUSTER_DN}")}
        self.assertEqual(below, {people.PEOPLE: True, people.GROUPS: True, f"cn=ppolicy,{people.CLUSTER_DN}": False})
        shown = ask(f"entry/{applications.dn(NAME)}")["attrs"]
        self.assertEqual((shown["mail"], shown["uidNumber"]), ([MAIL[NAME]], ["42001"]))
        self.assertEqual(ask(f"entry/{GROUP_DN}")["attrs"]["memberUid"].count(NAME), 1)
        self.assertEqual([one["dn"] for one in ask(f"search/{NAME}")], [applications.dn(NAME)])
        self.assertEqual(ask("schema")["attributes"]["uidnumber"]["equality"], "integerMatch")

    def test_users_see_themselves_and_strangers_nothing(self):
        ask = self.serve()
        self.assertEqual(ask("whoami", applications.dn(NAME), people.PASSWORD), applications.dn(NAME))
        found = ask("search/uid=*", applications.dn(NAME), people.PASSWORD)
        self.assertEqual([one["dn"] for one in found], [applications.dn(NAME)])
        self.assertEqual([ask(f"tree/{people.CLUSTER_DN}", applications.dn(name), word) for name, word in REFUSED[:4]], [401] * 4)


if __name__ == "__main__":
    unittest.main()

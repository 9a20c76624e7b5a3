"""The list's own filters beside the vendor's, and its verbose form, in docs/api.md."""

import unittest

import people
from case import setUpModule, tearDownModule  # noqa: F401 (unittest looks for the two functions)
from people import ALPHA, BETA, BULK
from running_site import told
from write_case import MODIFY, WriteCase, fresh_name


class Filtering(WriteCase):
    def names(self, cluster=BULK, key="operator", **parameters):
        answer = self.ask(self.key(key), cluster_id=cluster, limit="100", **parameters)
        self.assertEqual(answer.json["ret_code"], 0, answer)
        return {row["username"] for row in answer.json["user_set"]}, answer.json["total_count"]

    def only(self, **parameters):
        names, total = self.names(**parameters)
        self.assertEqual(len(names), min(total, 100))
        return names

    def test_finds_by_name_and_numbers(self):
        row = self.added()
        name = row["username"]
        self.assertEqual(self.only(username=name.upper()), {name})
        self.assertEqual(self.only(uid_number=row["uid_number"]), {name})
        self.assertEqual(self.only(uid_number=row["uid_number"], username="admin"), set())
        self.assertEqual(self.only(uid_number=row["uid_number"], search_word=name[:3]), {name})
        self.assertEqual(self.only(username=name[:-1]), set())
        self.assertEqual(self.names(gid_number="10000")[1], self.names()[1])
        self.assertEqual(self.only(gid_number="10001"), set())

    def test_finds_who_has_no_password(self):
        start = fresh_name("word")
        having = self.added(start + "a")["username"]
        done = self.command("user", "add", "--cluster-id", BULK, "--without-password", start + "b")
        self.assertEqual(done.returncode, 0, told(done))
        self.assertEqual(self.only(search_word=start, has_password="0"), {start + "b"})
        self.assertEqual(self.only(search_word=start, has_password="1"), {having})
        self.assertEqual(self.names(has_password="0")[1] + self.names(has_password="1")[1], self.names()[1])
        self.assert_refuses(self.ask(has_password="yes"), 1100, "has_password")
        done = self.command("user", "list", "--cluster-id", BULK, "--search-word", start, "--without-password")
        self.assertEqual([line.split()[0] for line in done.stdout.splitlines()[1:]], [start + "b"])

    def test_finds_by_role_and_state(self):
        self.assertEqual(self.only(cluster=ALPHA, role="admin"), {"admin"})
        self.assertEqual(self.only(cluster=BETA, role="boss"), {"boss"})
        start = fresh_name("state")
        plain, locked, expired, both = (self.added(start + end)["username"] for end in "abcd")
        self.assert_done(self.modify(locked, state="locked"), MODIFY)
        self.assert_done(self.modify(expired, expires="2001-01-01T00:00:00Z"), MODIFY)
        self.assert_done(self.modify(both, state="locked", expires="2001-01-01T00:00:00Z"), MODIFY)
        for state, found in (("active", {plain}), ("locked", {locked, both}), ("expired", {expired})):
            with self.subTest(state):
                self.assertEqual(self.only(state=state, search_word=start), found)
                self.assertGreaterEqual(self.names(state=state)[1], len(found))
        totals = [self.names(state=state)[1] for state in ("active", "locked", "expired")]
        self.assertEqual(sum(totals), self.names()[1])

    def test_finds_the_members_of_a_group(self):
        group, member = fresh_name("g"), self.added()["username"]
        made = {"cluster_id": BULK, "zone": people.ZONE, "group_name": group}
        self.assertEqual(self.write("/api/group/createGroup", made).json["ret_code"], 0)
        self.assertEqual(self.write("/api/group/modifyGroup", {**made, "add_members": [member]}).json["ret_code"], 0)
        self.assertEqual(self.only(group_name=group.upper()), {member})
        self.assertEqual(self.only(group_name=group, search_word=member), {member})
        self.assertEqual(self.only(group_name=group, role="admin"), set())
        self.assertEqual(self.only(group_name="nosuchgroup"), set())
        primary = next(g["group_name"] for g in self.ask(path="/api/group", cluster_id=BULK, limit="100").json["group_set"] if g["is_primary"])
        self.assertEqual(self.names(group_name=primary)[1], self.names()[1])

    def test_seeks_words_in_other_fields(self):
        row = self.added()
        name = row["username"]
        self.assert_done(self.modify(name, attributes={"cn": ["Zoë Ünal", "Z. Unal"], "mail": ["zoe.unal@Example.org", "z@x"]}), MODIFY)
        for word, field, is_found in (
            ("zoë", "full_name", True), ("ÜNAL", "full_name", True), ("zoe.unal@example", "mail", True), ("z@x", "mail", True),
            ("zoë", "mail", False), ("zoë", "username", False), (name, "full_name", False), ("unal", "username,mail", True),
            (row["uid_number"], "uid_number", True), (row["uid_number"][:3], "uid_number", True), (row["uid_number"][1:], "uid_number", False),
            ("zoë", "full_name,mail,username,uid_number", True), (name, "username uid_number", True),
        ):
            with self.subTest(word=word, field=field):
                names, _ = self.names(search_word=word, search_in=field, username=name)
                self.assertEqual(names, {name} if is_found else set())
        self.assertIn(name, self.only(search_word="zoë ü", search_in="full_name"))

    def test_shows_all_of_each_user_where_asked(self):
        name = self.added()["username"]
        self.assert_done(self.modify(name, attributes={"mail": "a@b", "jpegPhoto": "/9j/AA=="}), MODIFY)
        described = self.ask(path="/api/user/describeUser", cluster_id=BULK, username=name).json["user"]
        self.assertEqual(described["attributes"].pop("jpegPhoto"), ["/9j/AA=="])
        answer = self.ask(cluster_id=BULK, username=name, verbose="1").json
        self.assertEqual((answer["user_set"], answer["users_set"]), ([described], [described]))
        plain = self.ask(cluster_id=BULK, username=name, verbose="0").json["user_set"][0]
        self.assertEqual(set(plain), set(people.FIELDS))

    def test_a_member_finds_itself_only(self):
        for parameters in ({"role": "member"}, {"state": "active"}, {"search_word": "a", "search_in": "username,mail"}):
            with self.subTest(parameters):
                self.assertEqual(self.names(ALPHA, "member", **parameters)[0], {"anna"})
        self.assertEqual(self.names(ALPHA, "member", username="admin")[0], set())
        self.assertEqual(self.names(ALPHA, "member", uid_number="41000")[0], set())

    def test_refuses_what_is_malformed(self):
        for name, value in (("role", "king"), ("state", "Locked"), ("uid_number", "-1"), ("uid_number", "4294967295"), ("gid_number", "x"),
                            ("search_in", "usernames"), ("search_in", "username,"+"mail,"*100)):
            with self.subTest(name=name, value=value[:20]):
                answer = self.ask(cluster_id=BULK, **{name: value})
                self.assertEqual(answer.json["ret_code"], 1100, answer)
                self.assertTrue(answer.json["message"].startswith(name + ":"), answer)

    def test_odd_names_are_names(self):
        for value in ("%", "*", "'", "\\", "x" * 300, "a/b", "\n", "\u0130"):
            with self.subTest(value[:10]):
                self.assertEqual(self.only(username=value), set())
                self.assertEqual(self.only(group_name=value), set())


if __name__ == "__main__":
    unittest.main()

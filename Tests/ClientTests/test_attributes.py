"""Attributes that the site declares: their declarations, their values, and what searches and exports make of them."""

import base64
import unittest

from case import setUpModule, tearDownModule  # noqa: F401 (unittest looks for the two functions)
from people import ALPHA, FAR_ZONE, ZONE
from running_site import Site, told
from write_case import MODIFY, WriteCase, fresh_name

LIST, DECLARE, REMOVE = "/api/attribute", "/api/attribute/declareAttribute", "/api/attribute/removeAttribute"


class DeclaredAttributes(WriteCase):
    def declare(self, name=None, syntax="text", **members):
        name = name or fresh_name("Att-")
        answer = self.write(DECLARE, {"zone": ZONE, "name": name, "syntax": syntax, **members})
        self.assertEqual(answer.json["ret_code"], 0, answer.json)
        return name

    def refusal(self, path, key="operator", **members):
        answer = self.write(path, {"zone": ZONE, **members}, key).json
        return answer["ret_code"], answer.get("message", "")

    def declared(self, **parameters):
        return self.read(LIST, limit=100, **parameters)["attribute_set"]

    def user(self, name):
        return self.read("/api/user/describeUser", cluster_id=ALPHA, username=name)["user"]

    def read(self, path, **parameters):
        answer = self.ask(path=path, **parameters).json
        self.assertEqual(answer["ret_code"], 0, answer)
        return answer

    def test_a_declaration_is_listed_and_changed_and_removed(self):
        name = self.declare(oid="1.3.6.1.4.1.9.9.1")
        shown, = (one for one in self.declared() if one["name"] == name)
        self.assertEqual({k: v for k, v in shown.items() if k != "create_time"},
                         {"name": name, "syntax": "text", "multiple": "0", "searchable": "0", "oid": "1.3.6.1.4.1.9.9.1"})
        self.declare(name.upper(), multiple="1", searchable="1")
        shown, = (one for one in self.declared() if one["name"] == name)
        self.assertEqual((shown["multiple"], shown["searchable"]), ("1", "1"))
        self.assertEqual(self.write(REMOVE, {"zone": ZONE, "name": name}).json["ret_code"], 0)
        self.assertNotIn(name, [one["name"] for one in self.declared()])

    def test_refusals_name_the_parameter(self):
        name = self.declare(multiple="1")
        for path, members, parameter in (
            (DECLARE, {"name": "mail", "syntax": "text"}, "name"), (DECLARE, {"name": "a b", "syntax": "text"}, "name"),
            (DECLARE, {"name": "", "syntax": "text"}, "name"), (DECLARE, {"syntax": "text"}, "name"),
            (DECLARE, {"name": "x" * 300, "syntax": "text"}, "name"), (DECLARE, {"name": fresh_name()}, "syntax"),
            (DECLARE, {"name": fresh_name(), "syntax": "Text"}, "syntax"), (DECLARE, {"name": fresh_name(), "syntax": "text", "oid": "1"}, "oid"),
            (DECLARE, {"name": fresh_name(), "syntax": "text", "multiple": "yes"}, "multiple"),
            (DECLARE, {"name": fresh_name(), "syntax": "dn", "searchable": "1"}, "searchable"),
            (DECLARE, {"name": name, "syntax": "text"}, "multiple"), (DECLARE, {"name": name, "syntax": "dn", "multiple": "1"}, "syntax"),
            (REMOVE, {"name": "none-" + name}, "name"), (REMOVE, {}, "name"),
        ):
            with self.subTest(members):
                code, message = self.refusal(path, **members)
                self.assertNotEqual(code, 0)
                self.assertIn(parameter, message)
        for key in ("reader", "member", "admin"):
            with self.subTest(key):
                self.assertNotEqual(self.refusal(DECLARE, key, name=fresh_name(), syntax="text")[0], 0)

    def test_values_are_checked_shown_searched_and_cleared(self):
        word = fresh_name("Quasar")
        text = self.declare(multiple="1", searchable="1")
        number, binary = self.declare(syntax="integer"), self.declare(syntax="binary")
        name = self.added(cluster=ALPHA)["username"]
        image = base64.b64encode(bytes(range(256))).decode()
        self.assert_done(self.modify(name, ALPHA, attributes={
            text.lower(): [word + " Öl", "two"], number: "-7", binary: image}), MODIFY)
        self.assertEqual(self.user(name)["attributes"], {text: [word + " Öl", "two"], number: ["-7"], binary: [image]})
        found = self.read("/api/user", search_word=word.upper() + " ö", search_in=f"username,{text}", verbose=1)
        self.assertEqual([one["username"] for one in found["user_set"]], [name])
        self.assertNotIn(binary, found["user_set"][0]["attributes"])
        self.assertEqual(self.read("/api/user", search_word=word)["total_count"], 0)
        self.assertNotEqual(self.ask(search_word=word, search_in=number).json["ret_code"], 0)
        for attributes in ({number: "x"}, {number: ["1", "2"]}, {binary: "=="}, {fresh_name("none"): "x"}, {text: "a\nb"}):
            with self.subTest(attributes):
                self.assertNotEqual(self.modify(name, ALPHA, attributes=attributes).json["ret_code"], 0)
        code, message = self.refusal(REMOVE, name=text)
        self.assertNotEqual(code, 0)
        self.assertIn("1 users have", message)
        self.assert_done(self.modify(name, ALPHA, attributes={text: [], number: None, binary: ""}), MODIFY)
        self.assertEqual(self.user(name)["attributes"], {})
        self.assertEqual(self.write(REMOVE, {"zone": ZONE, "name": text}).json["ret_code"], 0)

    def test_an_export_brings_declarations_and_values_along(self):
        code = self.declare(multiple="1", searchable="1")
        name = self.added(cluster=ALPHA)["username"]
        self.assert_done(self.modify(name, ALPHA, attributes={code: ["a", " b"]}), MODIFY)
        export = ("user", "export", *self.site.store, "--zone", ZONE, "--format")
        text = self.site.must(*export, "ldif").stdout
        self.assertIn(f"rosterAttributeName: {code}", text)
        standard = self.site.must(*export, "ldif", "--only-standard").stdout
        self.assertNotIn(code, standard)
        self.assertIn(f",{code}", self.site.must(*export, "csv", "--cluster-id", ALPHA).stdout.splitlines()[0])
        other = Site()
        try:
            source = other.folder / "site.ldif"
            source.write_text(text)
            done = other.roster("import", *other.store, "--zone", ZONE, "--allow-boss", "--accept-odd", source)
            self.assertEqual(done.returncode, 0, told(done))
            self.assertIn(f"new attribute {code}: text, several values, searchable", done.stdout)
            again = other.must("user", "export", *other.store, "--zone", ZONE, "--format", "ldif").stdout
            self.assertEqual(again, text)
        finally:
            other.close()

    def test_the_program_declares_lists_and_removes_in_the_store_itself(self):
        other = Site()
        try:
            attribute = ("attribute",)
            done = other.must(*attribute, "declare", *other.store, "projectCode", "--syntax", "text", "--multiple")
            self.assertRegex(done.stdout, r"projectCode: text, several values, 2\.25\.\d+")
            self.assertIn("projectCode", other.must(*attribute, "list", *other.store).stdout)
            source = other.folder / "users.csv"
            source.write_text("username,cluster_id,uid_number,gid_number,projectCode\nzhang,hpc-aaaaaaaa,20000,20000,x|y\n")
            done = other.must("import", *other.store, "--zone", FAR_ZONE, "--value-separator", "|", source)
            self.assertNotIn("not kept", done.stdout)
            shown = other.must("user", "export", *other.store, "--format", "json").stdout
            self.assertIn('"projectCode":["x","y"]', shown)
            refused = other.roster(*attribute, "remove", *other.store, "projectCode")
            self.assertNotEqual(refused.returncode, 0)
            self.assertIn("1 users have projectCode", refused.stderr)
            for arguments in (("declare", "mail", "--syntax", "text"), ("declare", "x", "--syntax", "y"), ("remove", "x")):
                with self.subTest(arguments):
                    self.assertNotEqual(other.roster(*attribute, arguments[0], *other.store, *arguments[1:]).returncode, 0)
        finally:
            other.close()


if __name__ == "__main__":
    unittest.main()

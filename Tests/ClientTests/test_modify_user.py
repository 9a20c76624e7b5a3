"""modifyUser beyond passwords and states: every field of a user, in docs/api.md."""

import base64
import unittest

from case import setUpModule, tearDownModule  # noqa: F401 (unittest looks for the two functions)
from people import ALPHA
from write_case import MODIFY, WriteCase, fresh_name

DESCRIBE = "/api/user/describeUser"
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKb5vyKyVn2Q8sVtqvkP4zWm0d2yZ8nZ0zq3m1vJ4S6p"


class Modifying(WriteCase):
    def setUp(self):
        self.name = self.added(cluster=ALPHA)["username"]

    def described(self, name=None):
        return self.ask(path=DESCRIBE, cluster_id=ALPHA, username=name or self.name).json["user"]

    def change(self, key="operator", **members):
        return self.modify(self.name, ALPHA, key, **members)

    def test_sets_every_field_at_once_and_logs_before_and_after(self):
        before = self.described()
        job = self.assert_done(self.change(
            mod="2750", nas_mount_point="/scratch", home_directory="/scratch/x", login_shell="/bin/zsh", gecos="Room 7",
            expires="2099-01-01T00:00:00Z", role="admin", gid_number=before["gid_number"],
            attributes={"cn": "Zoë 李", "mail": ["a@example.org", "b@example.org"], "employeeNumber": "7"}), MODIFY)
        after = self.described()
        wanted = {"mod": "2750", "nas_mount_point": "/scratch", "home_directory": "/scratch/x", "login_shell": "/bin/zsh",
                  "gecos": "Room 7", "expires": "2099-01-01T00:00:00Z", "role": "admin",
                  "attributes": {"cn": ["Zoë 李"], "mail": ["a@example.org", "b@example.org"], "employeeNumber": ["7"]}}
        self.assertEqual({**after, "update_time": ""}, {**before, "update_time": "", **wanted})
        logged = self.ask(path="/api/operation", jobs=job).json["job_set"][0]
        self.assertEqual(logged["status"], "successful")
        for words in ("expires 2099-01-01T00:00:00Z", "role: member -> admin", "login_shell: /bin/bash -> /bin/zsh", "mod: - -> 2750",
                      "cn: - -> Zoë 李", "mail: - -> a@example.org, b@example.org"):
            self.assertIn(words, logged["action_describe"])

    def test_an_admin_gives_no_mount_of_its_own_choice(self):
        before = self.described()
        self.assert_refuses_write(
            self.change("admin", nas_mount_point="/etc", home_directory="/etc/cron.d/x"), 1400, "nas_mount_point")
        self.assertEqual(self.described(), before)
        self.assert_done(
            self.change("admin", nas_mount_point=before["nas_mount_point"], login_shell="/bin/zsh"), MODIFY)

    def test_empty_clears_and_absent_stays(self):
        before = self.described()
        self.assert_done(self.change(mod="700", home_directory="/x/y", login_shell="/bin/zsh", gecos="G", attributes={"title": "Dr"}), MODIFY)
        self.assert_done(self.change(attributes={"cn": "C"}), MODIFY)
        self.assertEqual(self.described()["login_shell"], "/bin/zsh")
        self.assert_done(self.change(mod=None, home_directory="", login_shell="", gecos="", attributes={"title": None, "cn": []}), MODIFY)
        self.assertEqual({**self.described(), "update_time": ""}, {**before, "update_time": ""})

    def test_adds_and_deletes_values(self):
        self.assert_done(self.change(attributes={"mail": ["a@x", "b@x"]}, add_attributes={"mail": "c@x"},
                                     delete_attributes={"mail": ["a@x", "never@x"]}), MODIFY)
        self.assertEqual(self.described()["attributes"], {"mail": ["b@x", "c@x"]})
        for comment in ("laptop", "desk"):
            self.assert_done(self.change(add_attributes={"sshPublicKey": f"{KEY} {comment}"}), MODIFY)
        self.assertEqual(self.described()["attributes"]["sshPublicKey"], [f"{KEY} desk"])

    def test_photos_travel_in_base64(self):
        photo = base64.b64encode(b"\xff\xd8\xff\x00\xc0" + bytes(100_000)).decode()
        self.assert_done(self.change(attributes={"jpegPhoto": photo}), MODIFY)
        self.assertEqual(self.described()["attributes"]["jpegPhoto"], [photo])
        for bad in ("?", base64.b64encode(b"GIF89a").decode(), base64.b64encode(b"\xff\xd8\xff" + bytes(200_000)).decode()):
            self.assert_refuses_write(self.change(attributes={"jpegPhoto": bad}), 1100, "jpegPhoto")

    def test_refuses_what_is_malformed_and_does_nothing_of_it(self):
        before = self.described()
        for name, value, word in (
            ("mod", "999", "mod"), ("home_directory", "/", "home_directory"), ("home_directory", "x", "home_directory"),
            ("home_directory", "/a/../b", "home_directory"), ("login_shell", "/bin/a\nb", "login_shell"), ("gecos", "a:b", "gecos"),
            ("role", "king", "role"), ("role", "", "role"), ("gid_number", "4294967295", "gid_number"), ("gid_number", "77", "gid_number"),
            ("gid_number", "", "gid_number"), ("attributes", "x", "attributes"), ("attributes", [], "attributes"),
            ("attributes", {"nosuch": "x"}, "nosuch"), ("attributes", {"mail": {}}, "mail"), ("attributes", {"mail": 7}, "mail"),
            ("attributes", {"mail": [["a"]]}, "mail"), ("attributes", {"mail": "a\u0000b"}, "mail"), ("attributes", {"mail": "x" * 5000}, "mail"),
            ("attributes", {"employeeNumber": ["1", "2"]}, "employeeNumber"), ("attributes", {"shadowMax": "x"}, "shadowMax"),
            ("attributes", {"mail": ["m%d@x" % n for n in range(257)]}, "mail"), ("attributes", {"sn": "a", "surname": "b"}, "sn"),
            ("add_attributes", {"sshPublicKey": "command=\"x\" " + KEY}, "sshPublicKey"),
            ("add_attributes", {"sshPublicKey": KEY + "\n" + KEY}, "sshPublicKey"), ("new_username", "root", "username"),
            ("new_username", "Ünal", "username"), ("new_username", "admin", "username"),
        ):
            with self.subTest(name=name, value=str(value)[:40]):
                codes = 1520 if name == "new_username" else 1100
                self.assert_refuses_write(self.change(**{name: value, "state": "locked"}), codes, word)
        self.assertEqual(self.described(), before)

    def test_renames(self):
        before, other = self.described(), fresh_name()
        self.assert_done(self.change(new_username=other), MODIFY)
        after = self.described(other)
        self.assertEqual({**after, "update_time": ""}, {**before, "update_time": "", "username": other})
        self.assertEqual(self.ask(path=DESCRIBE, cluster_id=ALPHA, username=self.name).json["ret_code"], 1610)
        taken = self.added(cluster=ALPHA)["username"]
        self.assert_refuses_write(self.modify(other, ALPHA, new_username=taken), 1510, taken)

    def test_roles_and_members(self):
        self.assert_refuses_write(self.change("admin", role="admin"), 1400, "role")
        row = self.described()
        own = self.new_key("--user-id", row["user_id"])
        self.assert_refuses_write(self.change(own, attributes={"displayName": "D"}), 1660)
        self.assert_done(self.change(own, attributes={"displayName": "D"}, password=self.password), MODIFY)
        self.assert_done(self.change(own, add_attributes={"sshPublicKey": KEY}, password=self.password), MODIFY)
        for members in ({"login_shell": "/bin/zsh"}, {"attributes": {"mail": "x@y"}}, {"gid_number": row["gid_number"]},
                        {"new_username": fresh_name()}, {"role": "admin"}, {"home_directory": "/x/y"},
                        {"state": "active", "attributes": {"displayName": "E"}}):
            with self.subTest(members):
                self.assert_refuses_write(self.change(own, password=self.password, **members), 1400)
        self.assertEqual(self.described()["attributes"], {"displayName": ["D"], "sshPublicKey": [KEY]})


if __name__ == "__main__":
    unittest.main()

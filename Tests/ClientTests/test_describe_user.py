"""describeUser: everything that is kept of one user, in docs/api.md."""

import unittest

import people
from case import setUpModule, tearDownModule  # noqa: F401 (unittest looks for the two functions)
from people import ALPHA, BETA, UNKNOWN_CLUSTER
from write_case import WriteCase

PATH = "/api/user/describeUser"
MEMBERS = {"attributes", "expires", "gecos", "group_names", "home_directory", "last_failure", "last_failure_over", "last_login",
           "last_login_over", "login_shell", "password_time", "state"}


class Describing(WriteCase):
    def describe(self, **parameters):
        return self.ask(path=PATH, **parameters)

    def test_shows_what_the_list_shows_and_more(self):
        row = self.added(cluster=ALPHA)
        for name, value in (("username", row["username"]), ("hpcuser_id", row["hpcuser_id"]), ("uid_number", row["uid_number"])):
            with self.subTest(name):
                user = self.describe(cluster_id=ALPHA, **{name: value}).json["user"]
                self.assertEqual(set(user), set(people.FIELDS) | MEMBERS)
                self.assertEqual({field: user[field] for field in people.FIELDS}, row)
                self.assertEqual((user["state"], user["expires"], user["attributes"]), ("active", None, {}))

    def test_wants_one_name(self):
        for names in ({}, {"username": "a", "uid_number": "1"}):
            with self.subTest(names):
                self.assertEqual(self.describe(cluster_id=ALPHA, **names).json["ret_code"], 1100)

    def test_knows_no_others(self):
        row = self.added(cluster=ALPHA)
        for cluster, names in ((BETA, {"username": row["username"]}), (ALPHA, {"uid_number": "4000000000"}),
                               (UNKNOWN_CLUSTER, {"username": row["username"]})):
            with self.subTest(cluster):
                self.assertNotEqual(self.describe(cluster_id=cluster, **names).json["ret_code"], 0)


if __name__ == "__main__":
    unittest.main()

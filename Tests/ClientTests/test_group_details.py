"""Groups one by one: describeGroup, listGroupsOfUser, new names, and the commands on top of them."""

import json
import unittest

from case import setUpModule, tearDownModule  # noqa: F401 (unittest looks for the two functions)
from people import BULK, ZONE
from running_site import told
from test_groups import FIELDS, MODIFY, GroupCase
from write_case import TIME, fresh_name

DESCRIBE, OF_USER = "/api/group/describeGroup", "/api/group/listGroupsOfUser"
DETAILS = FIELDS | {"all_members", "create_time", "groups", "primary_count", "update_time"}


class GroupDetails(GroupCase):
    def describe(self, name=None, key="operator", cluster=BULK, **more):
        names = {} if name is None else {"group_name": name}
        return self.ask(key, path=DESCRIBE, cluster_id=cluster, **names, **more)

    def described(self, name, key="operator") -> dict:
        answer = self.describe(name, key).json
        self.assertEqual(answer["ret_code"], 0, answer)
        self.assertEqual(set(answer["group"]), DETAILS)
        return answer["group"]

    def of_user(self, name, key="operator", cluster=BULK):
        return self.ask(key, path=OF_USER, cluster_id=cluster, username=name).json

    def roster(self, *arguments, code=0):
        done = self.command(*arguments[:2], "--cluster-id", BULK, *arguments[2:])
        self.assertEqual(done.returncode, code, told(done))
        return done

    def setUp(self):
        """Two users: one in the lower group, one in the upper, which has the lower as a member."""
        self.low, self.high = self.added()["username"], self.added()["username"]
        self.lower, self.upper = self.created()["group_name"], self.created()["group_name"]
        self.done(MODIFY, self.lower, add_members=[self.low])
        self.done(MODIFY, self.upper, add_members=[self.high], add_member_groups=[self.lower], add_member_names=["slurmd"])
        self.own = next(group["group_name"] for group in self.groups(cluster_id=BULK, limit=100) if group["is_primary"])

    def test_a_group_is_described_with_all_its_members(self):
        group = self.described(self.upper.upper())
        self.assertEqual((group["members"], group["member_groups"], group["member_names"]), ([self.high], [self.lower], ["slurmd"]))
        self.assertEqual((group["all_members"], group["groups"], group["primary_count"]),
                         (sorted([self.low, self.high]), [], 0))
        self.assertRegex(group["create_time"], TIME)
        self.assertRegex(group["update_time"], TIME)
        self.assertEqual(self.described(self.lower)["groups"], [self.upper])
        self.assertEqual(self.describe(gid_number=group["gid_number"]).json["group"], group)
        own = self.described(self.own)
        self.assertEqual(own["primary_count"], self.ask(cluster_id=BULK, gid_number=own["gid_number"], limit=0).json["total_count"])
        shown = self.roster("group", "show", self.upper).stdout
        for line in (f"all_members    {','.join(group['all_members'])}", f"group_name     {self.upper}", "primary_count  0", "groups         -"):
            self.assertIn(line + "\n", shown)
        self.assertEqual(json.loads(self.roster("group", "show", self.upper, "--json").stdout)["group"], group)

    def test_one_name_of_a_group_that_is_visible_is_wanted(self):
        for names in ({}, {"group_name": self.upper, "gid_number": "1"}):
            self.assertEqual(self.describe(**names).json["ret_code"], 1100)
        self.assertIn("nothing-of-that-name", self.roster("group", "show", "nothing-of-that-name", code=1).stderr)
        for name in ("x" * 256, "a\nb", "", "%", "张"):
            self.assertNotEqual(self.describe(name).json["ret_code"], 0, name)
        # A member sees its own groups only, and itself in them.
        own = self.new_key("--user-id", self.row(self.low)["user_id"])
        self.assertEqual(self.described(self.upper, own)["all_members"], [self.low])
        self.assertEqual(self.described(self.upper, own)["members"], [])
        other = self.created()["group_name"]
        self.assertNotEqual(self.describe(other, own).json["ret_code"], 0)

    def test_the_groups_of_a_user_are_told_with_the_way_into_them(self):
        answer = self.of_user(self.low.upper())
        self.assertEqual((answer["ret_code"], answer["username"]), (0, self.low))
        told_so = [(group["group_name"], group["membership"], group["through"]) for group in answer["group_set"]]
        self.assertEqual(told_so, [(self.own, "primary", []), (self.lower, "direct", []), (self.upper, "nested", [self.lower])])
        both = [group["membership"] for group in self.of_user(self.high)["group_set"]]
        self.assertEqual(both, ["primary", "direct"])
        own = self.new_key("--user-id", self.row(self.low)["user_id"])
        self.assertEqual(self.of_user(self.low, own)["group_set"], answer["group_set"])
        self.assertNotEqual(self.of_user(self.high, own)["ret_code"], 0)
        self.assertNotEqual(self.of_user("nobody-here")["ret_code"], 0)
        shown = [line.split() for line in self.roster("user", "groups", self.low).stdout.splitlines()]
        self.assertEqual(shown[0], ["group_name", "gid_number", "membership", "through"])
        self.assertEqual([[line[0], *line[2:]] for line in shown[1:]],
                         [[self.own, "primary", "-"], [self.lower, "direct", "-"], [self.upper, "nested", self.lower]])

    def test_a_group_gets_another_name_and_keeps_the_rest(self):
        before, name = self.described(self.lower), fresh_name("g")
        self.roster("group", "rename", self.lower, name)
        after = self.described(name)
        self.assertEqual({**before, "group_name": name, "update_time": after["update_time"]}, after)
        self.assertNotEqual(self.describe(self.lower).json["ret_code"], 0)
        self.assertEqual(self.described(self.upper)["member_groups"], [name])
        job, = self.ask(path="/api/operation", reverse=1, limit=1).json["job_set"]
        self.assertEqual((job["job_action"], job["status"]), ("ModifyGroup", "successful"))
        self.assertIn(f"renamed from {self.lower} to {name}", job["action_describe"] + json.dumps(job))
        # The old name is free, the letters' case may change, and members may change at once.
        self.created(self.lower)
        self.done(MODIFY, name, new_group_name=fresh_name("g"), add_members=[self.high])

    def test_new_names_are_refused_by_the_rules_of_names(self):
        before = self.described(self.lower)
        for name, codes in ((self.upper, [2110]), (self.lower, [1100]), ("wheel", [1110, 1100, 2100]), ("", [1100, 1110]), ("a b", [1110, 1100]),
                            ("x" * 257, [1100])):
            with self.subTest(name[:20]):
                answer = self.order(MODIFY, self.lower, new_group_name=name)
                self.assertNotEqual(answer.json["ret_code"], 0, answer)
                self.assertEqual(self.described(self.lower), before)
        own = self.new_key("--user-id", self.row(self.low)["user_id"])
        self.assertNotEqual(self.order(MODIFY, self.lower, key=own, new_group_name=fresh_name("g")).json["ret_code"], 0)

    def test_a_clusters_own_group_gets_another_name_and_new_users_join_it(self):
        name = fresh_name("g")
        self.roster("group", "rename", self.own, name)
        self.assertTrue(self.described(name)["is_primary"])
        self.assertEqual(self.of_user(self.added()["username"])["group_set"][0]["group_name"], name)


if __name__ == "__main__":
    unittest.main()

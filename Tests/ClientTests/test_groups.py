"""`GET /api/group`, `createGroup`, `modifyGroup`, `deleteGroup`: Roster's own calls, from docs/api.md."""

import json
import unittest
from concurrent.futures import ThreadPoolExecutor

from case import setUpModule, tearDownModule, within_a_second  # noqa: F401 (unittest looks for the two functions)
from people import ALPHA, BETA, BULK, EMPTY_ZONE, FAR, FAR_ZONE, UNKNOWN_CLUSTER, ZONE
from running_site import told
from test_list_users import NOT_COUNTS
from write_case import JOB_ID, UID_RANGE, WriteCase, fresh_name

LIST = "/api/group"
CREATE, MODIFY, DELETE = LIST + "/createGroup", LIST + "/modifyGroup", LIST + "/deleteGroup"
ACTIONS = {LIST: "HpcGroupListGroupsResponse", CREATE: "HpcGroupCreateGroupResponse",
           MODIFY: "HpcGroupModifyGroupResponse", DELETE: "HpcGroupDeleteGroupResponse"}
FIELDS = {"cluster_id", "gid_number", "group_name", "is_primary", "members", "member_groups", "member_names"}


class GroupCase(WriteCase):
    def list(self, key="operator", **asked):
        return self.ask(key, path=LIST, **asked)

    def groups(self, key="operator", **asked) -> list:
        answer = self.list(key, **asked)
        self.assert_is_json(answer)
        body = answer.json
        self.assertEqual((body["ret_code"], body["action"]), (0, ACTIONS[LIST]), answer)
        self.assertEqual(set(body), {"action", "ret_code", "total_count", "group_set"}, answer)
        self.assertGreaterEqual(body["total_count"], len(body["group_set"]), answer)
        for group in body["group_set"]:
            self.assertEqual(set(group), FIELDS, answer)
            self.assertRegex(group["gid_number"], r"^[0-9]+$")
            self.assertIs(type(group["is_primary"]), bool)
            self.assertEqual(group["members"], sorted(group["members"], key=str.lower))
        return body["group_set"]

    def group(self, name, cluster=BULK, key="operator", zone=ZONE):
        found = [group for group in self.groups(key, cluster_id=cluster, search_word=name, limit=100, zone=zone)
                 if group["group_name"] == name]
        self.assertLessEqual(len(found), 1, found)
        return found[0] if found else None

    def order(self, path, name, cluster=BULK, key="operator", zone=ZONE, **members):
        return self.write(path, {"cluster_id": cluster, "group_name": name, "zone": zone, **members}, key, zone=zone)

    def done(self, path, name, *arguments, **options) -> str:
        answer = self.order(path, name, *arguments, **options)
        self.assert_is_json(answer)
        self.assertEqual(set(answer.json), {"action", "ret_code", "job_id"}, answer)
        self.assertEqual((answer.json["ret_code"], answer.json["action"]), (0, ACTIONS[path]), answer)
        self.assertRegex(answer.json["job_id"], JOB_ID)
        return answer.json["job_id"]

    def created(self, name=None, *arguments, **options) -> dict:
        name = name or fresh_name("g")
        self.done(CREATE, name, *arguments, **options)
        found = self.group(name, *arguments[:1])
        self.assertIsNotNone(found, f"{name} was made and is not listed")
        return found

    def refused(self, path, name, codes, *names, **options):
        answer = self.order(path, name, **options)
        self.assert_refuses_write(answer, codes, *names)
        self.assertEqual(answer.json["action"], ACTIONS[path], answer)


class Orders(GroupCase):
    def test_makes_a_group_with_the_next_gid(self):
        first, second = self.created(), self.created()
        self.assertEqual((first["is_primary"], first["members"], first["cluster_id"]), (False, [], BULK))
        self.assertEqual(int(second["gid_number"]), int(first["gid_number"]) + 1)
        self.assertIn(int(first["gid_number"]), UID_RANGE)

    def test_takes_a_gid_that_was_never_given(self):
        for gid in ("50001", 50002):
            self.assertEqual(self.created(gid_number=gid)["gid_number"], str(gid))

    def test_never_gives_a_gid_again_and_names_who_had_it(self):
        group = self.created()
        self.refused(CREATE, fresh_name("g"), 2110, group["group_name"], gid_number=group["gid_number"])
        self.done(DELETE, group["group_name"])
        self.assertIsNone(self.group(group["group_name"]))
        self.refused(CREATE, fresh_name("g"), 2110, group["group_name"], gid_number=group["gid_number"])
        self.assertNotEqual(self.created(group["group_name"])["gid_number"], group["gid_number"])

    def test_the_gid_of_users_is_taken(self):
        primary = next(group for group in self.groups(cluster_id=BULK, limit=100) if group["is_primary"])
        self.refused(CREATE, fresh_name("g"), 2110, primary["group_name"], gid_number=primary["gid_number"])

    def test_a_name_is_there_once_whatever_its_case(self):
        name = self.created()["group_name"]
        self.refused(CREATE, name, 2110, "group_name")
        self.refused(MODIFY, name.upper(), 1610, "username", add_members=["nosuchuser"])
        # In another cluster it is another group.
        self.assertEqual(self.created(name, ALPHA)["cluster_id"], ALPHA)

    def test_new_names_keep_the_rule(self):
        for name in ("Physics", "1a", "a b", "a/b", "a:b", "é", "x" * 33, "-a", "root", "wheel", "disk", "shadow"):
            with self.subTest(name):
                self.refused(CREATE, name, 1520, "group_name")

    def test_members_join_and_leave(self):
        one, two = self.added()["username"], self.added()["username"]
        name = self.created()["group_name"]
        self.done(MODIFY, name, add_members=[one.upper(), two])
        self.assertEqual(self.group(name)["members"], sorted([one, two]))
        # Both ask for what is so already.
        self.done(MODIFY, name, add_members=[one])
        self.done(MODIFY, name, remove_members=[two], add_members=[one])
        self.done(MODIFY, name, remove_members=[two])
        self.assertEqual(self.group(name)["members"], [one])

    def test_groups_and_names_are_members(self):
        username = self.added()["username"]
        inner, outer = self.created()["group_name"], self.created()["group_name"]
        self.done(MODIFY, inner, add_members=[username])
        self.done(MODIFY, outer, add_member_groups=[inner.upper()], add_member_names=["slurm", "www-data"])
        group = self.group(outer)
        self.assertEqual((group["members"], group["member_groups"], group["member_names"]), ([], [inner], ["slurm", "www-data"]))
        found = self.ask(cluster_id=BULK, group_name=outer).json["user_set"]
        self.assertEqual([user["username"] for user in found], [username])
        described = self.ask(path="/api/user/describeUser", cluster_id=BULK, username=username).json["user"]
        self.assertCountEqual(described["group_names"], [inner, outer])
        self.refused(MODIFY, inner, 1100, "add_member_groups", add_member_groups=[outer])
        self.refused(MODIFY, outer, 1100, "add_member_names", add_member_names=[username])
        self.refused(MODIFY, outer, 1100, "add_member_names", add_member_names=["a:b"])
        self.done(MODIFY, outer, remove_member_groups=[inner], remove_member_names=["slurm"])
        group = self.group(outer)
        self.assertEqual((group["member_groups"], group["member_names"]), ([], ["www-data"]))

    def test_who_is_deleted_leaves_its_groups(self):
        username = self.added()["username"]
        names = [self.created()["group_name"] for _ in range(2)]
        for name in names:
            self.done(MODIFY, name, add_members=[username])
        self.assert_done(self.delete(username), "/api/user/deleteUser")
        self.assertEqual([self.group(name)["members"] for name in names], [[], []])
        # Who takes the name over does not take the groups over.
        self.added(username)
        self.assertEqual([self.group(name)["members"] for name in names], [[], []])

    def test_members_are_users_of_the_cluster(self):
        name = self.created()["group_name"]
        for stranger in ("nosuchuser", "anna"):
            self.refused(MODIFY, name, 1610, stranger, add_members=[stranger])
            self.refused(MODIFY, name, 1610, stranger, remove_members=[stranger])
        # One that is not there spoils the whole order.
        username = self.added()["username"]
        self.refused(MODIFY, name, 1610, "nosuchuser", add_members=[username, "nosuchuser"])
        self.assertEqual(self.group(name)["members"], [])

    def test_a_group_must_be_there(self):
        self.refused(MODIFY, "nosuchgroup", 2100, "group_name", add_members=["anna"])
        self.refused(DELETE, "nosuchgroup", 2100, "group_name")
        for path in (CREATE, DELETE):
            self.refused(path, fresh_name("g"), 2100, "cluster_id", cluster=UNKNOWN_CLUSTER)
            self.refused(path, fresh_name("g"), 2100, "cluster_id", cluster=FAR)
            self.refused(path, fresh_name("g"), 2100, "zone", zone=EMPTY_ZONE)

    def test_the_clusters_own_group_stays(self):
        primary = next(group for group in self.groups(cluster_id=BULK, limit=100) if group["is_primary"])["group_name"]
        self.refused(DELETE, primary, 1400, "own group")
        username = self.added()["username"]
        self.done(MODIFY, primary, add_members=[username])
        self.assertEqual(self.group(primary)["members"], [])
        self.refused(MODIFY, primary, 1400, username, remove_members=[username])

    def test_refuses_malformed_members(self):
        name = self.created()["group_name"]
        for value in ("anna", 1, True, {}, ["a", 1], [""], [["a"]], [None], ["x" * 257], ["a"] * 1001):
            for member in ("add_members", "remove_members"):
                with self.subTest(member, value=str(value)[:30]):
                    self.refused(MODIFY, name, 1100, member, **{member: value})
        self.refused(MODIFY, name, 1100, "add_members")
        self.refused(MODIFY, name, 1100, "add_members", add_members=[], remove_members=None)
        username = self.added()["username"]
        self.refused(MODIFY, name, 1100, "remove_members", add_members=[username], remove_members=[username])
        for gid in ("0", "-1", "x", "4294967295", 1.5):
            self.refused(CREATE, fresh_name("g"), 1100, "gid_number", gid_number=gid)
        for path in (CREATE, MODIFY, DELETE):
            self.refused(path, "", 1100, "group_name")
            self.refused(path, "x" * 257, 1100, "group_name")
            self.refused(path, 5, 1100, "group_name")

    def test_other_methods_and_actions_are_unknown(self):
        for method, path in (("POST", LIST), ("GET", CREATE), ("GET", DELETE), ("GET", LIST + "/nosuch"),
                             ("POST", LIST + "/creategroup")):
            with self.subTest(method + path):
                body = b"{}" if method == "POST" else b""
                self.assert_refuses(self.ask(path=path, method=method, body=body), 1101)


class Rights(GroupCase):
    def test_who_administers_the_cluster_orders(self):
        for key, cluster in (("operator", ALPHA), ("boss", ALPHA), ("admin", ALPHA), ("two_rows", BETA)):
            with self.subTest(key):
                username = self.users(cluster_id=cluster)[0]["username"]
                name = self.created(None, cluster, key=key)["group_name"]
                self.done(MODIFY, name, cluster, key=key, add_members=[username])
                self.done(DELETE, name, cluster, key=key)

    def test_others_do_not(self):
        name = self.created(None, ALPHA)["group_name"]
        for key in ("reader", "alpha_reader", "member", "two_rows"):
            for path, members in ((CREATE, {}), (MODIFY, {"add_members": ["anna"]}), (DELETE, {})):
                with self.subTest(key + path):
                    self.refused(path, name if path != CREATE else fresh_name("g"), 1400, cluster=ALPHA, key=key, **members)
        for path, members in ((CREATE, {}), (MODIFY, {"add_members": ["anna"]}), (DELETE, {})):
            self.refused(path, name, 2100, "cluster_id", cluster=BETA, key="admin", **members)

    def test_a_gid_outside_the_range_is_for_operators_and_bosses(self):
        # alpha's admin has the range that every cluster begins with.
        self.refused(CREATE, fresh_name("g"), 1400, "gid_number", cluster=ALPHA, key="admin", gid_number="27")
        self.assertEqual(self.created(None, ALPHA, key="boss", gid_number="9001")["gid_number"], "9001")


class Log(GroupCase):
    def jobs(self, name):
        answer = self.ask(path="/api/operation", resource_ids=name, limit=100)
        return [(job["job_action"], job["status"]) for job in answer.json["job_set"]]

    def test_every_order_enters_the_log(self):
        name = self.created()["group_name"]
        username = self.added()["username"]
        self.done(MODIFY, name, add_members=[username])
        self.refused(CREATE, name, 2110)
        self.done(DELETE, name)
        self.refused(DELETE, name, 2100)
        self.assertEqual(self.jobs(name), [
            ("CreateGroup", "successful"), ("ModifyGroup", "successful"), ("CreateGroup", "failed"),
            ("DeleteGroup", "successful"), ("DeleteGroup", "failed")])

    def test_the_same_request_is_run_once(self):
        name = fresh_name("g")
        target, body = self.signed_write(CREATE, {"cluster_id": BULK, "group_name": name, "zone": ZONE})
        first = self.post(target, body)
        self.assertEqual(first.json["ret_code"], 0)
        self.done(DELETE, name)
        self.assert_same_answer(self.post(target, body), first)
        self.assertIsNone(self.group(name))

    def test_members_added_at_once_are_all_in(self):
        name = self.created()["group_name"]
        users = [self.added()["username"] for _ in range(8)]
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda each: self.order(MODIFY, name, add_members=[each]), users))
        self.assertEqual({answer.json["ret_code"] for answer in answers}, {0})
        self.assertEqual(self.group(name)["members"], sorted(users))

    def test_groups_survive_the_end_of_the_server(self):
        name = self.created()["group_name"]
        username = self.added()["username"]
        self.done(MODIFY, name, add_members=[username])
        gone = self.created()
        self.done(DELETE, gone["group_name"])
        before = self.groups(cluster_id=BULK, limit=100)
        self.site.kill()
        self.site.serve()
        self.assertEqual(self.groups(cluster_id=BULK, limit=100), before)
        self.refused(CREATE, fresh_name("g"), 2110, gone["group_name"], gid_number=gone["gid_number"])


class List(GroupCase):
    def test_each_key_sees_what_it_may(self):
        mine, others = self.created(None, ALPHA)["group_name"], self.created(None, ALPHA)["group_name"]
        self.done(MODIFY, mine, ALPHA, add_members=["anna", "tworows"])
        everything = self.groups(cluster_id=ALPHA, limit=100)
        primary = next(group for group in everything if group["is_primary"])
        self.assertLessEqual({mine, others}, {group["group_name"] for group in everything})
        for key in ("boss", "reader", "alpha_reader", "admin"):
            self.assertEqual(self.groups(key, cluster_id=ALPHA, limit=100), everything, key)
        # A member sees the groups it is in and its cluster's own, and of the members itself.
        seen = {group["group_name"]: group["members"] for group in self.groups("member", limit=100)}
        self.assertEqual(seen, {mine: ["anna"], primary["group_name"]: []})
        # Deletion takes it out of the list.
        for name in (mine, others):
            self.done(DELETE, name, ALPHA)
            self.assertIsNone(self.group(name, ALPHA))
        self.assertEqual([group["group_name"] for group in self.groups("member", limit=100)], [primary["group_name"]])

    def test_clusters_and_zones_keep_apart(self):
        self.assertEqual({group["cluster_id"] for group in self.groups("far_admin", zone=FAR_ZONE)}, {FAR})
        self.assertEqual(self.groups("far_admin"), [])
        self.assert_refuses(self.list("admin", cluster_id=BETA), 2100, "cluster_id")
        self.assert_refuses(self.list(zone=EMPTY_ZONE), 2100, "zone")
        for cluster in ("x", "hpc-", "alpha"):
            self.assert_refuses(self.list(cluster_id=cluster), 1100, "cluster_id")

    def test_filters_sorts_and_pages(self):
        start = fresh_name("page")
        for tail in ("c", "a", "b"):
            self.created(start + tail)
        names = [group["group_name"] for group in self.groups(search_word=start.upper())]
        self.assertEqual(names, [start + "a", start + "b", start + "c"])
        by_gid = [group["group_name"] for group in self.groups(search_word=start, sort_key="gid_number")]
        self.assertEqual(by_gid, [start + "c", start + "a", start + "b"])
        turned = [group["group_name"] for group in self.groups(search_word=start, reverse=1)]
        self.assertEqual(turned, names[::-1])
        pages = [self.groups(search_word=start, limit=1, offset=at)[0]["group_name"] for at in range(3)]
        self.assertEqual(pages, names)
        self.assertEqual(self.list(search_word=start, limit=0).json["total_count"], 3)
        self.assertEqual(self.groups(search_word=start, offset=3), [])

    def test_refuses_malformed_parameters(self):
        for name in ("limit", "offset"):
            for value in NOT_COUNTS:
                self.assert_refuses(self.list(**{name: value}), 1100, name)
        self.assert_refuses(self.list(sort_key="name"), 1100, "sort_key")
        self.assert_refuses(self.list(reverse="2"), 1100, "reverse")
        self.assert_refuses(self.list(pairs=[("sort_key", "group_name")] * 2), 1100, "sort_key")
        self.assert_refuses(self.list(self.forged()), 1200)


class Commands(GroupCase):
    def group_command(self, *arguments, key="operator"):
        key = self.key(key)
        done = self.site.roster(
            "group", *arguments, ROSTER_ENDPOINT=self.site.endpoint, ROSTER_ACCESS_KEY_ID=key.id,
            ROSTER_SECRET_ACCESS_KEY=key.secret, ROSTER_ZONE=ZONE)
        self.assertGreaterEqual(done.returncode, 0, f"ended by a signal: {told(done)}")
        self.assertNotIn(key.secret, done.stdout + done.stderr)
        return done

    def must(self, *arguments, **options) -> str:
        done = self.group_command(*arguments, **options)
        self.assertEqual(done.returncode, 0, told(done))
        return done.stdout

    def test_a_group_from_its_making_to_its_end(self):
        one, two, name = self.added()["username"], self.added()["username"], fresh_name("g")
        cluster = ("--cluster-id", BULK)
        self.assertRegex(self.must("create", *cluster, "--gid-number", "51001", name), r"^done, job j-[a-z0-9]{11}\n$")
        self.must("add", *cluster, name, one, two)
        self.must("remove", *cluster, name, two)
        self.assertEqual(self.group(name)["members"], [one])
        rows = [line.split() for line in self.must("list", *cluster, "--search-word", name).splitlines()]
        self.assertEqual(rows, [["cluster_id", "group_name", "gid_number", "is_primary", "members", "member_groups", "member_names"],
                                [BULK, name, "51001", "no", one, "-", "-"]])
        inner = self.created()["group_name"]
        self.must("add", *cluster, name, "--member-group", inner, "--member-name", "slurm")
        group = self.group(name)
        self.assertEqual((group["members"], group["member_groups"], group["member_names"]), ([one], [inner], ["slurm"]))
        self.must("remove", *cluster, name, one, "--member-group", inner, "--member-name", "slurm")
        group = self.group(name)
        self.assertEqual((group["members"], group["member_groups"], group["member_names"]), ([], [], []))
        answer = json.loads(self.must("list", *cluster, "--search-word", name, "--json"))
        self.assertEqual(answer, self.list(cluster_id=BULK, search_word=name).json)
        self.must("delete", *cluster, name)
        self.assertIsNone(self.group(name))

    def test_a_refusal_ends_with_its_code(self):
        done = self.group_command("create", "--cluster-id", BULK, "root")
        self.assertGreater(done.returncode, 0, told(done))
        self.assertIn("(1520)", done.stderr)
        for arguments in (("add", "--cluster-id", BULK, "g"), ("create", "g"), ("delete", "--cluster-id", BULK)):
            self.assertGreater(self.group_command(*arguments).returncode, 0, arguments)


class Imports(GroupCase):
    def entry(self, name, gid, *members):
        lines = [f"dn: cn={name},ou=Group,ou={BULK},dc=x", "objectClass: posixGroup", f"cn: {name}", f"gidNumber: {gid}"]
        return "\n".join(lines + [f"memberUid: {member}" for member in members]) + "\n\n"

    def bring_in(self, *entries) -> str:
        file = self.site.folder / "groups.ldif"
        file.write_text("".join(entries))
        return self.site.must("import", "--data", self.site.data, "--zone", ZONE, file).stdout

    def assert_soon(self, name, members):
        def is_so():
            group = self.group(name)
            return group and group["members"] == members
        self.assertTrue(within_a_second(is_so), self.group(name))

    def test_groups_come_from_ldif_and_stay(self):
        one, two, name = self.added()["username"], self.added()["username"], fresh_name("g")
        said = self.bring_in(self.entry(name, 52001, one, "nosuchuser"))
        self.assertIn("nosuchuser", said)
        self.assert_soon(name, [one])
        # Importing again adds and takes nothing away.
        self.bring_in(self.entry(name, 52001, two))
        self.assert_soon(name, sorted([one, two]))
        said = self.bring_in(self.entry("other", 52001, one), self.entry(name, 52002))
        self.assertEqual(said.count("left out"), 2, said)
        self.done(DELETE, name)
        said = self.bring_in(self.entry(name, 52001, one))
        self.assertIn("stays deleted", said)
        self.assertIsNone(self.group(name))


if __name__ == "__main__":
    unittest.main()

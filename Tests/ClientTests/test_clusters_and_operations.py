"""`GET /api/cluster/list` and `GET /api/operation`, from sections 8 and 9 of the API reference."""

import json
import time
import unittest
from datetime import datetime, timedelta, timezone

import people
from case import setUpModule, tearDownModule, within_a_second  # noqa: F401 (unittest looks for the two functions)
from people import ALPHA, BETA, BULK, EMPTY_ZONE, FAR, FAR_ZONE, UNKNOWN_CLUSTER, ZONE, user
from test_list_users import NOT_COUNTS
from write_case import ADD, DELETE, JOB_ID, MODIFY, TIME, WriteCase, fresh_name

CLUSTERS, OPERATIONS = "/api/cluster/list", "/api/operation"
CLUSTERS_ACTION, OPERATIONS_ACTION = "HpcClusterListClusterResponse", "HpcOperationListOperationResponse"
CLUSTER_FIELDS = {"cluster_id", "cluster_name", "cluster_type", "create_time", "description", "nas_id", "nas_mount_point",
                  "nas_path", "nas_shared_path"}
JOB_FIELDS = {"action_describe", "create_time", "error_codes", "job_action", "job_id", "owner", "resource_ids", "status",
              "status_time", "submitter"}
STATUSES = ("pending", "successful", "failed")
JOB_SECONDS = 10


class ReadCase(WriteCase):
    path = action = set_name = ""
    fields: set = set()

    def read(self, key="operator", **asked):
        return self.ask(key, path=self.path, **asked)

    def assert_answers(self, answer) -> list:
        self.assert_is_json(answer)
        body = answer.json
        self.assertEqual(body["ret_code"], 0, answer)
        self.assertEqual(body["action"], self.action, answer)
        self.assertIsInstance(body[self.set_name], list, answer)
        for item in body[self.set_name]:
            self.assertEqual(set(item), self.fields, answer)
        # Open in the documents: section 9 names no total_count, section 8 does.
        if "total_count" in body or self.path == OPERATIONS:
            self.assertIs(type(body["total_count"]), int, answer)
            self.assertGreaterEqual(body["total_count"], len(body[self.set_name]), answer)
        return body[self.set_name]

    def found(self, key="operator", **asked) -> list:
        """Everything that matches, over all pages."""
        everything = []
        while True:
            page = self.assert_answers(self.read(key, limit=100, offset=len(everything), **asked))
            everything += page
            if len(page) < 100:
                return everything

    def assert_refuses_read(self, answer, code, *names):
        self.assert_refuses(answer, code, *names)
        self.assertEqual(answer.json["action"], self.action, answer)


class Reads:
    """What both calls have in common; mixed into a case of each."""

    def test_rejects_what_is_not_a_count(self):
        for name in ("limit", "offset"):
            for value in NOT_COUNTS:
                with self.subTest(name, value=value):
                    self.assert_refuses_read(self.read(**{name: value}), 1100, name)

    def test_rejects_an_unknown_direction(self):
        for value in ("2", "-1", "yes", "0 1"):
            with self.subTest(value):
                self.assert_refuses_read(self.read(reverse=value), 1100, "reverse")

    def test_rejects_a_doubled_parameter(self):
        for name, value in (("limit", "1"), ("offset", "1"), ("search_word", "a"), ("reverse", "1"), ("owner", people.BOSS),
                            ("verbose", "1")):
            with self.subTest(name):
                self.assert_refuses_read(self.read(pairs=[(name, value), (name, value)]), 1100, name)

    def test_takes_empty_filters_as_absent(self):
        empty = {name: "" for name in self.filters}
        self.assertEqual(self.read(**empty).json, self.read().json)

    def test_ignores_unknown_parameters(self):
        self.assertEqual(self.read(verbose="1").json, self.read().json)

    def test_gives_an_empty_page_for_limit_0_and_past_the_end(self):
        for asked in ({"limit": 0}, {"offset": 100_000}, {"offset": 2**63 - 1, "limit": 2**63 - 1}):
            with self.subTest(**asked):
                answer = self.read(**asked)
                self.assertEqual(self.assert_answers(answer), [])
                self.assertEqual(answer.json.get("total_count"), self.read().json.get("total_count"))

    def test_pages_give_each_item_once(self):
        everything = self.found()
        for size in (1, 3, 7):
            upto = min(len(everything), 12)
            pages = sum((self.assert_answers(self.read(limit=size, offset=at))[:upto - at] for at in range(0, upto, size)), [])
            self.assertEqual(pages, everything[:upto], size)

    def test_turns_the_order_around(self):
        self.assertEqual(self.found(reverse=1), self.found(reverse=0)[::-1])
        self.assertIn(self.found(), (self.found(reverse=0), self.found(reverse=1)))
        times = [item["create_time"] for item in self.found(reverse=0)]
        self.assertEqual(times, sorted(times))

    def test_serves_a_trailing_slash(self):
        answer = self.ask(path=self.path + "/")
        self.assertEqual(answer.json, self.read().json)

    def test_checks_the_signature_and_the_common_parameters(self):
        self.assert_refuses_read(self.read(self.forged()), 1200)
        self.assert_refuses_read(self.read(seconds=-3600), 1300)
        self.assert_refuses_read(self.read(without=("timestamp",)), 1100, "timestamp")
        self.assert_refuses_read(self.read(zone=EMPTY_ZONE), 2100, "zone")

    def test_does_not_know_another_method_or_action(self):
        for method, body in (("POST", b"{}"), ("PUT", b"{}"), ("DELETE", b"")):
            self.assert_refuses(self.ask(path=self.path, method=method, body=body, nonce=fresh_name()), 1101)
        module = self.path.removesuffix("/list")
        for path in {module + "/nosuch", module + "/List"} | ({module} if module != OPERATIONS else set()):
            with self.subTest(path):
                self.assert_refuses(self.ask(path=path), 1101)

    def test_survives_odd_values(self):
        for name in self.filters:
            for value in ("a\0b", "\r\n", "' OR 1=1 --", "%", "x" * 5000, "\U0010ffff", "../.."):
                with self.subTest(name, value=value[:20]):
                    answer = self.read(**{name: value})
                    if answer.json["ret_code"] == 0:
                        found = self.assert_answers(answer)
                        self.assertTrue(found == [] or name in ("owner", "search_word"), answer)
                    else:
                        self.assert_refuses_with_one_of(answer, (1100, 1400, 2100))


class Clusters(Reads, ReadCase):
    path, action, set_name, fields = CLUSTERS, CLUSTERS_ACTION, "cluster_set", CLUSTER_FIELDS
    filters = ("owner", "cluster_id", "cluster_type", "search_word", "sort_key", "reverse", "limit", "offset")

    def ids(self, key="operator", **asked):
        return {cluster["cluster_id"] for cluster in self.found(key, **asked)}

    def test_gives_each_cluster_its_documented_fields(self):
        for cluster in self.found():
            self.assertEqual(cluster["cluster_type"], cluster["cluster_id"].split("-")[0], cluster)
            self.assertRegex(cluster["create_time"], TIME)
            for field, value in cluster.items():
                self.assertTrue(isinstance(value, str) or value is None, (field, cluster))

    def test_shows_what_each_key_may_see(self):
        here, there = {ALPHA, BETA, BULK}, {FAR}
        table = {"operator": (here, there), "boss": (here, there), "reader": (here, there), "alpha_reader": ({ALPHA}, set()),
                 "admin": ({ALPHA}, set()), "member": ({ALPHA}, set()), "two_rows": ({ALPHA, BETA}, set()), "far_admin": (set(), there)}
        for key, (in_zone, in_far_zone) in table.items():
            with self.subTest(key):
                self.assertEqual(self.ids(key), in_zone)
                self.assertEqual(self.ids(key, zone=FAR_ZONE), in_far_zone)

    def test_an_account_without_rows_sees_nothing(self):
        row = self.added()
        key = self.new_key("--user-id", row["user_id"])
        self.assertEqual(self.ids(key), {BULK})
        self.assert_done(self.delete(row["username"]), DELETE)
        self.assert_refuses_read(self.read(key), 1200)

    def test_the_owner_narrows_nothing(self):
        for key, owner in (("admin", people.ADMIN), ("member", people.MEMBER), ("boss", people.BOSS), ("operator", people.NOBODY)):
            self.assertEqual(self.read(key, owner=owner).json, self.read(key).json)
        # Open in the documents: "means the calling account": another's may be ignored or refused, but shows no more.
        answer = self.read("member", owner=people.BOSS)
        if answer.json["ret_code"] == 0:
            self.assertEqual(answer.json, self.read("member").json)
        else:
            self.assert_refuses_with_one_of(answer, (1100, 1400, 2100))

    def test_filters_by_id(self):
        for cluster in (ALPHA, BETA, BULK):
            self.assertEqual(self.ids(cluster_id=cluster), {cluster})
        self.assertEqual(self.ids("member", cluster_id=ALPHA), {ALPHA})

    def test_hides_alike_what_is_unknown_and_what_is_invisible(self):
        # Open in the documents: whether a filter by such an id finds nothing or is 2100; section 3 says 2100.
        for key, cluster in (("member", BETA), ("admin", BULK), ("alpha_reader", BETA), ("operator", FAR)):
            with self.subTest(key, cluster=cluster):
                hidden, unknown = self.read(key, cluster_id=cluster), self.read(key, cluster_id=UNKNOWN_CLUSTER)
                if unknown.json["ret_code"] == 0:
                    self.assertEqual((self.assert_answers(hidden), self.assert_answers(unknown)), ([], []))
                else:
                    self.assert_refuses_read(hidden, 2100, "cluster", "zone")
                    self.assert_refuses_read(unknown, 2100, "cluster")

    def test_filters_by_type(self):
        self.assertEqual(self.ids(cluster_type="hpc"), {ALPHA, BULK})
        self.assertEqual(self.ids(cluster_type="ehpc"), {BETA})
        self.assertEqual(self.ids("admin", cluster_type="ehpc"), set())
        self.assertEqual(self.ids(cluster_type="ehpc", cluster_id=ALPHA), set())
        for other in ("HPC", "hpcs", "slurm", "hpc,ehpc", "*"):
            with self.subTest(other):
                self.assert_refuses_read(self.read(cluster_type=other), 1100, "cluster_type")

    def test_searches_names(self):
        for cluster in self.found():
            if cluster["cluster_name"]:
                word = cluster["cluster_name"][1:]
                for written in (word, word.upper(), word.lower()):
                    self.assertIn(cluster["cluster_id"], self.ids(search_word=written), cluster)
        self.assertEqual(self.ids(search_word="nosuchname"), set())
        for pattern in ("%", "*", "_", ".*"):
            self.assertEqual(self.ids(search_word=pattern), set(), pattern)

    def test_sorts(self):
        # Open in the documents: which sort keys there are; create_time is the sibling calls' default.
        self.assertEqual(self.found(sort_key="create_time", reverse=1), self.found(sort_key="create_time")[::-1])
        for unknown in ("password", "create-time", "cluster_name;", "CREATE TIME"):
            with self.subTest(unknown):
                self.assert_refuses_read(self.read(sort_key=unknown), 1100, "sort_key")

    def test_gives_ten_or_as_many_as_asked(self):
        zone = "manyones"
        rows = [user(f"hpc-many{n:04}", "one", 45000, n) for n in range(12)]
        done = self.site.import_rows(zone, rows, name="many.csv")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertTrue(within_a_second(lambda: self.read(zone=zone).json["ret_code"] == 0))
        # Open in the documents: the default of `limit` here; the user list's is ten.
        self.assertIn(len(self.assert_answers(self.read(zone=zone))), (10, 12))
        for limit in (1, 11, 12, 100, 101, 10**9):
            self.assertEqual(len(self.assert_answers(self.read(zone=zone, limit=limit))), min(limit, 12))

    def test_a_new_user_gets_its_clusters_mount(self):
        for cluster in self.found():
            self.assertEqual(self.added(cluster=cluster["cluster_id"])["nas_mount_point"], cluster["nas_mount_point"], cluster)

    def test_follows_an_import(self):
        zone = self.new_cluster("ehpc-newone01", user("ehpc-newone01", "one", 45000, 0))
        self.assertEqual(self.ids(zone=zone), {"ehpc-newone01"})


class OperationCase(ReadCase):
    path, action, set_name, fields = OPERATIONS, OPERATIONS_ACTION, "job_set", JOB_FIELDS

    def job(self, job_id, key="operator", **asked):
        found = self.assert_answers(self.read(key, job_ids=job_id, **asked))
        self.assertEqual([job["job_id"] for job in found], [job_id])
        return found[0]

    def ended(self, job_id, **asked) -> dict:
        deadline = time.monotonic() + JOB_SECONDS
        while (job := self.job(job_id, **asked))["status"] == "pending" and time.monotonic() < deadline:
            time.sleep(0.05)
        return job

    def new_jobs(self, act, key="operator", **asked) -> list:
        """The jobs that stand in the log after an act and did not before it."""
        before = {job["job_id"] for job in self.found(key, **asked)}
        act()
        return [job for job in self.found(key, **asked) if job["job_id"] not in before]


class Operations(Reads, OperationCase):
    filters = ("jobs", "job_ids", "status", "job_action", "resource_ids", "owner", "start_time", "end_time", "search_word",
               "reverse", "limit", "offset")

    def setUp(self):
        self.name = fresh_name("op")
        self.done = self.assert_done(self.add(self.name), ADD)
        self.ended(self.done)

    def test_gives_each_job_its_documented_fields(self):
        for job in self.found():
            self.assertRegex(job["job_id"], JOB_ID)
            self.assertIn(job["status"], STATUSES, job)
            self.assertRegex(job["create_time"], TIME)
            self.assertRegex(job["status_time"], TIME)
            self.assertLessEqual(job["create_time"], job["status_time"], job)
            self.assertTrue(job["job_action"], job)
            self.assertIsInstance(job["resource_ids"], str, job)
            self.assertIsInstance(job["submitter"], str, job)

    def test_each_job_is_there_once(self):
        ids = [job["job_id"] for job in self.found()]
        self.assertEqual(len(ids), len(set(ids)))

    def test_a_page_holds_at_most_a_hundred(self):
        self.assertLessEqual(len(self.assert_answers(self.read(limit=1_000_000))), 100)
        self.assertEqual(len(self.assert_answers(self.read(limit=1))), 1)

    def test_finds_a_job_by_its_id_under_both_names(self):
        for name in ("jobs", "job_ids"):
            found = self.assert_answers(self.read(**{name: self.done}))
            self.assertEqual([job["job_id"] for job in found], [self.done], name)
        # Open in the documents: whether both names at once, or an id that does not exist, are faults or find nothing.
        for asked in ({"job_ids": "j-aaaaaaaaaaa"}, {"jobs": "j-aaaaaaaaaaa"}, {"jobs": "j-aaaaaaaaaaa", "job_ids": self.done}):
            answer = self.read(**asked)
            if answer.json["ret_code"] != 0:
                self.assert_refuses_with_one_of(answer, (1100, 2100))
            elif len(asked) == 1:
                self.assertEqual(self.assert_answers(answer), [], asked)

    def test_finds_several_jobs(self):
        # Open in the documents: what stands between several ids; an answer's resource_ids are separated by a space.
        other = self.assert_done(self.modify(self.name), MODIFY) or self.assert_done(self.delete(self.name), DELETE)
        found = []
        for sign in (" ", ","):
            answer = self.read(job_ids=f"{self.done}{sign}{other}")
            if answer.json["ret_code"] == 0:
                found.append({job["job_id"] for job in self.assert_answers(answer)})
        self.assertIn({self.done, other}, found)

    def test_filters_by_status(self):
        self.assert_refuses_write(self.add(self.name), 1510)
        everything = self.found()
        for status in STATUSES:
            with self.subTest(status):
                self.assertEqual([job["job_id"] for job in self.found(status=status)],
                                 [job["job_id"] for job in everything if job["status"] == status])
        self.assertTrue(self.found(status="failed"))
        for other in ("Failed", "done", "success", "failed,pending"):
            with self.subTest(other):
                answer = self.read(status=other)
                if other == "failed,pending" and answer.json["ret_code"] == 0:
                    continue  # Open in the documents: whether several may be asked for.
                self.assert_refuses_read(answer, 1100, "status")

    def test_filters_by_action(self):
        action = self.job(self.done)["job_action"]
        found = self.found(job_action=action)
        self.assertIn(self.done, [job["job_id"] for job in found])
        self.assertEqual({job["job_action"] for job in found}, {action})
        self.assertEqual(len({self.job(self.assert_done(call, path))["job_action"] for call, path in
                              ((self.modify(self.name), MODIFY), (self.delete(self.name), DELETE))} | {action}), 3)

    def test_filters_by_resource(self):
        # Open in the documents: whether a job's resource is the cluster, the user in it, or both.
        row = self.row(self.name)
        resources = self.job(self.done)["resource_ids"].split(" ")
        self.assertTrue({BULK, row["hpcuser_id"], row["user_id"]} & set(resources), resources)
        for resource in resources:
            found = self.found(resource_ids=resource)
            self.assertIn(self.done, [job["job_id"] for job in found])
            self.assertTrue(all(resource in job["resource_ids"].split(" ") for job in found))
        self.assertFalse([job for job in self.assert_found_or_none(resource_ids="hpcuser-zzzzzzzz")])

    def assert_found_or_none(self, **asked) -> list:
        answer = self.read(**asked)
        return self.assert_answers(answer) if answer.json["ret_code"] != 2100 else []

    def test_filters_by_owner(self):
        job = self.assert_done(self.add(fresh_name(), ALPHA, "admin"), ADD)
        self.assertEqual(self.job(job)["owner"], people.ADMIN)
        self.assertEqual(self.job(self.done)["owner"], people.NOBODY)
        found = self.found(owner=people.ADMIN)
        self.assertIn(job, [one["job_id"] for one in found])
        self.assertEqual({one["owner"] for one in found}, {people.ADMIN})
        self.assertEqual(self.assert_found_or_none(owner="usr-NoSuch01"), [])

    def test_filters_by_time(self):
        def at(**offset):
            return (datetime.now(timezone.utc) + timedelta(**offset)).strftime("%Y-%m-%dT%H:%M:%SZ")

        self.assertIn(self.done, [job["job_id"] for job in self.found(start_time=at(minutes=-5), end_time=at(minutes=5))])
        self.assertEqual(self.found(start_time=at(minutes=5)), [])
        self.assertEqual(self.found(end_time=at(days=-1)), [])
        created = self.job(self.done)["create_time"]
        for job in self.found(start_time=created):
            self.assertGreaterEqual(job["create_time"], created)
        for job in self.found(end_time=created):
            self.assertLessEqual(job["create_time"], created)
        for name in ("start_time", "end_time"):
            for value in ("now", "2022-13-01T00:00:00Z", "2022-04-11", "1700000000"):
                with self.subTest(name, value=value):
                    self.assert_refuses_read(self.read(**{name: value}), 1100, name)

    def test_searches(self):
        # Open in the documents: what is searched; nothing holds this word, and no sign is a pattern.
        for word in ("nosuchwordanywhere", "*", "_%_"):
            self.assertEqual(self.found(search_word=word), [], word)

    def test_counts_what_matches_and_not_the_page(self):
        self.assertEqual(self.read(limit=1).json["total_count"], len(self.found()))
        self.assertEqual(self.read(limit=0, job_ids=self.done).json["total_count"], 1)


class EveryOperation(OperationCase):
    def test_logs_what_was_done(self):
        name = fresh_name("log")
        for call, path in ((self.add, ADD), (self.modify, MODIFY), (self.delete, DELETE)):
            with self.subTest(path):
                answers = []
                new = self.new_jobs(lambda: answers.append(call(name)))
                job_id = self.assert_done(answers[0], path)
                self.assertEqual(len(new), 1, new)
                self.assertIn(job_id, (None, new[0]["job_id"]))
                job = self.ended(new[0]["job_id"])
                self.assertEqual(job["status"], "successful", job)
                self.assertFalse(job["error_codes"], job)
                self.assertEqual(job["owner"], people.NOBODY, job)

    def test_logs_states_too(self):
        name = self.added()["username"]
        for members in ({"state": "locked"}, {"expires": "2090-01-01T00:00:00Z"}, {"expires": None}):
            with self.subTest(**members):
                self.assertEqual(len(self.new_jobs(lambda: self.modify(name, **members))), 1)

    def test_logs_what_was_refused(self):
        name, gone = self.added(cluster=ALPHA), fresh_name()
        calls = {
            1510: lambda: self.add(name["username"], ALPHA), 1610: lambda: self.delete(gone, ALPHA), 2110:
            lambda: self.add(gone, ALPHA, uid_number=name["uid_number"]), 1400: lambda: self.delete("admin", ALPHA),
        }
        for code, call in calls.items():
            with self.subTest(code):
                new = self.new_jobs(lambda: self.assert_refuses_write(call(), code))
                self.assertEqual(len(new), 1, new)
                self.assertEqual(new[0]["status"], "failed", new)
                self.assertIn(str(code), json.dumps(new[0]["error_codes"]))

    def test_logs_refused_members_and_wrong_passwords(self):
        row = self.added(cluster=ALPHA)
        key = self.new_key("--user-id", row["user_id"])
        calls = {
            1400: lambda: self.add(fresh_name(), ALPHA, key),
            1660: lambda: self.modify(row["username"], ALPHA, key, password="wrong", new_password=self.password),
        }
        for code, call in calls.items():
            with self.subTest(code):
                new = self.new_jobs(lambda: self.assert_refuses_write(call(), code))
                self.assertEqual([(job["status"], job["owner"]) for job in new], [("failed", row["user_id"])], new)
                self.assertIn(str(code), json.dumps(new[0]["error_codes"]))

    def test_logs_refused_names_and_passwords(self):
        # Open in the documents: "every operation is logged, failed ones too", but only "after signature and syntax hold".
        for code, call in ((1520, lambda: self.add("-rf")), (1630, lambda: self.add(fresh_name(), password="short"))):
            new = self.new_jobs(lambda: self.assert_refuses_write(call(), code))
            self.assertLessEqual(len(new), 1)
            self.assertTrue(all(job["status"] == "failed" and str(code) in json.dumps(job["error_codes"]) for job in new), new)

    def test_logs_an_unknown_cluster(self):
        # Open in the documents: in which zone's log such an operation stands, when it is in the operator's at all.
        new = self.new_jobs(lambda: self.assert_refuses_write(self.add(fresh_name(), UNKNOWN_CLUSTER), 2100))
        self.assertTrue(all(job["status"] == "failed" for job in new), new)
        self.assertEqual(len(new), 1, "every operation is logged, failed ones too")

    def test_logs_no_request_whose_signature_or_syntax_is_bad(self):
        def flood():
            self.write(ADD, b"{")
            self.write(ADD, self.add_members(7))
            self.write(ADD, self.add_members(fresh_name()), self.forged())
            self.write(ADD, self.add_members(fresh_name()), seconds=-3600)

        self.assertEqual(self.new_jobs(flood), [])

    def test_logs_a_replay_once(self):
        request = self.signed_write(ADD, self.add_members(fresh_name()))
        refused = self.signed_write(DELETE, self.delete_members(fresh_name()))
        self.assertEqual(len(self.new_jobs(lambda: [self.post(*request) for _ in range(3)])), 1)
        self.assertEqual(len(self.new_jobs(lambda: [self.post(*refused) for _ in range(3)])), 1)

    def test_reads_are_not_operations(self):
        self.assertEqual(self.new_jobs(lambda: [self.ask(), self.read(), self.ask(path=CLUSTERS)]), [])

    def test_logs_no_secret(self):
        # `ask` fails where an answer holds a password that was marked as one.
        name = self.added(password=self.secret("Logged0Never((("))["username"]
        self.modify(name, new_password=self.secret("Logged1Never)))"))
        self.found()

    def test_keeps_the_log_over_a_restart(self):
        self.assert_done(self.add(fresh_name()), ADD)
        self.assert_refuses_write(self.delete(fresh_name()), 1610)
        self.assertTrue(self.none_pending())
        before = self.found()
        for end in (self.site.stop, self.site.kill):
            end()
            self.site.serve()
            self.assertEqual(self.found(), before)

    def none_pending(self) -> bool:
        deadline = time.monotonic() + JOB_SECONDS
        while self.found(status="pending"):
            if time.monotonic() > deadline:
                return False
            time.sleep(0.05)
        return True

    def test_leaves_no_job_unfinished_after_a_kill(self):
        jobs = [self.assert_done(self.add(fresh_name()), ADD) for _ in range(10)]
        self.site.kill()
        self.site.serve()
        self.assertTrue(self.none_pending(), "jobs are pending after the restart")
        for job in jobs:
            self.assertEqual(self.job(job)["status"], "successful")


class OperationScope(OperationCase):
    def setUp(self):
        self.by_operator = self.assert_done(self.add(fresh_name(), ALPHA), ADD)
        self.elsewhere = self.assert_done(self.add(fresh_name(), BULK), ADD)
        self.far = self.assert_done(self.add(fresh_name(), FAR, zone=FAR_ZONE), ADD)
        refused = self.new_jobs(lambda: self.assert_refuses_write(self.add(fresh_name(), ALPHA, "member"), 1400))
        self.by_member = refused[0]["job_id"]

    def ids(self, key, **asked):
        return {job["job_id"] for job in self.found(key, **asked)}

    def test_gives_an_empty_page_past_the_end_to_every_key(self):
        for key in ("operator", "boss", "admin", "member"):
            for offset in (100_000, 2**63 - 1):
                with self.subTest(key=key, offset=offset):
                    self.assertEqual(self.assert_answers(self.read(key, offset=offset)), [])
                    self.assertEqual(self.assert_answers(self.read(key, offset=offset, limit=2**63 - 1, status="failed")), [])

    def test_operator_and_boss_see_everything(self):
        for key in ("operator", "boss"):
            self.assertLessEqual({self.by_operator, self.elsewhere, self.by_member}, self.ids(key))
            self.assertIn(self.far, self.ids(key, zone=FAR_ZONE))

    def test_an_admin_sees_its_clusters(self):
        seen = self.ids("admin")
        self.assertLessEqual({self.by_operator, self.by_member}, seen)
        self.assertNotIn(self.elsewhere, seen)
        self.assertNotIn(self.far, seen | self.ids("admin", zone=FAR_ZONE) | self.ids("two_rows", zone=FAR_ZONE))
        self.assertIn(self.far, self.ids("far_admin", zone=FAR_ZONE))
        self.assertFalse({self.by_operator, self.elsewhere} & self.ids("far_admin"))

    def test_an_admin_learns_of_no_other_cluster(self):
        """One import of several clusters is one operation; what an admin sees of it must not name clusters it cannot see."""
        for key, own in (("admin", {ALPHA}), ("two_rows", {BETA}), ("far_admin", {FAR})):
            for job in self.found(key, zone=FAR_ZONE if key == "far_admin" else ZONE):
                if job["owner"] not in (people.ADMIN, people.TWO_ROWS, people.FAR_ADMIN):
                    named = {cluster for cluster in (ALPHA, BETA, BULK, FAR) if cluster in json.dumps(job)}
                    self.assertLessEqual(named, own | ({ALPHA} if key == "two_rows" else set()), job)

    def test_a_member_sees_what_it_asked_for(self):
        found = self.found("member")
        self.assertIn(self.by_member, [job["job_id"] for job in found])
        self.assertEqual({job["owner"] for job in found}, {people.MEMBER})
        # As admin of one cluster and member of another it sees of the other only what it asked for.
        self.assertFalse({self.by_operator, self.elsewhere, self.by_member} & self.ids("two_rows"))

    def test_no_filter_shows_more(self):
        for asked in ({"owner": people.NOBODY}, {"job_ids": self.by_operator}, {"resource_ids": ALPHA}, {"status": "successful"}):
            with self.subTest(**asked):
                answer = self.read("member", **asked)
                if answer.json["ret_code"] == 0:
                    self.assertNotIn(self.by_operator, [job["job_id"] for job in self.assert_answers(answer)])
                else:
                    self.assert_refuses_with_one_of(answer, (1400, 2100))

    def test_a_job_that_may_not_be_seen_is_as_one_that_is_not_there(self):
        hidden, unknown = self.read("member", job_ids=self.by_operator), self.read("member", job_ids="j-aaaaaaaaaaa")
        self.assertEqual(hidden.json["ret_code"], unknown.json["ret_code"], f"{hidden}{unknown}")

    def test_a_bound_reader_sees_no_other_cluster(self):
        # Open in the documents: whether a reader sees operations at all ("lists and LDAP searches").
        for key, hidden in (("alpha_reader", self.elsewhere), ("reader", None)):
            answer = self.read(key)
            if answer.json["ret_code"] == 0:
                self.assertNotIn(hidden, [job["job_id"] for job in self.found(key)])
            else:
                self.assert_refuses_with_one_of(answer, (1400,))

    def test_an_account_without_rows_sees_nothing(self):
        row = self.added()
        key = self.new_key("--user-id", row["user_id"])
        self.assert_done(self.delete(row["username"]), DELETE)
        self.assert_refuses_read(self.read(key), 1200)


if __name__ == "__main__":
    unittest.main()

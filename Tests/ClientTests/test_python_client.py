"""The client of Examples/clients/python, held against the independent one of these tests."""

import ast
import dataclasses
import itertools
import os
import re
import sys
import threading
import time
import traceback
import unittest
from unittest import mock

import people
from client_site import MANY_ZONE, TWO_THOUSAND, setUpModule, tearDownModule  # noqa: F401 (unittest looks for the two functions)
from front import Front, answered, begun, cut, dropped, forwarded, raw
from people import ALPHA, BETA, BULK, ODD_NAMES, user
from running_site import REPOSITORY, free_port
from signer import Habits, signed_target
from write_case import JOB_ID, WriteCase, fresh_name

CLIENT = REPOSITORY / "Examples/clients/python"
DOCUMENT = REPOSITORY / "docs/api.md"
sys.path.insert(0, str(CLIENT))
import roster  # noqa: E402

COMMON = {"access_key_id", "signature", "signature_method", "signature_version", "timestamp", "version", "zone"}


class ClientCase(WriteCase):
    def client(self, key="operator", endpoint=None, *, zone=people.ZONE, retry_seconds=10, **options) -> roster.Client:
        key = roster.AccessKey(self.key(key).id, self.key(key).secret)
        return roster.Client(endpoint or self.site.endpoint, key, zone, retry_seconds=retry_seconds, **options)

    def front(self, *actions) -> Front:
        return self.enterContext(Front(*actions))

    def refused(self, kind, call, *arguments, **keywords):
        """The error of a call, which shows no secret however it is printed."""
        with self.assertRaises(kind) as raised:
            call(*arguments, **keywords)
        error = raised.exception
        self.assertIs(type(error), kind)
        printed = "".join(traceback.format_exception(error)) + repr(error)
        self.assertFalse(any(secret in printed for secret in self.site.secrets), "an error shows a secret")
        return error

    def jobs(self, action: str, **asked) -> list:
        """The jobs of an action, by the independent client, the newest first."""
        return self.ask(path="/api/operation", job_action=action, reverse=1, limit=100, **asked).json["job_set"]

    def rows(self, users) -> list:
        return [dataclasses.asdict(one) for one in users]


class Lists(ClientCase):
    def test_gives_what_the_independent_client_gets(self):
        for key in ("operator", "reader", "alpha_reader", "boss", "admin", "member", "two_rows"):
            with self.subTest(key):
                found = self.rows(self.client(key).list_users())
                self.assertEqual(found, self.all_users(key))
                self.assertTrue(found)

    def test_passes_every_parameter_on(self):
        asked = [
            {"cluster_id": BULK}, {"user_id": people.TWO_ROWS}, {"search_word": "anna", "cluster_id": BETA},
            {"search_word": "1002", "search_in": ["username", "uid_number"]}, {"username": "ANNA"},
            {"uid_number": 10000}, {"uid_number": "10000"}, {"gid_number": 42000}, {"group_name": "admin"},
            {"role": "boss"}, {"state": "locked"}, {"sort_key": "username"}, {"sort_key": "uid_number", "reverse": True},
            {"search_word": ""}, {"reverse": False},
        ]
        for parameters in asked:
            with self.subTest(parameters):
                found = self.rows(self.client().list_users(**parameters))
                sent = {name: ",".join(value) if isinstance(value, list) else int(value) if value is True else value
                        for name, value in parameters.items() if value is not False}
                self.assertEqual(found, self.all_users(**sent))
        self.assertLess(self.client().list_users(role="boss").count(), self.client().list_users(role="member").count())

    def test_finds_names_with_every_odd_sign(self):
        for word in [*ODD_NAMES, "%", "*", "+", "~", " ", "a b", "中文", "'()!*~ +%2B中文&=#?/\\\"", "é"]:
            with self.subTest(word):
                found = self.rows(self.client().list_users(search_word=word))
                self.assertEqual(found, self.all_users(search_word=word))
                self.assertEqual(len(found), len(people.named_like(word)))

    def test_shows_all_of_each_user_on_request(self):
        found = list(self.client().list_users(cluster_id=ALPHA, username="anna", verbose=True))
        shown = self.ask(cluster_id=ALPHA, username="anna", verbose="1").json["user_set"]
        self.assertEqual(self.rows(found), shown)
        self.assertEqual(found, [self.client().describe_user(cluster_id=ALPHA, username="anna")])
        self.assertEqual(found, [self.client().describe_user(cluster_id=ALPHA, uid_number=found[0].uid_number)])
        self.assertEqual(found, [self.client().describe_user(cluster_id=ALPHA, hpcuser_id=found[0].hpcuser_id)])

    def test_fetches_two_thousand_users_in_twenty_pages(self):
        front = self.front(forwarded(self.site))
        found = self.rows(self.client(endpoint=front.endpoint, zone=MANY_ZONE).list_users())
        self.assertEqual(found, people.oldest_first(TWO_THOUSAND))
        self.assertEqual(found, self.all_users(zone=MANY_ZONE))
        self.assertEqual(len(front.requests), 20)

    def test_gives_single_pages_and_counts(self):
        listed = self.client().list_users(cluster_id=BULK)
        total = self.ask(cluster_id=BULK).json["total_count"]
        page = listed.page(limit=3, offset=total - 2)
        self.assertEqual((page.total_count, len(page.elements)), (total, 2))
        self.assertEqual(self.rows(page.elements), self.users(cluster_id=BULK, limit=3, offset=total - 2))
        self.assertEqual(listed.page(offset=1000), roster.Page(total, []))
        self.assertEqual(len(listed.page(limit=1000).elements), 100)
        self.assertEqual(listed.count(), total)
        self.assertEqual(list(self.client().list_users(search_word="nobody-at-all")), [])

    def test_reads_the_list_under_either_name(self):
        for name in ("user_set", "users_set"):
            row = user(ALPHA, name, 1, 0)
            front = self.front(answered(ret_code=0, total_count=1, **{name: [row]}))
            self.assertEqual(self.rows(self.client(endpoint=front.endpoint).list_users()), [row])

    def test_an_endless_list_ends_where_pages_are_empty(self):
        front = self.front(answered(ret_code=0, total_count=5, user_set=[]))
        self.assertEqual(list(self.client(endpoint=front.endpoint).list_users()), [])

    def test_lists_the_rest(self):
        client = self.client()
        for listed, path, asked, name in (
                (client.list_clusters(search_word="hpc", sort_key="cluster_name", reverse=True), "/api/cluster/list",
                 {"search_word": "hpc", "sort_key": "cluster_name", "reverse": 1}, "cluster_set"),
                (client.list_groups(sort_key="gid_number"), "/api/group", {"sort_key": "gid_number"}, "group_set"),
                (client.list_operations(status="successful", reverse=True, resource_ids=[ALPHA, BETA]), "/api/operation",
                 {"status": "successful", "reverse": 1, "resource_ids": f"{ALPHA},{BETA}"}, "job_set")):
            with self.subTest(path):
                expected = self.ask(path=path, limit=100, **asked).json[name]
                found = self.rows(listed)
                self.assertTrue(found)
                self.assertEqual(found, [{name: row[name] for name in found[0]} for row in expected])

    def test_sends_only_what_it_is_given(self):
        front = self.front(forwarded(self.site))
        list(self.client(endpoint=front.endpoint).list_users(search_word="anna"))
        names = {pair.split("=")[0] for pair in front.targets[0].split("?")[1].split("&")}
        self.assertEqual(names, COMMON | {"search_word", "limit", "offset"})


class Commands(ClientCase):
    def test_every_command_does_what_it_says(self):
        client, name, group = self.client(), fresh_name(), fresh_name("g")
        job = client.add_user(cluster_id=BULK, username=name, password=self.password, mod="750", uid_number=31000)
        self.assertRegex(job, JOB_ID)
        self.assertEqual(self.jobs("AddUser")[0]["job_id"], job)
        row = self.row(name)
        self.assertEqual((row["mod"], row["uid_number"]), ("750", "31000"))
        client.modify_user(cluster_id=BULK, username=name, new_password=self.other_password, state="locked",
                           expires="2040-01-01T00:00:00Z", login_shell="/bin/zsh", gecos="A, B",
                           attributes={"mail": ["a@example.org", "b@example.org"], "title": "Dr 中"})
        shown = client.describe_user(cluster_id=BULK, username=name)
        self.assertEqual((shown.state, shown.expires, shown.login_shell, shown.gecos),
                         ("locked", "2040-01-01T00:00:00Z", "/bin/zsh", "A, B"))
        self.assertEqual(shown.attributes["title"], ["Dr 中"])
        client.modify_user(cluster_id=BULK, username=name, expires=None, gecos="", state="active",
                           attributes={"title": None}, add_attributes={"mail": "c@example.org"},
                           delete_attributes={"mail": ["a@example.org"]})
        shown = client.describe_user(cluster_id=BULK, username=name)
        self.assertEqual((shown.state, shown.expires, shown.gecos), ("active", None, ""))
        self.assertEqual(shown.attributes, {"mail": ["b@example.org", "c@example.org"]})

        client.create_group(cluster_id=BULK, group_name=group, gid_number=32000)
        client.modify_group(cluster_id=BULK, group_name=group, add_members=[name], add_member_names=["outsider"])
        found = [one for one in client.list_groups(cluster_id=BULK) if one.group_name == group]
        self.assertEqual(found, [roster.Group(BULK, "32000", group, False, [name], [], ["outsider"])])
        client.modify_group(cluster_id=BULK, group_name=group, remove_members=[name])
        client.delete_group(cluster_id=BULK, group_name=group)
        self.assertEqual(client.list_groups(cluster_id=BULK, search_word=group).count(), 0)

        client.delete_user(cluster_id=BULK, username=name)
        self.assertIsNone(self.row(name))
        holder, = client.uid_history(cluster_id=BULK, uid_number=31000)
        self.assertEqual((holder.username, holder.hpcuser_id), (name, row["hpcuser_id"]))
        self.assertIsNotNone(holder.until_time)
        self.assertEqual(client.uid_history(cluster_id=BULK, uid_number=31000, at="2001-01-01T00:00:00Z"), [])

    def test_clusters_and_map_entries(self):
        client = self.client()
        cluster = client.create_cluster(cluster_type="ehpc", cluster_name="One 中", nas_mount_point="/public/one",
                                        uid_first=50_000, uid_last="50100", description="made")
        client.modify_cluster(cluster_id=cluster, cluster_name="Two", description="")
        found, = client.list_clusters(cluster_id=cluster)
        self.assertEqual((found.cluster_id, found.cluster_name, found.nas_mount_point), (cluster, "Two", "/public/one"))
        self.assertEqual(self.ask(path="/api/cluster/list", cluster_id=cluster).json["total_count"], 1)
        client.put_map_entry(cluster_id=cluster, place="ou=sudoers", kind="organizationalUnit", attributes=[])
        client.put_map_entry(cluster_id=cluster, place="cn=ops,ou=sudoers", kind="sudoRole",
                             attributes=["sudoUser: %wheel", "sudoHost: ALL", "sudoCommand: ALL"])
        self.assertEqual([one.place for one in client.list_map_entries(cluster_id=cluster)],
                         ["ou=sudoers", "cn=ops,ou=sudoers"])
        self.assertEqual(client.list_map_entries(cluster_id=cluster, kind="sudoRole").count(), 1)
        entry = client.describe_map_entry(cluster_id=cluster, place="cn=ops,ou=sudoers")
        self.assertEqual((entry.kind, entry.attributes["sudoUser"]), ("sudoRole", ["%wheel"]))
        self.refused(roster.NotPermitted, client.remove_map_entry, cluster_id=cluster, place="ou=sudoers")
        client.remove_map_entry(cluster_id=cluster, place="ou=sudoers", subordinates=True)
        self.assertEqual(client.list_map_entries(cluster_id=cluster).count(), 0)

    def test_the_log_is_verified(self):
        first = self.client().verify_operations()
        self.assertIsNone(first.fault)
        self.client().create_group(cluster_id=BULK, group_name=fresh_name("g"))
        again = self.client().verify_operations(head=first.head)
        self.assertIsNone(again.fault)
        self.assertGreater(again.event_count, first.event_count)
        number, _, code = again.head.partition(":")
        events = list(self.client().export_operations(after=int(number) - 2))
        self.assertEqual([event["sequence"] for event in events[:2]], [int(number) - 1, int(number)])
        self.assertEqual(events[1]["code"], code)
        other = first.head[:-1] + ("0" if first.head[-1] != "0" else "1")
        self.assertIsNotNone(self.client().verify_operations(head=other).fault)

    def test_health(self):
        self.assertTrue(self.client().is_live())
        health = self.client().health()
        self.assertEqual((health.status, health.message), ("ready", None))
        self.assertGreater(health.revision, 0)
        self.assertFalse(self.client(endpoint=f"http://127.0.0.1:{free_port()}").is_live())
        described = self.client().describe_api()
        self.assertEqual((described["openapi"], "/api/user" in described["paths"]), ("3.1.0", True))
        front = self.front(answered(503, status="starting"))
        self.refused(roster.Busy, self.client(endpoint=front.endpoint).health)

    def test_two_equal_commands_in_one_second_are_two(self):
        name = self.added()["username"]
        now = time.time()
        client = self.client(clock=lambda: now)
        jobs = [client.modify_user(cluster_id=BULK, username=name, gecos="same") for _ in range(3)]
        self.assertEqual(len(set(jobs)), 3)

    def test_asks_for_the_revision_that_it_made(self):
        front = self.front(forwarded(self.site))
        client = self.client(endpoint=front.endpoint)
        client.list_users().count()
        client.create_group(cluster_id=BULK, group_name=fresh_name("g"))
        client.list_users().count()
        asked = [re.findall(rb"(?m)^Roster-Revision: (\d+)", request) for request in front.requests]
        self.assertEqual(asked, [[], [], [str(client.revision).encode()]])
        client.revision += 1000
        self.refused(roster.Busy, self.client_with(client, retry_seconds=0).list_users().count)

    def client_with(self, client, **changed):
        for name, value in changed.items():
            setattr(client, name, value)
        return client

    def test_threads_may_share_a_client(self):
        client, names, faults = self.client(), [fresh_name() for _ in range(8)], []

        def add(name):
            try:
                client.add_user(cluster_id=BULK, username=name, password=self.password)
                client.describe_user(cluster_id=BULK, username=name)
            except roster.RosterError as error:
                faults.append(error)

        threads = [threading.Thread(target=add, args=(name,)) for name in names]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(faults, [])
        for name in names:
            self.assertIsNotNone(self.row(name))


class Errors(ClientCase):
    def test_each_is_of_its_own_class(self):
        client, member = self.client(), self.client("member")
        new = {"cluster_id": BULK, "username": fresh_name(), "password": self.password}
        for kind, call, keywords in (
                (roster.InvalidParameter, client.describe_user, {"cluster_id": ALPHA}),
                (roster.NotPermitted, client.delete_user, {"cluster_id": BULK, "username": "admin"}),
                (roster.NotPermitted, member.add_user, {**new, "cluster_id": ALPHA}),
                (roster.UserExists, client.add_user, {**new, "username": "NODE000".lower()}),
                (roster.NameRefused, client.add_user, {**new, "username": "root"}),
                (roster.UserNotFound, client.delete_user, {"cluster_id": BULK, "username": "nobody-at-all"}),
                (roster.PasswordRefused, client.add_user, {**new, "password": self.secret("tooshort")}),
                (roster.WrongPassword, member.modify_user,
                 {"cluster_id": ALPHA, "username": "anna", "password": self.password, "new_password": self.other_password}),
                (roster.NotFound, client.delete_user, {"cluster_id": people.UNKNOWN_CLUSTER, "username": "anna"}),
                (roster.AlreadyExists, client.add_user, {**new, "uid_number": 10000}),
                (roster.NotAuthenticated, self.client(self.forged()).verify_operations, {}),
                (roster.RequestExpired, self.client(clock=lambda: time.time() - 90).verify_operations, {}),
                (roster.RequestExpired, self.client(clock=lambda: time.time() + 90).delete_user,
                 {"cluster_id": BULK, "username": "node001"})):
            with self.subTest(kind.__name__):
                error = self.refused(kind, call, **keywords)
                self.assertIs(roster.ERRORS[error.ret_code], kind)
                self.assertTrue(error.message)
                self.assertRegex(error.request_id, r"^\w+$")
        self.assertIsNotNone(self.row("node001"))

    def test_knows_every_code_of_the_document(self):
        table = re.findall(r"(?m)^\| (\d+) \| (\d+) \|", DOCUMENT.read_text())
        self.assertEqual({int(code) for code, _ in table} - {0}, set(roster.ERRORS))
        for code, status in table:
            if code != "0":
                with self.subTest(code=code, status=status):
                    front = self.front(answered(int(status), ret_code=int(code), message="told"))
                    error = self.refused(roster.ERRORS[int(code)], list, self.client(endpoint=front.endpoint, retry_seconds=0).list_users())
                    self.assertEqual((error.ret_code, error.message, error.status), (int(code), "told", int(status)))

    def test_a_code_that_nobody_knows_is_an_error_too(self):
        front = self.front(answered(ret_code=4242, message="new"))
        error = self.refused(roster.ApiError, self.client(endpoint=front.endpoint).delete_user, cluster_id=BULK, username="x")
        self.assertEqual((error.ret_code, len(front.requests)), (4242, 1))

    def test_needs_no_newer_python_than_it_says(self):
        source = (CLIENT / "roster.py").read_text()
        self.assertIn("Python 3.9 or newer", source)
        ast.parse(source, feature_version=(3, 9))

    def test_has_a_method_for_every_call_of_the_document(self):
        told = re.findall(r"(GET|POST) (/(?:api|health)/[\w/.]*\w)", DOCUMENT.read_text())
        held = " ".join(method.__doc__ or "" for method in vars(roster.Client).values() if callable(method))
        self.assertGreater(len(set(told)), 12)
        for method, path in told:
            self.assertIn(f"`{method} {path}`", held)

    def test_what_is_not_json_is_no_response(self):
        for act in (raw("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n", (), b"<html>"), answered(200), answered(ret_code="0"),
                    raw("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:9/\r\n", (), b"[]"), begun(self.site)):
            front = self.front(act)
            self.refused(roster.NoResponse, self.client(endpoint=front.endpoint, retry_seconds=0).list_users().count)


class Retries(ClientCase):
    """A command runs once, however often it is sent."""

    def retried(self, *actions):
        """A client whose requests meet these actions, and then the server. Whatever it signs has a time of its own."""
        front, seconds = self.front(*actions, forwarded(self.site)), itertools.count()
        return front, self.client(endpoint=front.endpoint, clock=lambda: time.time() - next(seconds))

    def assert_same_request(self, front, count: int):
        self.assertEqual(len(front.requests), count)
        self.assertEqual(len(set(front.requests)), 1, "a command was not sent again as it was")

    def test_an_add_whose_response_is_lost_runs_once(self):
        for lose in (cut(self.site), begun(self.site)):
            name = fresh_name()
            front, client = self.retried(lose, lose)
            job = client.add_user(cluster_id=BULK, username=name, password=self.password)
            self.assert_same_request(front, 3)
            self.assertIsNotNone(self.row(name))
            self.assertEqual([one["job_id"] for one in self.jobs("AddUser", resource_ids=self.row(name)["hpcuser_id"])], [job])

    def test_a_modify_and_a_delete_run_once(self):
        row = self.added()
        front, client = self.retried(cut(self.site))
        job = client.modify_user(cluster_id=BULK, username=row["username"], gecos="once")
        self.assert_same_request(front, 2)
        self.assertEqual([one["job_id"] for one in self.jobs("ModifyUser", resource_ids=row["username"])], [job])
        front, client = self.retried(cut(self.site))
        job = client.delete_user(cluster_id=BULK, username=row["username"])
        self.assert_same_request(front, 2)
        self.assertEqual([one["job_id"] for one in self.jobs("DeleteUser", resource_ids=row["username"])], [job])
        self.assertIsNone(self.row(row["username"]))

    def test_a_server_that_is_killed_after_the_write_runs_it_once(self):
        def restart():
            self.site.kill()
            self.site.serve()

        name = fresh_name()
        front, client = self.retried(cut(self.site, restart))
        job = client.add_user(cluster_id=BULK, username=name, password=self.password)
        self.assert_same_request(front, 2)
        self.assertEqual([one["job_id"] for one in self.jobs("AddUser", resource_ids=self.row(name)["hpcuser_id"])], [job])

    def test_a_server_that_is_away_is_waited_for(self):
        endpoint, name = self.site.endpoint, fresh_name()
        port, self.site.port = self.site.port, 0
        self.site.kill()
        client = self.client(endpoint=endpoint, retry_seconds=20)
        with mock.patch("running_site.free_port", lambda: port):
            starts = threading.Timer(0.5, self.site.serve)
            starts.start()
            job = client.add_user(cluster_id=BULK, username=name, password=self.password)
            starts.join()
        self.assertEqual([one["job_id"] for one in self.jobs("AddUser", resource_ids=self.row(name)["hpcuser_id"])], [job])

    def test_a_lost_refusal_is_told_too(self):
        front, client = self.retried(cut(self.site))
        self.refused(roster.UserExists, client.add_user, cluster_id=BULK, username="node000", password=self.password)
        self.assert_same_request(front, 2)

    def test_a_request_that_never_arrived_runs_once(self):
        name = fresh_name()
        front, client = self.retried(dropped, dropped)
        client.add_user(cluster_id=BULK, username=name, password=self.password)
        self.assert_same_request(front, 3)
        self.assertIsNotNone(self.row(name))

    def test_busy_and_too_many_calls_are_waited_out_with_the_same_request(self):
        name = fresh_name()
        front, client = self.retried(
            answered(ret_code=5100, message="try again"), answered(503, ret_code=5100, message="starting"),
            answered(ret_code=2500, message="too many", headers=("Retry-After: 1",)))
        begun_at = time.monotonic()
        client.add_user(cluster_id=BULK, username=name, password=self.password)
        self.assertGreaterEqual(time.monotonic() - begun_at, 1)
        self.assert_same_request(front, 4)

    def test_a_wait_that_is_too_long_is_the_callers(self):
        front = self.front(answered(ret_code=2500, message="too many", headers=("Retry-After: 1800",)))
        error = self.refused(roster.TooManyCalls, self.client(endpoint=front.endpoint).delete_user, cluster_id=BULK, username="node002")
        self.assertEqual((error.retry_after, len(front.requests)), (1800, 1))

    def test_other_refusals_are_not_repeated(self):
        for code in set(roster.ERRORS) - {5100}:
            front = self.front(answered(ret_code=code, message="no"))
            self.refused(roster.ERRORS[code], self.client(endpoint=front.endpoint).delete_user, cluster_id=BULK, username="node002")
            self.assertEqual(len(front.requests), 1)

    def test_an_outcome_that_nobody_tells_is_unknown(self):
        name = fresh_name()
        front = self.front(cut(self.site))
        seconds = itertools.count()
        client = self.client(endpoint=front.endpoint, retry_seconds=0.5, clock=lambda: time.time() - next(seconds))
        self.refused(roster.OutcomeUnknown, client.add_user, cluster_id=BULK, username=name, password=self.password)
        self.assertGreater(len(front.requests), 1)
        self.assertEqual(len(set(front.requests)), 1)
        self.assertEqual(len(self.jobs("AddUser", resource_ids=self.row(name)["hpcuser_id"])), 1)

    def test_a_refusal_before_the_replay_is_looked_up_tells_nothing(self):
        for code in (1200, 1300, 2500, 5000, 5300):
            with self.subTest(code):
                front = self.front(dropped, answered(ret_code=code, message="no"))
                client = self.client(endpoint=front.endpoint)
                self.refused(roster.OutcomeUnknown, client.delete_user, cluster_id=BULK, username="node002")
        front = self.front(answered(ret_code=5100, message="the store went away during the write"))
        self.refused(roster.OutcomeUnknown, self.client(endpoint=front.endpoint, retry_seconds=0).delete_user, cluster_id=BULK,
                     username="node002")

    def test_without_a_connection_nothing_ran(self):
        client = self.client(endpoint=f"http://127.0.0.1:{free_port()}", retry_seconds=0.3)
        self.refused(roster.NotConnected, client.delete_user, cluster_id=BULK, username="node002")
        self.refused(roster.NotConnected, client.list_users().count)

    def test_a_server_that_keeps_silent_is_given_up(self):
        ends = threading.Event()
        self.addCleanup(ends.set)
        front = self.front(lambda request: ends.wait(20) and None)
        client = self.client(endpoint=front.endpoint, retry_seconds=0, timeout=0.2)
        self.refused(roster.NoResponse, client.list_users().count)
        ends.set()

    def test_a_read_is_signed_anew(self):
        front, client = self.retried(cut(self.site), dropped, answered(ret_code=5100, message="busy"))
        self.assertEqual(self.rows(client.list_users(search_word="anna")), self.all_users(search_word="anna"))
        # Two attempts of one second have one signature, as it names the second.
        self.assertEqual(len(front.targets), 4)
        self.assertGreater(len(set(front.targets)), 1)

    def test_pages_go_on_after_a_lost_one(self):
        front, client = self.retried(forwarded(self.site), cut(self.site))
        self.assertEqual(self.rows(client.list_users(cluster_id=BULK, sort_key="username")),
                         self.all_users(cluster_id=BULK, sort_key="username"))
        self.assertEqual(len(front.requests), 3)


class Signing(ClientCase):
    def test_signs_as_the_independent_signer_does(self):
        key = roster.AccessKey("ABCDEFGHIJKLMNOPQRST", "an example of a secret")
        for word in ["plain", *ODD_NAMES, "~*!'() +%中文&=#?/\\\"\n\0"]:
            for method, body in (("GET", b""), ("POST", '{"a":"中"}'.encode())):
                target = roster.signed_target(key, method, "/api/user", {"zone": "pek3", "search_word": word}, body, now=1_700_000_000)
                pairs = {"access_key_id": key.id, "timestamp": "2023-11-14T22:13:20Z", "version": "1", "signature_method": "HmacSHA256",
                         "signature_version": "1", "zone": "pek3", "search_word": word}
                self.assertEqual(target, signed_target(method, "/api/user", pairs, key, Habits(), body))


class Encrypted(ClientCase):
    @property
    def endpoint(self) -> str:
        return f"https://127.0.0.1:{self.site.https_port}"

    def test_trusts_the_file_that_it_is_given(self):
        client = self.client(endpoint=self.endpoint, ca_file=self.site.certificate)
        self.assertEqual(self.rows(client.list_users(cluster_id=BETA)), self.all_users(cluster_id=BETA))

    def test_refuses_a_certificate_that_nobody_vouches_for(self):
        client = self.client(endpoint=self.endpoint)
        begun_at = time.monotonic()
        self.refused(roster.CertificateRefused, client.delete_user, cluster_id=BULK, username="node002")
        self.assertLess(time.monotonic() - begun_at, 5)

    def test_refuses_a_certificate_of_another_name(self):
        client = self.client(endpoint=f"https://localhost:{self.site.https_port}", ca_file=self.site.certificate)
        self.refused(roster.CertificateRefused, client.list_users().count)

    def test_tells_a_file_that_is_not_there(self):
        error = self.refused(roster.SettingsError, self.client, endpoint=self.endpoint, ca_file="/nowhere/ca.pem")
        self.assertIn("/nowhere/ca.pem", str(error))


class Settings(ClientCase):
    """Settings come from arguments, the environment and two files, in this order."""

    def setUp(self):
        home = self.site.folder / fresh_name("home")
        self.ours, self.vendors = home / ".config/roster/config.yaml", home / ".qingcloud/config.yaml"
        for file in (self.ours, self.vendors):
            file.parent.mkdir(parents=True)
        kept = {name: value for name, value in os.environ.items() if not name.startswith("ROSTER_")}
        self.enterContext(mock.patch.dict(os.environ, {**kept, "HOME": str(home)}, clear=True))

    def settings(self, **arguments):
        client = roster.Client.from_settings(**arguments)
        return client.endpoint, client.zone, client._key.id, client._key.secret

    def test_come_from_the_environment(self):
        key = self.key("operator")
        os.environ.update(ROSTER_ENDPOINT=self.site.endpoint, ROSTER_ZONE=people.ZONE, ROSTER_ACCESS_KEY_ID=key.id,
                          ROSTER_SECRET_ACCESS_KEY=key.secret)
        self.vendors.write_text("this is: [not, flat\n??\n")  # not read, as nothing is missing
        self.assertEqual(self.rows(roster.Client.from_settings().list_users()), self.all_users())
        self.assertEqual(self.settings(endpoint="http://h", zone="z"), ("http://h", "z", key.id, key.secret))

    def test_come_from_the_vendors_file(self):
        for quote, end in (("", ""), ("'", ""), ('"', "  # told"), ("", " # told"), ("", "\r")):
            self.vendors.write_text("# of the vendor\n\n---\n" + "".join(f"{name}: {quote}{value}{quote}{end}\n" for name, value in (
                ("qy_access_key_id", "AKID"), ("qy_secret_access_key", "sec:r#et/+="), ("zone", "pek3"))) + "nested:\n  host: 'a'\n- b\n")
            self.assertEqual(self.settings(), (roster.DEFAULT_ENDPOINT, "pek3", "AKID", "sec:r#et/+="), quote)

    def test_the_nearer_source_wins_and_a_key_is_of_one_piece(self):
        self.vendors.write_text("qy_access_key_id: V\nqy_secret_access_key: vs\nzone: vz\n")
        self.ours.write_text("access_key_id: O\nsecret_access_key: os\nendpoint: http://ours\n")
        self.assertEqual(self.settings(), ("http://ours", "vz", "O", "os"))
        os.environ.update(ROSTER_ZONE="ez", ROSTER_ACCESS_KEY_ID="E")
        self.assertIn("secret_access_key", str(self.refused(roster.SettingsError, self.settings)))
        os.environ.update(ROSTER_SECRET_ACCESS_KEY="es")
        self.assertEqual(self.settings(), ("http://ours", "ez", "E", "es"))

    def test_a_fault_names_its_place_and_shows_nothing(self):
        self.assertIn("ROSTER_ZONE", str(self.refused(roster.SettingsError, self.settings)))
        os.environ["ROSTER_ZONE"] = "z"
        self.assertIn("ROSTER_ACCESS_KEY_ID", str(self.refused(roster.SettingsError, self.settings)))
        self.site.secrets.append("hiddenhidden")
        for line in ("qy_secret_access_key=hiddenhidden", "qy_secret_access_key: 'hiddenhidden", 'qy_secret_access_key: "hidden\\hiddenhidden"'):
            self.vendors.write_text(f"zone: z\n{line}\n")
            self.assertIn("config.yaml:2:", str(self.refused(roster.SettingsError, self.settings)))
        self.vendors.write_bytes(b"zone: \xff\n")
        self.refused(roster.SettingsError, self.settings)

    def test_a_malformed_endpoint_is_told(self):
        for endpoint in ("not a url", "ftp://h", "http://", "http://h:port", "http://h:99999", "http://u:p@h", "http://h/api", "http://h?x", ""):
            with self.subTest(endpoint):
                with self.assertRaises(roster.SettingsError):
                    roster.Client(endpoint, roster.AccessKey("a", "b"), "z")

    def test_nothing_shows_the_secret(self):
        client = self.client()
        for shown in (repr(client), str(client), repr(client._key), f"{client._key}"):
            self.assertIn(self.key("operator").id, shown)
            self.assertNotIn(self.key("operator").secret, shown)


if __name__ == "__main__":
    unittest.main()

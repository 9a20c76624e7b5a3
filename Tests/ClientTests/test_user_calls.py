"""The writes on users: addUser, modifyUser and deleteUser, from sections 1 to 7 of the API reference."""

import json
import time
import unittest
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone
from http.client import HTTPException

import people
from case import LIST, setUpModule, tearDownModule, within_a_second  # noqa: F401 (unittest looks for the two functions)
from people import ALPHA, BETA, BULK, FAR, FAR_ZONE, UNKNOWN_CLUSTER, ZONE, user
from running_site import told
from signer import Habits, Key
from write_case import ABSENT, ADD, DELETE, JOB_ID, MODIFY, TIME, UID_RANGE, WriteCase, as_json, fresh_name

NO_ROWS = "usr-NoRowsA1"
STOPPED = (1200, 1400)  # Open in the documents: which of the two a locked or expired account's key gets.
UNSEEN = (1400, 1610)  # Open in the documents: whether a user that the caller may not see is forbidden or absent.


def seconds_ago(written: str) -> float:
    moment = datetime.strptime(written, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=timezone.utc)
    return (datetime.now(timezone.utc) - moment).total_seconds()


class Adding(WriteCase):
    def test_answers_with_a_job(self):
        jobs = {self.assert_done(self.add(fresh_name()), ADD) for _ in range(5)}
        self.assertEqual(len(jobs), 5, "two operations share a job")

    def test_lists_the_new_user_at_once(self):
        for cluster, zone, gid in ((ALPHA, ZONE, "41000"), (BETA, ZONE, "42000"), (BULK, ZONE, "10000"), (FAR, FAR_ZONE, "44000")):
            with self.subTest(cluster):
                before = self.ask(cluster_id=cluster, zone=zone).json["total_count"]
                row = self.added(cluster=cluster, zone=zone, mod="750")
                self.assertEqual(set(row), set(people.FIELDS))
                self.assertEqual((row["cluster_id"], row["role"], row["mod"]), (cluster, "member", "750"), row)
                self.assertEqual(row["gid_number"], gid, "members share the admin's gid")
                self.assertIn(int(row["uid_number"]), UID_RANGE, row)
                self.assertRegex(row["hpcuser_id"], r"^hpcuser-[a-z0-9]{8}$")
                self.assertRegex(row["user_id"], r"^usr-[A-Za-z0-9]{8}$")
                self.assertRegex(row["create_time"], TIME)
                self.assertEqual(row["create_time"], row["update_time"], row)
                self.assertLess(abs(seconds_ago(row["create_time"])), 10, row)
                # Open in the documents: what an imported cluster's own mount is; its users' is the nearest there is.
                self.assertEqual(row["nas_mount_point"], f"/public/shanhe/{cluster[-4:]}", row)
                self.assertEqual(self.ask(cluster_id=cluster, zone=zone).json["total_count"], before + 1)

    def test_gives_each_user_an_account_and_a_number_of_its_own(self):
        rows = [self.added() for _ in range(5)]
        everyone = self.all_users(cluster_id=BULK)
        for field in ("hpcuser_id", "user_id", "uid_number"):
            self.assertEqual(len({row[field] for row in everyone if row["cluster_id"] == BULK}), len(everyone), field)
        self.assertTrue(all(row in everyone for row in rows))

    def test_takes_a_user_without_a_mode(self):
        # Open in the documents: whether the default 0700 is stored or null is.
        self.assertIn(self.added()["mod"], (None, "700"))

    def test_takes_every_mode_of_three_digits(self):
        for mod in ("700", "755", "750", "711", "770"):
            self.assertEqual(self.added(mod=mod)["mod"], mod)

    def test_refuses_a_malformed_mode(self):
        for mod in ("rwx", "999", "800", "-700", "7", "77777", "0o700", "7 0", "７００", 700, 7.5, True, [], {}):
            with self.subTest(mod=mod):
                name = fresh_name()
                answer = self.add(name, mod=mod)
                if answer.json["ret_code"] == 0 and mod in ("7", 700):
                    continue  # Open in the documents: how many digits a mode has, and whether it may be a number.
                self.assert_refuses_write(answer, 1100, "mod")
                self.assertIsNone(self.row(name))

    def test_answers_alike_with_every_habit_of_clients(self):
        for habits in (Habits(signs_trailing_slash=True), Habits(signature_encodings=2), Habits(signed_space="+"),
                       Habits(sends_sorted=False)):
            for path in (ADD, ADD + "/"):
                with self.subTest(habits, path=path):
                    name = fresh_name()
                    answer = self.write(path, self.add_members(name), habits=habits, query={"note": "a b"})
                    self.assert_done(answer, ADD)
                    self.assertIsNotNone(self.row(name))

    def test_takes_a_body_in_chunks(self):
        name = fresh_name()
        target, body = self.signed_write(ADD, self.add_members(name))
        head = f"POST {target} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nConnection: close\r\n"
        chunks = b"".join(b"%x\r\n%s\r\n" % (len(body[at:at + 7]), body[at:at + 7]) for at in range(0, len(body), 7))
        answer = self.site.send_raw(head.encode() + b"Transfer-Encoding: chunked\r\n\r\n" + chunks + b"0\r\n\r\n")
        self.assert_done(answer, ADD)
        self.assertIsNotNone(self.row(name))


class Names(WriteCase):
    def test_takes_posix_portable_names(self):
        for name in ("q", "_q", "q-1", "q_1", "q9-_", "q" * 32, "qroot", "root1", "_-"):
            with self.subTest(name):
                self.assertEqual(self.added(name)["username"], name)

    def test_refuses_a_malformed_name(self):
        names = ["x" * 33, "x" * 20_000, "Upper", "upPer", "-rf", "1st", "9", "a.b", "a/../b", "../a", "/etc", ".", "..", "a b",
                 " a", "a ", "a\0b", "a\n", "\n", "a:b", "a,b", "a=b", "a@b", "a$", "$(id)", "a;b", "a*", "a'b", 'a"b', "zoë",
                 "李雷", "ａｂ", "\u212aim", "ſam", "a\u0301", "a\u200b", "\U0001f600", "a\\b", "a%20b"]
        for name in names:
            with self.subTest(name=name[:40]):
                # Open in the documents: whether a value of any excessive length is malformed in general (1100).
                self.assert_refuses_write(self.add(name), 1520 if len(name) < 256 else (1100, 1520), "username")

    def test_refuses_an_empty_name(self):
        # Open in the documents: whether an empty name is missing or malformed.
        self.assert_refuses_write(self.add(""), (1100, 1520), "username")

    def test_refuses_reserved_names(self):
        for name in ("root", "daemon", "bin", "nobody"):
            with self.subTest(name):
                self.assert_refuses_write(self.add(name), 1520, "username", name)
                self.assertIsNone(self.row(name))
        zone = self.new_cluster("hpc-noadmin1", user("hpc-noadmin1", "only", 45001, 0))
        self.assert_refuses_write(self.add("admin", "hpc-noadmin1", zone=zone), 1520, "username", "admin")

    def test_refuses_a_name_that_is_taken(self):
        name = self.added()["username"]
        before = self.row(name)
        for taken, cluster in ((name, BULK), ("node000", BULK), ("anna", ALPHA)):
            with self.subTest(taken):
                self.assert_refuses_write(self.add(taken, cluster), 1510, "username", taken)
        # Open in the documents: whether a name that is both taken and reserved is the one or the other.
        self.assert_refuses_write(self.add("admin"), (1510, 1520), "username", "admin")
        self.assertEqual(self.row(name), before)

    def test_refuses_a_name_that_is_taken_in_another_case(self):
        for taken in ("mixedcase", "dbadmin", "underxscore"):
            with self.subTest(taken):
                self.assert_refuses_write(self.add(taken, ALPHA), 1510, "username", taken)
                self.assertIsNone(self.row(taken, ALPHA))

    def test_takes_a_name_of_another_cluster(self):
        name = fresh_name()
        rows = [self.added(name, cluster) for cluster in (BULK, ALPHA)]
        self.assertNotEqual(rows[0]["hpcuser_id"], rows[1]["hpcuser_id"])

    def test_folds_ascii_only(self):
        """`zoë` and `Ünal` are other names than `zoe` and `unal`."""
        for name in ("zoe", "unal"):
            self.added(name, ALPHA)


class Passwords(WriteCase):
    GOOD = ["Abcdefghij12", "aB3" + "x" * 27, "Aa1!@#$%^&*()", "Aa1$$$$$$$$$", "0aA000000000", "(((((((((aA1"]
    BAD = ["Abcdefghi12", "aB3" + "x" * 28, "abcdefghijk12", "ABCDEFGHIJK12", "Abcdefghijklm", "123456789012", "", "aA1",
           "Abcdefghij1 2", "Abcdefghij1-2", "Abcdefghij1_2", "Abcdefghij1~2", 'Abcdefghij1"2', "Abcdefghij1\\2", "Abcdefghij1\0002",
           "Abcdefghij1\n2", "Abcdefghij1é2", "Abcdefghijé２", "aB3" + "x" * 100_000]

    def test_takes_passwords_by_the_rule(self):
        name = self.added()["username"]
        for password in self.GOOD:
            with self.subTest(password):
                self.secret(password)
                self.added(password=password)
                self.assert_done(self.modify(name, new_password=password), MODIFY)

    def test_refuses_passwords_against_the_rule(self):
        name = self.added()["username"]
        for password in self.BAD:
            with self.subTest(password=password[:40]):
                # Open in the documents: whether an empty or an excessive password is malformed or against the rule.
                codes = 1630 if 0 < len(password) < 256 else (1100, 1630)
                refused = fresh_name()
                answer = self.add(refused, password=password)
                self.assert_refuses_write(answer, codes, "password")
                self.assertIsNone(self.row(refused))
                self.assert_refuses_write(self.modify(name, new_password=password), codes, "password")
                if len(password) > 8:
                    self.assertNotIn(password[:40], answer.body.decode())

    def test_keeps_no_password_in_the_clear(self):
        secrets = [self.secret(f"Hidden{n}Treasure)") for n in range(4)]
        name, refused = self.added(password=secrets[0])["username"], fresh_name()
        self.assert_done(self.modify(name, new_password=secrets[1]), MODIFY)
        self.assert_refuses_write(self.add(name, password=secrets[2]), 1510)
        self.assert_refuses_write(self.add(refused, password=[secrets[3]]), 1100, "password")
        cut_short = as_json(self.add_members(refused, password=secrets[3]))[:-1]
        self.assert_refuses_write(self.write(ADD, cut_short), 1100)
        self.assert_keeps_no_password()


class Modifying(WriteCase):
    def test_sets_the_password_and_nothing_else_that_is_listed(self):
        before = self.added(mod="711")
        self.assert_done(self.modify(before["username"]), MODIFY)
        after = self.row(before["username"])
        self.assertEqual({**after, "update_time": ""}, {**before, "update_time": ""})
        self.assertGreaterEqual(after["update_time"], before["update_time"])

    def test_refuses_a_user_that_is_not_there(self):
        gone = self.added()["username"]
        self.assert_done(self.delete(gone), DELETE)
        for name in (fresh_name(), gone, "UPPER", "../x", "x" * 5000, "a\0b"):
            with self.subTest(name=name[:40]):
                # Open in the documents: whether a name that no user can have is absent or malformed.
                codes = 1610 if name.islower() and name.isalnum() and len(name) < 40 else (1100, 1520, 1610)
                self.assert_refuses_write(self.modify(name), codes, "user")
                self.assert_refuses_write(self.modify(name, state="locked"), codes, "user")

    def test_needs_something_to_modify(self):
        name = self.added()["username"]
        self.assert_refuses_write(self.write(MODIFY, self.delete_members(name)), 1100, "new_password")

    def test_refuses_a_malformed_state(self):
        name = self.added()["username"]
        for state in ("", "Locked", "LOCKED", "deleted", "frozen", " locked", None, 1, True, [], {}, ["locked"]):
            with self.subTest(state=state):
                self.assert_refuses_write(self.modify(name, state=state), 1100, "state", "new_password")

    def test_refuses_a_malformed_expiry(self):
        name = self.added()["username"]
        for expires in ("", "never", "tomorrow", "2030-13-01T00:00:00Z", "2030-01-01", "2030-01-01T00:00:00+08:00", 0, 1893456000,
                        True, [], {}):
            with self.subTest(expires=expires):
                self.assert_refuses_write(self.modify(name, expires=expires), 1100, "expires")

    def test_takes_states_and_expiries_and_lists_the_user_all_along(self):
        before = self.added()
        name = before["username"]
        for members in ({"state": "locked"}, {"state": "locked"}, {"state": "active"}, {"expires": "2031-01-01T00:00:00Z"},
                        {"expires": "2001-01-01T00:00:00Z"}, {"expires": None}, {"state": "active"}):
            with self.subTest(**members):
                self.assert_done(self.modify(name, **members), MODIFY)
                self.assertEqual({**self.row(name), "update_time": ""}, {**before, "update_time": ""})

    def test_refuses_a_password_and_a_state_at_once(self):
        # Open in the documents: "`state` or `expires` instead of `new_password`" may also let both pass.
        name = self.added()["username"]
        answer = self.modify(name, new_password=self.password, state="locked")
        if answer.json["ret_code"] != 0:
            self.assert_refuses_write(answer, 1100)


class OwnPasswords(WriteCase):
    def setUp(self):
        self.member = self.added(cluster=ALPHA)
        self.own_key = self.new_key("--user-id", self.member["user_id"])

    def change(self, **members):
        return self.modify(self.member["username"], ALPHA, self.own_key, **members)

    def test_a_member_sets_its_own_with_the_present_one(self):
        self.assert_done(self.change(password=self.password, new_password=self.other_password), MODIFY)
        self.assert_refuses_write(self.change(password=self.password, new_password=self.secret("Third3Password!!")), 1660)
        self.assert_done(self.change(password=self.other_password, new_password=self.password), MODIFY)

    def test_what_an_admin_sets_is_the_present_one(self):
        self.assert_done(self.modify(self.member["username"], ALPHA, "admin", new_password=self.other_password), MODIFY)
        self.assert_refuses_write(self.change(password=self.password, new_password=self.password), 1660, "password")
        self.assert_done(self.change(password=self.other_password, new_password=self.password), MODIFY)

    def test_a_member_needs_the_present_one(self):
        # Open in the documents: whether its absence is a missing parameter, a missing right, or no match.
        self.assert_refuses_write(self.change(new_password=self.other_password), (1100, 1400, 1660))
        for wrong in ("", "wrong", self.password[:-1], self.password + "x", self.password.lower(), "x" * 5000, "a\0b",
                      self.password + "\0"):
            with self.subTest(wrong=wrong[:40]):
                # Open in the documents: whether one that no password can be is malformed or does not match.
                answer = self.change(password=wrong, new_password=self.other_password)
                self.assert_refuses_write(answer, (1100, 1630, 1660) if wrong in ("", "x" * 5000) or "\0" in wrong else 1660)
        self.assert_done(self.change(password=self.password, new_password=self.password), MODIFY)

    def test_a_member_keeps_to_the_rule(self):
        self.assert_refuses_write(self.change(password=self.password, new_password="short"), 1630, "password")

    def test_a_member_sets_no_state(self):
        for members in ({"state": "locked"}, {"state": "active"}, {"expires": None}, {"expires": "2031-01-01T00:00:00Z"}):
            with self.subTest(**members):
                self.assert_refuses_write(self.change(**members), 1400)
                self.assert_refuses_write(self.change(password=self.password, **members), (1100, 1400))

    def test_a_user_without_a_password_matches_none(self):
        """Imported rows have none; neither an empty one nor any other lets its member set one."""
        for present in ("", "x", self.password):
            with self.subTest(present):
                answer = self.modify("anna", ALPHA, "member", password=present, new_password=self.other_password)
                self.assert_refuses_write(answer, (1100, 1660) if not present else 1660)


class Deleting(WriteCase):
    def test_takes_the_user_from_the_list_at_once(self):
        row, before = self.added(), self.ask(cluster_id=BULK).json["total_count"]
        job = self.assert_done(self.delete(row["username"]), DELETE)
        self.assertRegex(job, JOB_ID)
        self.assertIsNone(self.row(row["username"]))
        self.assertEqual(self.ask(cluster_id=BULK).json["total_count"], before - 1)
        self.assertEqual(self.users(user_id=row["user_id"]), [])

    def test_deletes_imported_users_too(self):
        self.assert_done(self.delete("anna", BETA), DELETE)
        self.assertIsNone(self.row("anna", BETA))
        self.assertIsNotNone(self.row("anna", ALPHA), "the user of this name in another cluster went too")

    def test_refuses_a_user_that_is_not_there(self):
        name = self.added()["username"]
        self.assert_done(self.delete(name), DELETE)
        for absent in (name, fresh_name()):
            self.assert_refuses_write(self.delete(absent), 1610, "user", absent)

    def test_never_deletes_the_clusters_admin(self):
        for key, cluster, name in (("operator", ALPHA, "admin"), ("boss", ALPHA, "admin"), ("admin", ALPHA, "admin"),
                                   ("operator", BETA, "tworows"), ("two_rows", BETA, "tworows"), ("operator", BULK, "admin")):
            with self.subTest(key, cluster=cluster):
                self.assert_refuses_write(self.delete(name, cluster, key), 1400)
                self.assertIsNotNone(self.row(name, cluster))

    def test_never_deletes_a_clusters_only_user(self):
        cluster = "hpc-lastone1"
        zone = self.new_cluster(cluster, *[user(cluster, name, 45001 + n, n) for n, name in enumerate(("one", "two"))])
        self.assert_done(self.delete("two", cluster, zone=zone), DELETE)
        self.assert_refuses_write(self.delete("one", cluster, zone=zone), 1400)
        self.assertIsNotNone(self.row("one", cluster, zone))
        self.added("three", cluster, zone=zone)
        self.assert_done(self.delete("one", cluster, zone=zone), DELETE)

    def test_of_the_last_two_users_deleted_at_once_one_stays(self):
        cluster = "hpc-lasttwo2"
        zone = self.new_cluster(cluster, *[user(cluster, name, 45001 + n, n) for n, name in enumerate(("one", "two"))])
        with ThreadPoolExecutor(2) as pool:
            answers = list(pool.map(lambda name: self.delete(name, cluster, zone=zone), ("one", "two")))
        self.assertEqual(sorted(answer.json["ret_code"] for answer in answers), [0, 1400], "".join(map(str, answers)))
        self.assertEqual(len(self.users(cluster_id=cluster, zone=zone)), 1)

    def test_stops_the_key_of_a_retired_account(self):
        row = self.added(cluster=ALPHA)
        key = self.new_key("--user-id", row["user_id"])
        self.assertEqual(self.users(key), [row])
        self.assert_done(self.delete(row["username"], ALPHA), DELETE)
        self.assert_refuses(self.ask(key), 1200)
        self.assert_refuses_write(self.modify(row["username"], ALPHA, key, password=self.password,
                                              new_password=self.other_password), 1200)
        self.added(row["username"], ALPHA)
        self.assert_refuses(self.ask(key), 1200)

    def test_a_name_added_again_is_another_user(self):
        name, seen = fresh_name(), []
        for _ in range(4):
            seen.append(self.added(name))
            self.assert_done(self.delete(name), DELETE)
        for field in ("uid_number", "hpcuser_id", "user_id"):
            self.assertEqual(len({row[field] for row in seen}), 4, (field, seen))

    def test_stays_deleted_when_imported_again(self):
        row = user(ALPHA, "star*name", 0, 0)
        row = next(found for found in people.alpha_users() if found["username"] == row["username"])
        self.assert_done(self.delete(row["username"], ALPHA), DELETE)
        done = self.site.import_rows(ZONE, [row], name="again.csv")
        self.assertEqual(done.returncode, 0, told(done))
        self.assertIn("star*name", done.stdout + done.stderr, "the skipped user is not reported")
        self.assertFalse(within_a_second(lambda: self.row(row["username"], ALPHA)), "an import brought a deleted user back")


class Numbers(WriteCase):
    def free_uid(self) -> int:
        return 50_000 + int(fresh_name()[1:-1])

    def test_takes_a_number_that_is_asked_for(self):
        for form in (str, int):
            with self.subTest(form):
                uid = self.free_uid()
                self.assertEqual(self.added(uid_number=form(uid))["uid_number"], str(uid))

    def test_refuses_a_number_that_is_taken_and_names_who_has_it(self):
        row = self.added()
        taken = [(BULK, row["uid_number"], row["username"]), (ALPHA, "41002", "anna"), (BETA, "42001", "tworows")]
        for cluster, uid, name in taken:
            for form in (str, int):
                with self.subTest(uid, form=form):
                    refused = fresh_name()
                    answer = self.add(refused, cluster, uid_number=form(uid))
                    self.assert_refuses_write(answer, 2110, name)
                    self.assertIn(uid, answer.json["message"])
                    self.assertIsNone(self.row(refused, cluster))

    def test_refuses_a_number_that_is_retired_and_names_who_had_it_and_when(self):
        row = self.added(uid_number=self.free_uid())
        self.assert_done(self.delete(row["username"]), DELETE)
        for name in (fresh_name(), row["username"]):
            answer = self.add(name, uid_number=row["uid_number"])
            self.assert_refuses_write(answer, 2110, row["username"])
            self.assertRegex(answer.json["message"], r"\d{4}-\d\d-\d\d", "the time is missing (issue 4, the uid ledger)")
            self.assertIsNone(self.row(name))

    def test_takes_a_number_of_another_cluster(self):
        uid = self.free_uid()
        for cluster in (BULK, ALPHA):
            self.assertEqual(self.added(cluster=cluster, uid_number=uid)["uid_number"], str(uid))

    def test_refuses_a_malformed_number(self):
        for uid in ("0", "-1", "", "abc", "1e4", "50000.0", " 50001", "0x1", "４５６７８", "4294967295", "4294967296", "9" * 30,
                    0, -1, 1.5, 50000.5, 4294967295, 2**64, True, [], {}, ["50000"]):
            with self.subTest(uid=uid):
                name = fresh_name()
                answer = self.add(name, uid_number=uid)
                if uid == "" and answer.json["ret_code"] == 0:
                    continue  # Open in the documents: whether an empty extension counts as absent.
                self.assert_refuses_write(answer, 1100, "uid_number")
                self.assertIsNone(self.row(name))

    def test_never_takes_a_number_that_the_system_reserves(self):
        # Open in the documents: whether a number out of the cluster's range may be asked for; root's may never be.
        for uid in ("1", "999", "65534", "61184", "60000", "9999"):
            with self.subTest(uid):
                name = fresh_name()
                answer = self.add(name, uid_number=uid)
                if answer.json["ret_code"] == 0:
                    self.assertEqual(self.row(name)["uid_number"], uid)
                else:
                    self.assert_refuses_write(answer, (1100, 1400, 2110), "uid_number")

    def test_a_refused_add_leaves_its_number_free(self):
        uid = self.free_uid()
        self.assert_refuses_write(self.add("node000", uid_number=uid), 1510)
        self.assertEqual(self.added(uid_number=uid)["uid_number"], str(uid))

    def test_never_gives_a_number_that_was_asked_for_before(self):
        """A cluster whose next numbers were all taken by hand, whatever order the server goes by."""
        cluster = "hpc-byhand01"
        zone = self.new_cluster(cluster, user(cluster, "admin", 45000, 0, role="admin"))
        first = int(self.added(cluster=cluster, zone=zone)["uid_number"])
        by_hand = [self.added(cluster=cluster, zone=zone, uid_number=uid)
                   for uid in range(first + 1, first + 6) if uid in UID_RANGE and uid != 45000]
        for row in by_hand[:3]:
            self.assert_done(self.delete(row["username"], cluster, zone=zone), DELETE)
        given = [self.added(cluster=cluster, zone=zone)["uid_number"] for _ in range(12)]
        self.assertEqual(len(set(given)), 12)
        self.assertFalse(set(given) & {row["uid_number"] for row in by_hand})


class Rights(WriteCase):
    def test_who_may_add(self):
        table = [("operator", ALPHA, 0), ("operator", BETA, 0), ("boss", ALPHA, 0), ("boss", BETA, 0), ("boss", BULK, 0),
                 ("admin", ALPHA, 0), ("admin", BETA, 2100), ("admin", BULK, 2100), ("member", ALPHA, 1400), ("member", BETA, 2100),
                 ("two_rows", BETA, 0), ("two_rows", ALPHA, 1400), ("two_rows", BULK, 2100), ("reader", ALPHA, 1400),
                 ("alpha_reader", ALPHA, 1400), ("alpha_reader", BULK, 2100), ("far_admin", ALPHA, 2100)]
        for key, cluster, code in table:
            with self.subTest(key, cluster=cluster):
                name = fresh_name()
                self.check(self.add(name, cluster, key), ADD, code)
                self.assertEqual(self.row(name, cluster) is not None, code == 0)

    def test_who_may_add_in_another_zone(self):
        for key, code in (("operator", 0), ("boss", 0), ("far_admin", 0), ("admin", 2100), ("member", 2100), ("reader", 1400)):
            with self.subTest(key):
                self.check(self.add(fresh_name(), FAR, key, FAR_ZONE), ADD, code)

    def check(self, answer, path, code):
        if code == 0:
            self.assert_done(answer, path)
        elif code == 2100:
            self.assert_refuses_write(answer, code, "cluster")
        else:
            self.assert_refuses_write(answer, code)

    def test_who_may_modify_and_delete_a_member(self):
        table = [("operator", ALPHA, 0), ("boss", ALPHA, 0), ("admin", ALPHA, 0), ("two_rows", BETA, 0), ("admin", BETA, 2100),
                 ("member", BETA, 2100), ("two_rows", BULK, 2100), ("member", ALPHA, UNSEEN), ("two_rows", ALPHA, UNSEEN),
                 ("reader", ALPHA, 1400), ("alpha_reader", ALPHA, 1400), ("alpha_reader", BULK, 2100)]
        for key, cluster, code in table:
            with self.subTest(key, cluster=cluster):
                row = self.added(cluster=cluster)
                for members in ({"new_password": self.other_password}, {"state": "locked"}, {"expires": None}):
                    self.check(self.modify(row["username"], cluster, key, **members), MODIFY, code)
                if code != 0:
                    self.assertEqual(self.row(row["username"], cluster), row)
                self.check(self.delete(row["username"], cluster, key), DELETE, code)
                self.assertEqual(self.row(row["username"], cluster) is None, code == 0)

    def test_an_admin_changes_no_admin_or_boss_but_itself(self):
        cluster, account = "hpc-chiefs01", "usr-ChiefOn1"
        rows = [user(cluster, "admin", 45000, 0, role="admin", user_id=account), user(cluster, "second", 45001, 1, role="admin"),
                user(cluster, "boss", 45002, 2, role="boss"), user(cluster, "member", 45003, 3)]
        done = self.site.import_rows("chiefs", rows, "--allow-boss", name="chiefs.csv")
        if done.returncode != 0:  # Open in the documents: whether a cluster may have two admins.
            done = self.site.import_rows("chiefs", [rows[0], *rows[2:]], "--allow-boss", name="chiefs.csv")
        self.assertEqual(done.returncode, 0, told(done))
        key = self.new_key("--user-id", account)
        self.assertTrue(within_a_second(lambda: self.ask(key, zone="chiefs").json["ret_code"] == 0))
        listed = {row["username"] for row in self.users(zone="chiefs")}
        for name in {"second", "boss"} & listed:
            before = self.row(name, cluster, "chiefs")
            for members in ({"new_password": self.other_password}, {"state": "locked"}, {"expires": "2001-01-01T00:00:00Z"}):
                with self.subTest(name, **members):
                    self.assert_refuses_write(self.modify(name, cluster, key, "chiefs", **members), 1400)
            self.assert_refuses_write(self.delete(name, cluster, key, "chiefs"), 1400)
            self.assertEqual(self.row(name, cluster, "chiefs"), before)
        self.assert_done(self.modify("admin", cluster, key, "chiefs"), MODIFY)
        self.assert_done(self.modify("member", cluster, key, "chiefs"), MODIFY)

    def test_the_admin_of_a_bosss_cluster_changes_no_boss(self):
        for answer in (self.modify("boss", BETA, "two_rows"), self.modify("boss", BETA, "two_rows", state="locked"),
                       self.delete("boss", BETA, "two_rows")):
            self.assert_refuses_write(answer, 1400)
        self.assertEqual(len(self.users("boss", limit=1)), 1)

    def test_operator_and_boss_change_an_admin(self):
        for key in ("operator", "boss"):
            self.assert_done(self.modify("admin", BULK, key), MODIFY)
            self.assert_done(self.modify("tworows", BETA, key), MODIFY)

    def test_an_account_without_rows_has_no_right(self):
        done = self.site.roster("key", "create", "--data", self.site.data, "--user-id", NO_ROWS, "--json")
        if done.returncode != 0:
            self.skipTest("a key needs an account with rows")
        made = json.loads(done.stdout)
        key = Key(made["access_key_id"], made["secret_access_key"])
        for path, members in ((ADD, self.add_members(fresh_name())), (MODIFY, self.modify_members("node000")),
                              (DELETE, self.delete_members("node000"))):
            self.assert_refuses_write(self.write(path, members, key), 1200)

    def test_answers_for_an_invisible_cluster_as_for_an_unknown_one(self):
        for key, cluster, zone in (("admin", BETA, ZONE), ("member", BULK, ZONE), ("alpha_reader", BETA, ZONE), ("admin", FAR, ZONE)):
            for call in (self.add, self.modify, self.delete):
                with self.subTest(key, cluster=cluster, call=call.__name__):
                    hidden, unknown = call("boss", cluster, key, zone), call("boss", UNKNOWN_CLUSTER, key, zone)
                    self.assert_refuses_write(hidden, 2100, "cluster")
                    self.assertEqual(hidden.json["message"].replace(cluster, "…"), unknown.json["message"].replace(UNKNOWN_CLUSTER, "…"))

    def test_tells_a_member_nothing_of_users_that_it_may_not_see(self):
        for call in (self.modify, self.delete):
            hidden, unknown = call("admin", ALPHA, "member"), call("nosuch1", ALPHA, "member")
            self.assert_refuses_write(hidden, UNSEEN)
            self.assertEqual(hidden.json["ret_code"], unknown.json["ret_code"], f"{hidden}{unknown}")
            self.assertEqual(hidden.json["message"].replace("admin", "…"), unknown.json["message"].replace("nosuch1", "…").replace("admin", "…"))

    def test_a_body_widens_no_right(self):
        """Members that the call does not have: ignored or refused, but never obeyed."""
        for members in ({"role": "admin"}, {"role": "boss"}, {"user_id": people.ADMIN}, {"gid_number": "0"}, {"hpcuser_id": "hpcuser-aaaaaaaa"},
                        {"access_key_id": self.key("operator").id}, {"nas_mount_point": "/etc"}, {"create_time": "2001-01-01T00:00:00Z"}):
            with self.subTest(**members):
                name = fresh_name()
                answer = self.add(name, ALPHA, "admin", **members)
                # Open in the documents: whether an unknown member is ignored, as an unknown parameter is, or refused.
                if answer.json["ret_code"] != 0:
                    self.assert_refuses_write(answer, 1100)
                    continue
                row = self.row(name, ALPHA)
                self.assertEqual((row["role"], row["gid_number"]), ("member", "41000"), row)
                for field, value in members.items():
                    self.assertNotEqual(row.get(field), value, row)
        name = self.added(cluster=ALPHA)["username"]
        self.modify(name, ALPHA, "admin", new_password=self.password, role="boss")
        self.assertEqual(self.row(name, ALPHA)["role"], "member")
        answer = self.write(ADD, {**self.add_members("lifted", ALPHA), "access_key_id": self.key("operator").id}, "member")
        self.assert_refuses_write(answer, (1100, 1400))

    def test_judges_in_the_documented_order(self):
        # syntax, then visibility, then right, then state
        self.assert_refuses_write(self.add(5, BETA, "admin"), 1100, "username")
        self.assert_refuses_write(self.add("anna", BETA, "member"), 2100, "cluster")
        self.assert_refuses_write(self.add("anna", ALPHA, "member"), 1400)
        self.assert_refuses_write(self.add("anna", ALPHA, "reader"), 1400)
        self.assert_refuses_write(self.write(ADD, b"", "member"), 1100)
        self.assert_refuses_write(self.write(ADD, b"", self.forged("member")), 1200)
        self.assert_refuses_write(self.write(ADD, b"", seconds=-3600), 1300)
        self.assert_refuses_write(self.modify("anna", ALPHA, "alpha_reader", password="wrong", new_password=self.password), 1400)


class Locks(WriteCase):
    def setUp(self):
        self.cluster = f"hpc-{people.digest(self.id())}"
        self.account = "usr-" + people.digest("admin", self.id())
        rows = [user(self.cluster, "admin", 45000, 0, role="admin", user_id=self.account), user(self.cluster, "member", 45001, 1)]
        self.zone = self.new_cluster(self.cluster, *rows)
        self.admin = self.site.make_key("--user-id", self.account)
        self.assertTrue(within_a_second(lambda: self.ask(self.admin, zone=self.zone).json["ret_code"] == 0))

    def set(self, name="admin", **members):
        self.assert_done(self.modify(name, self.cluster, zone=self.zone, **members), MODIFY)

    def tries(self):
        name = fresh_name()
        return [self.add(name, self.cluster, self.admin, self.zone), self.modify("member", self.cluster, self.admin, self.zone),
                self.delete("member", self.cluster, self.admin, self.zone)]

    def assert_stopped(self):
        before = self.users(zone=self.zone, limit=100)
        for answer in self.tries():
            self.assert_refuses_write(answer, STOPPED)
        self.assertEqual(self.users(zone=self.zone, limit=100), before)

    def assert_works(self):
        name = fresh_name()
        self.assert_done(self.add(name, self.cluster, self.admin, self.zone), ADD)
        self.assert_done(self.delete(name, self.cluster, self.admin, self.zone), DELETE)

    def test_a_locked_admins_key_stops_and_comes_back(self):
        self.assert_works()
        self.set(state="locked")
        self.assert_stopped()
        self.set(state="active")
        self.assert_works()

    def test_a_lock_holds_over_a_restart(self):
        self.set(state="locked")
        self.site.stop()
        self.site.serve()
        self.assert_stopped()

    def test_an_expired_admins_key_stops_and_comes_back(self):
        for past in ("2001-01-01T00:00:00Z", "1970-01-01T00:00:00Z"):
            self.set(expires=past)
            self.assert_stopped()
        self.set(expires="2090-01-01T00:00:00Z")
        self.assert_works()
        self.set(expires="2001-01-01T00:00:00Z")
        self.set(expires=None)
        self.assert_works()

    def test_a_key_stops_when_its_time_comes(self):
        soon = datetime.fromtimestamp(time.time() + 2, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
        self.set(expires=soon)
        time.sleep(2.2)
        self.assert_stopped()

    def test_locking_one_stops_no_other(self):
        self.set("member", state="locked")
        self.assert_works()
        for key in ("operator", "admin"):
            self.assert_lists(self.ask(key))

    def test_a_locked_user_keeps_its_name_and_number(self):
        self.set("member", state="locked")
        self.assert_refuses_write(self.add("member", self.cluster, zone=self.zone), 1510)
        self.assert_refuses_write(self.add(fresh_name(), self.cluster, zone=self.zone, uid_number="45001"), 2110, "member")


class Bodies(WriteCase):
    REQUIRED = {ADD: ("cluster_id", "username", "password", "zone"), MODIFY: ("cluster_id", "username", "new_password", "zone"),
                DELETE: ("cluster_id", "username", "zone")}

    def members(self, path, name):
        made = {ADD: self.add_members, MODIFY: self.modify_members, DELETE: self.delete_members}[path]
        return made(name)

    def setUp(self):
        self.name = fresh_name("body")

    def tearDown(self):
        self.assertIsNone(self.row(self.name), "a refused body added a user")
        self.assert_still_serves()

    def assert_still_serves(self):
        self.assert_lists(self.ask(limit=1))

    def test_refuses_a_body_without_a_member(self):
        for path, names in self.REQUIRED.items():
            for name in names:
                with self.subTest(path, name=name):
                    if name == "zone":
                        continue
                    self.assert_refuses_write(self.write(path, {**self.members(path, self.name), name: ABSENT}), 1100, name)

    def test_a_zone_in_the_query_alone(self):
        # Open in the documents: "zone stands in the body", and it is a common parameter of every query.
        for path in self.REQUIRED:
            with self.subTest(path):
                name = self.added()["username"] if path != ADD else fresh_name()
                answer = self.write(path, {**self.members(path, name), "zone": ABSENT})
                if answer.json["ret_code"] != 0:
                    self.assert_refuses_write(answer, 1100, "zone")

    def test_a_zone_in_the_body_alone(self):
        # Open in the documents: as above.
        answer = self.write(ADD, self.add_members(fresh_name()), without=("zone",))
        if answer.json["ret_code"] != 0:
            self.assert_refuses_write(answer, 1100, "zone")

    def test_refuses_members_of_a_wrong_type(self):
        for path, names in self.REQUIRED.items():
            for name in names:
                for value in (None, 5, 1.5, True, [], {}, [self.name], {"a": 1}):
                    if name == "zone" and value is None:
                        continue  # Open in the documents: null may be absence, and the query's zone may do then.
                    with self.subTest(path, name=name, value=value):
                        self.assert_refuses_write(self.write(path, {**self.members(path, self.name), name: value}), 1100, name)

    def test_refuses_a_member_that_is_there_twice(self):
        for path, names in self.REQUIRED.items():
            pairs = list(self.members(path, self.name).items())
            for name in names:
                value = dict(pairs)[name]
                for twin in (value, "other", None):
                    with self.subTest(path, name=name, twin=twin):
                        self.assert_refuses_write(self.write(path, pairs + [(name, twin)]), 1100, name)
                        self.assert_refuses_write(self.write(path, [(name, twin)] + pairs), 1100, name)

    def test_sees_a_doubled_member_through_its_escape(self):
        body = as_json(self.add_members(self.name))[:-1] + b', "user\\u006eame": "other1"}'
        self.assert_refuses_write(self.write(ADD, body), 1100, "username")

    def test_survives_members_that_are_not_known(self):
        # Open in the documents: ignored, as unknown parameters of a query are, or refused.
        for value in ("x", None, 1, [], {"deep": [1, {"deeper": True}]}, "x" * 10_000):
            with self.subTest(value=str(value)[:20]):
                answer = self.add(fresh_name(), verbose=value)
                if answer.json["ret_code"] != 0:
                    self.assert_refuses_write(answer, 1100)

    def test_refuses_what_is_not_an_object(self):
        for body in (b"", b" ", b"null", b"true", b"1", b'"text"', b"[]", b"[{}]", b"[" + as_json(self.add_members(self.name)) + b"]"):
            for path in self.REQUIRED:
                with self.subTest(path, body=body[:40]):
                    self.assert_refuses_write(self.write(path, body), 1100)

    def test_refuses_what_is_not_json(self):
        good = as_json(self.add_members(self.name))
        bodies = [b"{", b"}", b"{}}", good + b"x", good + good, good[:-1], good[:-1] + b",}", good[:-1] + b', "a": NaN}',
                  good[:-1] + b', "a": 01}', good[:-1] + b', "a": .5}', good[:-1] + b', "a": "\t\n"}', good[:-1] + b', "a": "\\x"}',
                  good[:-1] + b', "a": "\\u12"}', good[:-1] + b', a: 1}', good[:-1] + b"} // end", b"/**/" + good + b"]",
                  good.replace(b'"', b"'"), b"username=a&password=b", b"<add/>", good + b"\0", b"\0" + good]
        for body in bodies:
            with self.subTest(body=body[:20] + b"..." + body[-20:]):
                self.assert_refuses_write(self.write(ADD, body), 1100)

    def test_refuses_bytes_that_are_not_utf8(self):
        good = as_json(self.add_members(self.name))
        for bad in (b"\xff", b"\xc3", b"\xc3\x28", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xc0\xaf", b"\x80"):
            with self.subTest(bad):
                self.assert_refuses_write(self.write(ADD, good[:-1] + b', "note": "' + bad + b'"}'), 1100)
                self.assert_refuses_write(self.write(ADD, good.replace(self.name.encode(), self.name.encode() + bad)), (1100, 1520))
        for encoding in ("utf-16", "utf-16-le", "utf-16-be", "utf-32"):
            with self.subTest(encoding):
                self.assert_refuses_write(self.write(ADD, good.decode().encode(encoding)), 1100)

    def test_refuses_half_of_a_surrogate_pair(self):
        for half in (b"\\ud800", b"\\udc00", b"\\ud800x", b"\\udc00\\ud800"):
            with self.subTest(half):
                body = as_json(self.add_members("NAME")).replace(b"NAME", half)
                self.assert_refuses_write(self.write(ADD, body), (1100, 1520))

    def test_survives_deep_nesting(self):
        good = as_json(self.add_members(self.name))[:-1]
        for depth in (1_000, 100_000):
            for opening, closing in ((b"[", b"]"), (b'{"a":', b"}")):
                inner = opening * depth + b"1" + closing * depth
                for body in (inner, opening * depth, good.replace(b'"' + self.name.encode() + b'"', inner) + b"}"):
                    with self.subTest(depth=depth, opening=opening, length=len(body)):
                        answer = self.write(ADD, body)
                        if answer.status == 413:
                            continue
                        self.assert_refuses_write(answer, 1100)

    def test_survives_many_members(self):
        answer = self.write(ADD, {**{f"m{n}": n for n in range(20_000)}, **self.add_members(fresh_name())})
        self.assertIn(answer.json["ret_code"], (0, 1100), answer)

    def test_refuses_a_body_that_is_too_large(self):
        for size in (1_100_000, 2 << 20, 8 << 20):
            with self.subTest(size):
                body = as_json(self.add_members(self.name)) + b" " * size
                answer = self.post_large(*self.signed_write(ADD, body))
                self.assertIsNotNone(answer, "closed without an answer")
                self.assertEqual(answer.status, 413, answer)

    def post_large(self, target: str, body: bytes):
        """The server may answer and close before it has read all; what it answered counts."""
        head = f"POST {target} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        return self.site.send_raw(head.encode() + body)

    def test_query_and_body_must_agree(self):
        name = self.added()["username"]
        calls = ((ADD, self.add_members(self.name)), (MODIFY, self.modify_members(name)), (DELETE, self.delete_members(name)))
        for path, members in calls:
            with self.subTest(path):
                self.assert_refuses_write(self.write(path, {**members, "zone": FAR_ZONE}), 1100, "zone")
                self.assert_refuses_write(self.write(path, members, zone=FAR_ZONE), 1100, "zone")
                self.assert_refuses_write(self.write(path, {**members, "zone": people.EMPTY_ZONE}), 1100, "zone")
                self.assert_refuses_write(self.write(path, members, query={"cluster_id": ALPHA}), 1100, "cluster_id")
                self.assert_refuses_write(self.write(path, members, query={"cluster_id": BULK.upper()}), 1100, "cluster_id")
                self.assert_done(self.write(path, {**members, "username": name if path != ADD else fresh_name()},
                                            query={"cluster_id": BULK}), path)

    def test_a_cluster_in_the_query_alone(self):
        # Open in the documents: "zone and cluster_id stand in the body".
        answer = self.write(ADD, {**self.add_members(fresh_name()), "cluster_id": ABSENT}, query={"cluster_id": BULK})
        if answer.json["ret_code"] != 0:
            self.assert_refuses_write(answer, 1100, "cluster_id")

    def test_refuses_unknown_clusters_and_zones(self):
        for call in (self.add, self.modify, self.delete):
            with self.subTest(call.__name__):
                self.assert_refuses_write(call(self.name, UNKNOWN_CLUSTER), 2100, "cluster")
                self.assert_refuses_write(call(self.name, FAR), 2100, "cluster", "zone")
                self.assert_refuses_write(call(self.name, BULK, zone=people.EMPTY_ZONE), 2100, "zone")
                self.assert_refuses_write(call(self.name, BULK, zone=FAR_ZONE), 2100, "cluster", "zone")

    def test_refuses_malformed_cluster_ids(self):
        # Open in the documents: whether a malformed id is malformed or unknown.
        for cluster in ("", "bulk0003", "hpc-", "hpc-" + "x" * 33, "hpc-a/../b", "hpc-bulk0003 ", "hpc-bulk0003\0", "HPC-bulk0003",
                        "hpcuser-aaaaaaaa", "' OR 1=1 --", "x" * 20_000):
            with self.subTest(cluster=cluster[:40]):
                self.assert_refuses_write(self.add(self.name, cluster), (1100, 2100), "cluster")


class Requests(WriteCase):
    def test_refuses_a_changed_body(self):
        name = fresh_name()
        target, body = self.signed_write(ADD, self.add_members(name))
        for changed in (body + b" ", body.replace(BULK.encode(), ALPHA.encode()), body.replace(name.encode(), b"other1"), b"", b"{}"):
            with self.subTest(changed[:40]):
                self.assert_refuses_write(self.post(target, changed), 1200, "signature", "key")
        self.assertIsNone(self.row(name))
        self.assert_done(self.post(target, body), ADD)
        self.assert_refuses_write(self.post(target, body + b" "), 1200)

    def test_refuses_a_write_whose_signature_is_over_no_body(self):
        body = as_json(self.add_members(fresh_name()))
        target, _ = self.signed_write(ADD, b"")
        self.assert_refuses_write(self.post(target, body), 1200)

    def test_refuses_a_signature_of_another_call(self):
        name = self.added()["username"]
        target, body = self.signed_write(MODIFY, self.modify_members(name))
        for other in (DELETE, ADD, LIST):
            answer = self.post(target.replace(MODIFY, other), body)
            self.assert_refuses_with_one_of(answer, (1200,) if other != LIST else (1101, 1200))
        self.assertIsNotNone(self.row(name))

    def test_refuses_an_unsigned_write(self):
        name = fresh_name()
        target, body = self.signed_write(ADD, self.add_members(name))
        self.assert_refuses_write(self.post(target.split("&signature=")[0], body), 1100, "signature")
        self.assert_refuses_write(self.post(ADD, body), 1100)
        self.assertIsNone(self.row(name))

    def test_refuses_an_old_write(self):
        for seconds in (-70, 70, -3600):
            name = fresh_name()
            self.assert_refuses_write(self.write(ADD, self.add_members(name), seconds=seconds), 1300, "time", "expire")
            self.assertIsNone(self.row(name))

    def test_does_not_know_another_method(self):
        name = self.added()["username"]
        for path, members in ((ADD, self.add_members(fresh_name())), (MODIFY, self.modify_members(name)), (DELETE, self.delete_members(name))):
            body = as_json(members)
            for method, sent in (("GET", b""), ("PUT", body), ("DELETE", body), ("PATCH", body)):
                with self.subTest(path, method=method):
                    key = self.key("operator")
                    answer = self.ask(key, method=method, path=path, body=sent, nonce=fresh_name())
                    self.assert_refuses_write(answer, 1101)
        self.assertIsNotNone(self.row(name))

    def test_does_not_know_another_action(self):
        for path in ("/api/user/adduser", "/api/user/AddUser", "/api/user/addEverybody", "/api/user/addUser/x", "/api/user/removeUser"):
            with self.subTest(path):
                answer = self.write(path, self.add_members(fresh_name()))
                # Open in the documents: whether a path of three parts is an unknown action or an unknown path.
                if path.count("/") == 4 and answer.status == 404:
                    self.assert_refuses(answer, 3300, status=404)
                else:
                    self.assert_refuses_write(answer, 1101)


class Replays(WriteCase):
    def assert_same(self, first, again):
        self.assertEqual((first.status, first.media_type, first.json), (again.status, again.media_type, again.json), f"{first}{again}")

    def test_a_replayed_add_is_not_run_again(self):
        name = fresh_name()
        request = self.signed_write(ADD, self.add_members(name))
        first = self.post(*request)
        self.assert_done(first, ADD)
        row = self.row(name)
        for _ in range(3):
            self.assert_same(first, self.post(*request))
        self.assertEqual(self.row(name), row)
        self.assert_done(self.delete(name), DELETE)
        self.assert_same(first, self.post(*request))
        self.assertIsNone(self.row(name), "a replay brought a deleted user back")

    def test_a_replayed_delete_is_not_run_again(self):
        name = self.added()["username"]
        request = self.signed_write(DELETE, self.delete_members(name))
        first = self.post(*request)
        self.assert_done(first, DELETE)
        row = self.added(name)
        self.assert_same(first, self.post(*request))
        self.assertEqual(self.row(name), row, "a replay deleted the next user of the name")

    def test_a_replayed_modify_is_not_run_again(self):
        row = self.added(cluster=ALPHA)
        key = self.new_key("--user-id", row["user_id"])
        request = self.signed_write(MODIFY, self.modify_members(row["username"], ALPHA))
        first = self.post(*request)
        self.assert_done(first, MODIFY)
        self.assert_done(self.modify(row["username"], ALPHA, new_password=self.password), MODIFY)
        self.assert_same(first, self.post(*request))
        answer = self.modify(row["username"], ALPHA, key, password=self.password, new_password=self.password)
        self.assert_done(answer, MODIFY)

    def test_a_refusal_is_remembered_too(self):
        name = fresh_name()
        refused = [
            (self.signed_write(DELETE, self.delete_members(name)), 1610),
            (self.signed_write(MODIFY, self.modify_members(name)), 1610),
            (self.signed_write(ADD, self.add_members("node000")), 1510),
            (self.signed_write(ADD, self.add_members(name, ALPHA), "member"), 1400),
        ]
        answers = []
        for request, code in refused:
            answers.append(self.post(*request))
            self.assert_refuses_write(answers[-1], code)
        row = self.added(name)
        for (request, _), first in zip(refused, answers):
            self.assert_same(first, self.post(*request))
        self.assertEqual(self.row(name), row)

    def test_the_same_signature_in_another_dress_is_a_replay(self):
        name = fresh_name()
        target, body = self.signed_write(ADD, self.add_members(name))
        first = self.post(target, body)
        self.assert_done(first, ADD)
        path, query = target.split("?")
        *others, last = query.split("&")
        for dressed in (f"{path}/?{query}", f"{path}?{'&'.join(others[::-1] + [last])}", f"{path}?{'&'.join([last] + others)}",
                        f"{path}?{'&'.join(others)}&{last.replace('%', '%25')}"):
            with self.subTest(dressed[:200]):
                self.assert_same(first, self.post(dressed, body))
        self.assert_done(self.delete(name), DELETE)

    def test_another_request_of_the_same_wish_is_no_replay(self):
        name = fresh_name()
        self.assert_done(self.add(name), ADD)
        self.assert_refuses_write(self.add(name), 1510)

    def test_replays_at_once_run_once(self):
        for _ in range(3):
            name = fresh_name()
            request = self.signed_write(ADD, self.add_members(name))
            with ThreadPoolExecutor(8) as pool:
                answers = list(pool.map(lambda _: self.post(*request), range(8)))
            for answer in answers:
                self.assert_same(answers[0], answer)
            self.assert_done(answers[0], ADD)
            self.assertIsNotNone(self.row(name))

    def test_replays_are_known_after_a_restart(self):
        name, gone = fresh_name(), self.added()["username"]
        requests = [self.signed_write(ADD, self.add_members(name)), self.signed_write(DELETE, self.delete_members(gone)),
                    self.signed_write(ADD, self.add_members("node000"))]
        answers = [self.post(*request) for request in requests]
        self.assert_done(self.delete(name), DELETE)
        row = self.added(gone)
        for end in (self.site.stop, self.site.kill):
            end()
            self.site.serve()
            for request, first in zip(requests, answers):
                self.assert_same(first, self.post(*request))
            self.assertIsNone(self.row(name))
            self.assertEqual(self.row(gone), row)

    def test_a_replay_after_its_time_is_expired(self):
        name = fresh_name()
        request = self.signed_write(ADD, self.add_members(name), seconds=-57)
        self.assert_done(self.post(*request), ADD)
        time.sleep(4.5)
        self.assert_refuses_write(self.post(*request), 1300)

    def test_a_replay_under_a_revoked_key_is_refused(self):
        key = self.new_key("--user-id", people.ADMIN)
        request = self.signed_write(ADD, self.add_members(fresh_name(), ALPHA), key)
        self.assert_done(self.post(*request), ADD)
        done = self.site.roster("key", "revoke", "--data", self.site.data, key.id)
        self.assertEqual(done.returncode, 0, told(done))
        self.assertTrue(within_a_second(lambda: self.ask(key).json["ret_code"] == 1200))
        self.assert_refuses_write(self.post(*request), 1200)

    def test_a_read_may_repeat(self):
        key = self.key("operator")
        target = self.ask(key, cluster_id=BULK, limit=100, sort_key="create_time", reverse=1, nonce=fresh_name()).url
        target = target.split(self.site.endpoint, 1)[1]
        name = self.added()["username"]
        self.assertIn(name, [row["username"] for row in self.assert_lists(self.send("GET", target))])


class Crowds(WriteCase):
    def new_site(self, cluster: str) -> str:
        return self.new_cluster(cluster, user(cluster, "admin", 45000, 0, role="admin"))

    def test_two_hundred_adds_at_once_get_two_hundred_numbers(self):
        cluster, names = "hpc-crowd001", [fresh_name("c") for _ in range(200)]
        zone = self.new_site(cluster)
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda name: self.add(name, cluster, zone=zone), names))
        jobs = {self.assert_done(answer, ADD) for answer in answers}
        self.assertEqual(len(jobs), 200)
        rows = self.all_users(cluster_id=cluster, zone=zone)
        self.assertEqual({row["username"] for row in rows}, {"admin", *names})
        for field in ("uid_number", "hpcuser_id", "user_id"):
            self.assertEqual(len({row[field] for row in rows}), 201, field)
        self.assertTrue(all(int(row["uid_number"]) in UID_RANGE for row in rows))

    def test_one_name_asked_for_by_many_at_once_is_given_once(self):
        cluster = "hpc-crowd002"
        zone = self.new_site(cluster)
        with ThreadPoolExecutor(8) as pool:
            codes = list(pool.map(lambda _: self.add("wanted", cluster, zone=zone).json["ret_code"], range(16)))
            numbers = list(pool.map(lambda _: self.add(fresh_name(), cluster, zone=zone, uid_number="50000").json["ret_code"], range(16)))
        self.assertEqual(sorted(codes), [0] + [1510] * 15)
        self.assertEqual(sorted(numbers), [0] + [2110] * 15)
        rows = self.all_users(cluster_id=cluster, zone=zone)
        self.assertEqual(len(rows), 3)

    def test_adds_and_deletes_at_once_reuse_no_number(self):
        cluster = "hpc-crowd003"
        zone = self.new_site(cluster)

        def life(name):
            seen = []
            for _ in range(4):
                seen.append(self.added(name, cluster, zone=zone)["uid_number"])
                self.assert_done(self.delete(name, cluster, zone=zone), DELETE)
            return seen

        with ThreadPoolExecutor(8) as pool:
            seen = sum(pool.map(life, [fresh_name("l") for _ in range(8)]), [])
        self.assertEqual(len(set(seen)), 32, seen)

    def test_a_kill_loses_nothing_that_was_acknowledged(self):
        cluster = "hpc-crowd004"
        zone = self.new_site(cluster)
        for after in (1, 20, 60):
            with self.subTest(after=after):
                self.kill_in_the_middle(cluster, zone, after)

    def kill_in_the_middle(self, cluster, zone, after):
        requests = {}
        for _ in range(120):
            name = fresh_name("k")
            requests[name] = self.signed_write(ADD, self.add_members(name, cluster, zone), zone=zone)
        done = {}

        def add(name):
            try:
                answer = self.post(*requests[name])
            except (OSError, HTTPException):
                return  # killed before it answered
            self.assert_done(answer, ADD)
            done[name] = answer.json

        with ThreadPoolExecutor(8) as pool:
            waiting = [pool.submit(add, name) for name in requests]
            while len(done) < after:
                time.sleep(0.001)
            self.site.kill()
            for one in waiting:
                one.result()
        self.assertLess(len(done), len(requests), "the kill came too late to be in the middle")
        self.site.serve()
        rows = self.all_users(cluster_id=cluster, zone=zone)
        self.assertLessEqual(set(done), {row["username"] for row in rows}, "an acknowledged add was lost")
        # A write whose answer was lost can be repeated without harm: the very same request again is done, once.
        for name, request in requests.items():
            again = self.post(*request)
            self.assert_done(again, ADD)
            self.assertEqual(again.json, done.get(name, again.json))
        rows = self.all_users(cluster_id=cluster, zone=zone)
        self.assertLessEqual(set(requests), {row["username"] for row in rows})
        for field in ("username", "uid_number", "hpcuser_id", "user_id"):
            self.assertEqual(len({row[field] for row in rows}), len(rows), field)


class Persistence(WriteCase):
    def test_keeps_everything_over_a_restart(self):
        name, gone = self.added(mod="711")["username"], self.added()
        self.assert_done(self.delete(gone["username"]), DELETE)
        before = self.all_users()
        self.site.stop()
        self.site.serve()
        self.assertEqual(self.all_users(), before)
        self.assertIsNotNone(self.row(name))
        self.assert_refuses_write(self.add(fresh_name(), uid_number=gone["uid_number"]), 2110, gone["username"])

    def test_raises_the_revision_with_every_write(self):
        revision = int(self.ask().headers["Roster-Revision"])
        name = fresh_name()
        for call in (self.add, self.modify, self.delete):
            answer = call(name)
            self.assertEqual(answer.json["ret_code"], 0, answer)
            self.assertGreater(int(answer.headers["Roster-Revision"]), revision)
            revision = int(answer.headers["Roster-Revision"])
            self.assertGreaterEqual(int(self.ask().headers["Roster-Revision"]), revision)

    def test_a_flood_of_bad_requests_costs_no_write(self):
        revision = self.ask().headers["Roster-Revision"]
        self.write(ADD, b"{")
        self.write(ADD, self.add_members(5))
        self.write(ADD, self.add_members(fresh_name()), self.forged())
        self.write(ADD, self.add_members(fresh_name()), seconds=-3600)
        self.assertEqual(self.ask().headers["Roster-Revision"], revision)

    def test_z_prints_and_stores_no_password(self):
        self.added()
        self.assert_keeps_no_password()
        self.site.stop()
        self.site.serve()
        self.assert_keeps_no_password()


if __name__ == "__main__":
    unittest.main()

"""What `GET /api/user` answers: its shape, pages, filters, order, and what each kind of key sees."""

import unittest
from concurrent.futures import ThreadPoolExecutor

import people
from case import RosterCase, setUpModule, tearDownModule, within_a_second  # noqa: F401 (unittest looks for the two functions)

LARGEST = 2**63 - 1
NOT_COUNTS = ["-1", "--1", "abc", "1.5", "1e2", "0x10", "1 0", "1,0", "true", "null", "１０", str(LARGEST + 1), "9" * 30]


class Answers(RosterCase):
    def test_answers_the_documented_keys(self):
        body = self.ask().json
        self.assertLessEqual({"action", "ret_code", "total_count", "user_set", "users_set"}, set(body))

    def test_gives_the_list_under_both_names(self):
        body = self.ask(limit=100).json
        self.assertEqual(len(body["user_set"]), 100)
        self.assertEqual(body["user_set"], body["users_set"])

    def test_gives_each_user_its_documented_fields_and_no_other(self):
        for user in self.users(limit=100):
            self.assertEqual(set(user), set(people.FIELDS), user)

    def test_gives_every_field_as_a_string_but_mod_which_may_be_null(self):
        for user in self.all_users():
            for field, value in user.items():
                if not (field == "mod" and value is None):
                    self.assertIsInstance(value, str, (field, user))

    def test_gives_numbers_of_users_and_groups_as_strings_of_digits(self):
        for user in self.all_users():
            self.assertRegex(user["uid_number"], r"^[1-9][0-9]*$", user)
            self.assertRegex(user["gid_number"], r"^[1-9][0-9]*$", user)

    def test_gives_mod_as_null_or_octal(self):
        mods = {user["mod"] for user in self.users(cluster_id=people.ALPHA, limit=100)}
        self.assertEqual(mods, {None, "700", "755"})

    def test_gives_times_in_utc(self):
        for user in self.all_users():
            for field in ("create_time", "update_time"):
                self.assertRegex(user[field], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$", user)

    def test_gives_everything_as_it_was_imported(self):
        self.assertEqual(self.all_users(), people.oldest_first(people.HERE))
        self.assertEqual(self.all_users(zone=people.FAR_ZONE), people.oldest_first(people.THERE))

    def test_carries_its_revision(self):
        self.assertRegex(self.ask().headers.get("Roster-Revision") or "absent", r"^[0-9]+$")

    def test_answers_the_same_request_twice_alike(self):
        first = self.ask(limit=20)
        target = first.url.split(self.site.endpoint, 1)[1]
        self.assertEqual(self.send("GET", target).json, first.json)

    def test_answers_many_clients_at_once(self):
        def page(offset):
            return [user["hpcuser_id"] for user in self.users(limit=10, offset=offset)]

        with ThreadPoolExecutor(16) as pool:
            pages = list(pool.map(page, range(0, 160, 10)))
        expected = [user["hpcuser_id"] for user in people.oldest_first(people.HERE)][:160]
        self.assertEqual(sum(pages, []), expected)


class Pages(RosterCase):
    def total(self, answer) -> int:
        self.assert_lists(answer)
        return answer.json["total_count"]

    def test_gives_ten_users_where_no_limit_is_asked(self):
        self.assert_finds(self.users(), people.oldest_first(people.HERE)[:10])

    def test_gives_as_many_as_asked_up_to_a_hundred(self):
        for limit in (1, 2, 99, 100):
            self.assertEqual(len(self.users(cluster_id=people.BULK, limit=limit)), limit)

    def test_gives_a_hundred_where_more_are_asked(self):
        for limit in (101, 126, 1_000_000, LARGEST):
            self.assert_finds(self.users(cluster_id=people.BULK, limit=limit), people.of_cluster(people.BULK)[:100])

    def test_counts_what_matches_and_not_the_page(self):
        for limit in (0, 1, 100, 1000):
            self.assertEqual(self.total(self.ask(cluster_id=people.BULK, limit=limit)), 126)
        self.assertEqual(self.total(self.ask(limit=1)), len(people.HERE))
        self.assertEqual(self.total(self.ask(limit=1, search_word="ANNA")), len(people.named_like("anna")))

    def test_gives_an_empty_page_with_its_total_for_limit_0(self):
        answer = self.ask(limit=0)
        self.assertEqual(self.assert_lists(answer), [])
        self.assertEqual(answer.json["total_count"], len(people.HERE))

    def test_gives_an_empty_page_with_its_total_past_the_end(self):
        for offset in (len(people.HERE), 100_000, LARGEST):
            for limit in (10, LARGEST):
                answer = self.ask(offset=offset, limit=limit)
                self.assertEqual(self.assert_lists(answer), [], answer)
                self.assertEqual(answer.json["total_count"], len(people.HERE), answer)

    def test_gives_what_is_left_on_the_last_page(self):
        self.assert_finds(self.users(cluster_id=people.BULK, offset=120, limit=100), people.of_cluster(people.BULK)[120:])

    def test_gives_each_user_once_over_all_pages(self):
        for page in (1, 7, 100):
            cluster = people.BETA if page == 1 else people.BULK
            self.assert_finds(self.all_users(page=page, cluster_id=cluster), people.of_cluster(cluster))
        self.assert_finds(self.all_users(page=13), people.oldest_first(people.HERE))

    def test_takes_an_empty_limit_and_offset_as_absent(self):
        self.assert_finds(self.users(limit="", offset=""), people.oldest_first(people.HERE)[:10])

    def test_rejects_what_is_not_a_count(self):
        for name in ("limit", "offset"):
            for value in NOT_COUNTS:
                with self.subTest(name, value=value):
                    self.assert_refuses(self.ask(**{name: value}), 1100, name)

    def test_rejects_a_doubled_limit_and_offset(self):
        for name in ("limit", "offset"):
            for pair in (("1", "2"), ("1", "1")):
                with self.subTest(name, values=pair):
                    self.assert_refuses(self.ask(pairs=[(name, pair[0]), (name, pair[1])]), 1100, name)


class Search(RosterCase):
    def search(self, word, **asked):
        return self.all_users(search_word=word, **asked)

    def test_finds_a_part_of_a_name_without_regard_to_case(self):
        for word in ("anna", "ANNA", "node01", "NoDe12", "mixedcase", "MIXED", "dbadmin", "AdMiN", "a", "x" * 64):
            with self.subTest(word=word):
                self.assert_finds(self.search(word), people.named_like(word))

    def test_finds_each_name_by_all_of_itself(self):
        for name in people.ODD_NAMES:
            with self.subTest(name=name):
                self.assert_finds(self.search(name), people.named_like(name))

    def test_takes_signs_of_other_pattern_languages_literally(self):
        for sign in "%_*.?+[]()^$\\'\"&=#;,":
            with self.subTest(sign=sign):
                self.assert_finds(self.search(sign), people.named_like(sign))
        for word in ("fifty_", "%%", "*node*", "^node", "node0.0", "a|b", "' OR '1'='1", "per%", "no%e", "%20", "\\_"):
            with self.subTest(word=word):
                self.assert_finds(self.search(word), people.named_like(word))

    def test_finds_names_outside_ascii(self):
        for word in ("zoë", "ë", "李", "雷", "李雷", "Ünal"):
            with self.subTest(word=word):
                self.assert_finds(self.search(word), people.named_like(word))

    def test_looks_at_the_username_alone(self):
        for word in ("usr-", "hpcuser-", people.ALPHA, "/public", "member", people.MEMBER, "41002"):
            with self.subTest(word=word):
                self.assert_finds(self.search(word), [])

    def test_finds_nothing_for_what_is_longer_than_any_name(self):
        self.assert_finds(self.search("x" * 65), [])

    def test_takes_an_empty_word_as_absent(self):
        self.assert_finds(self.search(""), people.oldest_first(people.HERE))

    def test_joins_with_the_other_filters(self):
        self.assert_finds(self.search("anna", cluster_id=people.BETA), people.named_like("anna", people.beta_users()))
        self.assert_finds(self.search("anna", user_id=people.MEMBER), people.of_account(people.MEMBER))
        self.assert_finds(self.search("boss", user_id=people.MEMBER), [])


class Filters(RosterCase):
    def test_lists_the_zone_where_no_cluster_is_asked(self):
        self.assert_finds(self.all_users(), people.oldest_first(people.HERE))
        self.assert_finds(self.all_users(zone=people.FAR_ZONE), people.oldest_first(people.THERE))

    def test_lists_one_cluster(self):
        for cluster in (people.ALPHA, people.BETA, people.BULK):
            self.assert_finds(self.all_users(cluster_id=cluster), people.of_cluster(cluster))

    def test_lists_the_rows_of_one_account(self):
        self.assert_finds(self.users(user_id=people.TWO_ROWS), people.of_account(people.TWO_ROWS))
        self.assert_finds(self.users(user_id=people.MEMBER), people.of_account(people.MEMBER))

    def test_lists_the_row_of_one_account_in_one_cluster(self):
        found = self.users(user_id=people.TWO_ROWS, cluster_id=people.ALPHA)
        self.assertEqual([(user["cluster_id"], user["role"]) for user in found], [(people.ALPHA, "member")])

    def test_lists_nothing_for_an_account_without_rows(self):
        for account in (people.NOBODY, people.FAR_ADMIN):
            self.assert_finds(self.users(user_id=account), [])

    def test_takes_empty_filters_as_absent(self):
        self.assert_finds(self.all_users(cluster_id="", user_id="", search_word=""), people.oldest_first(people.HERE))

    def test_ignores_parameters_it_does_not_know(self):
        extra = {"verbose": "1", "a": "", "zzz": "x y+z", "owner": people.BOSS, "Ж": "я"}
        self.assert_finds(self.users(**extra), self.users())

    def test_rejects_a_doubled_filter(self):
        for name, value in (("cluster_id", people.ALPHA), ("user_id", people.MEMBER), ("search_word", "a")):
            with self.subTest(name):
                self.assert_refuses(self.ask(pairs=[(name, value), (name, value)]), 1100, name)

    def test_answers_a_malformed_id_with_an_error_or_nothing(self):
        # Open in the documents: whether an id of another form is malformed or merely unknown.
        for value in ("nonsense", "hpc-", "hpc-a b", "hpc-" + "a" * 33, "usr-../etc", "李"):
            with self.subTest(value=value):
                self.assert_refuses_with_one_of(self.ask(cluster_id=value), (1100, 2100))
                answer = self.ask(user_id=value)
                if answer.json["ret_code"] == 0:
                    self.assert_finds(self.assert_lists(answer), [])
                else:
                    self.assert_refuses(answer, 1100, "user_id")


class Order(RosterCase):
    def bulk(self, **asked):
        return self.all_users(page=50, cluster_id=people.BULK, **asked)

    def assert_in_order(self, users, keys):
        self.assertEqual({user["hpcuser_id"] for user in users}, {row["hpcuser_id"] for row in people.of_cluster(people.BULK)})
        self.assertEqual(len(users), 126)
        self.assertEqual(keys, sorted(keys))

    def test_lists_the_oldest_first_and_breaks_ties_by_hpcuser_id(self):
        self.assert_finds(self.bulk(), people.of_cluster(people.BULK))
        self.assert_finds(self.bulk(sort_key="create_time"), people.of_cluster(people.BULK))
        self.assert_finds(self.bulk(sort_key="create_time", reverse="0"), people.of_cluster(people.BULK))

    def test_lists_the_newest_first_in_reverse(self):
        # Open in the documents: whether ties turn round too.
        for asked in ({"reverse": "1"}, {"reverse": "1", "sort_key": "create_time"}):
            users = self.bulk(**asked)
            self.assert_in_order(users[::-1], [user["create_time"] for user in users[::-1]])

    def test_sorts_by_each_documented_key(self):
        values = {"update_time": str, "username": str, "uid_number": int}
        for key, value in values.items():
            for reverse in ("0", "1"):
                with self.subTest(key, reverse=reverse):
                    users = self.bulk(sort_key=key, reverse=reverse)
                    users = users[::-1] if reverse == "1" else users
                    self.assert_in_order(users, [value(user[key]) for user in users])

    def test_sorts_numbers_as_numbers(self):
        numbers = [int(user["uid_number"]) for user in self.users(cluster_id=people.BETA, sort_key="uid_number")]
        self.assertEqual(numbers, [1, 42000, 42001, 42002, 4294967294])

    def test_gives_each_user_once_over_all_pages_in_every_order(self):
        # All users of one name or number in several clusters are ties here.
        for key in ("create_time", "update_time", "username", "uid_number"):
            for reverse in ("0", "1"):
                with self.subTest(key, reverse=reverse):
                    found = [user["hpcuser_id"] for user in self.all_users(page=9, sort_key=key, reverse=reverse)]
                    self.assertEqual(len(found), len(set(found)))
                    self.assertEqual(set(found), {row["hpcuser_id"] for row in people.HERE})

    def test_rejects_an_unknown_order(self):
        for key in ("password", "create-time", "username;", "username,uid_number", "CREATE TIME"):
            with self.subTest(key):
                self.assert_refuses(self.ask(sort_key=key), 1100, "sort_key")
        for value in ("2", "-1", "yes", "0 1"):
            with self.subTest(value):
                self.assert_refuses(self.ask(reverse=value), 1100, "reverse")

    def test_rejects_a_doubled_order(self):
        for name, value in (("sort_key", "username"), ("reverse", "1")):
            with self.subTest(name):
                self.assert_refuses(self.ask(pairs=[(name, value), (name, value)]), 1100, name)


class Rights(RosterCase):
    def test_shows_everything_to_operator_boss_and_unbound_reader(self):
        for key in ("operator", "boss", "reader"):
            with self.subTest(key):
                self.assert_finds(self.all_users(key), people.oldest_first(people.HERE))
                self.assert_finds(self.all_users(key, zone=people.FAR_ZONE), people.oldest_first(people.THERE))
                self.assert_finds(self.all_users(key, cluster_id=people.ALPHA), people.of_cluster(people.ALPHA))

    def test_shows_an_admin_its_cluster(self):
        self.assert_finds(self.all_users("admin"), people.of_cluster(people.ALPHA))
        self.assert_finds(self.all_users("admin", cluster_id=people.ALPHA), people.of_cluster(people.ALPHA))
        self.assert_finds(self.all_users("far_admin", zone=people.FAR_ZONE), people.of_cluster(people.FAR))

    def test_shows_a_bound_reader_its_cluster(self):
        self.assert_finds(self.all_users("alpha_reader"), people.of_cluster(people.ALPHA))
        self.assert_finds(self.all_users("alpha_reader", cluster_id=people.ALPHA), people.of_cluster(people.ALPHA))

    def test_shows_a_member_its_own_row(self):
        for asked in ({}, {"cluster_id": people.ALPHA}, {"user_id": people.MEMBER}, {"search_word": "nn"}):
            with self.subTest(**asked):
                self.assert_finds(self.all_users("member", **asked), people.of_account(people.MEMBER))

    def test_shows_who_is_admin_in_one_cluster_and_member_in_another_what_each_row_gives(self):
        own = [row for row in people.of_cluster(people.ALPHA) if row["user_id"] == people.TWO_ROWS]
        self.assert_finds(self.all_users("two_rows", cluster_id=people.BETA), people.of_cluster(people.BETA))
        self.assert_finds(self.all_users("two_rows", cluster_id=people.ALPHA), own)
        self.assert_finds(self.all_users("two_rows"), people.oldest_first(people.of_cluster(people.BETA) + own))

    def test_counts_only_what_the_key_may_see(self):
        for key, total in (("member", 1), ("admin", len(people.of_cluster(people.ALPHA))), ("boss", len(people.HERE))):
            self.assertEqual(self.ask(key, limit=0).json["total_count"], total)

    def test_finds_nothing_that_the_key_may_not_see(self):
        for asked in ({"search_word": "boss"}, {"user_id": people.BOSS}, {"search_word": "admin"}):
            with self.subTest(**asked):
                answer = self.ask("member", **asked)
                self.assertEqual(self.assert_lists(answer), [])
                self.assertEqual(answer.json["total_count"], 0, answer)
        self.assert_finds(self.all_users("admin", user_id=people.BOSS), [])
        self.assert_finds(self.all_users("alpha_reader", search_word="node"), [])

    def test_shows_nothing_in_a_zone_where_the_key_has_no_rows(self):
        for key in ("member", "admin", "alpha_reader"):
            self.assert_finds(self.users(key, zone=people.FAR_ZONE), [])


class Visibility(RosterCase):
    HIDDEN = [("member", people.BETA), ("member", people.BULK), ("admin", people.BETA), ("alpha_reader", people.BULK),
              ("two_rows", people.BULK), ("far_admin", people.ALPHA)]

    def without_id(self, answer, cluster: str):
        body = {**answer.json, "message": answer.json["message"].replace(cluster, "…")}
        return answer.status, answer.media_type, body

    def test_rejects_an_unknown_cluster(self):
        for key in ("operator", "reader", "boss", "admin", "alpha_reader", "member"):
            with self.subTest(key):
                self.assert_refuses(self.ask(key, cluster_id=people.UNKNOWN_CLUSTER), 2100, "cluster")

    def test_answers_for_an_invisible_cluster_as_for_an_unknown_one(self):
        for key, cluster in self.HIDDEN:
            with self.subTest(key, cluster=cluster):
                invisible = self.ask(key, cluster_id=cluster)
                unknown = self.ask(key, cluster_id=people.UNKNOWN_CLUSTER)
                self.assert_refuses(invisible, 2100, "cluster")
                self.assertEqual(self.without_id(invisible, cluster), self.without_id(unknown, people.UNKNOWN_CLUSTER))

    def test_answers_alike_whatever_else_is_asked_of_an_invisible_cluster(self):
        for asked in ({"limit": 0}, {"search_word": "boss"}, {"user_id": people.BOSS}, {"offset": 5, "sort_key": "username"}):
            with self.subTest(**asked):
                self.assert_refuses(self.ask("member", cluster_id=people.BETA, **asked), 2100, "cluster")

    def test_shows_no_user_of_a_cluster_outside_the_zone_asked(self):
        # Open in the documents: whether such a cluster is unknown in this zone or an empty list.
        answer = self.ask(cluster_id=people.FAR)
        if answer.json["ret_code"] == 0:
            self.assert_finds(self.assert_lists(answer), [])
        else:
            self.assert_refuses(answer, 2100, "cluster", "zone")

    def test_rejects_an_unknown_zone(self):
        for key in ("operator", "boss", "admin", "member", "alpha_reader"):
            with self.subTest(key):
                self.assert_refuses(self.ask(key, zone=people.EMPTY_ZONE), 2100, "zone")


class Revision(RosterCase):
    def revision(self) -> int:
        return int(self.ask(zone=people.FAR_ZONE).headers["Roster-Revision"])

    def test_grows_with_an_import(self):
        before = self.revision()
        done = self.site.import_rows("rev1", [people.user("hpc-revision", "first", 100, 0)], name="revision.csv")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertTrue(within_a_second(lambda: self.revision() > before), "the revision stayed the same")


if __name__ == "__main__":
    unittest.main()

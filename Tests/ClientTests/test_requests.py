"""What every call must get right before it is answered: signature, time, common parameters, route, and bad input."""

import base64
import hashlib
import hmac
import select
import socket
import unittest
from itertools import product

import people
import signer
from case import LIST, RosterCase, setUpModule, tearDownModule  # noqa: F401 (unittest looks for the two functions)
from running_site import read_answer
from signer import Habits, Key, append_signature, common_parameters, join, signed_raw_target, signed_target

UNKNOWN_KEY = Key("ZZZZZZZZZZZZZZZZZZZZ", "any secret")
COMMON = ("access_key_id", "timestamp", "version", "signature_method", "signature_version", "zone")
LARGE_BODY = 64 * 1024 * 1024
OLD = -3600


class Requests(RosterCase):
    def sorted_pairs(self, **parameters) -> list:
        return sorted({**common_parameters(self.key("operator"), people.ZONE), **parameters}.items())

    def signed_query(self, query: str, *, method="GET", path=LIST, text=None, encodings=1):
        """Sends a query as it is with a signature over `text`, a whole string to sign."""
        text = text or signer.string_to_sign(method, path, query)
        value = signer.signature(self.key("operator").secret, text)
        return self.send(method, f"{path}?{append_signature(query, value, encodings)}")

    def ask_raw(self, *pieces: str):
        """A correctly signed call with raw `name=value` pieces among the common parameters, in sorted order."""
        common = [f"{name}={signer.encode(value)}" for name, value in self.sorted_pairs()]
        query = "&".join(sorted(common + list(pieces), key=lambda piece: piece.split("=")[0]))
        target = signed_raw_target("GET", LIST, query, self.key("operator"))
        answer = self.site.send_target(target.encode())
        self.assertIsNotNone(answer, f"no answer to {target[:2000]}")
        return answer


class Signatures(Requests):
    def test_accepts_every_habit_of_clients(self):
        switches = product((False, True), (1, 2), ("%20", "+"), ("%20", "+"), (True, False), (LIST, LIST + "/"))
        for slash, encodings, signed, sent, in_order, path in switches:
            habits = Habits(slash, encodings, signed, sent, in_order)
            with self.subTest(habits, path=path):
                found = self.users(habits=habits, path=path, search_word="Anna Maria", verbose="é ~*/")
                self.assert_finds(found, people.named_like("anna maria"))

    def test_accepts_signatures_with_every_sign_of_base64(self):
        seen = set()
        for n in range(40):
            encodings = n % 2 + 1
            answer = self.ask(limit=1, nonce=n, habits=Habits(signature_encodings=encodings))
            self.assert_lists(answer)
            value = answer.url.rsplit("=", 1)[1].replace("%25", "%")
            seen |= {(sign, encodings) for sign in ("%2B", "%2F", "%3D") if sign in value}
        self.assertGreaterEqual(len(seen), 5, "the test met too few signs")

    def test_accepts_a_signature_at_any_place_of_the_query(self):
        for in_order in (True, False):
            path, query = signed_target("GET", LIST, self.sorted_pairs(limit="3"), self.key("operator"),
                                        Habits(sends_sorted=in_order)).split("?")
            *others, last = query.split("&")
            for place in (0, 3):
                with self.subTest(place=place, in_order=in_order):
                    moved = "&".join([*others[:place], last, *others[place:]])
                    self.assertEqual(len(self.assert_lists(self.send("GET", f"{path}?{moved}"))), 3)

    def test_accepts_a_sorted_query_signed_as_it_was_written(self):
        for written in ("search_word=%61nna", "search_word=%41NNA", "search_word=anna&user_id=", "search_word=ann%61"):
            with self.subTest(written):
                answer = self.ask_raw(*written.split("&"))
                self.assert_finds(self.assert_lists(answer), people.named_like("anna"))
        self.assert_finds(self.assert_lists(self.ask_raw("search_word=zo%c3%ab")), people.named_like("zoë"))
        self.assert_finds(self.assert_lists(self.ask_raw("search_word=star*")), people.named_like("star*"))

    def test_takes_a_plus_as_a_space_and_an_encoded_plus_as_a_plus(self):
        self.assert_finds(self.assert_lists(self.ask_raw("search_word=Anna+Maria")), people.named_like("anna maria"))
        self.assert_finds(self.assert_lists(self.ask_raw("search_word=a%2Bb")), people.named_like("a+b"))

    def test_decodes_a_value_once(self):
        self.assert_finds(self.assert_lists(self.ask_raw("search_word=per%2520cent")), people.named_like("per%20cent"))

    def test_rejects_an_unsorted_query_signed_as_it_was_written(self):
        query = join(self.sorted_pairs(limit="3")[::-1])
        self.assert_refuses(self.signed_query(query), 1200, "signature", "key")

    def test_rejects_a_signature_over_anything_else(self):
        query = join(self.sorted_pairs(limit="3"))
        empty = hashlib.md5(b"").hexdigest()
        texts = {
            "another path": f"GET\n/api/users\n{query}\n{empty}",
            "the path without its base": f"GET\n/user\n{query}\n{empty}",
            "a path with two slashes": f"GET\n/api/user//\n{query}\n{empty}",
            "another method": f"POST\n/api/user\n{query}\n{empty}",
            "the method in lower case": f"get\n/api/user\n{query}\n{empty}",
            "no digest of the body": f"GET\n/api/user\n{query}",
            "an empty digest": f"GET\n/api/user\n{query}\n",
            "another body": f"GET\n/api/user\n{query}\n{hashlib.md5(b'{}').hexdigest()}",
            "the digest in upper case": f"GET\n/api/user\n{query}\n{empty.upper()}",
            "line ends of two signs": f"GET\r\n/api/user\r\n{query}\r\n{empty}",
            "fewer parameters": f"GET\n/api/user\n{query.replace('&limit=3', '')}\n{empty}",
            "another value": f"GET\n/api/user\n{query.replace('limit=3', 'limit=4')}\n{empty}",
            "nothing": "",
        }
        self.assert_lists(self.signed_query(query))
        for what, text in texts.items():
            with self.subTest(what):
                self.assert_refuses(self.signed_query(query, text=text or "\n"), 1200, "signature", "key")

    def test_rejects_other_forms_of_the_value(self):
        query = join(self.sorted_pairs())
        text, secret = signer.string_to_sign("GET", LIST, query).encode(), self.key("operator").secret.encode()
        good = base64.b64encode(hmac.new(secret, text, hashlib.sha256).digest()).decode()
        values = {
            "hexadecimal": hmac.new(secret, text, hashlib.sha256).hexdigest(),
            "SHA-1": base64.b64encode(hmac.new(secret, text, hashlib.sha1).digest()).decode(),
            "no key": base64.b64encode(hashlib.sha256(text).digest()).decode(),
            "the swapped pair": base64.b64encode(hmac.new(text, secret, hashlib.sha256).digest()).decode(),
            "a part": good[:20],
            "a part too much": good + good,
            "not Base64": "!" * 44,
            "zeros": base64.b64encode(bytes(32)).decode(),
            "nothing": "",
        }
        for what, value in values.items():
            with self.subTest(what):
                # Open in the documents: whether a value of another form is malformed or merely wrong.
                answer = self.send("GET", f"{LIST}?{append_signature(query, value)}")
                self.assert_refuses_with_one_of(answer, (1100, 1200))
        with self.subTest("encoded three times"):
            answer = self.send("GET", f"{LIST}?{append_signature(query, good, 3)}")
            self.assert_refuses_with_one_of(answer, (1100, 1200))

    def test_rejects_a_changed_request(self):
        target = signed_target("GET", LIST, self.sorted_pairs(limit="3"), self.key("operator"))
        changes = {
            "another value": target.replace("limit=3", "limit=4"),
            "a parameter more": target + "&offset=1",
            "a parameter that is not known": target + "&verbose=1",
            "a parameter less": target.replace("limit=3&", ""),
            "another zone": target.replace(f"zone={people.ZONE}", f"zone={people.FAR_ZONE}"),
            "another key": target.replace(self.key("operator").id, self.key("member").id),
        }
        for what, changed in changes.items():
            with self.subTest(what):
                self.assert_refuses(self.send("GET", changed), 1200, "signature", "key")

    def test_answers_for_an_unknown_key_as_for_a_wrong_signature(self):
        for asked in ({}, {"limit": "-1"}, {"cluster_id": people.UNKNOWN_CLUSTER}):
            with self.subTest(**asked):
                wrong = self.ask(self.forged(), **asked)
                self.assert_refuses(wrong, 1200, "signature", "key")
                self.assert_same_answer(wrong, self.ask(UNKNOWN_KEY, **asked))
                self.assert_same_answer(wrong, self.ask(self.forged("member"), **asked))

    def test_rejects_a_malformed_key_id(self):
        # Open in the documents: whether such an id is malformed or merely unknown.
        for key_id in ("", "short", "zzzzzzzzzzzzzzzzzzzz", "Z" * 21, "' OR 1=1 --", "李", "Z" * 20_000):
            with self.subTest(key_id=key_id[:40]):
                self.assert_refuses_with_one_of(self.ask(Key(key_id, "any secret")), (1100, 1200))

    def test_never_takes_a_key_id_in_another_case(self):
        key = self.key("operator")
        self.assert_refuses_with_one_of(self.ask(Key(key.id.lower(), key.secret)), (1100, 1200))


class Times(Requests):
    MALFORMED = ["", "now", "0", "1700000000", "2022-04-11", "14:40:45", "2022-04-11T14:40:45", "2022-04-11T14:40:45+08:00",
                 "2022-13-01T00:00:00Z", "2022-00-10T00:00:00Z", "2022-04-32T00:00:00Z", "2022-04-11T25:00:00Z",
                 "2022-04-11T14:60:00Z", "2022/04/11T14:40:45Z", "2022-04-11T14:40:45ZZ", "-1-1-1T1:1:1Z", "２022-04-11T14:40:45Z"]

    def test_accepts_a_clock_that_is_less_than_a_minute_off(self):
        for seconds in (-55, -30, 0, 30, 55):
            with self.subTest(seconds=seconds):
                self.assert_lists(self.ask(seconds=seconds))

    def test_rejects_a_clock_that_is_more_than_a_minute_off(self):
        for seconds in (-86400 * 365, OLD, -70, 70, 3600, 86400 * 365):
            with self.subTest(seconds=seconds):
                self.assert_refuses(self.ask(seconds=seconds), 1300, "time", "expire")

    def test_accepts_a_date_without_zero_padding(self):
        self.assert_lists(self.ask(common={"timestamp": signer.unpadded_timestamp()}))
        for written in ("2022-4-11T14:40:45Z", "2022-4-1T14:40:45Z", "2022-10-1T00:00:00Z"):
            with self.subTest(written):
                self.assert_refuses(self.ask(common={"timestamp": written}), 1300, "time", "expire")

    def test_accepts_the_other_name_of_the_time(self):
        for in_order in (True, False):
            answer = self.ask(without=("timestamp",), time_stamp=signer.timestamp(), habits=Habits(sends_sorted=in_order))
            self.assert_lists(answer)

    def test_checks_the_time_under_its_other_name(self):
        self.assert_refuses(self.ask(without=("timestamp",), time_stamp=signer.timestamp(OLD)), 1300, "time", "expire")
        self.assert_refuses(self.ask(without=("timestamp",), time_stamp="now"), 1100, "time")

    def test_rejects_both_names_of_the_time_at_once(self):
        self.assert_refuses(self.ask(time_stamp=signer.timestamp()), 1100, "time")

    def test_rejects_a_malformed_time(self):
        for written in self.MALFORMED:
            with self.subTest(written):
                self.assert_refuses(self.ask(common={"timestamp": written}), 1100, "time")

    def test_rejects_a_day_that_does_not_exist(self):
        # Open in the documents: whether such a day is malformed or merely past.
        for written in ("2022-02-30T00:00:00Z", "2023-02-29T00:00:00Z", "0000-01-01T00:00:00Z", "9999-12-31T23:59:59Z"):
            with self.subTest(written):
                self.assert_refuses_with_one_of(self.ask(common={"timestamp": written}), (1100, 1300))


class CommonParameters(Requests):
    def test_rejects_a_request_without_a_required_one(self):
        for name in ("access_key_id", "timestamp", "zone"):
            with self.subTest(name):
                self.assert_refuses(self.ask(without=(name,)), 1100, name)

    def test_rejects_a_request_without_a_signature(self):
        self.assert_refuses(self.send("GET", f"{LIST}?{join(self.sorted_pairs())}"), 1100, "signature")

    def test_rejects_a_request_without_any(self):
        for target in (LIST, LIST + "?", LIST + "/", LIST + "?&&&", LIST + "?="):
            with self.subTest(target):
                self.assert_refuses(self.send("GET", target), 1100)

    def test_rejects_an_empty_zone(self):
        # Open in the documents: whether an empty zone is missing or unknown.
        self.assert_refuses_with_one_of(self.ask(zone=""), (1100, 2100))

    def test_accepts_the_absence_of_those_with_one_value(self):
        optional = ("version", "signature_method", "signature_version")
        for without in [(name,) for name in optional] + [optional]:
            with self.subTest(without):
                self.assert_lists(self.ask(without=without))

    def test_rejects_another_value_of_those(self):
        others = {"version": ("2", "0", "1.0", "one"), "signature_method": ("HmacSHA1", "none", "HmacSHA2567"),
                  "signature_version": ("2", "0", "-1")}
        for name, values in others.items():
            for value in values:
                with self.subTest(name, value=value):
                    self.assert_refuses(self.ask(common={name: value}), 1100, name)

    def test_rejects_a_doubled_one(self):
        for name in COMMON:
            with self.subTest(name):
                value = dict(self.sorted_pairs())[name]
                self.assert_refuses(self.ask(pairs=[(name, value)]), 1100, name)

    def test_rejects_a_doubled_signature(self):
        target = signed_target("GET", LIST, self.sorted_pairs(), self.key("operator"))
        value = target.rsplit("=", 1)[1]
        self.assert_refuses(self.send("GET", f"{target}&signature={value}"), 1100, "signature")

    def test_rejects_a_doubled_parameter_that_is_not_known(self):
        self.assert_refuses(self.ask(pairs=[("verbose", "1"), ("verbose", "1")]), 1100, "verbose", "parameter")

    def test_sees_a_doubled_parameter_through_its_encoding(self):
        # Open in the documents: whether names are sorted as written or as decoded; the canonical form suits both.
        pairs = self.sorted_pairs()
        text = signer.string_to_sign("GET", LIST, join(sorted(pairs + [("limit", "1")] * 2)))
        for twin in ("l%69mit=1", "%6cimit=1", "%6C%69%6D%69%74=1"):
            with self.subTest(twin):
                query = f"{twin}&limit=1&{join(pairs)}"
                self.assert_refuses(self.signed_query(query, text=text), 1100, "limit")


class OrderOfChecks(Requests):
    def test_judges_common_parameters_before_the_signature(self):
        forged = self.forged()
        faults = [
            ({"without": ("zone",)}, "zone"),
            ({"without": ("timestamp",)}, "timestamp"),
            ({"common": {"version": "2"}}, "version"),
            ({"common": {"signature_method": "none"}}, "signature_method"),
            ({"common": {"timestamp": "now"}}, "timestamp"),
            ({"pairs": [("zone", people.ZONE)]}, "zone"),
            ({"time_stamp": signer.timestamp()}, "time"),
            ({"common": {"version": "2"}, "seconds": OLD, "limit": "-1"}, "version"),
        ]
        for fault, name in faults:
            with self.subTest(name, **fault):
                self.assert_refuses(self.ask(forged, **fault), 1100, name)

    def test_judges_the_signature_before_time_and_own_parameters(self):
        for fault in ({"seconds": OLD}, {"limit": "-1"}, {"sort_key": "none"}, {"cluster_id": people.UNKNOWN_CLUSTER},
                      {"zone": people.EMPTY_ZONE}, {"seconds": OLD, "limit": "-1"}):
            with self.subTest(**fault):
                self.assert_refuses(self.ask(self.forged(), **fault), 1200, "signature", "key")
                self.assert_refuses(self.ask(UNKNOWN_KEY, **fault), 1200, "signature", "key")

    def test_judges_the_time_before_own_parameters(self):
        for fault in ({"limit": "-1"}, {"reverse": "7"}, {"cluster_id": people.UNKNOWN_CLUSTER}, {"zone": people.EMPTY_ZONE}):
            with self.subTest(**fault):
                self.assert_refuses(self.ask(seconds=OLD, **fault), 1300, "time", "expire")

    def test_judges_own_parameters_before_visibility(self):
        for fault, name in (({"limit": "-1"}, "limit"), ({"offset": "x"}, "offset"), ({"sort_key": "none"}, "sort_key"),
                            ({"reverse": "7"}, "reverse")):
            for unseen in ({"cluster_id": people.UNKNOWN_CLUSTER}, {"cluster_id": people.BETA}, {"zone": people.EMPTY_ZONE}):
                with self.subTest(name, **unseen):
                    self.assert_refuses(self.ask("member", **fault, **unseen), 1100, name)


class Routes(Requests):
    def signed(self, path: str, method: str = "GET", body: bytes = b""):
        return self.send(method, signed_target(method, path, self.sorted_pairs(), self.key("operator"), body=body), body)

    def test_serves_a_trailing_slash(self):
        for slash in (False, True):
            self.assert_lists(self.ask(path=LIST + "/", habits=Habits(signs_trailing_slash=slash)))

    def test_does_not_know_doubled_or_encoded_slashes(self):
        for path in ("/api//user", "//api/user", "/api/user//", "//api//user//", "/api%2Fuser", "/api%2fuser", "/api/user%2F",
                     "/api/%2Fuser", "/%2Fapi/user"):
            with self.subTest(path):
                self.assert_refuses(self.signed(path), 3300, status=404)

    def test_does_not_know_another_module(self):
        for path in ("/api/nosuch", "/api/users", "/api/use", "/api/nosuch/user", "/api/nosuch/"):
            for method in ("GET", "POST"):
                with self.subTest(path, method=method):
                    self.assert_refuses(self.signed(path, method), 3300, status=404)
            with self.subTest(path, signed=False):
                self.assert_refuses(self.send("GET", path), 3300, status=404)

    def test_does_not_know_paths_outside_the_api(self):
        for path in ("/nosuch", "/api", "/api/", "/apiuser", "/health/nosuch"):
            with self.subTest(path):
                answer = self.send("GET", path)
                self.assertEqual(answer.status, 404, answer)

    def test_does_not_know_another_action(self):
        for path in ("/api/user/nosuchAction", "/api/user/nosuchAction/", "/api/user/listUsers"):
            for method, body in (("GET", b""), ("POST", b"{}")):
                with self.subTest(path, method=method):
                    self.assert_refuses(self.signed(path, method, body), 1101)

    def test_does_not_know_another_method(self):
        for method, body in (("POST", b""), ("POST", b'{"zone": "pek3"}'), ("PUT", b"{}"), ("DELETE", b""), ("PATCH", b"{}")):
            for path in (LIST, LIST + "/"):
                with self.subTest(method, path=path, body=body):
                    self.assert_refuses(self.signed(path, method, body), 1101)

    def test_refuses_an_unsigned_write(self):
        # Open in the documents: whether the action is looked up before the signature is checked.
        answer = self.send("POST", LIST, b"{}")
        self.assert_refuses_with_one_of(answer, (1100, 1101, 1200))

    def test_is_alive_and_ready(self):
        for path in ("/health/live", "/health/ready"):
            answer = self.send("GET", path)
            self.assertEqual(answer.status, 200, answer)

    def test_was_not_ready_until_it_was(self):
        self.assertLessEqual(self.site.statuses_while_starting, {200, 503})


class LargeBodies(Requests):
    def answer_to(self, framing: str, chunks) -> object:
        target = signed_target("POST", LIST, self.sorted_pairs(), self.key("operator"), body=bytes(LARGE_BODY))
        head = f"POST {target} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n{framing}\r\n\r\n"
        with socket.create_connection(("127.0.0.1", self.site.port), timeout=20) as connection:
            try:
                connection.sendall(head.encode())
                for chunk in chunks:
                    if select.select([connection], [], [], 0)[0]:
                        break  # the server has had enough
                    connection.sendall(chunk)
            except OSError:
                pass  # closed; the answer was sent before
            return read_answer(connection, f"POST {target} with {LARGE_BODY} bytes, {framing}")

    def assert_is_too_large(self, answer):
        self.assertIsNotNone(answer, "closed without an answer")
        self.assertEqual(answer.status, 413, answer)
        self.assert_still_serves()

    def test_refuses_a_body_of_known_length(self):
        chunk = bytes(65536)
        self.assert_is_too_large(self.answer_to(f"Content-Length: {LARGE_BODY}", [chunk] * (LARGE_BODY // len(chunk))))

    def test_refuses_a_body_of_unknown_length(self):
        chunk = b"10000\r\n" + bytes(65536) + b"\r\n"
        chunks = [chunk] * (LARGE_BODY // 65536) + [b"0\r\n\r\n"]
        self.assert_is_too_large(self.answer_to("Transfer-Encoding: chunked", chunks))


class BadInput(Requests):
    """Where the documents name no code, any plain refusal will do, so long as the server goes on."""

    VALUES = ["%", "%4", "%zz", "%%", "a%", "%u0041", "%-1", "%+41"]
    NOT_UTF8 = ["%FF", "%C3", "%C3%28", "%ED%A0%80", "%F4%90%80%80", "%C0%AF", "%80", "a%FFb"]
    NAMES = ("search_word", "cluster_id", "user_id", "limit", "offset", "sort_key", "reverse", "verbose")

    def tearDown(self):
        self.assert_still_serves()

    def test_refuses_malformed_escapes(self):
        for name, value in product(self.NAMES, self.VALUES):
            with self.subTest(name, value=value):
                self.assert_refuses_with_one_of(self.ask_raw(f"{name}={value}"), (1100, 1200))

    def test_refuses_bytes_that_are_not_utf8(self):
        for name, value in product(self.NAMES, self.NOT_UTF8):
            with self.subTest(name, value=value):
                self.assert_refuses_with_one_of(self.ask_raw(f"{name}={value}"), (1100, 1200))

    def test_refuses_malformed_names(self):
        for piece in ("%=1", "%zz=1", "%FF=1", "verbose%=1"):
            with self.subTest(piece):
                self.assert_refuses_with_one_of(self.ask_raw(piece), (1100, 1200))

    def test_refuses_malformed_escapes_in_common_parameters(self):
        pairs = self.sorted_pairs()
        for name in COMMON:
            for value in ("%", "%zz", "%FF"):
                with self.subTest(name, value=value):
                    query = "&".join(f"{n}={value if n == name else signer.encode(v)}" for n, v in pairs)
                    target = signed_raw_target("GET", LIST, query, self.key("operator"))
                    answer = self.site.send_target(target.encode())
                    self.assertIsNotNone(answer, target)
                    self.assert_refuses_with_one_of(answer, (1100, 1200))
        for value in ("%", "%zz", "%FF", "%25zz", "%2525"):
            with self.subTest("signature", value=value):
                answer = self.site.send_target(f"{LIST}?{join(pairs)}&signature={value}".encode())
                self.assert_refuses_with_one_of(answer, (1100, 1200))

    def test_survives_pairs_of_odd_form(self):
        for pieces in (["verbose"], ["=x"], ["verbose=a=b"], ["a;b=1"], [""], ["limit"], ["search_word=a?b"], ["search_word=/"]):
            with self.subTest(pieces):
                self.assert_is_json(self.ask_raw(*pieces))

    def test_survives_nul(self):
        for name in self.NAMES:
            with self.subTest(name):
                answer = self.ask_raw(f"{name}=a%00b")
                if answer.json["ret_code"] == 0:
                    found = self.assert_lists(answer)
                    self.assertEqual(found if name != "verbose" else [], [], answer)
                else:
                    self.assert_refuses_with_one_of(answer, (1100, 2100))
        for name in ("zone", "timestamp", "version"):
            with self.subTest(name):
                self.assert_refuses_with_one_of(self.ask(common={name: "a\0b"}), (1100, 2100))

    def test_survives_control_signs(self):
        for value in ("a\nb", "\r\n\r\nHTTP/1.1 200 OK", "\x1b[31m", "\u2028", "\ufeff", "\U0010ffff"):
            for name in ("search_word", "cluster_id", "sort_key", "limit"):
                with self.subTest(name, value=value):
                    answer = self.ask(**{name: value})
                    if answer.json["ret_code"] == 0:
                        self.assertEqual(self.assert_lists(answer), [])
                    else:
                        self.assert_refuses_with_one_of(answer, (1100, 2100))

    def test_survives_long_values(self):
        for name, letter in product(self.NAMES + ("zone", "timestamp", "signature_method"), ("9", "x", "%")):
            with self.subTest(name, letter=letter):
                value = letter * 20_000 if letter != "%" else "%" * 6_000  # three times as long when encoded
                asked = {"common": {name: value}} if name in COMMON else {name: value}
                answer = self.ask(**asked)
                if answer.status == 200 and answer.json["ret_code"] == 0:
                    self.assertEqual(self.assert_lists(answer) if name != "verbose" else [], [])
                elif answer.status == 200:
                    self.assert_refuses_with_one_of(answer, (1100, 2100))
                else:
                    self.assertIn(answer.status, (400, 414, 431), answer)

    def test_survives_many_parameters(self):
        answer = self.ask(**{f"p{n}": "x" for n in range(2000)})
        if answer.status == 200:
            self.assertIn(answer.json["ret_code"], (0, 1100), answer)
        else:
            self.assertIn(answer.status, (400, 414, 431), answer)

    def test_survives_requests_that_are_not_http(self):
        target = signed_target("GET", LIST, self.sorted_pairs(), self.key("operator")).encode()
        end = b" HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
        requests = {
            "a space in the target": b"GET " + target + b"&a=b c" + end,
            "NUL in the target": b"GET " + target + b"&a=\0" + end,
            "bytes above ASCII in the target": b"GET " + target + b"&a=\xff\xfe\xc3" + end,
            "a fragment": b"GET " + target + b"#here" + end,
            "no path": b"GET  HTTP/1.1\r\nHost: a\r\n\r\n",
            "a target that is not a path": b"GET ?a=b" + end,
            "a whole URL": b"GET http://127.0.0.1" + target + end,
            "a star": b"OPTIONS *" + end,
            "a tunnel": b"CONNECT 127.0.0.1:1" + end,
            "HEAD": b"HEAD " + target + end,
            "dots": b"GET /api/user/../user" + end,
            "no version": b"GET " + target + b"\r\n\r\n",
            "an unknown version": b"GET " + target + b" HTTP/9.9\r\n\r\n",
            "the version before": b"GET " + target + b" HTTP/1.0\r\n\r\n",
            "an unknown method": b"BREW " + target + end,
            "no host": b"GET " + target + b" HTTP/1.1\r\nConnection: close\r\n\r\n",
            "a long target": b"GET " + target + b"&a=" + b"x" * 1_000_000 + end,
            "a long header": b"GET " + target + b" HTTP/1.1\r\nX: " + b"x" * 1_000_000 + b"\r\n\r\n",
            "many headers": b"GET " + target + b" HTTP/1.1\r\n" + b"X: x\r\n" * 20_000 + b"\r\n",
            "a negative length": b"POST " + target + b" HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
            "a length beyond numbers": b"POST " + target + b" HTTP/1.1\r\nHost: a\r\nContent-Length: " + b"9" * 40 + b"\r\n\r\n",
            "two framings": b"POST " + target + b" HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n"
                            b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "a malformed chunk": b"POST " + target + b" HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n\r\n",
            "a greeting of TLS": bytes.fromhex("16030100c8010000c40303") + bytes(190),
            "noise": bytes(range(256)) * 8,
            "empty lines": b"\r\n" * 100,
        }
        for what, request in requests.items():
            with self.subTest(what):
                answer = self.site.send_raw(request, timeout=2)
                if answer is not None:
                    self.assertTrue(answer.status < 500 or answer.status in (501, 505), answer)
                self.assert_still_serves()

    def test_serves_others_while_a_client_dawdles(self):
        dawdlers = [socket.create_connection(("127.0.0.1", self.site.port)) for _ in range(50)]
        try:
            for connection in dawdlers:
                connection.sendall(b"GET /api/user?access_key_id=")
            self.assert_still_serves()
        finally:
            for connection in dawdlers:
                connection.close()


if __name__ == "__main__":
    unittest.main()

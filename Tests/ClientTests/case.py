"""What the test files share: one running site a file, signed calls, and the two shapes of an answer."""

import re
import time
import unittest

import people
import running_site
from running_site import Answer
from signer import Habits, Key, common_parameters, signed_target

LIST = "/api/user"
LIST_ACTION = "HpcUserListUsersResponse"
LIST_CALL = re.compile(rf"GET (http://[^/]+)?{LIST}/?(\?|$)")
CONTROL_SIGNS = {chr(code) for code in [*range(32), 127]}
WRONG_SECRET = "0" * 40

site: running_site.Site | None = None


def setUpModule():
    global site
    site = running_site.populated_site()


def tearDownModule():
    site.close()


def within_a_second(holds) -> bool:
    deadline = time.monotonic() + 1
    while time.monotonic() < deadline:
        if holds():
            return True
        time.sleep(0.02)
    return holds()


class RosterCase(unittest.TestCase):
    maxDiff = 4000

    @property
    def site(self) -> running_site.Site:
        return site

    def key(self, name) -> Key:
        return name if isinstance(name, Key) else site.keys[name]

    def forged(self, name: str = "operator") -> Key:
        """A known key's id with a secret that is not its own."""
        return Key(self.key(name).id, WRONG_SECRET)

    # Calls

    def ask(self, key="operator", *, zone=people.ZONE, path=LIST, method="GET", habits=Habits(), body=b"",
            seconds=0, common=None, without=(), pairs=(), **parameters) -> Answer:
        """A signed call. `common` changes common parameters, `without` leaves some out, `pairs` may repeat a name."""
        key = self.key(key)
        asked = {**common_parameters(key, zone, seconds), **(common or {}), **parameters}
        asked = [(name, str(value)) for name, value in asked.items() if name not in without]
        target = signed_target(method, path, asked + list(pairs), key, habits, body)
        return self.send(method, target, body)

    def send(self, method: str, target: str, body: bytes = b"") -> Answer:
        headers = {"Content-Type": "application/json"} if body else {}
        answer = site.send(method, target, body, headers)
        self.assert_tells_no_secret(answer)
        return answer

    def users(self, key="operator", **asked) -> list:
        return self.assert_lists(self.ask(key, **asked))

    def all_users(self, key="operator", page: int = 100, **asked) -> list:
        found = []
        while True:
            answer = self.ask(key, limit=page, offset=len(found), **asked)
            users = self.assert_lists(answer)
            found += users
            if not users or len(found) > 10_000:
                self.assertEqual(len(found), answer.json["total_count"], answer)
                return found

    # What an answer must be

    def assert_is_json(self, answer: Answer, status: int = 200):
        self.assertEqual(answer.status, status, answer)
        self.assertEqual(answer.media_type, "application/json", answer)
        try:
            self.assertIsInstance(answer.json, dict, answer)
        except ValueError as fault:
            self.fail(f"not JSON ({fault}): {answer}")

    def assert_lists(self, answer: Answer) -> list:
        self.assert_is_json(answer)
        body = answer.json
        self.assertEqual(body["ret_code"], 0, answer)
        self.assertEqual(body["action"], LIST_ACTION, answer)
        self.assertEqual(body["user_set"], body["users_set"], answer)
        self.assertIs(type(body["total_count"]), int, answer)
        self.assertGreaterEqual(body["total_count"], len(body["user_set"]), answer)
        return body["user_set"]

    def assert_refuses(self, answer: Answer, code: int, *names: str, status: int = 200):
        """An error of this code whose message holds one of the names."""
        self.assert_refuses_with_one_of(answer, (code,), status=status)
        message = answer.json["message"].lower()
        self.assertTrue(not names or any(name in message for name in names), f"message names none of {names}: {answer}")

    def assert_refuses_with_one_of(self, answer: Answer, codes, status: int = 200):
        self.assert_is_json(answer, status)
        body = answer.json
        self.assertEqual(set(body), {"action", "message", "ret_code"}, answer)
        self.assertIs(type(body["ret_code"]), int, answer)
        self.assertIn(body["ret_code"], codes, answer)
        self.assertIsInstance(body["action"], str, answer)
        self.assertTrue(body["action"].endswith("Response"), answer)
        if LIST_CALL.match(answer.url):
            self.assertEqual(body["action"], LIST_ACTION, answer)
        self.assertTrue(body["message"], answer)
        self.assertEqual(len(body["message"].splitlines()), 1, f"message is not one line: {answer}")
        self.assertFalse(CONTROL_SIGNS & set(body["message"]), f"message holds a control sign: {answer}")
        for leak in (str(site.folder), ".swift", "SELECT "):
            self.assertNotIn(leak, body["message"], answer)

    def assert_same_answer(self, one: Answer, other: Answer):
        self.assertEqual((one.status, one.media_type, one.body), (other.status, other.media_type, other.body), f"{one}{other}")

    def assert_tells_no_secret(self, answer: Answer):
        text = answer.body + str(answer.headers).encode()
        self.assertFalse(any(secret.encode() in text for secret in site.secrets), "the answer holds a secret")

    def assert_finds(self, found, expected):
        """The same users in the same order, compared by cluster and name."""
        brief = [[(user["cluster_id"], user["username"]) for user in users] for users in (found, expected)]
        self.assertEqual(*brief)

    def assert_still_serves(self):
        self.assert_finds(self.users(search_word="anna", cluster_id=people.BETA), people.named_like("anna", people.beta_users()))

"""The signer against an independent program: each vector was made with OpenSSL, as its comment says."""

import unittest
from itertools import product
from urllib.parse import parse_qsl, unquote

from signer import Habits, Key, append_signature, encode, join, signature, signed_target, string_to_sign

KEY = Key("ABCDEFGHIJKLMNOPQRST", "an example of a secret")


class Signer(unittest.TestCase):
    # printf 'GET\n/api/user\naccess_key_id=ABCDEFGHIJKLMNOPQRST&zone=pek3\nd41d8cd98f00b204e9800998ecf8427e' \
    #   | openssl dgst -sha256 -hmac 'an example of a secret' -binary | base64
    def test_signs_a_read_as_openssl_does(self):
        text = string_to_sign("GET", "/api/user", join([("access_key_id", KEY.id), ("zone", "pek3")]))
        self.assertEqual(signature(KEY.secret, text), "rUwWbXTdJD8Qul+DByX5hjpS2Uq1J4+Wc5iMzwjEQKs=")

    # printf '{"a":1}' | openssl md5 gives bb6cb5c68df4652941caf652a366f2d8, and then
    # printf 'POST\n/api/user/\nzone=pek3\nbb6cb5c68df4652941caf652a366f2d8' | openssl dgst … as above
    def test_signs_a_write_over_the_digest_of_its_body(self):
        text = string_to_sign("POST", "/api/user/", "zone=pek3", b'{"a":1}')
        self.assertTrue(text.endswith("\nbb6cb5c68df4652941caf652a366f2d8"))
        self.assertEqual(signature(KEY.secret, text), "UKWMhsfCHpWJ5DBY5REAq4QY63UbFH4PZSYe2umHTEg=")

    def test_encodes_all_but_the_unreserved_in_upper_case(self):
        self.assertEqual(encode("aZ09-_.~"), "aZ09-_.~")
        self.assertEqual(encode("é /+*&=%"), "%C3%A9%20%2F%2B%2A%26%3D%25")
        self.assertEqual(encode("a b", "+"), "a+b")

    def test_encodes_a_signature_as_often_as_asked(self):
        self.assertEqual(append_signature("a=1", "x+/=", 1), "a=1&signature=x%2B%2F%3D")
        self.assertEqual(append_signature("a=1", "x+/=", 2), "a=1&signature=x%252B%252F%253D")

    def test_sends_the_same_parameters_in_every_habit(self):
        pairs = {"zone": "pek3", "search_word": "a b+c", "access_key_id": KEY.id}
        for slash, encodings, signed, sent, in_order in product((False, True), (1, 2), ("+", "%20"), ("+", "%20"), (True, False)):
            target = signed_target("GET", "/api/user", pairs, KEY, Habits(slash, encodings, signed, sent, in_order))
            path, query = target.split("?")
            received = parse_qsl(query, strict_parsing=True)
            text = string_to_sign("GET", path + "/" * slash, join(sorted(pairs.items()), signed))
            self.assertEqual(dict(received[:-1]), pairs)
            self.assertEqual([name for name, _ in received[:-1]], sorted(pairs, reverse=not in_order))
            value = query.rsplit("=", 1)[1]
            for _ in range(encodings):
                value = unquote(value)
            self.assertEqual(value, signature(KEY.secret, text))
            self.assertIn(f"search_word=a{sent}b%2Bc", query)


if __name__ == "__main__":
    unittest.main()

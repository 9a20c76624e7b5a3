"""What a connection sees that carries more than one call: written from RFC 9112, over a bare socket.

Lists are answered from memory, other calls wait for something. Whatever their order on one connection, the answers come
in the order of the requests.
"""

import contextlib
import json
import socket
import threading
import unittest
from pathlib import Path

import case
import people
from case import RosterCase, setUpModule, tearDownModule
from signer import Key, common_parameters, signed_target


class Connection:
    """A socket, and a reader of answers from it."""

    def __init__(self, site):
        self.socket = socket.create_connection(("127.0.0.1", site.port), timeout=20)
        self.rest = b""

    def send(self, text: bytes):
        self.socket.sendall(text)

    def until(self, mark: bytes) -> bytes:
        while mark not in self.rest:
            more = self.socket.recv(65536)
            if not more:
                raise EOFError(f"closed after {self.rest!r}")
            self.rest += more
        head, self.rest = self.rest.split(mark, 1)
        return head

    def answer(self, has_body=True):
        """Status, headers in lower case, and the body."""
        lines = self.until(b"\r\n\r\n").decode().split("\r\n")
        headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines[1:])}
        length = int(headers["content-length"]) if has_body else 0
        while len(self.rest) < length:
            self.rest += self.socket.recv(65536)
        body, self.rest = self.rest[:length], self.rest[length:]
        return int(lines[0].split(" ")[1]), headers, body

    def is_closed(self) -> bool:
        return self.rest == b"" and self.socket.recv(1) == b""

    def close(self):
        self.socket.close()


class ConnectionTests(RosterCase):
    def setUp(self):
        self.connection = Connection(case.site)
        self.addCleanup(self.connection.close)

    def target(self, path="/api/user", method="GET", body=b"", **parameters) -> str:
        key = self.key("operator")
        pairs = [*common_parameters(key, people.ZONE).items(), *((name, str(value)) for name, value in parameters.items())]
        return signed_target(method, path, pairs, key, body=body)

    def request(self, target: str, method="GET", version="1.1", headers="", body=b"") -> bytes:
        return f"{method} {target} HTTP/{version}\r\nHost: roster\r\n{headers}\r\n".encode() + body

    def assert_action(self, answer, action: str):
        status, headers, body = answer
        self.assertEqual((status, headers["content-type"]), (200, "application/json"), body)
        self.assertEqual(json.loads(body)["action"], action)

    def test_answers_come_in_the_order_of_the_requests(self):
        calls = [("/api/user", "HpcUserListUsersResponse"), ("/api/operation", "HpcOperationListOperationResponse"),
                 ("/api/user", "HpcUserListUsersResponse"), ("/api/user/uidHistory", None),
                 ("/api/cluster/list", "HpcClusterListClusterResponse"), ("/api/user", "HpcUserListUsersResponse")] * 5
        self.connection.send(b"".join(self.request(self.target(path, marker=index))
                                      for index, (path, _) in enumerate(calls)))
        for _, action in calls:
            answer = self.connection.answer()
            if action:
                self.assert_action(answer, action)

    def test_many_lists_at_once_are_all_answered(self):
        words = [f"{letter}{index}" for index in range(40) for letter in "aeiou"]
        self.connection.send(b"".join(self.request(self.target(search_word=word)) for word in words))
        for word in words:
            _, _, body = self.connection.answer()
            for user in json.loads(body)["user_set"]:
                self.assertIn(word, user["username"].lower())

    def revision(self) -> int:
        self.connection.send(self.request(self.target()))
        return int(self.connection.answer()[1]["roster-revision"])

    def test_lists_behind_one_that_waits_for_a_revision_keep_their_order(self):
        asked = self.revision() + 1
        calls = [("/api/user", asked), ("/api/cluster/list", 0), ("/api/user", asked - 1), ("/api/operation", asked),
                 ("/api/user", 0)]
        self.connection.send(b"".join(
            self.request(self.target(path), headers=f"Roster-Revision: {least}\r\n") for path, least in calls))
        # Another process writes what is waited for.
        case.site.make_key("--reader")
        for path, least in calls:
            status, headers, body = self.connection.answer()
            self.assertEqual((status, json.loads(body)["ret_code"]), (200, 0), (path, body))
            self.assertGreaterEqual(int(headers["roster-revision"]), max(least, asked))

    def test_a_revision_that_does_not_come_is_busy_and_the_connection_goes_on(self):
        newest = self.revision()
        self.connection.send(
            self.request(self.target(), headers=f"roster-revision: {newest}\r\n")
            + self.request(self.target(), headers="Roster-Revision: 9223372036854775807\r\n")
            + self.request(self.target(), headers="Roster-Revision: newest\r\n")
            + self.request(self.target()))
        codes = [json.loads(self.connection.answer()[2])["ret_code"] for _ in range(4)]
        self.assertEqual(codes, [0, 5100, 1100, 0])

    def test_a_client_that_leaves_while_it_waits_leaves_nothing_behind(self):
        for _ in range(20):
            connection = Connection(case.site)
            connection.send(self.request(self.target(), headers="Roster-Revision: 9223372036854775807\r\n"))
            connection.close()
        self.assert_still_serves()

    def test_a_request_may_come_in_pieces(self):
        text = self.request(self.target(limit=1))
        for start in range(0, len(text), 7):
            self.connection.send(text[start:start + 7])
        self.assert_action(self.connection.answer(), "HpcUserListUsersResponse")

    def test_a_list_with_a_body_is_judged_with_it(self):
        body = b"{}"
        target = self.target(method="GET", body=body)
        headers = f"Content-Length: {len(body)}\r\n"
        self.connection.send(self.request(target, headers=headers, body=body) + self.request(self.target()))
        self.assert_action(self.connection.answer(), "HpcUserListUsersResponse")
        self.assert_action(self.connection.answer(), "HpcUserListUsersResponse")

    def test_a_connection_closes_when_the_client_says_so(self):
        for version, headers in (("1.1", "Connection: close\r\n"), ("1.0", "")):
            connection = Connection(case.site)
            self.addCleanup(connection.close)
            connection.send(self.request(self.target(), version=version, headers=headers))
            self.assert_action(connection.answer(), "HpcUserListUsersResponse")
            self.assertTrue(connection.is_closed())

    def test_a_connection_closes_for_a_client_that_has_sent_its_last(self):
        for headers in ("", "Connection: close\r\n"):
            connection = Connection(case.site)
            self.addCleanup(connection.close)
            connection.send(self.request(self.target("/api/operation"), headers=headers))
            connection.socket.shutdown(socket.SHUT_WR)
            self.assert_action(connection.answer(), "HpcOperationListOperationResponse")
            self.assertTrue(connection.is_closed())

    def test_a_request_names_one_host(self):
        for hosts in ("", "Host: roster\r\nHost: roster\r\n"):
            connection = Connection(case.site)
            self.addCleanup(connection.close)
            connection.send(f"GET {self.target()} HTTP/1.1\r\n{hosts}\r\n".encode())
            self.assertEqual(connection.answer()[0], 400)
            self.assertTrue(connection.is_closed())

    def test_a_body_that_is_held_back_is_asked_for(self):
        body = b"{}"
        target = self.target("/api/user/addUser", "POST", body)
        headers = f"Expect: 100-continue\r\nContent-Length: {len(body)}\r\n"
        self.connection.send(self.request(target, "POST", headers=headers))
        self.assertEqual(self.connection.until(b"\r\n\r\n"), b"HTTP/1.1 100 Continue")
        self.connection.send(body)
        self.assert_action(self.connection.answer(), "HpcUserAddUserResponse")

    def test_a_body_that_is_held_back_in_vain_ends_the_connection(self):
        large = 2 * 1024 * 1024
        for target, length, status in (("/none", 2, 404), (self.target("/api/user/addUser", "POST"), large, 413)):
            connection = Connection(case.site)
            self.addCleanup(connection.close)
            headers = f"Expect: 100-continue\r\nContent-Length: {length}\r\n"
            connection.send(self.request(target, "POST", headers=headers))
            found, fields, _ = connection.answer()
            self.assertEqual((found, fields["connection"]), (status, "close"))
            self.assertTrue(connection.is_closed())

    def test_a_body_for_an_unknown_key_or_a_past_time_is_not_read(self):
        for key, seconds, code in ((Key("ABCDEFGHIJKLMNOPQRST", "x"), 0, 1200), (self.key("operator"), -100, 1300)):
            connection = Connection(case.site)
            self.addCleanup(connection.close)
            pairs = common_parameters(key, people.ZONE, seconds)
            target = signed_target("POST", "/api/user/addUser", [*pairs.items()], key, body=b"")
            connection.send(self.request(target, "POST", headers="Content-Length: 1000000\r\n"))
            status, _, body = connection.answer()
            self.assertEqual((status, json.loads(body)["ret_code"]), (200, code))

    def test_bodies_that_wait_share_64_mebibytes(self):
        """Of 80 clients that hold back the last byte of a megabyte, those beyond the budget are told so; the others go on."""
        target = self.target("/api/user/addUser", "POST", b"")
        size = 1 << 20
        connections, refused = [], 0
        for _ in range(80):
            connection = Connection(case.site)
            self.addCleanup(connection.close)
            try:
                connection.send(self.request(target, "POST", headers=f"Content-Length: {size}\r\n", body=bytes(size - 1)))
            except OSError:
                pass  # it is refused while it sends
            connections.append(connection)
        for connection in connections:
            connection.socket.settimeout(0.2)
            with contextlib.suppress(TimeoutError, ConnectionResetError):
                if connection.until(b"\r\n\r\n").startswith(b"HTTP/1.1 503 "):
                    refused += 1
        self.assertGreaterEqual(refused, 10)
        self.connection.send(self.request(self.target()))
        self.assert_action(self.connection.answer(), "HpcUserListUsersResponse")
        for connection in connections:
            connection.close()
        self.assertTrue(case.within_a_second(self.takes_a_megabyte), "the bytes of closed connections are held still")

    def takes_a_megabyte(self) -> bool:
        connection = Connection(case.site)
        body = b" " * (1 << 19)
        connection.send(self.request(self.target("/api/user/addUser", "POST", body), "POST", headers=f"Content-Length: {len(body)}\r\n", body=body))
        answer = connection.answer()
        connection.close()
        return answer[0] == 200

    def test_a_client_that_does_not_read_is_not_answered_for_ever(self):
        """Requests behind each other whose answers nobody reads wait, and all are answered once they are read."""
        target = self.target("/api/user", limit=100)
        count = 1200
        before = self.resident()
        sender = threading.Thread(target=lambda: self.connection.send(self.request(target) * count), daemon=True)
        sender.start()
        sender.join(1)
        self.assertLess(self.resident() - before, 20 << 20)
        for _ in range(count):
            self.assert_action(self.connection.answer(), "HpcUserListUsersResponse")
        sender.join(10)

    def resident(self) -> int:
        return int(Path(f"/proc/{case.site.process.pid}/statm").read_text().split()[1]) * 4096

    def test_head_has_the_headers_alone(self):
        self.connection.send(self.request("/health/ready", method="HEAD") + self.request(self.target()))
        status, headers, _ = self.connection.answer(has_body=False)
        self.assertEqual(status, 200)
        self.assert_action(self.connection.answer(), "HpcUserListUsersResponse")

    def test_every_answer_bears_date_server_revision_and_request_id(self):
        self.connection.send(self.request(self.target()) + self.request(self.target("/api/operation")))
        identifiers = set()
        for _ in range(2):
            _, headers, _ = self.connection.answer()
            self.assertEqual(headers["server"], "roster")
            self.assertRegex(headers["date"], r"^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$")
            self.assertRegex(headers["roster-revision"], r"^\d+$")
            identifiers.add(headers["roster-request-id"])
        self.assertEqual(len(identifiers), 2)

    def test_what_is_no_http_is_refused_and_the_server_goes_on(self):
        self.connection.send(self.request(self.target()))
        self.assert_action(self.connection.answer(), "HpcUserListUsersResponse")
        self.connection.send(b"\x16\x03\x01\x00\xff nonsense\r\n\r\n")
        status, _, _ = self.connection.answer()
        self.assertEqual(status, 400)
        self.assert_still_serves()


if __name__ == "__main__":
    unittest.main()

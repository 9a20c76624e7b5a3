"""Who sends slowly, or bodies that nobody wants, keeps neither memory nor connections from the others. Needs openssl."""

import contextlib
import json
import socket
import ssl
import subprocess
import time
import unittest

from hostile_case import (
    ATTACKER, CLUSTER, FIGURES, VICTIM, HostileCase, Victims, attacking, connect, figures, post, read_answer, result_code, size,
    summary, tlv)
import people
from running_site import free_port
from signer import Key


def drip(seen, port, addresses, count, start):
    """Tries to hold so many connections of each address, each of which sends a byte now and then."""
    held, begun = {}, set()
    while True:
        for address in addresses:
            for _ in range(count - list(held.values()).count(address)):
                connection = socket.socket()
                connection.setblocking(False)
                connection.bind((address, 0))
                connection.connect_ex(("127.0.0.1", port))
                held[connection] = address
        time.sleep(0.1)
        for connection in list(held):
            try:
                connection.send(b"x" if connection in begun else start)
                begun.add(connection)
            except BlockingIOError:
                continue
            except OSError:
                connection.close()
                del held[connection]
                begun.discard(connection)
        seen.put(len(begun))


class DrippingTests(HostileCase):
    head = f"GET /{'x' * 100} HTTP/1.1\r\nX: ".encode()

    def test_heads_and_bodies_that_drip_leave_room_for_others(self):
        self.serve_with_descriptors(256)
        victims = Victims(self)
        quiet = victims.times(size(0.5, 2))
        body = post(self.target("/api/user/addUser", self.operator, "POST"), 100_000)
        for what, start in (("heads", self.head), ("bodies", body)):
            with attacking(drip, self.site.port, [ATTACKER], 300, start) as seen:
                seen.get(timeout=30)
                # Each is served; without an address's share, the attacker would have all connections.
                times = victims.times(size(2, 5))
            figures(f"300 connections of one address that drip {what}, 256 descriptors: victims alone {summary(quiet)}, "
                    f"meanwhile {summary(times)}")

    @unittest.skipUnless(FIGURES, "the deadlines of 30 s have unit tests")
    def test_heads_and_bodies_that_drip_end(self):
        self.site.serve()
        body = post(self.target("/api/user/addUser", self.operator, "POST"), 100_000)
        for what, start in (("head", self.head), ("body", body)):
            with connect(self.site.port, ATTACKER) as connection:
                connection.settimeout(1)
                began, received = time.monotonic(), b""
                connection.sendall(start)
                while not received:
                    self.assertLess(time.monotonic(), began + 45, f"a {what} drips for ever")
                    with contextlib.suppress(OSError):
                        connection.sendall(b"x")
                    with contextlib.suppress(TimeoutError):
                        received = connection.recv(100)
                self.assertIn(b" 408 ", received)
                figures(f"a {what} that drips ends after {time.monotonic() - began:.0f} s")

    # A listener that is full accepts nobody; whoever waits comes after all connections of the attackers that wait too.
    def test_who_drips_from_many_addresses_keeps_nobody_out(self):
        self.serve_with_descriptors(256)
        addresses = [f"127.0.1.{number}" for number in range(1, 9)]
        with attacking(drip, self.site.port, addresses, 100, self.head) as seen:
            seen.get(timeout=30)
            time.sleep(1)
            self.assertTrue(self.is_live(timeout=size(5, 60)))


class BodyTests(HostileCase):
    def test_a_megabyte_of_numbers_costs_little(self):
        rows = [people.user(CLUSTER, "somebody", 41000, 0, user_id=people.MEMBER)]
        self.assertEqual(self.site.import_rows(people.ZONE, rows).returncode, 0)
        member = self.site.make_key("--user-id", people.MEMBER)
        self.site.serve()
        victims = Victims(self)
        quiet = victims.times(size(0.5, 2))
        count = size(100_000, 524_000)
        numbers = b'{"a":[' + b"1," * count + b"1]}"
        text = b'{"a":"' + b"1," * count + b'1"}'

        def send(connection, body):
            connection.sendall(post(self.target("/api/user/modifyUser", member, "POST", body), len(body), body))

        def cost(body):
            before, repetitions = self.processor_seconds(), size(5, 20)
            with connect(self.site.port, ATTACKER, 120) as connection:
                for _ in range(repetitions):
                    send(connection, body)
                    self.assertEqual(json.loads(read_answer(connection))["ret_code"], 1100)
            return 1000 * (self.processor_seconds() - before) / repetitions

        def attack(seen):
            connections = [connect(self.site.port, ATTACKER, 120) for _ in range(2)]
            while True:
                for connection in connections:
                    send(connection, numbers)
                for connection in connections:
                    seen.put(read_answer(connection))

        usual, costly = cost(text), cost(numbers)
        with attacking(attack) as seen:
            seen.get(timeout=60)
            times = victims.times(size(1, 5))
        figures(f"{len(numbers) / 1e6:.2f} MB of numbers: {costly:.0f} ms of a core, {usual:.0f} ms as one text; victims alone "
                f"{summary(quiet)}, meanwhile {summary(times)}")
        # With a regular expression for each number, it was a thousand times as much.
        self.assertLess(costly, 20 * usual)

    def test_bodies_with_a_wrong_signature_share_little_memory(self):
        self.site.serve()
        victims = Victims(self)
        quiet = victims.times(0.5)
        before = self.resident_megabytes()
        forged, length = Key(self.operator.id, "0" * 40), 1 << 20
        for _ in range(size(300, 1200)):
            connection = connect(self.site.port, ATTACKER)
            self.addCleanup(connection.close)
            connection.settimeout(5)
            # It may be refused while it sends.
            with contextlib.suppress(OSError):
                connection.sendall(post(self.target("/api/user/addUser", forged, "POST"), length, bytes(length - 1)))
        self.wait_until_idle()
        grown = self.resident_megabytes() - before
        figures(f"{size(300, 1200)} bodies of 1 MiB with a wrong signature that lack a byte: {grown:.0f} MB more; victims alone "
                f"{summary(quiet)}, meanwhile {summary(victims.times(1))}")
        self.assertLess(grown, 220)


class HandshakeTests(HostileCase):
    ldap = True

    def test_half_a_hello_does_not_stay(self):
        chain, key = self.site.folder / "chain.pem", self.site.folder / "key.pem"
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "90",
             "-subj", "/CN=localhost", "-keyout", str(key), "-out", str(chain)], check=True, capture_output=True)
        https, ldaps = free_port(), free_port()
        self.site.serve_options += ["--https", f"127.0.0.1:{https}", "--ldaps", f"127.0.0.1:{ldaps}", "--tls-certificate",
                                    str(chain), "--tls-key", str(key)]
        self.site.serve()
        context = ssl.create_default_context(cafile=chain)
        context.check_hostname = False
        outgoing = ssl.MemoryBIO()
        with contextlib.suppress(ssl.SSLWantReadError):
            context.wrap_bio(ssl.MemoryBIO(), outgoing).do_handshake()
        hello = outgoing.read()
        start = time.monotonic()
        held = []
        for port in (https, ldaps, self.ldap_port):
            for _ in range(30):
                connection = connect(port, ATTACKER)
                self.addCleanup(connection.close)
                if port == self.ldap_port:
                    connection.sendall(tlv(0x30, tlv(2, b"\1") + tlv(0x77, tlv(0x80, b"1.3.6.1.4.1.1466.20037"))))
                    self.assertEqual(result_code(connection), 0)
                connection.sendall(hello[:len(hello) // 2])
                held.append(connection)
        for port in (https, ldaps):
            with connect(port, VICTIM) as connection, context.wrap_socket(connection):
                pass
        for connection in held:
            # An idle connection would be closed after 60 s over HTTPS, and after 30 minutes over LDAP.
            connection.settimeout(max(0.1, start + 40 - time.monotonic()))
            with contextlib.suppress(ConnectionResetError):
                while connection.recv(1000):
                    pass
        figures(f"{len(held)} halves of a TLS hello: closed after {time.monotonic() - start:.0f} s")


class FramingTests(HostileCase):
    def test_nobody_gets_a_tunnel(self):
        self.site.serve()
        answer = self.site.send_raw(b"CONNECT 127.0.0.1:1 HTTP/1.1\r\nHost: 127.0.0.1:1\r\n\r\n")
        self.assertIn(answer.status, range(400, 500), "a 200 would mean that what follows goes to the other end")

    def test_a_connection_closes_in_any_case_of_letters(self):
        self.site.serve()
        for option in ("close", "CLOSE", "Close"):
            with connect(self.site.port, ATTACKER) as connection:
                connection.sendall(f"GET /health/live HTTP/1.1\r\nHost: a\r\nConnection: {option}\r\n\r\n".encode())
                read_answer(connection)
                self.assertEqual(connection.recv(1), b"", option)


if __name__ == "__main__":
    unittest.main()

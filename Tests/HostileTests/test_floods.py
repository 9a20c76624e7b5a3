"""Who asks for much, or says much, makes the others wait a little at most."""

import contextlib
import selectors
import socket
import threading
import time
import unittest

from hostile_case import (
    ATTACKER, BASE, FIGURES, HostileCase, Victims, attacking, bind_request, connect, figures, get, last_code, percentile,
    read_answer, result_code, search_request, service_name, size, summary, tlv)

SUCCESS, PROTOCOL_ERROR, TIME_LIMIT_EXCEEDED, ADMIN_LIMIT_EXCEEDED, UNWILLING = 0, 2, 3, 11, 53
# With the three that hold the others or follow them, 256 parts, the most of a search.
MOST_PARTS = 253
# The longest message of a client that is not bound.
UNBOUND_BYTES = 16 * 1024


def contains(attribute, text):
    return tlv(0xA4, tlv(4, attribute) + tlv(0x30, tlv(0x81, text)))


def costly_filter(parts):
    """`(!(|(gecos=*a000*)(gecos=*a001*)…(uid=*u*)))`: each user is checked against each part, and none is found."""
    values = [contains(b"gecos", b"a%03d" % number) for number in range(parts)]
    return tlv(0xA2, tlv(0xA1, b"".join(values) + contains(b"uid", b"u")))


class LDAPFloodTests(HostileCase):
    ldap = True

    def bound(self):
        connection = connect(self.ldap_port, ATTACKER, timeout=600)
        self.addCleanup(connection.close)
        connection.sendall(bind_request(1, service_name(self.reader), self.reader.secret))
        self.assertEqual(result_code(connection), SUCCESS)
        return connection

    def test_a_search_that_costs_much_is_cut_into_turns(self):
        """Some of the victims share the search's event loop, and would wait for its end if it was not cut."""
        self.import_users(size(1500, 200_000))
        self.site.serve()
        victims = Victims(self, ldap=True)
        figures(f"searches: victims alone {summary(victims.times(size(0.5, 2)))}")
        waits = []
        for parts in (MOST_PARTS,):
            attacker = self.bound()
            before, start = self.processor_seconds(), time.monotonic()
            attacker.sendall(search_request(2, BASE, costly_filter(parts)))
            # The entries above the users match and come at once; the search lasts until its result.
            results, seen = [], []
            reader = threading.Thread(target=lambda: results.append((last_code(attacker), time.monotonic() - start)))
            reader.start()
            while reader.is_alive():
                seen += victims.times(0, rounds=1)
            [(code, lasted)] = results
            figures(f"one search of {parts} parts: result {code} after {lasted:.1f} s and "
                    f"{self.processor_seconds() - before:.1f} s of a core; victims meanwhile {summary(seen)}")
            waits.append((percentile(seen, 90) / 1000, lasted))
        for waited, lasted in waits:
            self.assertLess(waited, lasted / 4, "the victims waited for the search")

    def test_a_search_ends_with_the_code_of_its_limit(self):
        self.import_users(size(4000, 200_000))
        self.site.serve()
        attacker = self.bound()
        attacker.sendall(search_request(2, BASE, costly_filter(MOST_PARTS), time_limit=1))
        self.assertEqual(last_code(attacker), TIME_LIMIT_EXCEEDED)
        attacker.sendall(search_request(3, BASE, costly_filter(MOST_PARTS + 2)))
        self.assertEqual(last_code(attacker), ADMIN_LIMIT_EXCEEDED)
        # No filter has more than 2,000.
        attacker.sendall(search_request(4, BASE, costly_filter(1000)))
        self.assertEqual(last_code(attacker), PROTOCOL_ERROR)

    def test_messages_full_of_controls_cost_little(self):
        self.site.serve()
        victims = Victims(self, ldap=True)
        quiet = victims.times(size(0.5, 2))
        full = bind_request(1, "", "", controls=UNBOUND_BYTES // 9 - 8)
        # A name without a password.
        long = bind_request(1, "x" * (UNBOUND_BYTES - 100), "")
        with connect(self.ldap_port, ATTACKER) as connection:
            connection.sendall(bind_request(1, "x" * UNBOUND_BYTES, ""))
            self.assertEqual(last_code(connection), PROTOCOL_ERROR)

        def cost(content, code):
            before, count = self.processor_seconds(), size(30, 500)
            for _ in range(count):
                with connect(self.ldap_port, ATTACKER) as connection:
                    connection.sendall(content)
                    self.assertEqual(last_code(connection), code)
            return 1000 * (self.processor_seconds() - before) / count

        usual, costly = cost(long, UNWILLING), cost(full, PROTOCOL_ERROR)

        def attack(seen):
            while True:
                connections = []
                for _ in range(60):
                    with contextlib.suppress(OSError):
                        connections.append(connect(self.ldap_port, ATTACKER))
                        connections[-1].sendall(full)
                for connection in connections:
                    with contextlib.suppress(OSError):
                        seen.put(last_code(connection))
                    connection.close()

        with attacking(attack) as codes:
            self.assertEqual(codes.get(timeout=60), PROTOCOL_ERROR)
            before = self.processor_seconds(), time.monotonic()
            seen = victims.times(size(1, 5))
            used = (self.processor_seconds() - before[0]) / (time.monotonic() - before[1])
        figures(f"messages of 16 kB full of controls: {costly:.2f} ms of a core each, {usual:.2f} ms one with a long name; "
                f"victims alone {summary(quiet)}; beside 60 connections {summary(seen)}; {used:.2f} of a core")
        # All controls read, it was sixty times as much.
        self.assertLess(costly, 12 * max(usual, 0.5))


class ListFloodTests(HostileCase):
    def prepare(self):
        groups, members = size((10, 1000), (41, 2899))
        self.import_users(size(3000, 20_000), groups, members)
        self.site.serve()
        self.large = self.target("/api/group", self.reader, limit="100")
        with connect(self.site.port, ATTACKER) as connection:
            start, before = time.monotonic(), self.processor_seconds()
            connection.sendall(get(self.large))
            length = len(read_answer(connection))
            self.alone = 1000 * (time.monotonic() - start)
        figures(f"one list of {groups} groups of {members}: {length / 1e6:.2f} MB in {self.alone:.0f} ms, "
                f"{1000 * (self.processor_seconds() - before):.0f} ms of a core")

    def pipeline(self, seen, count):
        """Keeps 60 requests on the way on each connection, and takes what comes."""
        connections = [connect(self.site.port, ATTACKER, 600) for _ in range(count)]
        ready = selectors.DefaultSelector()
        for connection in connections:
            connection.sendall(get(self.large) * 60)
            ready.register(connection, selectors.EVENT_READ)
        while True:
            for key, _ in ready.select():
                received = key.fileobj.recv(1 << 20)
                if not received:
                    return
                answers = received.count(b"HTTP/1.1 200")
                if answers:
                    seen.put(answers)
                    with contextlib.suppress(OSError):
                        key.fileobj.sendall(get(self.large) * answers)

    def test_lists_of_large_groups_do_not_delay_what_is_answered_from_memory(self):
        self.prepare()
        victims = Victims(self)
        quiet = victims.times(size(0.5, 2))
        for count in (1, 200) if FIGURES else (10,):
            with attacking(self.pipeline, count) as answered:
                answered.get(timeout=60)
                before = self.processor_seconds(), time.monotonic()
                seen = victims.times(size(2, 5))
                used = (self.processor_seconds() - before[0]) / (time.monotonic() - before[1])
            figures(f"60 lists of large groups on each of {count} connections: victims alone {summary(quiet)}; meanwhile "
                    f"{summary(seen)}; {used:.2f} of a core")
            # On the event loop, everybody else would wait for the lists.
            self.assertLess(percentile(seen, 90), self.alone / 2)
        # Lists that were asked for are made, though nobody takes them, and keep the server from stopping in time.
        self.site.kill()

    # All calls that are not answered at once wait in one line, in the order of their arrival.
    def test_lists_of_large_groups_do_not_delay_calls_of_the_store(self):
        self.prepare()
        victims = Victims(self)
        quiet = victims.stored_times(size(0.5, 2))
        try:
            with attacking(self.pipeline, size(12, 200)) as answered:
                answered.get(timeout=60)
                seen = victims.stored_times(0, rounds=1, connections=size(1, 4))
        finally:
            self.site.kill()
        figures(f"60 lists of large groups on each of 200 connections: calls of the store alone {summary(quiet)}; meanwhile "
                f"{summary(seen)}")
        self.assertLess(max(seen), 5 * self.alone)

    def take_nothing(self, target, count):
        connections = []
        for _ in range(count):
            connection = socket.socket()
            self.addCleanup(connection.close)
            # What the system buffers is not the server's memory.
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            connection.bind((ATTACKER, 0))
            connection.connect(("127.0.0.1", self.site.port))
            connection.settimeout(0.3)
            with contextlib.suppress(OSError):
                connection.sendall(get(target) * 200)
            connections.append(connection)
        return connections

    def test_answers_that_nobody_takes_fill_no_memory(self):
        self.prepare()
        victims = Victims(self)
        quiet = victims.times(0.5)
        for path, count in (("/api/user", 2000), ("/api/group", 60)) if FIGURES else (("/api/user", 15),):
            before = self.resident_megabytes()
            connections = self.take_nothing(self.target(path, self.reader, limit="100"), count)
            self.wait_until_idle()
            grown = self.resident_megabytes() - before
            figures(f"{count} readers that take nothing of 200 lists of {path}: {grown:.0f} MB more; victims alone "
                    f"{summary(quiet)}, meanwhile {summary(victims.times(1))}")
            # The answers of one connection have 7 MB, or 240; the system takes up to 4 of them.
            self.assertLess(grown, count * size(1, 4), path)
            for connection in connections:
                connection.close()


if __name__ == "__main__":
    unittest.main()

"""Who guesses, idles, or asks for what it may not: others go on. Needs openssl; homes need root."""

import json
import os
import pathlib
import signal
import statistics
import subprocess
import tempfile
import threading
import time
import unittest

from hostile_case import (
    ATTACKER, CLUSTER, PASSWORD, VICTIM, BASE, HostileCase, bind_request, connect, figures, result_code)
from running_site import free_port


class GuessingTests(HostileCase):
    ldap = True

    def bind(self, address, name, password):
        with connect(self.ldap_port, address) as connection:
            connection.sendall(bind_request(1, name, password))
            return result_code(connection)

    def name(self, user):
        return f"uid={user},ou=People,ou={CLUSTER},{BASE}"

    def test_who_guesses_passwords_keeps_nobody_else_out(self):
        self.site.serve()
        self.add("victim")
        self.assertEqual(self.bind(VICTIM, self.name("victim"), PASSWORD), 0)
        quiet = self.timed_binds(10)
        stop = threading.Event()
        guesses = []

        def guess(number):
            try:
                with connect(self.ldap_port, ATTACKER) as connection:
                    count = 0
                    while not stop.is_set():
                        count += 1
                        connection.sendall(bind_request(count % 30000 + 1, self.name(f"victim{number % 2 or ''}"), "Wrong1Guess"))
                        guesses.append(result_code(connection))
            except OSError:
                pass

        attackers = [threading.Thread(target=guess, args=(number,)) for number in range(80)]
        for attacker in attackers:
            attacker.start()
        try:
            self.wait_for(lambda: len(guesses) > 150, "the attackers were not answered")
            before = self.processor_seconds(), time.monotonic(), len(guesses)
            seen = self.timed_binds(30)
            processor, seconds, count = (
                self.processor_seconds() - before[0], time.monotonic() - before[1], len(guesses) - before[2])
            # An order with a password takes its turn too.
            self.add("another")
        finally:
            stop.set()
            for attacker in attackers:
                attacker.join()
        self.assertNotIn(0, guesses, "a guess was right")
        figures(f"guessing: right binds alone p50 {statistics.median(quiet):.0f} ms, beside 80 guessers p50 "
                f"{statistics.median(seen):.0f} ms, longest {max(seen):.0f} ms; {count / seconds:.0f} guesses answered a "
                f"second for {processor / seconds:.2f} of a core, the binds included")
        # Even from the address that guesses, a right password is right.
        self.assertEqual(self.bind(ATTACKER, self.name("victim"), PASSWORD), 0)

    def timed_binds(self, count):
        times = []
        for _ in range(count):
            start = time.monotonic()
            self.assertEqual(self.bind(VICTIM, self.name("victim"), PASSWORD), 0, "a right bind was refused")
            times.append(1000 * (time.monotonic() - start))
        return times

    def test_a_message_full_of_controls_ends_its_connection(self):
        self.site.serve()
        with connect(self.ldap_port, ATTACKER) as connection:
            connection.sendall(bind_request(1, "", "", controls=17))
            # protocolError in a notice of disconnection (RFC 4511 section 4.4.1), and then the end.
            self.assertEqual(result_code(connection), 2)
            self.assertIsNone(result_code(connection))
        with connect(self.ldap_port, ATTACKER) as connection:
            connection.sendall(bind_request(1, "", "", controls=16))
            self.assertEqual(result_code(connection), 0)


class ReaderTests(HostileCase):
    def test_refused_commands_of_a_reader_do_not_fill_the_log(self):
        self.site.serve()
        for number in range(30):
            done = self.command(self.reader, "user", "delete", "--cluster-id", CLUSTER, f"user{number}")
            self.assertNotEqual(done.returncode, 0)
            self.assertIn("reader key", done.stderr)
        jobs = self.events("--job-action", "DeleteUser")
        # Ten a minute, and the minute may have changed meanwhile.
        self.assertIn(len(jobs), range(10, 21))


class ConnectionTests(HostileCase):
    """The server has few descriptors, as under a small LimitNOFILE."""

    ldap = True

    def test_idle_connections_take_neither_the_processor_nor_the_place_of_others(self):
        self.serve_with_descriptors(256)
        self.assertIn("limit of open files", self.log())
        held = []
        try:
            for port in (self.site.port, self.ldap_port):
                for _ in range(200):
                    held.append(connect(port, ATTACKER))
            time.sleep(0.5)
            before = self.processor_seconds(), time.monotonic()
            for _ in range(20):
                self.assertTrue(self.is_live())
                with connect(self.ldap_port, VICTIM) as connection:
                    connection.sendall(bind_request(1, "", ""))
                    self.assertEqual(result_code(connection), 0)
                time.sleep(0.05)
            used = (self.processor_seconds() - before[0]) / (time.monotonic() - before[1])
            figures(f"400 idle connections, 256 descriptors: {used:.2f} of a core")
            self.assertLess(used, 0.5, "the server spins")
        finally:
            for connection in held:
                connection.close()


class SignalTests(HostileCase):
    def certificate(self, serial):
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "90",
             "-subj", "/CN=localhost", "-set_serial", str(serial), "-keyout", str(self.key), "-out", str(self.chain)],
            check=True, capture_output=True)

    def test_a_hangup_reads_the_certificate_again_and_ends_nothing(self):
        self.chain, self.key = self.site.folder / "chain.pem", self.site.folder / "key.pem"
        self.certificate(0x1111)
        https = free_port()
        self.site.serve_options += ["--https", f"127.0.0.1:{https}", "--tls-certificate", str(self.chain), "--tls-key",
                                    str(self.key), "--tls-refresh", "86400"]
        self.site.serve()

        def served_serial():
            shown = subprocess.run(
                ["openssl", "s_client", "-connect", f"127.0.0.1:{https}"], input="", capture_output=True, text=True)
            named = subprocess.run(["openssl", "x509", "-noout", "-serial"], input=shown.stdout, capture_output=True, text=True)
            return named.stdout.strip()

        self.assertEqual(served_serial(), "serial=1111")
        for suite in ("AES128-SHA", "AES128-GCM-SHA256", "ECDHE-ECDSA-AES128-SHA"):
            weak = subprocess.run(
                ["openssl", "s_client", "-connect", f"127.0.0.1:{https}", "-tls1_2", "-cipher", suite], input="",
                capture_output=True, text=True)
            self.assertNotIn(f"Cipher is {suite}", weak.stdout, "a suite that RFC 9325 rules out")
        good = subprocess.run(
            ["openssl", "s_client", "-connect", f"127.0.0.1:{https}", "-tls1_2"], input="", capture_output=True, text=True)
        self.assertRegex(good.stdout, "Cipher is ECDHE-ECDSA-(AES|CHACHA)")
        self.certificate(0x2222)
        self.site.process.send_signal(signal.SIGHUP)
        self.wait_for(lambda: "old_serial=1111" in self.log() and "serial=2222" in self.log(), "the new certificate was not logged")
        self.assertEqual(served_serial(), "serial=2222")
        self.key.write_text("no key")
        self.site.process.send_signal(signal.SIGHUP)
        self.wait_for(lambda: "cannot be used" in self.log(), "a bad key was not logged")
        self.assertEqual(served_serial(), "serial=2222", "the old certificate stays")
        for _ in range(20):
            self.site.process.send_signal(signal.SIGHUP)
        self.assertTrue(self.is_live())
        self.assertEqual(self.log().count("cannot be used"), 1, "told once")

    def test_a_hangup_without_a_certificate_ends_nothing(self):
        self.site.serve()
        self.site.process.send_signal(signal.SIGHUP)
        self.wait_for(lambda: "SIGHUP" in self.log(), "the signal was not logged")
        self.assertTrue(self.is_live())


@unittest.skipUnless(os.getuid() == 0, "homes are made as root")
class HomeTests(HostileCase):
    def mount(self):
        # The site's folder is not known yet.
        folder = tempfile.TemporaryDirectory(prefix="roster-hostile-")
        self.addCleanup(folder.cleanup)
        self.share = pathlib.Path(folder.name, "share")
        self.elsewhere = pathlib.Path(folder.name, "elsewhere")
        self.share.mkdir()
        self.elsewhere.mkdir()
        return str(self.share)

    def test_no_mount_leads_outside_the_roots(self):
        self.site.serve_options += ["--homes", "--home-root", str(self.share)]
        self.site.serve()
        self.add("usual", "--mod", "700")
        self.wait_for(lambda: (self.share / "home/usual").is_dir(), "the home was not made")
        done = self.command(self.operator, "cluster", "modify", "--nas-mount-point", str(self.elsewhere),
                            "--home-template", str(self.elsewhere) + "/{username}.service.d", CLUSTER)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.add("unit")

        def failed():
            return self.events("--job-action", "AddUser", "--status", "failed")

        self.wait_for(failed, "the home's job did not fail")
        self.assertIn("--home-root", json.dumps(failed()))
        self.assertEqual(list(self.elsewhere.iterdir()), [])

    def test_homes_need_a_root(self):
        for options, told in ((["--homes"], "--home-root"), (["--home-root", "/share"], "--homes"),
                              (["--homes", "--home-root", "/"], "--home-root")):
            done = self.site.roster("serve", *self.site.store, *options)
            self.assertNotEqual(done.returncode, 0)
            self.assertIn(told, done.stderr)


if __name__ == "__main__":
    unittest.main()

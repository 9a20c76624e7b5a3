"""Commands over HTTPS: whose certificates they trust, and what they say where they do not."""

import socket
import ssl
import subprocess
import threading
import unittest
from contextlib import contextmanager, suppress

import case
import client_site
from case import tearDownModule  # noqa: F401 (unittest looks for it)
from running_site import told
from write_case import WriteCase


def setUpModule():
    """The site of people.py, over HTTPS too. Its certificate signs itself and is for 127.0.0.1."""
    case.setUpModule()
    site = case.site
    site.stop()
    client_site.encrypt(site)
    site.serve()


@contextmanager
def answering(certificate, key):
    """The port of a server that shakes hands with one client, and says nothing."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(30)

        def serve():
            with suppress(OSError), server.accept()[0] as client:
                client.settimeout(30)
                context.wrap_socket(client, server_side=True).close()

        thread = threading.Thread(target=serve)
        thread.start()
        yield server.getsockname()[1]
        thread.join()


class Authorities(WriteCase):
    @property
    def certificate(self):
        return str(self.site.certificate)

    def list(self, *options, host="127.0.0.1", scheme="https", port=None, **environment):
        return self.command("user", "list", "--endpoint", f"{scheme}://{host}:{port or self.site.https_port}", *options,
                            **{"SSL_CERT_FILE": "", **environment})

    def assert_refused(self, done, *words):
        self.assertEqual((done.returncode, done.stdout), (1, ""), told(done))
        for word in words:
            self.assertIn(word, done.stderr)
        # A sentence, not the library's codes.
        for code in ("handshakeFailed", "sslError", "OPENSSL", "Error(", "routines"):
            self.assertNotIn(code, done.stderr)
        self.assertEqual(len([line for line in done.stderr.splitlines() if line.startswith("Error: ")]), 1, done.stderr)

    def test_a_certificate_of_an_unknown_authority_is_refused_with_the_remedy(self):
        self.assert_refused(self.list(), "no authority that is trusted here", "--ca-certificate", "SSL_CERT_FILE")
        health = self.command("health", "--endpoint", f"https://127.0.0.1:{self.site.https_port}", SSL_CERT_FILE="")
        self.assert_refused(health, "--ca-certificate")

    def test_the_flag_and_the_variable_name_the_authority(self):
        for options, environment in ((["--ca-certificate", self.certificate], {}), ([], {"SSL_CERT_FILE": self.certificate}),
                                     (["--ca-certificate", self.certificate], {"SSL_CERT_FILE": "/nonexistent"})):
            with self.subTest(options=options, **environment):
                self.assertEqual((done := self.list(*options, **environment)).returncode, 0, told(done))
        done = self.command("health", "--endpoint", f"https://127.0.0.1:{self.site.https_port}", "--ca-certificate", self.certificate)
        self.assertEqual((done.returncode, done.stdout), (0, "ready\n"), told(done))

    def test_all_pages_come_over_one_connection(self):
        done = self.list("--ca-certificate", self.certificate, "--all", "--limit", "3")
        self.assertEqual(done.returncode, 0, told(done))
        self.assertGreater(len(done.stdout.splitlines()), 30)

    def test_a_file_without_a_certificate_is_refused_by_its_flag_or_variable(self):
        empty = self.site.folder / "empty.pem"
        empty.write_text("-----BEGIN NOTHING-----\n")
        for path, words in ((empty, "holds no certificate in PEM"), ("/nonexistent.pem", "cannot be read")):
            self.assert_refused(self.list("--ca-certificate", str(path)), "--ca-certificate: ", words)
            self.assert_refused(self.list(SSL_CERT_FILE=str(path)), "SSL_CERT_FILE: ", words)
        # Without TLS nobody reads it.
        done = self.list("--ca-certificate", "/nonexistent.pem", scheme="http", port=self.site.port)
        self.assertEqual(done.returncode, 0, told(done))

    def test_another_name_another_authority_and_another_protocol_are_told(self):
        trusted = ["--ca-certificate", self.certificate]
        other, key = self.site.folder / "other.crt", self.site.folder / "other.key"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                        "-subj", "/CN=other", "-out", other, "-keyout", key], check=True, capture_output=True)
        self.assert_refused(self.list("--ca-certificate", str(other)), "no authority that is trusted here")
        with answering(other, key) as port:
            self.assert_refused(self.list("--ca-certificate", str(other), port=port), "another name")
        self.assert_refused(self.list(*trusted, port=self.site.port), "does not speak TLS", "http://")


if __name__ == "__main__":
    unittest.main()

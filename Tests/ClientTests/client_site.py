"""The site of the tests of Examples/clients: that of people.py with two more clusters, over HTTPS too."""

import subprocess

import case
from case import tearDownModule  # noqa: F401 (the test files take it from here)
from people import user
from running_site import free_port, told

MANY, MANY_ZONE = "hpc-many0006", "many1"
TWO_THOUSAND = [user(MANY, "admin", 20_000, 0, role="admin"),
                *(user(MANY, f"many{n:04}", 20_001 + n, 1 + n * 17 % 1999) for n in range(1999))]
# A name with every sign that needs care in a query, a shell or JSON.
SIGNS = "sp ace+plus*star~til中文%41&amp=#?'(x)!\"\\;@$,[1]{2}<3>|`^"
SIGNS_CLUSTER, SIGNS_ZONE = "hpc-signs007", "signs1"
WITH_SIGNS = [user(SIGNS_CLUSTER, "admin", 30_000, 0, role="admin"), user(SIGNS_CLUSTER, SIGNS, 30_001, 1)]


def setUpModule():
    case.setUpModule()
    site = case.site
    site.stop()
    for zone, rows in ((MANY_ZONE, TWO_THOUSAND), (SIGNS_ZONE, WITH_SIGNS)):
        done = site.import_rows(zone, rows, name=f"{zone}.csv")
        if done.returncode != 0:
            raise AssertionError(told(done))
    encrypt(site)
    site.serve()


def encrypt(site):
    """Lets the server listen with TLS too. Its certificate signs itself, so that nobody trusts it who is not told to."""
    site.certificate, site.https_port, key = site.folder / "tls.crt", free_port(), site.folder / "tls.key"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-subj", "/CN=roster", "-addext", "subjectAltName=IP:127.0.0.1", "-out", site.certificate, "-keyout", key],
        check=True, capture_output=True)
    site.serve_options += ["--https", f"127.0.0.1:{site.https_port}", "--tls-certificate", str(site.certificate),
                           "--tls-key", str(key)]

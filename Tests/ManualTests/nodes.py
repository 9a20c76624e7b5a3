"""Nodes of a cluster, for the page that sets them up: each is a chroot with Debian in it, of one client of LDAP.

`scripts/node-root.sh` makes the folder, with the packages of both clients; it stays as it is, and what a page does is
written to a folder in memory above it. A node has the page's network, so `roster.cluster` is the server of the page.
"""

import os
import pathlib
import re
import shutil
import stat
import subprocess

import machine
import pages
from terminal import Terminal

ROOT = pathlib.Path(os.environ.get("ROSTER_NODE_ROOT") or pages.ROOT / ".build/node-root")
SERVER = "roster.cluster"
# A client, and the packages of the other one, which such a node has not.
OTHERS = {
    "sssd": ["nslcd", "libnss-ldapd", "libpam-ldapd"],
    "nslcd": ["sssd-common", "libnss-sss", "libpam-sss", "libpam-pwquality"],
}
PLACE = re.compile(r"a node(?: with (\w+))?(?:, as (\w+))?")
ACCOUNTS = {"zhangwei": (41532, 41500)}
HOME = "public/shanhe/s0723/home/zhangwei"
PASSWORD, NEW_PASSWORD = "Correct1Horse", "Battery2Staple!"
ANSWERS = {
    r"current password: ?": [PASSWORD],
    r"(re-?enter |retype )?new password: ?": [NEW_PASSWORD],
    r"\$ ": ["exit"],  # in the shell of `su -`
}
# A chroot has no systemd; this starts a daemon as its unit or its init script does.
SYSTEMCTL = """#!/bin/sh
[ "$1" = restart ] || exit 1
case "$2" in
    sssd) exec sssd --daemon ;;
    nslcd) install -d -o nslcd -g nslcd /run/nslcd && exec nslcd ;;
    *) exit 5 ;;
esac
"""


def places(page, place: str) -> list[str]:
    told = PLACE.fullmatch(place)
    if not told:
        raise pages.Fault(f"{page.name}: no place is called {place!r}")
    if os.geteuid() != 0 or not ROOT.is_dir():
        print(f"passed over, on {place}: scripts/node-root.sh has made no folder {ROOT}")
        return []
    if not page.nodes:
        page.nodes = Nodes(page)
    clients = [told[1]] if told[1] else list(OTHERS)
    account = f", as {told[2]}" if told[2] else ""
    return [f"a node with {client}{account}" for client in clients]


class Nodes:
    def __init__(self, page):
        self.page = page
        self.memory = page.folder / "nodes"
        self.memory.mkdir()
        machine.command("mount", "-t", "tmpfs", "-o", "mode=0755", "tmpfs", self.memory)
        self.roots: dict[str, pathlib.Path] = {}

    def terminal(self, place: str) -> Terminal:
        client, account = PLACE.fullmatch(place).groups()
        root = self.root(client)
        prefix = ["chroot", str(root)]
        if account:
            user, group = ACCOUNTS[account]
            prefix = ["chroot", f"--userspec={user}:{group}", str(root)]
        environment = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "TERM": "dumb",
                       "LC_ALL": "C.UTF-8", "HOME": "/root", "DEBIAN_FRONTEND": "noninteractive"}
        return Terminal(environment, "/", ANSWERS, tuple(prefix))

    def root(self, client: str) -> pathlib.Path:
        if client not in self.roots:
            self.roots[client] = self.made(client)
        return self.roots[client]

    def made(self, client: str) -> pathlib.Path:
        """A node that has its client's packages, the certificate of the server, the share, and `roster`."""
        root = self.memory / client
        machine.overlay(str(ROOT), self.memory / f"{client}-above", root)
        machine.command("mount", "--rbind", "/dev", root / "dev")
        machine.command("mount", "--rbind", "/proc", root / "proc")
        done = subprocess.run(
            ["chroot", root, "apt-get", "purge", "--yes", *OTHERS[client]], stdin=subprocess.DEVNULL,
            capture_output=True, text=True, timeout=120, env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"})
        if done.returncode != 0:
            raise RuntimeError(done.stdout + done.stderr)
        (root / "etc/hosts").write_text(f"127.0.0.1 localhost {SERVER}\n")
        shutil.copy("/etc/roster/tls.crt", root / "etc/ssl/certs/roster.crt")
        home = root / HOME
        home.mkdir(parents=True)
        os.chown(home, *ACCOUNTS["zhangwei"])
        # The dictionary comes with cracklib-runtime, which apt-get brings on a site and debootstrap does not.
        (root / "etc/security/pwquality.conf").write_text("dictcheck = 0\n")
        self.program(root / "usr/local/bin/systemctl", SYSTEMCTL)
        self.put_roster_into(root)
        return root

    def put_roster_into(self, root: pathlib.Path):
        """`roster` runs there as it does outside: with the loader and the libraries of the machine below /host."""
        host = root / "host"
        host.mkdir()
        machine.command("mount", "--bind", "/", host)
        told = subprocess.run(["ldd", "/usr/local/bin/roster"], capture_output=True, text=True, check=True).stdout
        libraries = re.findall(r"=> (/\S+)", told)
        loader = re.search(r"^\s*(/\S+)", told, re.MULTILINE)[1]
        folders = ":".join(sorted({f"/host{os.path.dirname(os.path.realpath(one))}" for one in libraries}))
        started = f"/host{os.path.realpath(loader)} --library-path {folders} /host/usr/local/bin/roster"
        self.program(root / "usr/local/bin/roster", f"#!/bin/sh\nexec {started} \"$@\"\n")

    @staticmethod
    def program(path: pathlib.Path, text: str):
        path.write_text(text)
        path.chmod(path.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)

    def close(self):
        """The daemons end with the namespace of the page."""

"""What each page takes for granted: the files, servers and passwords that a reader has, made before it is run."""

import os
import pathlib
import shutil
import socket

import database
import machine
import nodes
import pages
from pages import Fault
from terminal import Terminal

SECONDS = 180  # for a command
PASSWORD = "Correct1Horse"
# What is typed where a program asks.
ANSWERS = {
    r"Password of \w+(, again)?: ?": [PASSWORD],
    r"delete \w+ of [\w-]+; .*\[y/N\] ?": ["y"],
}


def hosts(*names: str):
    """Names of other machines; all of them are this one, each by an address of its own."""
    lines = [f"127.0.0.1 localhost {socket.gethostname()}"]
    lines += [f"127.0.0.{number} {name}" for number, name in enumerate(names, 1)]
    pathlib.Path("/etc/hosts").write_text("\n".join(lines) + "\n")


def before(page):
    hosts("db1", "db2", "db3")
    if page.name in PAGES:
        PAGES[page.name](page)


def readme(page):
    """The README builds the program by itself. Where that is left out, the one that is built stands in its place."""
    if page.builds:
        return
    release = pages.ROOT / ".build/release"
    if release.is_symlink():
        release.unlink()
    shutil.rmtree(release, ignore_errors=True)
    release.mkdir(parents=True)
    shutil.copy(page.program, release / "roster")


def operations(page):
    page.install_program()
    for folder in ("/backup", "/somewhere/else", "/share", "/etc/roster"):
        os.makedirs(folder, exist_ok=True)


def migrating(page):
    page.install_program()


def api(page):
    page.install_program()


def clients(page):
    page.install_program()


def nodes_and_server(page):
    """The sample site, whose zhangwei has a password, and a certificate for the name that nodes know."""
    page.install_program()
    os.makedirs("/etc/roster", exist_ok=True)
    site = (pages.ROOT / "Examples/sample-site.ldif").read_text()
    users = page.folder / "site.ldif"
    users.write_text(site.replace("\nuid: zhangwei\n", f"\nuid: zhangwei\nuserPassword: {PASSWORD}\n", 1))
    machine.command("roster", "import", "--data", "/var/lib/roster", "--zone", "zone1", users)
    machine.command(
        "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
        "-subj", f"/CN={nodes.SERVER}", "-addext", f"subjectAltName=DNS:{nodes.SERVER}", "-out", "/etc/roster/tls.crt",
        "-keyout", "/etc/roster/tls.key")


PAGES = {
    "README.md": readme,
    "Examples/clients/README.md": clients,
    "docs/api.md": api,
    "docs/migrating.md": migrating,
    "docs/nodes.md": nodes_and_server,
    "docs/operations.md": operations,
}


def machines(page) -> database.Machines:
    """The database servers of the page. Its shell finds the passwords where libpq and roles.sql look for them."""
    if not page.databases:
        page.databases = database.Machines()
        page.databases.start()
        own = pathlib.Path("/tmp/manual/pgpass")
        own.touch(mode=0o600)
        own.write_text(page.databases.pass_file.read_text())
        for name in ("OWNER_PASSWORD", "SERVICE_PASSWORD"):
            page.export(name, page.databases.environment[name])
        page.export("PGPASSFILE", str(own))
    return page.databases


def a_database(page):
    """A database with the roles of Roster and nothing in it; no server of the page uses it."""
    page.stop_server()
    machines(page).make_roles()


def servers_of_postgresql(page):
    """Servers with none of Roster's roles."""
    machines(page)


NAMED = {
    "a database": a_database,
    "servers of PostgreSQL": servers_of_postgresql,
}


def make(page, name: str):
    if name not in NAMED:
        raise Fault(f"no setting is called {name!r}")
    NAMED[name](page)


def places(page, place: str | None) -> list[str | None]:
    """Where the commands of a block run: on the server, or on nodes; nowhere where there can be no nodes."""
    return nodes.places(page, place) if place else [None]


def terminal(page, place: str) -> Terminal:
    return page.nodes.terminal(place)


def after(page):
    if page.databases:
        page.databases.close()
    if page.nodes:
        page.nodes.close()

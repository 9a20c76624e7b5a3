"""The measured site: users, stores imported from them, servers on these, and the peer. Made when first asked for."""

import json
import random
import shutil
import statistics
import subprocess

from . import ldap, load, signing
from .data import Population, SHORT_WORDS, SHORT_WORDS_OF_FULL_NAMES, Words, ZONE
from .servers import Peer, Roster, Slapd, make_key, timed
from .tools import Tools, slapadd, slapd


class Site:
    """Everything that rows share. `folder` may be kept, and is used again where it holds what is needed."""

    SMALL = 10_000
    # With --quick, a site of another kind has no more users.
    QUICK = 100_000

    def __init__(self, folder, roster, users, rounds, quick, kind=None):
        self.folder = folder
        self.kind = kind
        # What slapd has of the site where that is more than the users.
        self.slapd_ldif = None
        self.program = roster
        self.users = users
        self.rounds = rounds
        self.quick = quick
        self.tools = Tools(folder / "bin")
        self._made = {}
        self._servers = []

    def report(self, text):
        """Says a figure that stands behind the table's."""
        print(f"  {text}", flush=True)

    def once(self, name, make):
        if name not in self._made:
            self._made[name] = make()
        return self._made[name]

    def population(self, users=None):
        users = users or self.users
        return self.once(f"population-{users}",
                         lambda: Population(self.tools, self.folder / f"users-{users}", users, self.kind))

    @property
    def words(self):
        short = SHORT_WORDS_OF_FULL_NAMES if self.kind == "full-names" else SHORT_WORDS
        return self.once("words", lambda: Words(self.population(), short))

    def other(self, kind, users):
        """A site of its own with users of another kind, so that the users of this one stay comparable."""
        folder = self.folder / kind
        folder.mkdir(exist_ok=True)
        return self.once(f"site-{kind}-{users}", lambda: Site(
            folder, self.program, min(users, self.QUICK) if self.quick else users, self.rounds, self.quick, kind))

    # ---- stores

    def import_into(self, data, population, file=None):
        """Imports the users, or another file, into a data folder; what `timed` measured."""
        command = [self.program, "import", "--data", data, "--zone", ZONE, file or population.csv]
        return timed(command, self.folder / "import.log")

    def data_folder(self, population):
        return self.folder / f"store-{population.users}"

    def store(self, users=None):
        """A data folder that holds the population, and an operator key of it."""
        population = self.population(users)
        data = self.data_folder(population)
        keys = data.with_suffix(".key.json")
        if not keys.exists():
            # A folder without a key is one whose import did not end, or which a row has just filled.
            if not self.once(f"imported-{population.users}", lambda: False):
                shutil.rmtree(data, ignore_errors=True)
                print(f"  importing {population.users:,} users", flush=True)
                self.import_into(data, population)
            self.write_key(keys, make_key(self.program, data))
        return data, json.loads(keys.read_text())

    @staticmethod
    def write_key(path, key):
        # The key opens a store of made-up users on loopback; all the same nobody else needs it.
        path.touch(mode=0o600)
        path.write_text(json.dumps(key))

    # ---- servers

    def server(self, users=None):
        """A running server over the population."""
        data, _ = self.store(users)

        def start():
            server = Roster(self.program, data)
            self._servers.append(server)
            return server

        return self.once(f"server-{users or self.users}", start)

    def signer(self, users=None):
        return self.once(f"signer-{users or self.users}", lambda: signing.Signer(self.store(users)[1]))

    def peer(self):
        """The bare route; its answer is a page of ten of the middle length."""

        def start():
            server, signer = self.server(), self.signer()
            pages = signing.plain_pages(self.population(), ZONE, 101, seed=7)
            bodies = sorted((server.get(signer.target(page)) for page in pages), key=len)
            peer = Peer(self.tools.product("PeerServer"), bodies[50], self.folder)
            self._servers.append(peer)
            return peer

        return self.once("peer", start)

    def stop(self):
        for server in self._servers:
            server.stop()
        self._servers = []
        self._made = {name: made for name, made in self._made.items() if not name.startswith(("server", "peer"))}

    # ---- lists of signed targets, made right before they are used

    def targets(self, kind="plain", users=None, count=12_000):
        population, signer = self.population(users), self.signer(users)
        seed = random.randrange(1 << 30)
        if kind == "plain":
            pages = signing.plain_pages(population, ZONE, count, seed)
        else:
            pages = signing.mixed_pages(population, ZONE, self.words.short + self.words.spread, count, seed)
        return [signer.distinct(page) for page in pages]

    def repeated(self, parameters, count=200, users=None):
        """The same question, signed anew each time."""
        signer = self.signer(users)
        return [signer.distinct(dict(parameters, zone=ZONE)) for _ in range(count)]

    def latencies(self, requests, seconds, users=None):
        """Rounds of kinds of request in turn: the median over the rounds of each kind's median, in microseconds.

        `requests` maps a name to parameters, or to a list of them of which all are asked.
        """
        server = self.server(users)
        rounds = []
        for _ in range(self.rounds):
            targets = {}
            for name, asked in requests.items():
                asked = asked if isinstance(asked, list) else [asked]
                times = 200 // len(asked) + 1
                targets[name] = [target for one in asked for target in self.repeated(one, times, users)]
            rounds.append(load.turn(self.tools, server, targets, seconds, self.folder))
        return {name: statistics.median(turns[name]["median"] for turns in rounds) for name in requests}

    # ---- inside a process

    def published(self, populations):
        """What PublishProbe reports of each, by its number of users; medians over the rounds, in microseconds."""
        changes = "200" if self.quick else "1000"
        command = [self.tools.product("PublishProbe"), str(self.rounds), changes, *(one.csv for one in populations)]
        reports = [json.loads(line) for line in
                   subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()]
        found = {}
        for population in populations:
            own = [report for report in reports if report["users"] == population.users]
            found[population.users] = {name: statistics.median(report[name] for report in own)
                                       for name in ("median", "mean", "max")}
        return found

    # ---- the other directory server

    def slapadd(self):
        """Wall seconds of `slapadd -q` of the population; measured once."""
        kept = self.folder / f"slapadd-{self.users}.json"

        def measure():
            if kept.exists():
                seconds = json.loads(kept.read_text())["seconds"]
                self.report(f"slapadd: {seconds:.1f} s, measured in an earlier run that was kept")
                return seconds
            wall, cpu = self._fill_slapd()
            self.report(f"slapadd -q of {self.users:,} users: {wall:.1f} s, {cpu:.1f} s of CPU")
            kept.write_text(json.dumps({"seconds": wall}))
            return wall

        return self.once("slapadd", measure)

    def _fill_slapd(self):
        """Fills a new database of slapd with the population: wall and CPU seconds."""
        database = self.folder / "slapd"
        database.mkdir(exist_ok=True)
        for file in database.iterdir():
            file.unlink()
        file = self.slapd_ldif or self.population().ldif
        wall, cpu, _ = timed([slapadd(), "-q", "-f", self._slapd_configuration(), "-l", file],
                             self.folder / "slapadd.log")
        (self.folder / "slapd-users.json").write_text(json.dumps({"users": self.users}))
        return wall, cpu

    def _slapd_configuration(self):
        configuration = self.folder / "slapd.conf"
        modules, more = SLAPD_WITH_GROUPS if self.slapd_ldif else ("", "")
        text = SLAPD.format(size=max(1 << 30, self.users * 8192), folder=self.folder / "slapd", modules=modules)
        configuration.write_text(text + more)
        return configuration

    def slapd(self):
        """A running slapd over the population."""

        def start():
            holds = self.folder / "slapd-users.json"
            if not holds.exists() or json.loads(holds.read_text()) != {"users": self.users}:
                holds.unlink(missing_ok=True)
                print(f"  filling slapd with {self.users:,} users", flush=True)
                self._fill_slapd()
            server = Slapd(slapd(), self._slapd_configuration())
            self._servers.append(server)
            return server

        return self.once("server-slapd", start)

    def ldap_roster(self, naming="cn"):
        """A running Roster with the face of the nodes, and names as slapd has them. Other servers are stopped."""

        def start():
            data, _ = self.store()
            self._made["server-ldap-key"] = make_key(self.program, data, ("--reader",))
            server = Roster(self.program, data, "--ldap", "127.0.0.1:0", "--ldap-naming", naming)
            self._servers.append(server)
            return server

        if "server-ldap" not in self._made:
            self.stop()
        return self.once("server-ldap", start)

    def reader_bind(self):
        """The bind by a key that sees all clusters and changes nothing; `ldap_roster` comes first."""
        key = self._made["server-ldap-key"]
        return ldap.bind(f"cn={key['access_key_id']},ou=Services,{ldap.BASE}", key["secret_access_key"])


# As a site would have it: Debian's default indices, and the substring index that searching by a part of the name needs.
# One tool thread, the default: two were slower. Everybody may read everything, as many entries as there are.
SLAPD = """\
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
include /etc/ldap/schema/nis.schema
modulepath /usr/lib/ldap
moduleload back_mdb
{modules}database mdb
maxsize {size}
suffix dc=ehpccloud,dc=com
rootdn cn=Manager,dc=ehpccloud,dc=com
directory {folder}
sizelimit unlimited
index objectClass eq
index cn eq
index uid eq,sub
index uidNumber,gidNumber eq
"""
# What a site with large groups adds, in two places: the module knows `memberOf`, and `sortvals` keeps the values of a
# large group in order. No overlay: the values of `memberOf` are stored.
SLAPD_WITH_GROUPS = ("moduleload memberof\n", """\
index member,memberUid,memberOf eq
sortvals member memberUid
""")

"""Rows about groups over LDAP: the groups of a user and membership of a group, against looking a user up by name."""

import random
import statistics

from . import ldap
from .groups import BUSY, EVERYBODY, GROUPS, GroupedCluster, MEMBERS, USERS
from .table import Row, micros

# What a client needs to know of the groups that a user is in; members would be an answer of another size.
OF_GROUP = ["cn", "gidNumber"]
ASKED = 2_000
LOOK_UP = "(uid=NAME)"
# Connections, searches out on each: at rest waking a process takes longer than a search, and under load nothing waits.
REST = (1, 1)
FULL = (8, 16)
# What is also measured under load.
LOADED = (LOOK_UP, "one", "large", "one by name", "access")


def resolving(site):
    """The groups of a user and membership of a large group, against a look-up by name in the same cluster."""
    own = site.other("one-cluster", USERS)
    site.stop()
    try:
        return measured(own)
    finally:
        own.stop()


def by_member(cluster, name):
    """(&(objectClass=posixGroup)(member=DN))"""
    return ldap.conjunction(ldap.equal("objectClass", "posixGroup"),
                            ldap.equal("member", ldap.user_dn(cluster, name)))


def by_member_name(cluster, name):
    """(&(objectClass=posixGroup)(memberUid=NAME))"""
    return ldap.conjunction(ldap.equal("objectClass", "posixGroup"), ldap.equal("memberUid", name))


def by_access(cluster, name):
    """(&(uid=NAME)(memberOf=DN))"""
    return ldap.conjunction(ldap.equal("uid", name), ldap.equal("memberOf", ldap.group_dn(cluster, EVERYBODY)))


def measured(site):
    grouped = site.once("grouped", lambda: GroupedCluster(site.population()))
    fill(site, grouped)
    servers = {"roster": site.ldap_roster(naming="uid"), "slapd": site.slapd()}
    bindings = {"roster": site.reader_bind(), "slapd": ldap.bind()}
    cluster = grouped.cluster
    source = random.Random(3)
    source.shuffle(members := list(grouped.groups[EVERYBODY]))
    single, only_there = (source.sample(users, ASKED) for users in (grouped.single, grouped.only_there))

    def of_groups(asked, users):
        return [ldap.record(ldap.search(cluster, asked(cluster, name), OF_GROUP, "Group"), len(groups),
                            ldap.octets(groups[0])) for name, groups in users]

    def of_users(asked, names):
        return [ldap.record(ldap.search(cluster, asked(name), ldap.NSLCD), 1, ldap.octets(name)) for name in names]

    records = {
        LOOK_UP: of_users(ldap.by_name, members[:ASKED]),
        "one": of_groups(by_member, single), "large": of_groups(by_member, only_there),
        "many": of_groups(by_member, grouped.busy),
        "one by name": of_groups(by_member_name, single), "large by name": of_groups(by_member_name, only_there),
        "many by name": of_groups(by_member_name, grouped.busy),
        "access": of_users(lambda name: by_access(cluster, name), members[:ASKED]),
    }
    kinds = [(name, server, REST) for name in records for server in servers]
    kinds += [(name, "roster", FULL) for name in LOADED]
    files = {(name, server): ldap.write(site.folder / f"groups-{server}-{name.replace(' ', '-')}.requests",
                                        bindings[server], records[name]) for name in records for server in servers}
    runs = {kind: [] for kind in kinds}
    for turn in range(site.rounds):
        for kind in reversed(kinds) if turn % 2 else kinds:
            server, file, shape = servers[kind[1]], files[kind[:2]], kind[2]
            if turn == 0:
                ldap.load(site.tools, server, file, *shape, 0.2)
            runs[kind].append(ldap.load(site.tools, server, file, *shape, 0.3 if site.quick else 1))
    found = {}
    for (name, server, shape), own in runs.items():
        middle = {key: statistics.median(run[key] for run in own) for key in own[0]}
        found[name, server, shape] = middle
        site.report(
            f"{name}, {server}, {shape[0]} x {shape[1]} out: {', '.join(micros(run['median']) for run in own)}; "
            f"{middle['rate']:,.0f}/s, p99 {micros(middle['p99'])}, "
            f"{middle['server_cpu']:.1f} µs of server CPU, {middle['entries'] / middle['count']:.0f} entries and "
            f"{middle['bytes'] / middle['count']:,.0f} bytes an answer; "
            f"the client used {middle['client_cpu']:.0%} of a core")
    return rows(found)


def fill(site, grouped):
    """The groups, into the store of the users, once; and what slapd is filled with."""
    site.slapd_ldif = grouped.write_for_slapd(site.folder / "slapd.ldif", site.population().ldif)
    done = site.folder / "groups.done"
    if done.exists():
        return
    data, _ = site.store()
    file = grouped.write(site.folder / "groups.ldif")
    wall, _, _ = site.import_into(data, site.population(), file)
    site.report(f"import of {len(grouped.groups):,} groups with {sum(map(len, grouped.groups.values())):,} members: "
                f"{wall:.1f} s")
    done.touch()


def rows(found):
    def row(text, name, entries=1, reach=2.0):
        ours, peer = found[name, "roster", REST]["median"] / entries, found[LOOK_UP, "roster", REST]["median"]
        return Row(text, micros(ours), micros(peer), ours / peer, reach)

    def loaded(name):
        ours, peer = (1e6 / found[one, "roster", FULL]["rate"] for one in (name, LOOK_UP))
        return Row(f"the same, time a search, {FULL[0]} connections with {FULL[1]} out on each", micros(ours),
                   micros(peer), ours / peer, 2.0)

    def slapd(text, name):
        ours, theirs = (found[name, server, REST]["median"] for server in ("roster", "slapd"))
        return Row(f"{text}, against slapd", micros(ours), micros(theirs), ours / theirs, digits=3)

    one, large, many, access = (
        f"LDAP (member=DN) of a user in one of {GROUPS:,} groups",
        f"LDAP (member=DN) of a user in one group, of {MEMBERS:,} members",
        f"LDAP (member=DN) of a user in {BUSY} groups",
        f"LDAP (&(uid=NAME)(memberOf=DN)), a group of {MEMBERS:,} members",
    )
    return [
        row(f"{one}, against (uid=NAME)", "one"),
        loaded("one"),
        row(f"{large}, against (uid=NAME)", "large"),
        loaded("large"),
        row(f"{many}, time an entry, against (uid=NAME)", "many", BUSY),
        row(f"{many}, the whole answer, against (uid=NAME)", "many", reach=None),
        row(f"{one.replace('member=DN', 'memberUid=NAME')}, against (uid=NAME)", "one by name"),
        loaded("one by name"),
        row(f"{large.replace('member=DN', 'memberUid=NAME')}, against (uid=NAME)", "large by name"),
        row(f"{many.replace('member=DN', 'memberUid=NAME')}, time an entry, against (uid=NAME)", "many by name", BUSY),
        row(f"{access}, against (uid=NAME)", "access"),
        loaded("access"),
        slapd(one, "one"), slapd(large, "large"), slapd(many, "many"), slapd(access, "access"),
    ]

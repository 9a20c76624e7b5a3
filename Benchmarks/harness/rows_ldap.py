"""Rows about the face of the nodes: LDAP look-ups and searches, against slapd with the same users."""

import itertools
import resource
import statistics

from . import ldap
from .table import Row, micros, per_second

# Connections, searches out on each.
WIDE = (64, 1)
DEEP = (8, 16)
NARROW = (8, 1)
IDLE = 10_000
# Together a tenth of all names; slapd's index of substrings knows pieces of four letters.
SURNAMES = ("zhang", "wang")


def resolving(site):
    """What nodes ask, of Roster and of slapd in turn; an answer of many entries; connections that ask nothing."""
    try:
        return measured(site)
    finally:
        # The store is served by one process at a time.
        site.stop()


def measured(site):
    seconds = 1 if site.quick else 2
    population = site.population()
    servers = {"roster": site.ldap_roster(), "slapd": site.slapd()}
    bindings = {"roster": site.reader_bind(), "slapd": ldap.bind()}

    def files(records):
        return {name: ldap.write(site.folder / f"ldap-{name}.requests", bindings[name], records) for name in servers}

    # ---- look-ups
    asked = files(ldap.look_ups(population, 30_000, seed=11))
    for name, server in servers.items():
        ldap.load(site.tools, server, asked[name], *WIDE, 1)
    found = {}
    for shape in (WIDE, DEEP, NARROW):
        runs = {name: [] for name in servers}
        for turn in range(site.rounds):
            for name in sorted(servers, reverse=turn % 2 == 1):
                runs[name].append(ldap.load(site.tools, servers[name], asked[name], *shape, seconds))
        for name in servers:
            found[shape, name] = {key: statistics.median(run[key] for run in runs[name]) for key in runs[name][0]}
            middle = found[shape, name]
            site.report(
                f"{shape[0]} connections, {shape[1]} out on each, {name}: "
                f"{', '.join(format(run['rate'], ',.0f') for run in runs[name])}/s; median {micros(middle['median'])}, "
                f"p99 {micros(middle['p99'])}, {middle['server_cpu']:.1f} µs of server CPU, "
                f"{middle['bytes'] / middle['count']:.0f} bytes an answer; "
                f"the client used {middle['client_cpu']:.0%} of a core")
    rows = []
    for shape, text, reach, beyond in (
            (WIDE, "LDAP look-ups, 64 connections with one out, against slapd", 3.5, 4.7),
            (DEEP, "LDAP look-ups, 8 connections with 16 out on each", 6, 11)):
        ours, peer = found[shape, "roster"]["rate"], found[shape, "slapd"]["rate"]
        rows.append(Row(text, per_second(ours), per_second(peer), ours / peer, reach, beyond, more_is_better=True))
        ours, peer = found[shape, "roster"]["server_cpu"], found[shape, "slapd"]["server_cpu"]
        rows.append(Row("the same, server CPU a look-up", micros(ours), micros(peer), ours / peer))
    ours, peer = found[NARROW, "roster"]["p99"], found[NARROW, "slapd"]["p99"]
    rows.append(Row("p99 of an LDAP look-up, 8 connections with one out", micros(ours), micros(peer), ours / peer,
                    0.3, 0.16))
    return rows + [streaming(site, servers, files), idling(site, servers, files)]


def streaming(site, servers, files):
    """An answer of a tenth of the largest cluster."""
    cluster, size, _, _ = site.population().largest
    # The clusters' names come in the order of the clusters, and the largest is the first.
    names = itertools.islice(site.population().names(), size)
    count = sum(any(word in name for word in SURNAMES) for _, name in names)
    site.report(f"(|{''.join(f'(uid=*{word}*)' for word in SURNAMES)}) below a cluster of {size:,}: {count:,} entries, "
              f"{count / size:.1%}")
    asked = files([ldap.record(ldap.search(cluster, ldap.holding(*SURNAMES), ldap.NSLCD), count)])
    runs = {name: [] for name in servers}
    for turn in range(site.rounds):
        for name in sorted(servers, reverse=turn % 2 == 1):
            runs[name].append(ldap.load(site.tools, servers[name], asked[name], 1, 1, 0.5 if site.quick else 1))
    times = {}
    for name in servers:
        times[name] = statistics.median(run["median"] for run in runs[name])
        size_of_answer = statistics.median(run["bytes"] / run["count"] for run in runs[name])
        site.report(f"{name}: {', '.join(micros(run['median']) for run in runs[name])}; "
                  f"{size_of_answer / (1 << 20):.2f} MiB an answer")
    return Row(f"LDAP search with {count:,} entries streamed, of a cluster of {size:,}",
               micros(times["roster"]), micros(times["slapd"]), times["roster"] / times["slapd"], 0.5)


def idling(site, servers, files):
    """Memory of connections that are bound and ask nothing."""
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    count = IDLE if most == resource.RLIM_INFINITY else min(IDLE, most - 500)
    asked = files([ldap.record(ldap.bind())])
    grown = {}
    for name, server in servers.items():
        before = server.resident()
        with ldap.Idle(site.tools, server, asked[name], count):
            grown[name] = max(server.resident() - before, 1)
        site.report(f"{count:,} idle connections to {name}: {grown[name] / (1 << 20):.0f} MiB more than "
                  f"{before / (1 << 20):,.0f} MiB")
    return Row(f"memory of {count:,} idle LDAP connections", *(f"{grown[name] / count / 1024:.1f} KiB each" for name in
               ("roster", "slapd")), grown["roster"] / grown["slapd"])

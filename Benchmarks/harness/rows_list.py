"""Rows about the list: throughput, CPU, paging, sorting."""

import statistics

from . import load
from .data import ZONE
from .table import Row, micros, per_second

CONNECTIONS = (32, 128)


def throughput(site):
    """Signed pages of ten against a bare route, and a million users against ten thousand."""
    seconds = 2 if site.quick else 3
    large, small, peer = site.server(), site.server(site.SMALL), site.peer()
    rows, sizes, mixes = [], [], []
    # Whoever is asked first after a start is slower.
    for users, server in ((None, large), (site.SMALL, small), (None, peer)):
        load.wrk(server, site.targets(users=users), 32, 1, site.folder)
    for connections in CONNECTIONS:
        runs = {"large": [], "peer": [], "small": [], "mix": [], "mix peer": []}
        for _ in range(site.rounds):
            targets = site.targets()
            load.check(large, targets)
            runs["large"].append(load.wrk(large, targets, connections, seconds, site.folder))
            runs["peer"].append(load.wrk(peer, targets, connections, seconds, site.folder))
            load.check(large, targets)
            targets = site.targets(users=site.SMALL)
            runs["small"].append(load.wrk(small, targets, connections, seconds, site.folder))
            load.check(small, targets)
            if connections == CONNECTIONS[0]:
                targets = site.targets("mixed")
                runs["mix"].append(load.wrk(large, targets, connections, seconds, site.folder))
                load.check(large, targets)
        middle = {name: [statistics.median(run[which] for run in found) for which in (0, 1)]
                  for name, found in runs.items() if found}
        for name, found in runs.items():
            if found:
                site.report(f"{connections} connections, {name}: {', '.join(f'{rate:,.0f}' for rate, _ in found)}/s, "
                          f"{middle[name][1]:.1f} µs of server CPU a request")
        (rate, cpu), (peer_rate, peer_cpu), (small_rate, _) = (middle[name] for name in ("large", "peer", "small"))
        rows += [
            Row(f"signed list, page of 10, {connections} connections, against a bare route", per_second(rate),
                per_second(peer_rate), rate / peer_rate, 0.80, 1.4, more_is_better=True),
            Row(f"the same, server CPU per request, {connections} connections", micros(cpu), micros(peer_cpu),
                cpu / peer_cpu, 1.25, 0.7),
        ]
        sizes.append(Row(f"the same at {site.users:,} users, against {site.SMALL:,}, {connections} connections",
                         per_second(rate), per_second(small_rate), rate / small_rate, 0.95, more_is_better=True))
        if "mix" in middle:
            mixes.append(Row(f"one list in ten with a search, {connections} connections, against a bare route",
                             per_second(middle["mix"][0]), per_second(peer_rate), middle["mix"][0] / peer_rate,
                             more_is_better=True))
    return rows + sizes + mixes


def paging(site):
    """A page far behind against the first one: of a whole zone, and of the largest cluster."""
    cluster, size, _, _ = site.population().largest
    far = min(50_000, site.users // 2)
    requests = {
        "zone 0": {"limit": 10, "offset": 0}, "zone far": {"limit": 10, "offset": far},
        "cluster 0": {"limit": 10, "offset": 0, "cluster_id": cluster},
        "cluster far": {"limit": 10, "offset": size - 10, "cluster_id": cluster},
    }
    found = site.latencies(requests, 1)
    return [
        Row(f"page at offset {far:,} of the zone, against offset 0", micros(found["zone far"]), micros(found["zone 0"]),
            found["zone far"] / found["zone 0"], 1.2),
        Row(f"page at offset {size - 10:,} of a cluster of {size:,}, against offset 0", micros(found["cluster far"]),
            micros(found["cluster 0"]), found["cluster far"] / found["cluster 0"], 1.2),
    ]


def sorting(site):
    """Every sort key, both ways, against the default order."""
    cluster, size, _, _ = site.population().largest
    rows = []
    for name, place, most in (("zone", {}, site.users), (f"cluster of {size:,}", {"cluster_id": cluster}, size)):
        requests = {}
        for key in ("create_time", "update_time", "username", "uid_number"):
            for reverse in (0, 1):
                requests[f"{key}{' reversed' if reverse else ''}"] = [
                    dict(place, limit=10, offset=most * step // 10, sort_key=key, reverse=reverse)
                    for step in range(10)]
        found = site.latencies(requests, 1)
        site.report(f"pages of the {name}: " + ", ".join(f"{key} {micros(time)}" for key, time in found.items()))
        default = found.pop("create_time")
        worst = max(found, key=found.get)
        rows.append(Row(f"slowest order of the {name} ({worst}), against the default", micros(found[worst]),
                        micros(default), found[worst] / default, 1.5))
    return rows

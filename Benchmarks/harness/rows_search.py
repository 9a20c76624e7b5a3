"""Rows about the search: what it adds to a plain list, against a scan of the same names by memmem."""

import json
import statistics

from .data import CHARACTERS
from .table import Row, micros


def searching(site):
    """Search with an exact total, in the largest cluster and over all users."""
    return measured(site, "search", {})


def searching_full_names(site):
    """Search in full names, which only the users of a site of their own have."""
    named = site.other("full-names", site.users)
    site.stop()
    try:
        rows = measured(named, "search of full names", {"search_in": "full_name"})
        return rows + [row(named, {"search_in": "full_name"},
                           "search of full names over all, words of one and two Chinese characters", {}, CHARACTERS,
                           1.0, 0.3)]
    finally:
        named.stop()


def measured(site, what, searched):
    words, cluster = site.words, site.population().largest
    place = {"cluster_id": cluster[0]}
    kinds = [
        (f"{what} in a cluster of {cluster[1]:,}", place, words.spread, 0.35, 0.1),
        (f"{what} over all, words that about 10 % match", {}, words.tenth, 0.35, 0.1),
        (f"{what} over all, words that about 30 % match", {}, words.third, 0.5, 0.2),
        (f"{what} over all, words of one and two letters", {}, words.short, 1.0, 0.3),
        (f"{what} over all, rare words (0 to 100 matches)", {}, words.rare, 0.05, 0.02),
    ]
    return [row(site, searched, *kind) for kind in kinds]


def row(site, searched, name, place, words, reach, beyond):
    """`searched` says in which field, as parameters."""
    scope = site.population().largest if place else None
    users = scope[1] if scope else site.users
    requests = {"": dict(place, limit=10)}
    requests |= {word: dict(place, limit=10, search_word=word, **searched) for word in words}
    # The scan and the program take turns, so that both meet the same machine.
    scans = {word: [] for word in words}
    added = {word: [] for word in words}
    counts = {}
    rounds, site.rounds = site.rounds, 1
    try:
        for _ in range(rounds):
            for word, (count, nanoseconds) in site.population().scan(words, 9, scope).items():
                scans[word].append(nanoseconds / 1000)
                counts[word] = count
            found = site.latencies(requests, 0.15 * len(requests) if len(requests) < 10 else 1.5)
            for word in words:
                added[word].append(found[word] - found[""])
    finally:
        site.rounds = rounds
    ours = {word: statistics.median(times) for word, times in added.items()}
    peer = {word: statistics.median(times) for word, times in scans.items()}
    check_totals(site, place | searched, counts)
    site.report(f"{name}: " + "; ".join(
        f"{word} ({counts[word] / users:.1%}) {micros(ours[word])} against {micros(peer[word])}"
        if counts[word] > 100 else f"{word} ({counts[word]}) {micros(ours[word])} against {micros(peer[word])}"
        for word in words))
    mean_ours, mean_peer = statistics.mean(ours.values()), statistics.mean(peer.values())
    return Row(f"{name}: time added to a plain list", micros(mean_ours), micros(mean_peer), mean_ours / mean_peer,
               reach, beyond, digits=3)


def check_totals(site, place, counts):
    """Both sides must have counted the same."""
    for word, count in counts.items():
        target = site.repeated(dict(place, limit=0, search_word=word), 1)[0]
        total = json.loads(site.server().get(target))["total_count"]
        if total != count:
            raise RuntimeError(f"'{word}': the server counts {total} users, the scan {count}")

"""The row about reads while changes are committed."""

import itertools
import random
import statistics

from . import load
from .data import ZONE
from .table import Row, micros

CHANGES_A_SECOND = 500
READERS, WRITERS = 32, 16


def reading_while_writing(site):
    """The 99th percentile of reads at a third of full load, with and without 500 changes a second."""
    seconds = 3 if site.quick else 5
    server = site.server()
    full, _ = load.wrk(server, site.targets(), READERS, 2, site.folder)
    rate = full / 3
    names = shuffled_names(site, 11)
    quiet, busy, reached, refused, writes = [], [], [], 0, []
    for _ in range(site.rounds):
        quiet.append(reads(site, site.targets(), rate, seconds).report())
        # Each command is another one: a signed command is run once. No password is set, so none is hashed.
        commands = [change(site, *next(names), site.signer()) for _ in range(CHANGES_A_SECOND * seconds)]
        targets = site.targets()
        writer = load.Paced(site.tools, server, commands, CHANGES_A_SECOND, WRITERS, seconds,
                            site.folder / "commands.tsv", once=True)
        busy.append(reads(site, targets, rate, seconds).report())
        written = writer.report()
        writes.append(written)
        reached.append(written["rate"])
        refused += written["failed"]
    for name, reports in (("without changes", quiet), ("with changes", busy), ("changes", writes)):
        site.report(f"{name}: p99 {', '.join(micros(report['p99']) for report in reports)}; median "
                  f"{micros(statistics.median(report['median'] for report in reports))}; rate "
                  f"{statistics.median(report['rate'] for report in reports):,.0f}/s; client "
                  f"{statistics.median(report['client_cpu'] / seconds for report in reports):.0%} of a core")
    unsent = sum(report["unsent"] for report in quiet + busy)
    if unsent:
        site.report(f"{unsent} reads were still waiting for a connection when their time was over")
    if refused:
        site.report(f"{refused} changes were refused: {next(report['message'] for report in writes if report['failed'])}")
    before = statistics.median(report["p99"] for report in quiet)
    after = statistics.median(report["p99"] for report in busy)
    return [Row(f"p99 of reads at {rate:,.0f}/s while {statistics.median(reached):,.0f} changes/s commit, against none",
                micros(after), micros(before), after / before, 1.5)]


def reads(site, targets, rate, seconds):
    lines = [f"GET\t{target}" for target in targets]
    return load.Paced(site.tools, site.server(), lines, rate, READERS, seconds, site.folder / "reads.tsv")


def shuffled_names(site, seed):
    """Pairs of cluster and name, without end; many before the first comes again."""
    source = random.Random(seed)
    return itertools.cycle(source.sample(list(site.population().names()), min(site.users // 2, 60_000)))


def change(site, cluster, name, signer):
    """A line for `load`: a command that changes a user, and sets no password."""
    source = site.once("changes", lambda: random.Random(13))
    if source.random() < 0.5:
        members = {"state": source.choice(["active", "locked"])}
    else:
        members = {"expires": f"20{source.randrange(30, 60)}-{source.randrange(1, 13):02}-15T00:00:00Z"}
    return signer.modification(cluster, name, ZONE, **members)

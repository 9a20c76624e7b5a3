#!/usr/bin/env python3
"""Measures Roster against its peers and prints one table. docs/performance.md says what each row means.

    python3 Benchmarks/run.py                       everything
    python3 Benchmarks/run.py --only search,list    some groups of rows
    python3 Benchmarks/run.py --keep DIR            keep users and stores in DIR, and use them again
    python3 Benchmarks/run.py --growth 10000,100000,1000000     how cost grows, in a table of its own
"""

import argparse
import json
import pathlib
import shutil
import sys
import tempfile
import time

from harness import (growth, rows_groups, rows_inside, rows_ldap, rows_list, rows_postgres, rows_search, rows_store,
                     rows_write, tools)
from harness.site import Site
from harness.table import render

# In this order: imports first, because they fill the store; changes last of what is measured from outside.
GROUPS = {
    "import": rows_store.importing,
    "start": rows_store.starting,
    "list": rows_list.throughput,
    "paging": rows_list.paging,
    "sort": rows_list.sorting,
    "search": rows_search.searching,
    "names": rows_search.searching_full_names,
    "ldap": rows_ldap.resolving,
    "groups": rows_groups.resolving,
    "writes": rows_write.reading_while_writing,
    "postgres": rows_postgres.replicating,
    "publish": rows_inside.publishing,
    "pieces": rows_inside.pieces,
}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--users", type=int, default=1_000_000, help="how many users the large site has")
    parser.add_argument("--rounds", type=int, help="rounds of which the median counts; default 5, with --quick 1")
    parser.add_argument("--quick", action="store_true", help="one short round each: to see that it works")
    parser.add_argument("--only", metavar="GROUPS", help=f"some of {', '.join(GROUPS)}; separated by commas")
    parser.add_argument("--roster", type=pathlib.Path, default=tools.ROOT / ".build/release/roster",
                        help="the program, a release build")
    parser.add_argument("--keep", metavar="DIR", type=pathlib.Path, help="where users and stores are kept")
    parser.add_argument("--growth", metavar="SIZES", help="measure Roster alone at these numbers of users, and stop")
    parser.add_argument("--json", metavar="FILE", type=pathlib.Path, help="write the rows there too")
    chosen = parser.parse_args()
    chosen.groups = chosen.only.split(",") if chosen.only else list(GROUPS)
    for group in chosen.groups:
        if group not in GROUPS:
            parser.error(f"--only {group}: there are {', '.join(GROUPS)}")
    if not chosen.roster.exists():
        parser.error(f"{chosen.roster} is not there: make release")
    return chosen


def main():
    chosen = arguments()
    start = time.monotonic()
    tools.install("wrk", "slapd")
    for line in tools.machine():
        print(line)
    folder = chosen.keep.resolve() if chosen.keep else pathlib.Path(tempfile.mkdtemp(prefix="roster-bench-"))
    folder.mkdir(parents=True, exist_ok=True)
    rounds = chosen.rounds or (1 if chosen.quick else 5)
    site = Site(folder, chosen.roster.resolve(), chosen.users, rounds, chosen.quick)
    neighbours = tools.Neighbours()
    if chosen.growth:
        try:
            print(growth.table([int(size) for size in chosen.growth.split(",")], site))
        finally:
            clean(chosen, site)
        return
    rows, failures = [], []
    try:
        for group in GROUPS:
            if group not in chosen.groups:
                continue
            print(f"== {group}: {GROUPS[group].__doc__.splitlines()[0]}", flush=True)
            began = time.monotonic()
            try:
                rows += GROUPS[group](site)
            except RuntimeError as error:
                # One row that cannot be measured does not hide the others, but the run has failed.
                failures.append(f"{group}: {error}")
                print(f"  FAILED: {error}", flush=True)
            print(f"  took {time.monotonic() - began:.0f} s", flush=True)
    finally:
        clean(chosen, site)
    print()
    print(render(rows))
    print(f"\n{chosen.users:,} users; median of {site.rounds} rounds; {time.monotonic() - start:.0f} s in all; "
          f"other processes took {neighbours.share():.0%} of the CPU meanwhile")
    for failure in failures:
        print(f"FAILED {failure}")
    if chosen.json:
        chosen.json.write_text(json.dumps([row.__dict__ | {"verdict": row.verdict} for row in rows], indent=1))
    sys.exit(1 if failures else 0)


def clean(chosen, site):
    site.stop()
    if not chosen.keep:
        shutil.rmtree(site.folder, ignore_errors=True)


if __name__ == "__main__":
    main()

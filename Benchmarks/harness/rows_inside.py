"""Rows measured inside a process, without HTTP or a store."""

import os
import subprocess

from .table import Row, micros
from .tools import BENCHMARKS


def publishing(site):
    """Publishing one change: a delta of one user applied to the snapshot."""
    large, small = site.population(), site.population(site.SMALL)
    found = site.published([large, small])
    for users, report in found.items():
        site.report(f"publishing one change at {users:,} users: median {micros(report['median'])}, mean "
                  f"{micros(report['mean'])}, longest of a round {micros(report['max'])}")
    ours, peer = found[large.users]["median"], found[small.users]["median"]
    return [Row(f"publishing one change at {large.users:,} users, against {small.users:,}", micros(ours), micros(peer),
                ours / peer, 1.5)]


def pieces(site):
    """Small pieces of the read path, through ordo-one/benchmark; they are for comparing versions and have no bounds."""
    population = site.population(min(site.users, 100_000))
    done = subprocess.run(
        ["swift", "package", "--package-path", BENCHMARKS, "benchmark", "--no-progress", "--metric", "wallClock",
         "--grouping", "metric", "--time-units", "nanoseconds"],
        env=dict(os.environ, ROSTER_BENCH_CSV=str(population.csv)), capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError((done.stdout + done.stderr)[-3000:])
    print(f"  {population.users:,} users")
    # What stands before the table tells of the build.
    print(done.stdout[done.stdout.find("Time (wall clock)"):].replace("SnapshotBenchmarks:", ""), flush=True)
    return []

"""Rows measured inside a process, without HTTP or a store."""

import json
import os
import statistics
import subprocess

from .table import Row, micros
from .tools import BENCHMARKS


def publishing(site):
    """Publishing one change: a delta of one user applied to the snapshot."""
    large, small = site.population(), site.population(site.SMALL)
    program = site.tools.product("PublishProbe")
    out = subprocess.run([program, str(site.rounds), "200" if site.quick else "1000", large.csv, small.csv], check=True,
                         capture_output=True, text=True).stdout
    found = {large.users: [], small.users: []}
    for line in out.splitlines():
        report = json.loads(line)
        found[report["users"]].append(report)
    middle = {}
    for users, reports in found.items():
        middle[users] = statistics.median(report["median"] for report in reports)
        site.note(f"publishing one change at {users:,} users: median {micros(middle[users])}, mean "
                  f"{micros(statistics.median(report['mean'] for report in reports))}, longest "
                  f"{micros(max(report['max'] for report in reports))}")
    ours, peer = middle[large.users], middle[small.users]
    return [Row(f"publishing one change at {large.users:,} users, against {small.users:,}", micros(ours), micros(peer),
                ours / peer, 1.5)]


def pieces(site):
    """Small pieces of the read path, through ordo-one/benchmark; they are for comparing versions and have no bounds."""
    population = site.population(min(site.users, 100_000))
    done = subprocess.run(
        ["swift", "package", "--package-path", BENCHMARKS, "-c", "release", "benchmark", "--no-progress", "--quiet",
         "--format", "markdown"],
        env=dict(os.environ, ROSTER_BENCH_CSV=str(population.csv)), capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError((done.stdout + done.stderr)[-3000:])
    print(done.stdout, flush=True)
    return []

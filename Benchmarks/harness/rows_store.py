"""Rows about the store: import, start, memory."""

import shutil
import statistics

from . import load, signing
from .data import ZONE
from .servers import Roster, make_key
from .table import Row


def importing(site):
    """A CSV imported, durable when the command ends, against slapadd -q, whose last act is a sync too."""
    population = site.population()
    peer = site.slapadd()
    runs = []
    data = site.data_folder(population)
    keep = data.with_suffix(".key.json").exists()
    for _ in range(1 if site.quick else 3):
        target = site.folder / "import-measured" if keep else data
        shutil.rmtree(target, ignore_errors=True)
        runs.append(site.import_into(target, population))
        # Slow imports are not repeated: the whole must end in ten minutes.
        if runs[0][0] > 20:
            break
    if keep:
        shutil.rmtree(site.folder / "import-measured")
    else:
        site.once(f"imported-{population.users}", lambda: True)
    wall, cpu, resident = sorted(runs)[len(runs) // 2]
    site.report(f"import of {population.users:,} users: {', '.join(f'{run[0]:.1f}' for run in runs)} s, "
              f"{cpu:.1f} s of CPU, {resident / (1 << 20):,.0f} MiB of memory at the peak")
    return [Row(f"CSV of {population.users:,} users imported, against slapadd -q", f"{wall:.1f} s", f"{peer:.1f} s",
                wall / peer, 0.35, 0.2)]


def starting(site):
    """From the start of the process until /health/ready answers 200, and what a user takes in memory."""
    population = site.population()
    data, key = site.store()
    empty = site.folder / "store-empty"
    shutil.rmtree(empty, ignore_errors=True)
    nobody = signing.Signer(make_key(site.program, empty))
    with Roster(site.program, empty) as server:
        # The zone does not exist there, but the path of a request is warmed.
        for page in signing.plain_pages(population, ZONE, 500, seed=3):
            server.get(nobody.target(page))
        base = server.resident()
    signer = signing.Signer(key)
    times, resident = [], []
    for turn in range(1 if site.quick else 5):
        with Roster(site.program, data) as server:
            times.append(server.seconds_to_ready)
            targets = [signer.distinct(page) for page in signing.plain_pages(population, ZONE, 2000, seed=turn)]
            load.turn(site.tools, server, {"pages": targets}, 10, site.folder, most=2000)
            resident.append(server.resident())
        if turn == 2 and times[0] > 4:
            break
    ready, peer = statistics.median(times), site.slapadd()
    bytes_per_user = (statistics.median(resident) - base) / population.users
    site.report(f"resident: {base / (1 << 20):.0f} MiB without users, {statistics.median(resident) / (1 << 20):,.0f} MiB "
              f"with {population.users:,}")
    return [
        Row(f"start to ready with {population.users:,} users, against slapadd -q", f"{ready:.2f} s", f"{peer:.1f} s",
            ready / peer, 0.10, 0.05, digits=3),
        Row("resident memory per user, bytes", f"{bytes_per_user:.0f} B", "", bytes_per_user, 250, 180, digits=0),
    ]

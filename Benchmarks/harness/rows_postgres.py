"""Rows about the distributed store: import, start, writes, and how far a second replica is behind."""

import contextlib
import json
import os
import statistics
import subprocess
import time

from . import lag, load, postgres, signing, tools
from .data import ZONE
from .rows_write import change, shuffled_names
from .servers import Roster, make_key, timed
from .table import Row, micros, per_second
from .writers import BARE, BARE_TABLES, CONNECTIONS, COUNTED, Writers



def replicating(site):
    """PostgreSQL as the store: import, start, writes a second, and the lag of another replica."""
    if postgres.binaries() is None:
        try:
            tools.install("postgresql")
        except subprocess.CalledProcessError:
            site.report("PostgreSQL is not here and cannot be installed: these rows are passed over")
            return []
    site.stop()
    primary = postgres.Server(site.folder / "postgres")
    standby = postgres.Server(site.folder / "postgres", "standby")
    try:
        primary.start()
        site.report(primary.describe())
        store = postgres.Store(site.program, primary, site.folder / "postgres.seal.key")
        return [*importing(site, primary, store), *starting(site, primary, store),
                *writing(site, primary, standby, store), *lagging(site, primary, store)]
    finally:
        standby.stop()
        primary.stop()


# ---- import

def importing(site, server, store):
    """A CSV imported, against COPY of the same rows into the same tables."""
    population = site.population()
    kept = site.folder / f"postgres-import-{population.users}.json"
    if kept.exists():
        found = json.loads(kept.read_text())
        site.report("import into PostgreSQL: measured in an earlier run that was kept")
    else:
        server.make_database()
        before = server.cpu()
        wall, cpu, resident = timed(
            [site.program, "import", *store.options, "--zone", ZONE, population.csv], site.folder / "import.log")
        site.report(f"import into PostgreSQL: {wall:.1f} s; CPU: {cpu:.1f} s of roster, "
                  f"{server.cpu() - before:.1f} s of the server; {resident / (1 << 20):,.0f} MiB of memory at the peak")
        peer, peer_cpu = copied(site, server)
        site.report(f"COPY into the same tables: {peer:.1f} s, {peer_cpu:.1f} s of CPU of the server")
        key = make_key(site.program, store)
        found = {"seconds": wall, "peer": peer, "key": key}
        site.write_key(kept, found)
        # Else it would begin on its own, in the middle of what is measured next.
        server.sql("VACUUM (ANALYZE); CHECKPOINT;")
    site.once("postgres-signer", lambda: signing.Signer(found["key"]))
    wall, peer = found["seconds"], found["peer"]
    return [Row(f"CSV of {population.users:,} users imported into PostgreSQL, against COPY of the same rows",
                f"{wall:.1f} s", f"{peer:.1f} s", wall / peer)]


def copied(site, server):
    """Seconds in which psql copies what was imported into equal tables with equal indexes and rules, and the CPU."""
    tables = ("clusters", "users", "groups", "number_ledger")
    schema = subprocess.run([server.binaries / "pg_dump", "--schema-only", server.url()], check=True,
                            capture_output=True, text=True, env=server.environment).stdout
    server.make_database("peer")
    server.sql(schema, "peer")
    files = {table: site.folder / f"copied-{table}" for table in tables}
    for table, file in files.items():
        server.sql(rf"\copy {postgres.SCHEMA}.{table} TO '{file}' (FORMAT binary)")
    os.sync()
    before, start = server.cpu(), time.perf_counter()
    server.sql("\n".join(["BEGIN;", *(rf"\copy {postgres.SCHEMA}.{table} FROM '{file}' (FORMAT binary)"
                                      for table, file in files.items()), "COMMIT;"]), "peer")
    wall = time.perf_counter() - start
    used = server.cpu() - before
    server.sql("DROP DATABASE peer", "postgres")
    for file in files.values():
        file.unlink()
    return wall, used


# ---- start

def starting(site, server, store):
    """From the start of a replica until it is ready, its memory, and what reading alone takes."""
    population = site.population()
    data, key = site.store()
    empty = postgres.Store(site.program, server, store.key, "roster_empty")
    server.make_database("roster_empty")
    nobody = signing.Signer(make_key(site.program, empty))
    with Roster(site.program, empty) as replica:
        for page in signing.plain_pages(population, ZONE, 500, seed=3):
            replica.get(nobody.target(page))
        base = replica.resident()
    stores = {"SQLite": (data, signing.Signer(key)), "PostgreSQL": (store, site.once("postgres-signer", None))}
    times = {name: [] for name in [*stores, "COPY"]}
    peaks, resident = {name: [] for name in stores}, {name: [] for name in stores}
    for turn in range(1 if site.quick else 3):
        for name, (where, signer) in stores.items():
            with Roster(site.program, where) as replica:
                times[name].append(replica.seconds_to_ready)
                peaks[name].append(replica.peak())
                targets = [signer.distinct(page) for page in signing.plain_pages(population, ZONE, 2000, seed=turn)]
                load.turn(site.tools, replica, {"pages": targets}, 10, site.folder, most=2000)
                resident[name].append(replica.resident())
        times["COPY"].append(all_rows(server))
    middle = {name: statistics.median(runs) for name, runs in times.items()}
    for name in stores:
        site.report(f"{name}: ready after {', '.join(f'{run:.2f}' for run in times[name])} s; "
                  f"{statistics.median(peaks[name]) / (1 << 20):,.0f} MiB at the peak of loading, "
                  f"{statistics.median(resident[name]) / (1 << 20):,.0f} MiB afterwards")
    settled = {name: (statistics.median(resident[name]) - base) / population.users for name in stores}
    peak = {name: (statistics.median(peaks[name]) - base) / population.users for name in stores}
    return [
        Row(f"start to ready with {population.users:,} users in PostgreSQL, against SQLite",
            f"{middle['PostgreSQL']:.2f} s", f"{middle['SQLite']:.2f} s", middle["PostgreSQL"] / middle["SQLite"]),
        Row("the same, against one COPY of all users to nowhere", f"{middle['PostgreSQL']:.2f} s",
            f"{middle['COPY']:.2f} s", middle["PostgreSQL"] / middle["COPY"]),
        Row("resident memory per user of a replica, bytes, against SQLite", f"{settled['PostgreSQL']:.0f} B",
            f"{settled['SQLite']:.0f} B", settled["PostgreSQL"] / settled["SQLite"]),
        Row("the same at the peak of loading", f"{peak['PostgreSQL']:.0f} B", f"{peak['SQLite']:.0f} B",
            peak["PostgreSQL"] / peak["SQLite"]),
    ]


def all_rows(server):
    """Seconds in which psql reads the columns that a replica reads, on one connection, and looks at nothing."""
    query = f"COPY (SELECT * FROM {postgres.SCHEMA}.users WHERE deleted_time IS NULL) TO STDOUT (FORMAT binary)"
    start = time.perf_counter()
    subprocess.run([*server.psql(), f"--command={query}"], check=True, stdout=subprocess.DEVNULL,
                   env=server.environment)
    return time.perf_counter() - start


# ---- writes

def writing(site, server, standby, store):
    """Acknowledged commands a second and one at a time, on both stores, against bare INSERTs, in turn."""
    server.sql(BARE_TABLES)
    seconds = 1 if site.quick else 2
    rounds = min(site.rounds, 3)
    writers = Writers(site, server, seconds)
    found = {}
    with contextlib.ExitStack() as running:
        data, key = site.store()
        embedded = (running.enter_context(Roster(site.program, data)), signing.Signer(key))
        signer = site.once("postgres-signer", None)
        replicas = [(running.enter_context(Roster(site.program, store, log=f"replica-{index}")), signer)
                    for index in range(2)]
        for _ in range(rounds):
            for name, measure in {
                    "SQLite": lambda: writers.commands([embedded]),
                    "bare SQLite": writers.bare_sqlite,
                    "PostgreSQL": lambda: writers.commands(replicas[:1]),
                    "bare": lambda: writers.bare(BARE),
                    "two replicas": lambda: writers.commands(replicas),
                    "counted": lambda: writers.bare(COUNTED),
                    "SQLite, one": lambda: writers.one(embedded),
                    "PostgreSQL, one": lambda: writers.one(replicas[0]),
                    "bare, one": lambda: writers.bare(BARE, connections=1)}.items():
                found.setdefault(name, []).append(measure())
            for name, replica in (("added, SQLite", embedded), ("added, PostgreSQL", replicas[0])):
                found.setdefault(name, []).append(writers.commands([replica], writers.additions))
        standby.start(source=server)
        with synchronous(server):
            for _ in range(rounds):
                for name, measure in {"PostgreSQL, standby": lambda: writers.commands(replicas[:1]),
                                      "bare, standby": lambda: writers.bare(BARE)}.items():
                    found.setdefault(name, []).append(measure())
        standby.stop()
    for name, runs in found.items():
        site.report(f"{name}: {', '.join(f'{run.rate:,.0f}' for run in runs)}/s; {runs[-1].text}")

    def row(what, ours, peer):
        a, b = (statistics.median(run.rate for run in found[name]) for name in (ours, peer))
        return Row(what, per_second(a), per_second(b), a / b, more_is_better=True)

    return [
        row(f"commands a second on SQLite, {CONNECTIONS} connections, against bare INSERTs by one", "SQLite",
            "bare SQLite"),
        row("the same on PostgreSQL, one replica, against bare INSERTs by as many connections", "PostgreSQL", "bare"),
        row("the same with two replicas", "two replicas", "bare"),
        row("the same, one replica, with a synchronous standby", "PostgreSQL, standby", "bare, standby"),
        row(f"bare INSERTs that count a revision without gaps, {CONNECTIONS} connections, against bare ones", "counted",
            "bare"),
        row("users added a second, one hash of a password each, PostgreSQL against SQLite", "added, PostgreSQL",
            "added, SQLite"),
        row("one command at a time on SQLite, a second, against bare INSERTs", "SQLite, one", "bare SQLite"),
        row("one command at a time on PostgreSQL, a second, against bare INSERTs", "PostgreSQL, one", "bare, one"),
    ]


@contextlib.contextmanager
def synchronous(server):
    """Meanwhile no commit is acknowledged that the standby has not on its disk."""
    def name(names):
        server.sql(f"ALTER SYSTEM SET synchronous_standby_names = '{names}'", "postgres")
        server.sql("SELECT pg_reload_conf()", "postgres")

    name("standby")
    try:
        deadline = time.monotonic() + 30
        while "sync" not in server.sql("SELECT sync_state FROM pg_stat_replication", "postgres").split():
            if time.monotonic() > deadline:
                raise RuntimeError("the standby does not become synchronous")
            time.sleep(0.05)
        yield
    finally:
        name("")


# ---- lag

def lagging(site, server, store):
    """How long after a write was answered by one replica the other shows it."""
    count = 200 if site.quick else 2_000
    signer = site.once("postgres-signer", None)
    names = shuffled_names(site, 19)
    rows = []
    with Roster(site.program, store, log="replica-0") as first, Roster(site.program, store, log="replica-1") as second:
        def commands():
            while True:
                yield change(site, *next(names), signer)

        for text, rate in (("at rest", 0), ("while 200 commands/s are written", 200)):
            others = None
            if rate:
                lines = [change(site, *next(names), signer) for _ in range(rate * 50)]
                others = load.Paced(site.tools, first, lines, rate, 16, 50, site.folder / "commands.tsv", once=True)
            try:
                found = lag.measure(first, second, commands(), signer, ZONE, count, most_seconds=45)
            finally:
                if others:
                    others.process.terminate()
                    others.process.communicate()
            site.report(f"lag {text}, {len(found.lags):,} writes: median {micros(found.at(0.5))}, p99 "
                      f"{micros(found.at(0.99))}, longest {micros(found.at(1))}; a read that waits for nothing takes "
                      f"{micros(found.plain)}; a write {micros(found.write)}")
            for name, share in (("median", 0.5), ("p99", 0.99)):
                rows.append(Row(f"until a write is seen through the other replica, {text}, {name}, in ms",
                                micros(found.at(share)), "", found.at(share) / 1000,
                                100 if name == "median" else None))
    return rows

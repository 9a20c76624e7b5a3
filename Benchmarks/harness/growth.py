"""How Roster's own cost grows with the number of users: one line for each size, without peers."""

import shutil
import statistics

from . import load
from .data import Words
from .servers import make_key
from .table import micros

HEADER = ["users", "import", "memory of the import", "start to ready", "resident", "plain list, 32 connections",
          "plain list", "page in the middle of the zone", "search over all: one letter", "5 %", "rare",
          "one change published"]


def table(sizes, site):
    """Markdown, one column a size. The times of searches are those of whole requests."""
    columns = [column(size, site) for size in sizes]
    lines = [[name, *cells] for name, cells in zip(HEADER, zip(*columns))]
    lines.insert(1, ["---"] * len(lines[0]))
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def column(users, site):
    print(f"== {users:,} users", flush=True)
    site.users = users
    population = site.population(users)
    data = site.data_folder(population)
    shutil.rmtree(data, ignore_errors=True)
    wall, _, peak = site.import_into(data, population)
    site.write_key(data.with_suffix(".key.json"), make_key(site.program, data))
    server = site.server(users)
    words = Words(population)
    cluster = population.largest[0]
    requests = {
        "plain": {"limit": 10, "cluster_id": cluster}, "middle": {"limit": 10, "offset": users // 2},
        "letter": {"limit": 10, "search_word": "z"}, "twentieth": {"limit": 10, "search_word": "zhang"},
        "rare": {"limit": 10, "search_word": words.rare[-8]},
    }
    found = site.latencies(requests, 2, users)
    rates = []
    for _ in range(site.rounds):
        targets = site.targets(users=users)
        rates.append(load.wrk(server, targets, 32, 3, site.folder)[0])
        load.check(server, targets)
    resident = server.resident()
    ready = server.seconds_to_ready
    site.stop()
    published = site.published([population])[users]["median"]
    return [f"{users:,}", f"{wall:.1f} s", f"{peak / (1 << 20):,.0f} MiB", f"{ready:.2f} s",
            f"{resident / (1 << 20):,.0f} MiB", f"{statistics.median(rates):,.0f}/s", micros(found["plain"]),
            micros(found["middle"]), micros(found["letter"]), micros(found["twentieth"]), micros(found["rare"]),
            micros(published)]

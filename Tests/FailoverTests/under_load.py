"""Serves a database by two replicas, lets clients write and read until a file appears, and tells what they met.

    python3 Tests/FailoverTests/under_load.py URL SECOND-URL OWNER-URL SEAL-KEY PREFIX READY-FILE STOP-FILE

The first replica reaches the database by URL, the second by SECOND-URL. Names of added users begin with PREFIX.
The variables of libpq (PGPASSFILE, PGSSLROOTCERT) are passed on. `scripts/try-patroni.sh` uses it.
"""

import os
import pathlib
import sys

import postgres
import replicas
import traffic


def main(url: str, second_url: str, owner_url: str, seal_key: str, prefix: str, ready: str, stop: str):
    settings = {name: value for name, value in os.environ.items() if name.startswith("PG")}
    deployment = replicas.Deployment(url, owner_url, pathlib.Path(seal_key), second_url, **settings)
    try:
        clients = traffic.Traffic(deployment.replicas, deployment.operator, deployment.reader, prefix)
        clients.start()
        pathlib.Path(ready).touch()
        postgres.wait_until(pathlib.Path(stop).exists, 300, "the trial is over", every=0.1)
        clients.stop()
        deployment.wait_until_equal(20)
        record, lists = clients.record, deployment.lists()
        lost = record.lost(lists)
        twice = record.given_twice([(row["uid_number"], row["username"]) for row in lists[0]])
        longest = max((seconds for _, seconds in record.refusals), default=0)
        gaps = " and ".join(f"{record.longest_gap(of=replica):.1f}" for replica in deployment.replicas)
        print(f"  two replicas of Roster, without a write {gaps} s; {len(record.answers)} acknowledged, {len(lost)} lost, "
              f"{len(twice)} uids twice; {len(record.refusals)} refused, the slowest after {longest:.1f} s; "
              f"{record.reads} reads, the slowest {record.longest_read * 1000:.0f} ms; {len(record.faults)} faults")
        for fault in [*lost[:5], *twice[:5], *record.faults[:5]]:
            print(f"  {fault}", file=sys.stderr)
        return 1 if lost or twice or record.faults or lists[0] != lists[1] else 0
    finally:
        deployment.close()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:8]))

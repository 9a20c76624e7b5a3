"""Load on a server: by wrk as fast as it can, by our own client where answers are timed."""

import json
import os
import random
import re
import subprocess

from .tools import BENCHMARKS


def check(server, targets, sample=40):
    """Asks a sample of the targets one by one. The HTTP status is always 200, so the body tells."""
    for target in random.Random(len(targets)).sample(targets, min(sample, len(targets))):
        body = server.get(target)
        answer = json.loads(body)
        if answer["ret_code"] != 0:
            raise RuntimeError(f"refused: {body[:300]!r}")
        if not answer["user_set"] and "search_word" not in target:
            raise RuntimeError(f"an empty page: {target.split('&signature')[0]}")


def wrk(server, targets, connections, seconds, folder):
    """Requests a second, and server CPU per request in microseconds."""
    if len(set(targets)) < 10_000:
        raise RuntimeError("fewer than 10,000 different requests")
    file = folder / "targets.txt"
    file.write_text("\n".join(targets) + "\n")
    before = server.cpu()
    out = subprocess.run(
        ["wrk", "-t", "2", "-c", str(connections), "-d", f"{seconds}s", "-s", BENCHMARKS / "Tools/requests.lua",
         f"http://127.0.0.1:{server.port}"],
        env=dict(os.environ, ROSTER_TARGETS=str(file)), check=True, capture_output=True, text=True).stdout
    used = server.cpu() - before
    if "Non-2xx" in out or "Socket errors" in out:
        raise RuntimeError(out)
    count = int(re.search(r"(\d+) requests in", out)[1])
    rate = float(re.search(r"Requests/sec:\s*([\d.]+)", out)[1])
    return rate, used / count * 1e6


def turn(tools, server, requests, seconds, folder, most=1_000_000, method="GET"):
    """Kinds of request in turn on one connection: what `load` reports of each, by its name.

    `requests` maps a name to targets; a body may follow after a tab.
    """
    files = []
    for index, targets in enumerate(requests.values()):
        files.append(folder / f"turn-{index}.tsv")
        files[-1].write_text("".join(f"{method}\t{target}\n" for target in targets))
    out = subprocess.run([tools.path("load"), "turn", str(server.port), str(seconds), str(most), *files],
                         check=True, capture_output=True, text=True).stdout
    reports = dict(zip(requests, map(json.loads, out.splitlines())))
    for name, report in reports.items():
        if report["failed"]:
            raise RuntimeError(f"{report['failed']} of {name} were refused")
    return reports


class Paced:
    """Load at a given rate, in the background; `report` waits for its end."""

    def __init__(self, tools, server, lines, rate, connections, seconds, file, once=False):
        file.write_text("".join(line + "\n" for line in lines))
        command = [tools.path("load"), *(["once"] if once else []), "paced", str(server.port), str(seconds), str(rate),
                   str(connections), file]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def report(self):
        out, errors = self.process.communicate()
        if self.process.returncode != 0:
            raise RuntimeError(errors)
        report = json.loads(out)
        report["message"] = errors.strip()
        return report

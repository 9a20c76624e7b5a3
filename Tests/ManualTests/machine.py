"""A machine for one page: namespaces of its own, in which all that a page writes is gone afterwards.

The root of the machine is laid below a folder in memory (overlayfs), so `/var/lib/roster`, `/etc/roster`,
`/usr/local/bin` and all the rest are as printed and may be written. The network is a loopback of its own: the ports
are free, and nothing else can be reached. Processes are seen by themselves only, and end with the page.
"""

import os
import pathlib
import subprocess
import sys

import pages

HERE = pathlib.Path(__file__).resolve().parent
SECONDS = 3600
NAMESPACES = ["unshare", "--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc"]


def why_not() -> str | None:
    """Why there can be no such machine here; None where there can.

    A user who maps itself to root may lay nothing over `/`, and has no second account to run PostgreSQL as.
    """
    if os.geteuid() != 0:
        return "needs root"
    try:
        done = run("probe")
    except OSError as error:
        return str(error)
    if done.returncode == 0:
        return None
    return f"no machine can be made for a page: {done.stdout.strip().splitlines()[-1]}"


def run(*arguments: str) -> subprocess.CompletedProcess:
    """Runs `page.py` on a machine of its own; what it said is its standard output."""
    return subprocess.run(
        [*NAMESPACES, sys.executable, HERE / "page.py", *arguments], cwd=pages.ROOT, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", timeout=SECONDS)


def command(*arguments):
    done = subprocess.run([str(one) for one in arguments], capture_output=True, text=True, timeout=60)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, arguments))}: {done.stderr.strip()}")


def overlay(lower: str, upper: pathlib.Path, target: pathlib.Path):
    """Lays a folder in memory over `lower`, at `target`."""
    for part in ("upper", "work"):
        (upper / part).mkdir(parents=True)
    target.mkdir(parents=True, exist_ok=True)
    # The root of a folder that belongs to root must stay open to others, or nobody but root could pass.
    os.chmod(upper / "upper", os.stat(lower).st_mode & 0o7777)
    command("mount", "-t", "overlay", "overlay", "-o",
            f"lowerdir={lower},upperdir={upper / 'upper'},workdir={upper / 'work'}", target)


def mount_point(path: str) -> str:
    """Where the file system begins that a path is on."""
    path = os.path.realpath(path)
    while not os.path.ismount(path):
        path = os.path.dirname(path)
    return path


def enter(needed: list[str], for_good: list[str]):
    """Called in new namespaces: makes the machine and goes into it.

    `needed` are paths that must be there even if they are on a file system beside that of `/`; what is written in the
    folders `for_good` stays.
    """
    command("ip", "link", "set", "lo", "up")
    command("mount", "--make-rprivate", "/")
    beside = sorted({mount_point(path) for path in needed} - {"/"})
    # Held open, because the folder in memory may hide them.
    held = {path: os.open(path, os.O_PATH) for path in [*beside, *for_good]}
    reached = {path: f"/proc/{os.getpid()}/fd/{handle}" for path, handle in held.items()}
    memory = pathlib.Path("/tmp")
    command("mount", "-t", "tmpfs", "-o", "mode=0755", "tmpfs", memory)
    root = memory / "root"
    overlay("/", memory / "all", root)
    for number, point in enumerate(beside):
        overlay(reached[point], memory / f"beside-{number}", pathlib.Path(f"{root}{point}"))
    for path in for_good:
        command("mount", "--bind", reached[path], f"{root}{path}")
    for handle in held.values():
        os.close(handle)
    command("mount", "--rbind", "/dev", root / "dev")
    command("mount", "--rbind", "/sys", root / "sys")
    command("mount", "--rbind", "/proc", root / "proc")
    os.chroot(root)
    os.chdir(pages.ROOT)

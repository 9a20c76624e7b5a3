"""What the benchmarks need on the machine, and what machine it is."""

import os
import pathlib
import platform
import resource
import shutil
import subprocess

BENCHMARKS = pathlib.Path(__file__).resolve().parents[1]
ROOT = BENCHMARKS.parent
PROGRAMS = {"wrk": "wrk", "slapd": "slapadd", "postgresql": "pg_ctlcluster"}


class Tools:
    """Compiles the small C programs and builds the peer."""

    def __init__(self, folder):
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.compiler = shutil.which("cc") or shutil.which("clang") or "cc"

    def path(self, name):
        """The program made from Tools/NAME.c; compiled where it is older than its source."""
        program, source = self.folder / name, BENCHMARKS / "Tools" / f"{name}.c"
        if not program.exists() or program.stat().st_mtime < source.stat().st_mtime:
            subprocess.run([self.compiler, "-O2", "-o", program, source, "-lm"], check=True)
        return program

    @staticmethod
    def product(name):
        """The path of a product of the Swift package of benchmarks, built in release."""
        command = ["swift", "build", "-c", "release", "--package-path", BENCHMARKS]
        shown = subprocess.run([*command, "--show-bin-path"], check=True, capture_output=True, text=True)
        program = pathlib.Path(shown.stdout.strip()) / name
        if not program.exists():
            print(f"building {name} (the first time takes some minutes)", flush=True)
        done = subprocess.run([*command, "--product", name], capture_output=True, text=True)
        if done.returncode != 0:
            raise SystemExit(f"building {name} failed:\n{done.stdout[-3000:]}{done.stderr[-3000:]}")
        return program


def system_path():
    """PATH with the folders in which Debian keeps servers."""
    return os.environ["PATH"] + ":/usr/sbin:/usr/local/sbin"


def install(*packages):
    """Installs what is missing; the script says what that is."""
    for package in packages:
        if shutil.which(PROGRAMS[package], path=system_path()):
            print(f"{package}: is there", flush=True)
            continue
        subprocess.run([ROOT / "scripts/system-packages.sh", package], check=True)
        print(f"{package}: installed", flush=True)


def slapadd():
    return shutil.which("slapadd", path=system_path())


def slapd():
    return shutil.which("slapd", path=system_path())


def version(command):
    """The first line that a program prints of its version."""
    done = subprocess.run(command, capture_output=True, text=True, errors="replace")
    return next((line.strip() for line in (done.stdout + done.stderr).splitlines() if line.strip()), "unknown")


def machine():
    """Lines about the machine, the compilers, and what CPU the program was compiled for."""
    model = "unknown"
    memory = "unknown"
    with open("/proc/cpuinfo") as file:
        for line in file:
            if line.startswith("model name"):
                model = line.split(":", 1)[1].strip()
                break
    with open("/proc/meminfo") as file:
        memory = f"{int(file.readline().split()[1]) / (1 << 20):.0f} GiB"
    baseline = {"x86_64": "x86-64 (SSE2), the compiler's default", "aarch64": "armv8-a, the compiler's default"}
    return [
        f"CPU: {model}, {os.cpu_count()} cores, {memory} of memory",
        f"kernel: {platform.system()} {platform.release()}",
        f"compiled for: {baseline.get(platform.machine(), platform.machine())}",
        f"Swift: {version(['swift', '--version'])}",
        f"C library: {' '.join(platform.libc_ver())}; its memmem and memchr choose their code for the CPU at run time",
        f"load: {os.getloadavg()[0]:.1f} before the start; figures of a busy machine say little",
    ]


class Neighbours:
    """How much of the machine's CPU other processes use while we measure."""

    def __init__(self):
        self.start = self._times()

    @staticmethod
    def _times():
        with open("/proc/stat") as file:
            # user, nice, system, idle, iowait, irq, softirq, steal
            fields = [int(field) for field in file.readline().split()[1:9]]
        ticks = os.sysconf("SC_CLK_TCK")
        total, idle = sum(fields) / ticks, (fields[3] + fields[4]) / ticks
        own = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        return total, total - idle - sum(use.ru_utime + use.ru_stime for use in own)

    def share(self):
        """Of all CPU time since the start. Right only once all our processes have been waited for."""
        total, others = (now - then for now, then in zip(self._times(), self.start))
        return max(0, others / total)

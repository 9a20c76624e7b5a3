"""Small Debian systems in folders, in which the package is installed: each test class has a copy of its own."""

import os
import pathlib
import shutil
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
# Made by scripts/package-root.sh.
BASE = pathlib.Path(os.environ.get("ROSTER_PACKAGE_ROOT") or ROOT / ".build/package-root").absolute()
SECONDS, BOOT_SECONDS = 300, 60
ENVIRONMENT = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root",
               "LC_ALL": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive"}
# Mounts what programs take for granted, in a namespace that ends with the program; $0 is the folder.
ENTER = 'mount -t proc proc "$0/proc" && mount --bind /dev "$0/dev" && exec chroot "$0" "$@"'
# The same with a network of its own: ports are free there, and nobody else reaches them.
ENTER_ALONE = f"ip link set lo up && {ENTER}"


def why_not() -> str | None:
    """Why nothing can be installed here; None where it can."""
    if os.geteuid() != 0:
        return "needs root"
    if not (BASE / "made").exists():
        return f"{BASE} is not made: scripts/package-root.sh makes it"
    return None


class System:
    """A Debian in a folder."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="roster-package-"))
        self.root = self.folder / "root"
        subprocess.run(["cp", "-a", "--reflink=auto", BASE, self.root], check=True)

    def close(self):
        shutil.rmtree(self.folder, ignore_errors=True)

    def path(self, inside: str) -> pathlib.Path:
        """Where a file of the system is for this program."""
        return self.root / inside.lstrip("/")

    def call(self, *command: str, network: int | None = None, check: bool = True, environment: dict | None = None,
             text: str | None = None) -> subprocess.CompletedProcess:
        """Runs a command in the system; `network` is a process whose network it shares."""
        words = ["unshare", "--mount", "sh", "-c", ENTER, str(self.root), *command]
        if network:
            words = ["nsenter", f"--net=/proc/{network}/ns/net", *words]
        done = subprocess.run(words, env=ENVIRONMENT | (environment or {}), input=text, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, errors="replace", timeout=SECONDS)
        if check and done.returncode != 0:
            raise AssertionError(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}")
        return done

    def start(self, *command: str, log: pathlib.Path) -> subprocess.Popen:
        """Starts a program in the system, with a network of its own. The process is the program itself."""
        with log.open("wb") as file:
            return subprocess.Popen(["unshare", "--mount", "--net", "sh", "-c", ENTER_ALONE, str(self.root), *command],
                                    env=ENVIRONMENT, stdin=subprocess.DEVNULL, stdout=file, stderr=file)

    def install(self, package: pathlib.Path, *options: str) -> str:
        """Installs a package as an administrator does. What apt said comes back."""
        shutil.copy(package, self.path("/tmp"))
        return self.call("apt-get", "install", "-y", "--no-install-recommends", *options, f"/tmp/{package.name}").stdout

    def install_in(self, machine: "Machine", package: pathlib.Path, *options: str) -> str:
        """The same on the machine that has booted from this folder. Its /tmp is another."""
        shutil.copy(package, self.path("/root"))
        return machine.call("apt-get", "install", "-y", "--no-install-recommends", *options,
                            f"/root/{package.name}").stdout


class Machine:
    """A Debian with systemd, which has booted."""

    def __init__(self, system: System):
        self.log = system.folder / "boot.log"
        with self.log.open("wb") as file:
            self.process = subprocess.Popen(
                ["systemd-nspawn", "--quiet", "--register=no", "--keep-unit", "--private-network", "--boot",
                 f"--directory={system.root}"], stdin=subprocess.DEVNULL, stdout=file, stderr=file)
        try:
            self.leader = self.wait_until_booted()
        except BaseException:
            self.close()
            raise

    def wait_until_booted(self) -> int:
        """The first process of the machine, once systemd has started everything."""
        deadline = time.monotonic() + BOOT_SECONDS
        while True:
            for leader in pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split():
                self.leader = int(leader)
                if self.call("systemctl", "is-system-running", check=False).stdout.strip() in ("running", "degraded"):
                    return self.leader
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise NotBooted(self.log.read_text(errors="replace").strip()[-1000:])
            time.sleep(0.2)

    def call(self, *command: str, check: bool = True, environment: dict | None = None,
             text: str | None = None) -> subprocess.CompletedProcess:
        """Runs a command on the machine."""
        done = subprocess.run(["nsenter", f"--target={self.leader}", "--mount", "--uts", "--ipc", "--net", "--pid", *command],
                              env=ENVIRONMENT | (environment or {}), input=text, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, errors="replace", timeout=SECONDS, cwd="/")
        if check and done.returncode != 0:
            raise AssertionError(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}")
        return done

    def close(self):
        # It powers the machine off.
        self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class NotBooted(Exception):
    """systemd cannot boot here, as in a container without rights to namespaces and control groups."""

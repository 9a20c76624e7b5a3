"""Runs the commands of one page of the manual, in order, on a machine of its own: `page.py docs/operations.md`.

`machine.run` starts it. The exit code is 0 where every command did what the page shows; what was run, and what differs,
is printed.
"""

import os
import pathlib
import re
import shlex
import shutil
import signal
import sys
import time
import urllib.error
import urllib.request

import machine
import pages
import settings
import shapes
from terminal import Terminal

PROGRAM = pathlib.Path(os.environ.get("ROSTER_BIN") or pages.ROOT / ".build/debug/roster").absolute()
BUILDS = os.environ.get("ROSTER_MANUAL_BUILD") == "1"
# What builds the program, and what needs a package of it: run as printed where there is time for a release build.
BUILD_COMMANDS = ("make package", "make release")
INSTALL = "sudo apt install ./dist/roster_*.deb"
# There is no systemd; the command of the unit is run as the unit's user instead.
START = "sudo systemctl enable --now roster"
BUILD_SECONDS, READY_SECONDS, STOP_SECONDS, FOLLOW_SECONDS = 2400, 60, 15, 1.2
# `…` in a command stands for what an earlier one printed behind this name.
FILLED_IN = {
    "ROSTER_ACCESS_KEY_ID=…": "access_key_id",
    "ROSTER_SECRET_ACCESS_KEY=…": "secret_access_key",
    "s/SECRET/…/": "secret_access_key",
}
AFTER_THE_ANSWER = 5
LOOKS_AGAIN = re.compile(r"^roster operation list\b")
SERVE = re.compile(r"^(\w+=\S* )*roster serve\b")


class Server:
    """A `roster serve` of the page, in the background of its shell."""

    def __init__(self, terminal: Terminal, command: str, log: pathlib.Path):
        self.terminal, self.command, self.log = terminal, command, log
        code, _ = terminal.run(f"{command} >{log} 2>&1 &")
        _, shown = terminal.run("echo $!")
        self.pid = int(shown[0])
        if code != 0:
            raise pages.Fault(f"the shell answers {code}")

    @property
    def is_alive(self) -> bool:
        try:
            return pathlib.Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
        except OSError:
            return False

    @property
    def address(self) -> str:
        """Where it serves the API, from its own option."""
        words = shlex.split(self.command.replace("\\\n", " "))
        told = words[words.index("--http") + 1] if "--http" in words else "127.0.0.1:8080"
        return told.replace("0.0.0.0", "127.0.0.1")

    def wait_until_ready(self):
        deadline = time.monotonic() + READY_SECONDS
        while True:
            try:
                with urllib.request.urlopen(f"http://{self.address}/health/ready", timeout=5) as answer:
                    if answer.status == 200:
                        return
            except (OSError, urllib.error.URLError):
                pass
            if not self.is_alive:
                raise pages.Fault(f"the server has ended:\n{self.tail}")
            if time.monotonic() > deadline:
                raise pages.Fault(f"the server is not ready after {READY_SECONDS} s:\n{self.tail}")
            time.sleep(0.05)

    def stop(self):
        """Ends it as a service manager would."""
        if self.is_alive:
            os.kill(self.pid, signal.SIGTERM)
        code, _ = self.terminal.run(f"wait {self.pid}", STOP_SECONDS)
        if code != 0:
            raise pages.Fault(f"{self.command}: the server ended with exit code {code}:\n{self.tail}")

    @property
    def tail(self) -> str:
        return self.log.read_text(errors="replace")[-4000:]


class Page:
    program, builds = PROGRAM, BUILDS

    def __init__(self, name: str):
        self.name = name
        self.blocks = [block for part in pages.parts(name) for block in pages.blocks(part, (pages.ROOT / part).read_text())]
        self.folder = pathlib.Path("/tmp/manual")
        self.folder.mkdir()
        kept = {key: value for key, value in os.environ.items()
                if not key.startswith(("ROSTER_", "QY_", "PG")) and key != "TZ"}
        self.environment = {**kept, "TERM": "dumb", "PAGER": "cat", "LC_ALL": "C.UTF-8"}
        self.terminals: dict[str, Terminal] = {}
        self.server: Server | None = None
        self.servers = 0
        self.databases = None
        self.nodes = None
        self.made = shapes.Made()
        self.told: dict[str, str] = {}  # the latest `name: value` that a command printed
        self.faults: list[str] = []
        self.ran = 0
        self.wrote_at = 0.0  # when a command last changed the store below the server

    # Where commands run

    def terminal(self, place: str | None) -> Terminal:
        if place not in self.terminals:
            if place is None:
                self.terminals[place] = Terminal(self.environment, str(pages.ROOT), settings.ANSWERS)
            else:
                self.terminals[place] = settings.terminal(self, place)
        return self.terminals[place]

    def export(self, name: str, value: str):
        """Puts a variable into the environment of the page's shell."""
        self.terminal(None).run(f"export {name}={shlex.quote(value)}")

    def install_package(self):
        """What installing the package does, with the program that is built already."""
        machine.command(pages.ROOT / "scripts/install-tree.sh", "install", PROGRAM, "", "/usr")
        machine.command("useradd", "--system", "--user-group", "--home-dir", "/var/lib/roster", "--no-create-home",
                        "--shell", "/usr/sbin/nologin", "roster")
        machine.command("install", "-d", "-m", "700", "-o", "roster", "-g", "roster", "/var/lib/roster")

    def unit_command(self) -> str:
        """What systemd would run for the installed service."""
        paths = [pathlib.Path(folder, "systemd/system/roster.service") for folder in ("/usr/local/lib", "/lib", "/usr/lib")]
        unit = next(path for path in paths if path.exists()).read_text()
        start = re.search(r"^ExecStart=(.*)$", unit, re.MULTILINE)[1]
        return f"setpriv --reuid=roster --regid=roster --init-groups --no-new-privs {start}"

    def install_program(self):
        """The program, where the README installs it."""
        shutil.copy(PROGRAM, "/usr/local/bin/roster")

    def stop_server(self):
        server, self.server = self.server, None
        if server:
            server.stop()

    # Running

    def run(self):
        settings.before(self)
        try:
            for block in self.blocks:
                if block.language not in pages.COMMANDS:
                    continue
                if block.not_run is not None:
                    print(f"{block.where}: not run: {block.not_run}")
                    continue
                for name in block.settings:
                    settings.make(self, name)
                for command in pages.commands(block):
                    for place in settings.places(self, block.place):
                        self.run_command(command, place)
            self.stop_server()
        except pages.Fault as fault:
            self.faults.append(str(fault))
        finally:
            settings.after(self)
        print(f"{self.name}: {self.ran} commands run")
        if self.faults:
            raise pages.Fault("\n".join(self.faults))

    def run_command(self, command: pages.Command, place: str | None):
        text = self.filled_in(command)
        print(f"{command.where}: {'[' + place + '] ' if place else ''}{command.text}", flush=True)
        if text in (*BUILD_COMMANDS, INSTALL) and not BUILDS:
            print("  replaced by the program that is built already; ROSTER_MANUAL_BUILD=1 runs it")
            if text == INSTALL:
                self.install_package()
            return
        self.let_the_server_follow(text)
        try:
            self.ran += 1
            if text == START or SERVE.match(text) and not command.must_fail:
                self.serve(self.unit_command() if text == START else text)
                printed, code = [], 0
            else:
                seconds = BUILD_SECONDS if text in BUILD_COMMANDS else settings.SECONDS
                code, printed = self.check(command, text, place, seconds)
        except (TimeoutError, EOFError, pages.Fault) as error:
            raise pages.Fault(f"{command.where}: {command.text}\n{error}") from None
        self.remember(printed)
        ran = "\n".join([f"{command.where}: {command.text}", *(f"    {line}" for line in printed)])
        if self.server and not self.server.is_alive:
            raise pages.Fault(f"{ran}\nthe server has ended:\n{self.server.tail}")
        if command.must_fail and code == 0:
            self.faults.append(f"{ran}\n  exit code 0, where the page shows an error")
        elif code != 0 and not (command.must_fail and code == 1):
            raise pages.Fault(f"{ran}\n  exit code {code}")
        if command.expected is not None:
            fault = self.made.fault(command.expected, printed)
            if fault:
                self.faults.append(f"{ran}\n  {fault}")

    def check(self, command: pages.Command, text: str, place: str | None, seconds: float) -> tuple[int, list[str]]:
        """Runs a command. The operation log is looked at again where it lacks what comes after an answer."""
        deadline = time.monotonic() + AFTER_THE_ANSWER
        while True:
            code, printed = self.terminal(place).run(text, seconds)
            comes_later = LOOKS_AGAIN.match(text) and command.expected is not None and time.monotonic() < deadline
            if not comes_later or not self.made.fault(command.expected, printed):
                return code, printed
            time.sleep(0.1)

    def filled_in(self, command: pages.Command) -> str:
        """The command with what was really made, and what was really told, in place of what the page shows."""
        text = self.made.put_in(command.text)
        for gap, name in FILLED_IN.items():
            if gap in text:
                if name not in self.told:
                    raise pages.Fault(f"{command.where}: nothing has printed {name} yet")
                text = text.replace(gap, gap.replace(shapes.ANYTHING, self.told[name]))
        if shapes.ANYTHING in text:
            raise pages.Fault(f"{command.where}: nobody can run a command with '{shapes.ANYTHING}' in it: {text}")
        return text

    def let_the_server_follow(self, text: str):
        """The manual says that a server follows within a second what is changed below it. A reader takes longer than
        that to the next command; a test does not."""
        below = re.search(r"\broster (import|key|cluster)\b.* --(data|store) ", text)
        if self.server and not below:
            time.sleep(max(0.0, self.wrote_at + FOLLOW_SECONDS - time.monotonic()))
        if below:
            self.wrote_at = time.monotonic()

    def remember(self, printed: list[str]):
        for line in printed:
            found = re.fullmatch(r"(\w+): (\S+)", line)
            if found:
                self.told[found[1]] = found[2]

    def serve(self, text: str):
        self.stop_server()
        self.servers += 1
        self.server = Server(self.terminal(None), text, self.folder / f"serve-{self.servers}.log")
        self.server.wait_until_ready()


def needed() -> list[str]:
    """What a page needs of this machine."""
    return [str(pages.ROOT), str(PROGRAM), sys.executable, os.path.expanduser("~")]


def main():
    name = sys.argv[1]
    # The build may run here: its folder must be the one that the next build finds, file by file.
    building = BUILDS and name == "README.md"
    machine.enter(needed(), [str(pages.ROOT)] if building else [])
    if name == "probe":
        return
    try:
        Page(name).run()
    except pages.Fault as fault:
        sys.exit(f"\n{fault}")


if __name__ == "__main__":
    main()

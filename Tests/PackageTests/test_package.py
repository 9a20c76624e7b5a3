"""The package in dist/: what it holds, and what becomes of a small Debian in which it is installed, used and removed.

Nothing is built here: `make package` has made the package.
"""

import json
import os
import pathlib
import re
import shlex
import subprocess
import tempfile
import time
import unittest

import roots
from roots import ROOT

MEGABYTE = 1_000_000
PACKAGE_LIMIT, PROGRAM_LIMIT = 25 * MEGABYTE, 70 * MEGABYTE
EXPOSURE_LIMIT = 2.0
READY_SECONDS, STOP_SECONDS = 60, 15
DIST = pathlib.Path(os.environ.get("ROSTER_DIST") or ROOT / "dist").absolute()
UNIT = "/lib/systemd/system/roster.service"
EXAMPLES = "/usr/share/doc/roster/examples"
WHY_NOT = roots.why_not()


def one_file(pattern: str) -> pathlib.Path:
    found = sorted(DIST.glob(pattern))
    if len(found) != 1:
        raise AssertionError(f"{DIST} has {len(found)} files {pattern}, where one is expected: run make package")
    return found[0]


def output(*command, **variables: str) -> str:
    # Variables that begin so are settings of the program.
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ROSTER_")}
    done = subprocess.run([str(one) for one in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          errors="replace", timeout=roots.SECONDS, env=kept | variables)
    if done.returncode != 0:
        raise AssertionError(f"{command} ended with {done.returncode}:\n{done.stdout}")
    return done.stdout


class Unit:
    """A unit of systemd, as far as the tests read it."""

    def __init__(self, text: str):
        self.values: dict[str, list[str]] = {}
        for line in text.replace("\\\n", " ").split("\n"):
            name, separator, value = line.partition("=")
            if separator and not line.startswith(("#", ";")):
                self.values.setdefault(name, []).append(value)

    def __getitem__(self, name: str) -> str:
        return self.values[name][-1]

    def command(self) -> list[str]:
        """The program and its arguments, called as systemd calls them: as the unit's user, with its rights alone."""
        capability = self["AmbientCapabilities"].lower().removeprefix("cap_")
        return ["setpriv", f"--reuid={self['User']}", f"--regid={self['Group']}", "--init-groups", "--no-new-privs",
                f"--inh-caps=-all,+{capability}", f"--ambient-caps=-all,+{capability}", f"--bounding-set=-all,+{capability}",
                *shlex.split(self["ExecStart"])]


class Content(unittest.TestCase):
    """The files in dist/ themselves."""

    @classmethod
    def setUpClass(cls):
        cls.package = one_file("roster_*.deb")
        cls.archive = one_file("roster-*.tar.gz")
        cls.folder = tempfile.TemporaryDirectory(prefix="roster-content-")
        cls.addClassCleanup(cls.folder.cleanup)
        cls.tree = pathlib.Path(cls.folder.name)
        output("dpkg-deb", "--extract", cls.package, cls.tree)
        cls.unit = cls.tree / UNIT.lstrip("/")

    def test_sizes_keep_within_their_limits(self):
        package, program = self.package.stat().st_size, (self.tree / "usr/bin/roster").stat().st_size
        print(f"\nthe package has {package / MEGABYTE:.1f} MB, the program in it {program / MEGABYTE:.1f} MB")
        self.assertLessEqual(package, PACKAGE_LIMIT)
        self.assertLessEqual(program, PROGRAM_LIMIT)

    def test_the_program_needs_no_library_of_swift(self):
        needed = re.findall(r"NEEDED.*\[(.*)\]", output("readelf", "--dynamic", self.tree / "usr/bin/roster"))
        self.assertIn("libc.so.6", needed)
        self.assertEqual([one for one in needed if re.search("swift|Foundation|dispatch|Blocks", one)], [])
        self.assertNotIn("RUNPATH", output("readelf", "--dynamic", self.tree / "usr/bin/roster"))

    def test_the_program_names_its_version_its_commit_and_its_day(self):
        build = json.loads(output(self.tree / "usr/bin/roster", "version", "--json"))
        self.assertRegex(build["version"], r"^\d+\.\d+\.\d+$")
        self.assertRegex(build["commit"], r"^[0-9a-f]{12}\+?$")
        self.assertRegex(build["date"], r"^\d{4}-\d\d-\d\d$")
        self.assertEqual(output("dpkg-deb", "--field", self.package, "Version").strip(), f"{build['version']}-1")
        line = output(self.tree / "usr/bin/roster", "--version")
        for piece in ("version", "commit", "date"):
            self.assertIn(build[piece], line)

    def test_lintian_finds_nothing_wrong(self):
        done = subprocess.run(["lintian", "--allow-root", "--fail-on", "error,warning", self.package],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=roots.SECONDS)
        self.assertEqual(done.returncode, 0, done.stdout)

    def test_everything_belongs_to_root_and_has_one_time(self):
        for listing in (output("dpkg-deb", "--contents", self.package),
                        output("tar", "--list", "--verbose", "--file", self.archive)):
            lines = [re.sub(r"\s+", " ", line).split(" ") for line in listing.strip().split("\n")]
            self.assertEqual({line[1] for line in lines} - {"root/root", "0/0"}, set())
            self.assertEqual(len({(line[3], line[4]) for line in lines}), 1)

    def test_the_unit_is_hardened(self):
        told = output("systemd-analyze", "security", "--offline=true", "--no-pager", self.unit)
        exposure = re.search(r"Overall exposure level for roster.service: ([\d.]+)", told)
        self.assertIsNotNone(exposure, told)
        print(f"\nsystemd-analyze security: {exposure[1]}")
        self.assertLessEqual(float(exposure[1]), EXPOSURE_LIMIT, told)

    def test_systemd_understands_the_unit_with_each_drop_in(self):
        for drop_in in (None, "homes.conf", "postgresql.conf"):
            with tempfile.TemporaryDirectory() as folder:
                # systemd looks for the program, which is not installed on this machine.
                text = self.unit.read_text().replace("/usr/bin/roster", "/bin/true")
                (pathlib.Path(folder) / "roster.service").write_text(text)
                if drop_in:
                    below = pathlib.Path(folder) / "roster.service.d"
                    below.mkdir()
                    example = (self.tree / EXAMPLES.lstrip("/") / drop_in).read_text()
                    (below / drop_in).write_text(example.replace("/usr/bin/roster", "/bin/true"))
                done = subprocess.run(["systemd-analyze", "verify", "--man=no", "--recursive-errors=no",
                                       f"{folder}/roster.service"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                      text=True, timeout=60)
                told = [line for line in done.stdout.split("\n") if "roster.service" in line]
                self.assertEqual((done.returncode, told), (0, []), done.stdout)

    def test_every_setting_stands_in_the_file_with_its_default(self):
        shown = json.loads(output(self.tree / "usr/bin/roster", "config", "show", "--json"))
        names = {row["name"] for row in shown if row["side"] == "server"}
        told = re.findall(r"^#(\w+): ", (self.tree / "etc/roster/config.yaml").read_text(), re.MULTILINE)
        self.assertEqual(sorted(told), sorted(names))

    def test_logrotate_understands_its_rules(self):
        rules = (self.tree / "etc/logrotate.d/roster").read_text()
        self.assertIn("su roster roster\n", rules)
        # The account is of the machine where the package is installed.
        with tempfile.NamedTemporaryFile("w", prefix="roster-logrotate-") as file:
            file.write(rules.replace("roster roster", "root root"))
            file.flush()
            told = output("logrotate", "--debug", file.name)
        self.assertIn("/var/log/roster/access.log", told)
        self.assertNotRegex(told, "(?m)^error")

    def test_the_archive_holds_the_same(self):
        with tempfile.TemporaryDirectory() as folder:
            output("tar", "--extract", "--strip-components=1", "--directory", folder, "--file", self.archive)
            there = pathlib.Path(folder)
            self.assertEqual((there / "usr/bin/roster").read_bytes(), (self.tree / "usr/bin/roster").read_bytes())
            self.assertEqual((there / "usr" / UNIT.lstrip("/")).read_text(), self.unit.read_text())
            self.assertRegex((there / "INSTALL.md").read_text(), r"glibc 2\.\d+ or newer")
            for name in ("usr/share/man/man1/roster-serve.1.gz", "usr/share/zsh/site-functions/_roster",
                         "usr/share/bash-completion/completions/roster", "etc/roster/config.yaml"):
                self.assertTrue((there / name).is_file(), name)

    def test_the_archive_is_unpacked_as_its_note_says(self):
        note = output("tar", "--extract", "--to-stdout", "--file", self.archive, "--wildcards", "*/INSTALL.md")
        with tempfile.TemporaryDirectory() as folder:
            commands = re.findall(r"^    (tar .*(?:\n {8}.*)*)", note, re.MULTILINE)
            script = "\n".join(commands).replace("--directory=/ ", f"--directory={folder} ")
            self.assertEqual(script.count(folder), 2, note)
            settings = pathlib.Path(folder) / "etc/roster/config.yaml"
            output("bash", "-ec", f"cd {self.archive.parent}\n{script}")
            settings.write_text("")
            output("bash", "-ec", f"cd {self.archive.parent}\n{script}")
            self.assertEqual(settings.read_text(), "", "an upgrade has taken the settings back")
            self.assertTrue((pathlib.Path(folder) / "usr/bin/roster").is_file())
            self.assertEqual(sorted(os.listdir(folder)), ["etc", "usr"])

    def test_packaging_again_gives_the_same_bytes(self):
        program = ROOT / ".build/release/roster"
        if not program.exists() or program.stat().st_mtime > self.package.stat().st_mtime:
            self.skipTest("the program that was packaged is not there any more")
        with tempfile.TemporaryDirectory() as folder:
            output(ROOT / "scripts/package.sh", program, DIST=folder)
            for file in (self.package, self.archive):
                self.assertEqual((pathlib.Path(folder) / file.name).read_bytes(), file.read_bytes(), file.name)


class Server:
    """The unit's own command, running in a system."""

    def __init__(self, system: roots.System):
        self.system = system
        self.log = system.folder / "serve.log"
        self.process = system.start(*Unit(system.path(UNIT).read_text()).command(), log=self.log)
        try:
            self.wait_until_ready()
        except BaseException:
            self.process.kill()
            self.process.wait()
            raise

    def wait_until_ready(self):
        deadline = time.monotonic() + READY_SECONDS
        while True:
            done = subprocess.run(["nsenter", f"--net=/proc/{self.process.pid}/ns/net", "curl", "--silent", "--fail",
                                   "http://127.0.0.1:8080/health/ready"], capture_output=True, timeout=30)
            if done.returncode == 0:
                return
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(f"the server is not ready:\n{self.log.read_text(errors='replace')}")
            time.sleep(0.05)

    @property
    def resident(self) -> int:
        """The memory of the process that is in use, in bytes."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+) kB", status)[1]) * 1024

    @property
    def owner(self) -> str:
        return re.search(r"Uid:\s+(\d+)", pathlib.Path(f"/proc/{self.process.pid}/status").read_text())[1]

    def call(self, *command: str, **options) -> str:
        return self.system.call(*command, network=self.process.pid, **options).stdout

    def stop(self):
        self.process.terminate()
        try:
            code = self.process.wait(STOP_SECONDS)
        finally:
            self.process.kill()
        if code != 0:
            raise AssertionError(f"the server ended with {code}:\n{self.log.read_text(errors='replace')}")


@unittest.skipIf(WHY_NOT, WHY_NOT)
class Installed(unittest.TestCase):
    """A Debian without systemd, as in a container, in which the package is installed."""

    @classmethod
    def setUpClass(cls):
        cls.system = roots.System()
        cls.addClassCleanup(cls.system.close)
        cls.said = cls.system.install(one_file("roster_*.deb"))

    def test_the_account_and_its_folder_are_made(self):
        account = self.system.call("getent", "passwd", "roster").stdout.strip().split(":")
        self.assertEqual(account[5:], ["/var/lib/roster", "/usr/sbin/nologin"])
        self.assertLess(int(account[2]), 1000)
        self.assertEqual(self.system.call("getent", "group", "roster").stdout.split(":")[2], account[3])
        shown = self.system.call("stat", "--format=%a %U:%G", "/var/lib/roster").stdout.strip()
        self.assertEqual(shown, "700 roster:roster")

    def test_the_settings_are_a_conffile(self):
        told = self.system.call("dpkg-query", "--show", "--showformat=${Conffiles}", "roster").stdout
        self.assertEqual([line.split()[0] for line in told.strip().split("\n")], ["/etc/logrotate.d/roster", "/etc/roster/config.yaml"])

    def test_files_are_as_packaged(self):
        self.assertEqual(self.system.call("dpkg", "--verify", "roster").stdout, "")

    def test_every_command_has_a_page_of_the_manual(self):
        help = json.loads(self.system.call("roster", "--experimental-dump-help").stdout)

        def names(command: dict, before: str):
            name = before + command["commandName"]
            yield name
            for one in command.get("subcommands", []):
                if one["commandName"] != "help":
                    yield from names(one, name + "-")

        wanted = sorted(names(help["command"], ""))
        self.assertIn("roster-user-add", wanted)
        found = self.system.call("man", "--where", *wanted).stdout.split()
        self.assertEqual(sorted(found), sorted(f"/usr/share/man/man1/{name}.1.gz" for name in wanted))
        shown = self.system.call("man", "--warnings", *wanted, environment={"MANWIDTH": "80", "MANPAGER": "cat"}).stdout
        self.assertNotIn("warning:", shown)
        self.assertEqual(shown.count("\nSYNOPSIS\n"), len(wanted))
        self.assertIn("--cluster-id", shown)

    def test_bash_completes(self):
        # As the shell calls it: what stands on the line, and where the cursor is.
        script = """
            source /usr/share/bash-completion/completions/roster
            complete_line() {
                COMP_LINE=$1 COMP_POINT=${#1} COMPREPLY=()
                read -ra COMP_WORDS <<<"$1"
                COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
                local function
                function=$(complete -p roster | sed -E 's/.* -F ([^ ]+) .*/\\1/')
                "$function" roster "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
                echo "${COMPREPLY[@]}"
            }
            complete_line 'roster us'
            complete_line 'roster user mod'
            complete_line 'roster user list --clus'
        """
        said = self.system.call("bash", "-c", script).stdout.split("\n")
        self.assertEqual([line.strip() for line in said[:3]], ["user", "modify", "--cluster-id"])

    def test_zsh_and_fish_read_their_completions(self):
        self.system.call("zsh", "-n", "/usr/share/zsh/vendor-completions/_roster")
        script = "complete --do-complete 'roster user mod'"
        self.assertIn("modify", self.system.call("fish", "--command", script).stdout)

    def test_the_first_steps(self):
        system = self.system
        settings = system.path("/etc/roster/config.yaml")
        before = settings.read_text()
        self.addCleanup(settings.write_text, before)
        server = Server(system)
        try:
            print(f"\nthe server with an empty directory has {server.resident / MEGABYTE:.1f} MB in memory")
            self.assertEqual(server.owner, system.call("id", "-u", "roster").stdout.strip())
        finally:
            server.stop()
        # A port below 1024, as a site has it.
        settings.write_text(before + "ldap: 127.0.0.1:389\n")
        as_roster = ["setpriv", "--reuid=roster", "--regid=roster", "--init-groups"]
        said = system.call(*as_roster, "roster", "import", "--data", "/var/lib/roster", "--zone", "zone1",
                           f"{EXAMPLES}/sample-site.ldif").stdout
        self.assertIn("imported as revision", said)
        key = json.loads(system.call(*as_roster, "roster", "key", "create", "--data", "/var/lib/roster", "--user-id",
                                     "usr-myname01", "--operator", "--json").stdout)
        server = Server(system)
        try:
            listed = server.call("roster", "user", "list", "--cluster-id", "hpc-qig9xu97", "--search-word", "zhang",
                                 environment={"ROSTER_ZONE": "zone1", "ROSTER_ACCESS_KEY_ID": key["access_key_id"],
                                              "ROSTER_SECRET_ACCESS_KEY": key["secret_access_key"]})
            self.assertRegex(listed, r"(?m)^zhangwei +41532 ")
            found = server.call("ldapsearch", "-x", "-LLL", "-H", "ldap://127.0.0.1", "-D",
                                f"cn={key['access_key_id']},ou=Services,dc=ehpccloud,dc=com", "-w", key["secret_access_key"],
                                "-b", "dc=ehpccloud,dc=com", "(&(objectClass=posixAccount)(uid=zhangwei))", "uidNumber")
            self.assertIn("uidNumber: 41532", found)
        finally:
            server.stop()
        self.assertEqual(system.call("find", "/var/lib/roster", "!", "-user", "roster").stdout, "")


@unittest.skipIf(WHY_NOT, WHY_NOT)
class Life(unittest.TestCase):
    """A Debian with systemd, from the installation to the end."""

    def test_install_upgrade_remove_purge(self):
        system = roots.System()
        self.addCleanup(system.close)
        package = one_file("roster_*.deb")
        system.call("apt-get", "install", "-y", "--no-install-recommends", "systemd")
        system.install(package)
        self.assertRegex(system.call("getent", "passwd", "roster").stdout, r"^roster:.*:/var/lib/roster:/usr/sbin/nologin$")
        self.assertEqual(system.call("systemctl", "is-enabled", "roster", check=False).stdout.strip(), "disabled")
        system.call("systemctl", "enable", "roster")

        settings = system.path("/etc/roster/config.yaml")
        changed = settings.read_text() + "log_level: debug\n"
        settings.write_text(changed)
        system.path("/var/lib/roster/roster.db").write_text("users\n")
        # A folder that an administrator opened stays as it is.
        system.path("/var/lib/roster").chmod(0o750)
        said = system.install(package, "--reinstall")
        self.assertIn("Unpacking roster", said)
        self.assertEqual(settings.read_text(), changed)
        self.assertEqual(system.path("/var/lib/roster").stat().st_mode & 0o7777, 0o750)
        self.assertEqual(system.call("systemctl", "is-enabled", "roster").stdout.strip(), "enabled")

        system.call("apt-get", "remove", "-y", "roster")
        self.assertFalse(system.path("/usr/bin/roster").exists())
        self.assertEqual(settings.read_text(), changed)
        self.assertTrue(system.path("/var/lib/roster/roster.db").exists())

        system.install(package)
        self.assertEqual(settings.read_text(), changed)
        self.assertEqual(system.call("systemctl", "is-enabled", "roster").stdout.strip(), "enabled")

        said = system.call("apt-get", "purge", "-y", "roster").stdout
        left = system.call("find", "/", "-xdev", "-name", "*roster*", "-not", "-path", "/tmp/*", "-not", "-path",
                           "/var/lib/roster*").stdout
        self.assertEqual(left, "")
        # The directory of users outlives the program, and the purge says how it is removed.
        self.assertTrue(system.path("/var/lib/roster/roster.db").exists())
        self.assertIn("rm -r /var/lib/roster", said)

    def test_a_purge_leaves_nothing_where_nothing_was_kept(self):
        system = roots.System()
        self.addCleanup(system.close)
        system.install(one_file("roster_*.deb"))
        said = system.call("apt-get", "purge", "-y", "roster").stdout
        self.assertFalse(system.path("/var/lib/roster").exists())
        self.assertNotIn("rm -r", said)


@unittest.skipIf(WHY_NOT, WHY_NOT)
class Booted(unittest.TestCase):
    """The unit as systemd runs it, with everything that it forbids."""

    SHARE = "/public/shanhe/s0723"  # of the sample site's first cluster

    @classmethod
    def setUpClass(cls):
        cls.system = roots.System()
        cls.addClassCleanup(cls.system.close)
        cls.system.call("apt-get", "install", "-y", "--no-install-recommends", "systemd", "systemd-sysv", "dbus")
        try:
            cls.machine = roots.Machine(cls.system)
        except roots.NotBooted as why:
            raise unittest.SkipTest(f"systemd cannot boot here: {why}") from None
        cls.addClassCleanup(cls.machine.close)

    def value(self, name: str) -> str:
        return self.machine.call("systemctl", "show", "--value", f"--property={name}", "roster").stdout.strip()

    def wait_until_ready(self):
        deadline = time.monotonic() + READY_SECONDS
        while subprocess.run(["nsenter", f"--net=/proc/{self.machine.leader}/ns/net", "curl", "--silent", "--fail",
                              "http://127.0.0.1:8080/health/ready"], capture_output=True, timeout=30).returncode != 0:
            if self.value("ActiveState") not in ("active", "activating") or time.monotonic() > deadline:
                self.fail(self.machine.call("journalctl", "--no-pager", "--unit=roster").stdout)
            time.sleep(0.05)

    def test_the_service_serves_and_makes_homes(self):
        machine = self.machine
        self.system.install_in(machine, one_file("roster_*.deb"))
        self.assertEqual(self.value("ActiveState"), "inactive")
        settings = self.system.path("/etc/roster/config.yaml")
        settings.write_text(settings.read_text() + "ldap: 127.0.0.1:389\n")
        machine.call("systemctl", "enable", "--now", "roster")
        self.wait_until_ready()
        as_roster = ["setpriv", "--reuid=roster", "--regid=roster", "--init-groups"]
        machine.call(*as_roster, "roster", "import", "--data", "/var/lib/roster", "--zone", "zone1",
                     f"{EXAMPLES}/sample-site.ldif")
        key = json.loads(machine.call(*as_roster, "roster", "key", "create", "--data", "/var/lib/roster", "--user-id",
                                      "usr-myname01", "--operator", "--json").stdout)
        client = {"ROSTER_ZONE": "zone1", "ROSTER_ACCESS_KEY_ID": key["access_key_id"],
                  "ROSTER_SECRET_ACCESS_KEY": key["secret_access_key"]}

        machine.call("systemctl", "reload", "roster")
        before = self.value("MainPID")
        self.system.install_in(machine, one_file("roster_*.deb"), "--reinstall")
        self.wait_until_ready()
        self.assertNotEqual(self.value("MainPID"), before, "an upgrade goes on with the old program")
        self.assertIn("zhangwei", machine.call("roster", "user", "list", "--search-word", "zhangwei",
                                               environment=client).stdout)
        machine.call("ldapsearch", "-x", "-LLL", "-H", "ldap://127.0.0.1", "-b", "", "-s", "base")

        # Homes, by the drop-in of the examples.
        self.system.path(f"{self.SHARE}/home").mkdir(parents=True)
        drop_in = self.system.path("/etc/systemd/system/roster.service.d/homes.conf")
        drop_in.parent.mkdir()
        example = self.system.path(f"{EXAMPLES}/homes.conf").read_text()
        drop_in.write_text(example.replace("/share", "/public"))
        machine.call("systemctl", "daemon-reload")
        machine.call("systemctl", "restart", "roster")
        self.wait_until_ready()
        said = machine.call("roster", "user", "add", "--cluster-id", "hpc-qig9xu97", "newcomer", environment=client,
                            text="Correct1Horse\n").stdout
        job = re.search(r"job (j-\w+)", said)[1]
        told = machine.call("roster", "operation", "list", "--jobs", job, environment=client).stdout
        self.assertIn("home: made", told)
        home = re.search(r"home: made (\S+)", told)[1]
        self.assertEqual(self.system.path(home).stat().st_mode & 0o7777, 0o700)
        self.assertGreaterEqual(self.system.path(home).stat().st_uid, 1000)
        self.assertTrue((self.system.path(home) / ".bashrc").exists())

        machine.call("systemctl", "stop", "roster")
        self.assertEqual(self.value("Result"), "success")
        # And back: the folder belongs to the account again.
        drop_in.unlink()
        machine.call("systemctl", "daemon-reload")
        machine.call("systemctl", "start", "roster")
        self.wait_until_ready()
        self.assertEqual(machine.call("find", "/var/lib/roster", "!", "-user", "roster").stdout, "")


if __name__ == "__main__":
    unittest.main()

"""bash completes clusters, users and groups from the server."""

import os
import socket
import subprocess
import time
import unittest

import people
from people import ALPHA
from case import setUpModule, tearDownModule  # noqa: F401
from running_site import PROGRAM, free_port
from write_case import WriteCase

# As the shell calls it: what stands on the line, and where the cursor is. A word for each argument, the last is completed.
SCRIPT = """
source "$1"; shift
COMP_LINE="$*" COMP_WORDS=("$@") COMPREPLY=()
COMP_POINT=${#COMP_LINE} COMP_CWORD=$(($# - 1))
function=$(complete -p roster | sed -E 's/.* -F ([^ ]+) .*/\\1/')
"$function" roster "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
printf '%s\\n' "${COMPREPLY[@]}"
"""


class Completion(WriteCase):
    def setUp(self):
        self.programs = self.site.folder / "programs"
        self.programs.mkdir(exist_ok=True)
        link = self.programs / "roster"
        if not link.exists():
            link.symlink_to(PROGRAM)
        self.scripts = {}
        for shell in ("bash", "zsh", "fish"):
            self.scripts[shell] = self.site.folder / f"completion.{shell}"
            self.scripts[shell].write_text(self.site.must("--generate-completion-script", shell).stdout)

    def complete(self, *words: str, key: str = "operator", endpoint: str | None = None, **environment: str) -> list[str]:
        key = self.site.keys[key]
        settings = {"ROSTER_ENDPOINT": endpoint or self.site.endpoint, "ROSTER_ZONE": people.ZONE, "ROSTER_ACCESS_KEY_ID": key.id,
                    "ROSTER_SECRET_ACCESS_KEY": key.secret, "PATH": f"{self.programs}:{os.environ['PATH']}", **environment}
        done = subprocess.run(["bash", "--norc", "-c", SCRIPT, "bash", str(self.scripts["bash"]), "roster", *words], capture_output=True,
                              text=True, timeout=60, env=self.site.environment(**settings))
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
        return [word.strip() for word in done.stdout.splitlines() if word.strip()]

    def test_clusters(self):
        everywhere = {row["cluster_id"] for row in people.HERE}
        self.assertEqual(set(self.complete("user", "list", "--cluster-id", "")), everywhere)
        self.assertEqual(self.complete("user", "lock", "--cluster-id", ALPHA[:-2]), [one for one in sorted(everywhere) if one.startswith(ALPHA[:-2])])
        # A key sees its own.
        self.assertEqual(self.complete("user", "lock", "--cluster-id", "", key="alpha_reader"), [ALPHA])

    def test_users_of_the_cluster(self):
        name = self.added(cluster=ALPHA)["username"]
        self.assertEqual(self.complete("user", "show", "--cluster-id", ALPHA, name[:-1]), [name])
        self.assertEqual(self.complete("user", "lock", f"--cluster-id={ALPHA}", "nobody-is-so-called"), [])
        self.assertEqual(self.complete("user", "delete", name[:-1], ROSTER_CLUSTER_ID=ALPHA), [name])

    def test_groups_of_the_cluster(self):
        made = self.site.roster("group", "create", "--cluster-id", ALPHA, "completed", **self.client_environment())
        self.assertEqual(made.returncode, 0, made.stderr)
        self.assertEqual(self.complete("group", "add", "--cluster-id", ALPHA, "compl"), ["completed"])
        self.assertEqual(self.complete("user", "list", "--cluster-id", ALPHA, "--group", "compl"), ["completed"])

    def client_environment(self) -> dict[str, str]:
        key = self.site.keys["operator"]
        return {"ROSTER_ENDPOINT": self.site.endpoint, "ROSTER_ZONE": people.ZONE, "ROSTER_ACCESS_KEY_ID": key.id,
                "ROSTER_SECRET_ACCESS_KEY": key.secret}

    def test_without_a_server_or_a_key_nothing_is_said(self):
        line = ("user", "list", "--cluster-id", "")
        self.assertEqual(self.complete(*line, endpoint=f"http://127.0.0.1:{free_port()}"), [])
        self.assertEqual(self.complete(*line, ROSTER_SECRET_ACCESS_KEY="wrong"), [])
        self.assertEqual(self.complete(*line, ROSTER_ZONE=""), [])
        self.assertEqual(self.complete(*line, ROSTER_NO_SUCH_SETTING="1")[:1], self.complete(*line)[:1])
        with socket.create_server(("127.0.0.1", 0)) as silent:
            start = time.monotonic()
            self.assertEqual(self.complete(*line, endpoint=f"http://127.0.0.1:{silent.getsockname()[1]}"), [])
            self.assertLess(time.monotonic() - start, 20, "the shell waits")

    def test_the_other_shells_ask_the_program_too(self):
        for shell in ("zsh", "fish"):
            self.assertIn("---completion", self.scripts[shell].read_text(), shell)


if __name__ == "__main__":
    unittest.main()

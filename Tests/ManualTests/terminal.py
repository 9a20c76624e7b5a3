"""A bash at a terminal of its own, which runs one command after the other and answers what programs ask."""

import os
import pty
import re
import select
import struct
import fcntl
import termios
import time

SECONDS = 120
# It reads commands that are ended by a NUL from descriptor 3, and tells each one's exit code behind a mark. What a
# command exports, where it goes and what it sets stays, as at a prompt.
LOOP = r"""
set -o pipefail
while IFS= read -r -d '' -u 3 __command; do
    eval "$__command" 3<&-
    printf '\036%d\036' $?
done
"""
MARK = re.compile(rb"\x1e(\d+)\x1e")
PROMPT_BYTES = 200  # no prompt is longer
COLUMNS = 400  # a page's lines are not folded


class Terminal:
    def __init__(self, environment: dict, folder: str, answers: dict[str, list[str]], prefix: tuple[str, ...] = ()):
        """`answers` are given to prompts: by a pattern of what is asked, what is typed, one after the other; the last
        one stays. `prefix` is put before bash: a change of the root or of the account."""
        self.answers = {re.compile(f"(?:{asked})$", re.IGNORECASE): list(typed) for asked, typed in answers.items()}
        reading, self.commands = os.pipe()
        self.child, self.terminal = pty.fork()
        if self.child == 0:
            os.chdir(folder)
            os.dup2(reading, 3)
            os.set_inheritable(3, True)
            argv = [*prefix, "bash", "--norc", "--noprofile", "-c", LOOP]
            os.execvpe(argv[0], argv, environment)
        os.close(reading)
        fcntl.ioctl(self.terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 50, COLUMNS, 0, 0))

    def run(self, command: str, seconds: float = SECONDS) -> tuple[int, list[str]]:
        """The exit code, and the lines that showed."""
        os.write(self.commands, command.encode() + b"\0")
        shown, answered = b"", 0
        deadline = time.monotonic() + seconds
        while not (ended := MARK.search(shown)):
            if not select.select([self.terminal], [], [], max(0, deadline - time.monotonic()))[0]:
                raise TimeoutError(f"it did not end within {seconds} s; it printed:\n{shown.decode(errors='replace')}")
            try:
                chunk = os.read(self.terminal, 65536)
            except OSError:
                chunk = b""
            if not chunk:
                raise EOFError(f"the shell has ended; it printed:\n{shown.decode(errors='replace')}")
            shown += chunk
            answer = self.answer(shown[max(answered, len(shown) - PROMPT_BYTES):].decode(errors="replace"))
            if answer is not None:
                answered = len(shown)
                os.write(self.terminal, answer.encode() + b"\n")
        lines = shown[:ended.start()].decode(errors="replace").replace("\r\n", "\n").split("\n")
        return int(ended[1]), lines[:-1] if not lines[-1] else lines

    def answer(self, shown: str) -> str | None:
        """What to type now, if the end of what shows asks for something."""
        for asked, typed in self.answers.items():
            if asked.search(shown):
                return typed.pop(0) if len(typed) > 1 else typed[0]
        return None

    def close(self):
        os.close(self.commands)
        os.waitpid(self.child, 0)
        os.close(self.terminal)

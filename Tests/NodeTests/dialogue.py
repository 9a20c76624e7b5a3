"""Talks to a program that asks at a terminal, as a person would."""

import os
import pty
import select
import signal
import time


def dialogue(command, answers, seconds=60):
    """Runs `command` at a terminal of its own and gives each of `answers` when it asks (a text that ends in a colon).

    The exit code, and all that was shown. What is typed at a prompt for passwords does not show.
    """
    child, terminal = pty.fork()
    if child == 0:
        os.execvp(command[0], [str(one) for one in command])
    shown, asked, left = b"", b"", list(answers)
    deadline = time.monotonic() + seconds
    try:
        while time.monotonic() < deadline:
            if not select.select([terminal], [], [], deadline - time.monotonic())[0]:
                break
            try:
                chunk = os.read(terminal, 4096)
            except OSError:
                break
            if not chunk:
                break
            shown += chunk
            asked += chunk
            if left and asked.rstrip().endswith(b":"):
                asked = b""
                os.write(terminal, left.pop(0).encode() + b"\n")
        else:
            os.kill(child, signal.SIGKILL)
    finally:
        os.close(terminal)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), shown.decode(errors="replace")

#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs a command on a terminal of its own and prints what it shows there; ends with the command's status.

    terminal.py COLUMNSxROWS [SECONDS:ACTION]... -- COMMAND...

ACTION, after so many seconds since the one before: `type TEXT` (with \\t, \\n, \\x03), `size COLUMNSxROWS`, `wait TEXT` (until it is
shown, at most so many seconds). TERM is xterm. At most 20 s.
"""
import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time


def set_size(fd, size):
    columns, rows = map(int, size.split("x"))
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


def read_for(fd, seconds, seen, until=None):
    """False when the terminal is closed."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if until and until in re.sub(rb"\x1b\[[0-9;?]*[a-zA-Z]", b"", seen[0]):
            return True
        if select.select([fd], [], [], 0.05)[0]:
            try:
                data = os.read(fd, 65536)
            except OSError:
                return False
            if not data:
                return False
            seen[0] += data
    return True


def main(words):
    split = words.index("--")
    size, actions, command = words[0], words[1:split], words[split + 1:]
    pid, fd = pty.fork()
    if pid == 0:
        os.environ["TERM"] = "xterm"
        time.sleep(0.1)  # until the size is set
        os.execvp(command[0], command)
    set_size(fd, size)
    seen = [b""]
    going = True
    for action in actions:
        seconds, _, what = action.partition(":")
        kind, _, text = what.partition(" ")
        going = going and read_for(fd, float(seconds), seen, text.encode() if kind == "wait" else None)
        if not going:
            break
        if kind == "type":
            os.write(fd, text.encode().decode("unicode_escape").encode())
        elif kind == "size":
            set_size(fd, text)
            os.kill(pid, signal.SIGWINCH)
    end = time.monotonic() + 20
    while going and time.monotonic() < end:
        going = read_for(fd, 0.2, seen)
    if going:
        os.kill(pid, signal.SIGKILL)
    sys.stdout.buffer.write(seen[0])
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    sys.exit(status if status >= 0 else 128 - status)


if __name__ == "__main__":
    main(sys.argv[1:])

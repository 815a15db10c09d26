"""A command in a terminal, and the screen that it leaves."""

import os
import pty
import re
import select
import subprocess
from contextlib import suppress

from tests.scripts.kit_runs import command

WIDTH = 118
UP, ERASE = re.compile(r"\x1b\[(\d*)A"), "\x1b[2K"
MOVES = re.compile(r"(\r\n|\r|\n|\x1b\[\d*A|\x1b\[2K|\x1b\[\?25[lh])")


def screen_of(*arguments, stop_when=(), **environment):
    """Its lines, with their colours as ANSI codes; if texts are given, as they stood when all of them had been shown."""
    settings = {"COLUMNS": str(WIDTH), "LINES": "50", "TERM": "xterm-256color", "PYTHONUTF8": "1", **environment}
    return lines_of(_in_terminal(command(*arguments, **settings), stop_when))


def lines_of(written):
    """What stands on the screen after line feeds, moves up and erased lines: all that Rich's live parts use."""
    lines, row = [""], 0
    for part in MOVES.split(written):
        if part in ("\r\n", "\n"):
            row += 1
            lines += [""] * (row + 1 - len(lines))
        elif found := UP.fullmatch(part):
            row = max(0, row - int(found[1] or 1))
        elif part == ERASE:
            lines[row] = ""
        elif part == "\r" or part.startswith("\x1b[?25"):
            continue
        elif part:
            lines[row] += part
    return [line.rstrip() for line in lines]


def _in_terminal(settings, stop_when):
    ours, theirs = pty.openpty()
    process = subprocess.Popen(**{**settings, "text": False}, stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    written = b""
    with suppress(OSError):  # Linux's way to say that the other end is closed
        # A plain read would also hold up the server, where gevent has made its threads into greenlets.
        while select.select([ours], [], []) and (piece := os.read(ours, 65536)):
            written += piece
            if stop_when and all(text.encode() in written for text in stop_when):
                process.kill()
    os.close(ours)
    process.wait(30)
    return written.decode()

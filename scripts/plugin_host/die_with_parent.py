"""Becomes another program that the kernel kills when the thread that started it ends. Linux only.

Usage: python die_with_parent.py PARENT_PID PROGRAM ARGUMENT…
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1  # linux/prctl.h; it outlives exec

if __name__ == "__main__":
    parent, program = int(sys.argv[1]), sys.argv[2]
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        sys.exit("the parent ended before its child could start")
    os.execv(program, sys.argv[2:])  # noqa: S606 - the program is the caller's choice
